"""Which connections two policy sets treat otherwise, exactly, each pair of classes with one example.

Promises: a pair is added, removed or changed where some connection is surely allowed by one set and surely not by the
other; where only what is not known differs, the change is uncertain. Pairs are compared by what both sets tell apart.
"""

from collections.abc import Iterator
from typing import Literal

import numpy as np
from msgspec import Struct

from ringfence.model.address_set import Family
from ringfence.semantics.compiled.address_intervals import FAMILIES
from ringfence.semantics.connection import Connection
from ringfence.verify.connectivity import Connectivity, Reach

PairChangeKind = Literal["Added", "Removed", "Changed", "Uncertain"]


class PairChange(Struct, frozen=True):
    """One pair of classes, by place. ``witness`` is one connection that the sets treat otherwise, or may."""

    change: PairChangeKind
    source: int
    destination: int
    before: Reach
    after: Reach
    witness: Connection


class ConnectivityDiff(Struct, frozen=True):
    """Both answers, over the same classes, and the pairs that differ, sorted by place."""

    before: Connectivity
    after: Connectivity
    changes: tuple[PairChange, ...]

    def count(self, kind: PairChangeKind) -> int:
        """Return the number of changes of a kind."""
        return sum(each.change == kind for each in self.changes)


def connectivity_diff(before: Connectivity, after: Connectivity) -> ConnectivityDiff:
    """Compare two answers that `connectivity` gave together. Raises ValueError for others."""
    if before.classes is not after.classes:
        raise ValueError("the answers are over different classes; ask for both together")
    return ConnectivityDiff(before, after, tuple(_changes(before, after)))


def _changes(before: Connectivity, after: Connectivity) -> Iterator[PairChange]:
    known: dict[tuple[tuple[int, int], tuple[int, int]], tuple[PairChangeKind, Family, int] | None] = {}
    for source, destination in _candidates(before, after):
        keys = before.key(source, destination), after.key(source, destination)
        if keys not in known:
            known[keys] = _differing(before, after, *keys)
        found = known[keys]
        if found is not None:
            kind, family, traffic = found
            witness = after.witness(source, destination, family, traffic)
            yield PairChange(kind, source, destination, before.reach_of(keys[0]), after.reach_of(keys[1]), witness)


def _candidates(before: Connectivity, after: Connectivity) -> Iterator[tuple[int, int]]:
    """Yield the pairs that may differ at all, where a policy is asked of one of them."""
    for source in range(len(before.classes)):
        row = np.zeros(len(before.classes), np.bool_)
        for one, other in zip(before.rows(source), after.rows(source), strict=True):
            row |= one != other
        if not before.policed[source]:
            row &= before.policed
        yield from ((source, destination) for destination in np.flatnonzero(row).tolist())


def _differing(
    before: Connectivity, after: Connectivity, old: tuple[int, int], new: tuple[int, int]
) -> tuple[PairChangeKind, Family, int] | None:
    """Return how two answers differ, and the IP family and traffic that show it; None where they do not."""
    every = zip(FAMILIES, before.bits(old), after.bits(new), strict=True)
    pairs = [(family, was, now) for family, was, now in every if was is not None and now is not None]
    opened = [(family, now.surely & ~was.may) for family, was, now in pairs]
    cut = [(family, was.surely & ~now.may) for family, was, now in pairs]
    shown = next((each for each in (*opened, *cut) if each[1]), None)
    if shown is not None:
        if not any(was.may for _, was, _ in pairs):
            return "Added", *shown
        return "Changed" if any(now.may for _, _, now in pairs) else "Removed", *shown
    unclear = ((family, (was.surely ^ now.surely) | (was.may ^ now.may)) for family, was, now in pairs)
    doubtful = next((each for each in unclear if each[1]), None)
    return None if doubtful is None else ("Uncertain", *doubtful)
