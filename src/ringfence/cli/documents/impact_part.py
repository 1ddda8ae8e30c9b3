"""What a recommendation changes of what was seen, as documents write it.

Promises: ``cut``, ``opened`` and ``uncertain`` count the edges that it was learnt from; ``changes`` hold them with both
traces. Held edges and those that learning left out are counted apart.
"""

from msgspec import UNSET, UnsetType

from ringfence.cli.documents.document import Part
from ringfence.cli.documents.replay_document import ReplayChangePart, replay_change_part
from ringfence.recommend.impact import Impact


class ImpactPart(Part, frozen=True, kw_only=True):
    """The impact. ``held`` and ``left_out`` are edges that no rule lets through, by what becomes of them."""

    edges: int
    cut: int
    opened: int
    uncertain: int
    changes: tuple[ReplayChangePart, ...]
    held: tuple[ReplayChangePart, ...] | UnsetType = UNSET
    left_out: tuple[ReplayChangePart, ...] | UnsetType = UNSET


def impact_part(impact: Impact) -> ImpactPart:
    """Return the document form of an impact."""
    return ImpactPart(
        edges=impact.judged,
        cut=len(impact.cut),
        opened=len(impact.opened),
        uncertain=len(impact.uncertain),
        changes=tuple(map(replay_change_part, (*impact.cut, *impact.opened, *impact.uncertain))),
        held=tuple(map(replay_change_part, impact.held)) or UNSET,
        left_out=tuple(replay_change_part(change) for change, _ in impact.left_out) or UNSET,
    )
