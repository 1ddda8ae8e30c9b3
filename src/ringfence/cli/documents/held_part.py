"""Held edges as documents write them.

Promises: each held item stands by an id that a decisions file takes; of a server outside the cluster of which only some
addresses are held, each address is an item and an edge of its own, ``ID@ADDRESS``.
"""

from collections.abc import Iterator, Sequence

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from ringfence.cli.documents.document import Part
from ringfence.cli.documents.edge_part import EdgePart, edge_part
from ringfence.learning.baseline import HeldEdge


class HeldPart(Part, frozen=True, kw_only=True):
    """An edge that waits for a person: the first reason by name, and all of them in words with their numbers.
    ``rejected`` is what a person said who rejected it.
    """

    edge: str
    reason: str
    details: tuple[str, ...]
    rejected: str | UnsetType = UNSET


def held_parts(held: Sequence[HeldEdge]) -> tuple[HeldPart, ...]:
    """Return the items of held edges."""
    return tuple(
        HeldPart(
            edge=identity,
            reason=each.reasons[0].name,
            details=tuple(reason.words for reason in each.reasons),
            rejected=UNSET if each.rejected is None else each.rejected,
        )
        for each in held
        for identity in held_ids(each)
    )


def held_edge_parts(held: Sequence[HeldEdge]) -> Iterator[EdgePart]:
    """Yield the edges that the items name."""
    for each in held:
        part = edge_part(each.edge.summary)
        if not each.addresses:
            yield part
        for address in each.addresses:
            yield replace(part, id=f"{part.id}@{address}", server=replace(part.server, address=address))


def held_ids(held: HeldEdge) -> tuple[str, ...]:
    """Return the ids by which a person decides on a held edge."""
    identity = held.edge.summary.edge.id
    return tuple(f"{identity}@{address}" for address in held.addresses) or (identity,)
