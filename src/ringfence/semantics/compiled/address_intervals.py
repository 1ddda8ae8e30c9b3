"""Addresses that no net of a policy set can tell apart: intervals between neighbouring boundaries, of both families.

Promises: every set that was given is a union of intervals, so membership is exact, for a single address and for a set
of addresses that an end may have. Interval 0 is the first of IPv4; those of IPv6 follow.
"""

from bisect import bisect_right
from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ringfence.model.address_set import AddressSet, Family
from ringfence.semantics.compiled.ternary import Bools, Ternary

FAMILIES: Final[tuple[Family, Family]] = (4, 6)

Touched = tuple[int, ...]
"""The intervals in which an end has addresses, rising; in each of them, one or more."""


class AddressIntervals:
    """The intervals that some sets make."""

    def __init__(self, sets: Iterable[AddressSet]) -> None:
        """Collect the boundaries."""
        boundaries: dict[Family, set[int]] = {4: set(), 6: set()}
        for each in {each for found in sets for each in found.ranges}:
            boundaries[each.family] |= {each.first, each.last + 1}
        self._boundaries = {family: sorted(found) for family, found in boundaries.items()}
        self._first: dict[Family, int] = {4: 0, 6: len(boundaries[4]) + 1}
        self._count = len(boundaries[4]) + len(boundaries[6]) + 2

    def touched(self, addresses: AddressSet, family: Family) -> Touched:
        """Return the intervals in which a set has addresses of a family."""
        boundaries, start = self._boundaries[family], self._first[family]
        found: dict[int, None] = {}
        for each in addresses.ranges:
            if each.family == family:
                first = start + bisect_right(boundaries, each.first)
                last = first if each.first == each.last else start + bisect_right(boundaries, each.last)
                found.update(dict.fromkeys(range(first, last + 1)))
        return tuple(found)

    def covered(self, addresses: AddressSet) -> Bools:
        """Return which intervals lie in a set that was given."""
        found = np.zeros(self._count, np.bool_)
        for family in FAMILIES:
            found[list(self.touched(addresses, family))] = True
        return found


class Places:
    """Sets of addresses that ends may have, each as the intervals it touches; at least one each."""

    def __init__(self, places: Iterable[Touched]) -> None:
        """Take the places in the order in which answers name them."""
        every = list(places)
        lengths = np.array([len(each) for each in every], np.intp)
        self._flat: NDArray[np.intp] = np.fromiter((one for each in every for one in each), np.intp)
        self._starts = np.cumsum(lengths) - lengths

    def within(self, covered: Bools) -> Ternary:
        """Say of each place whether it lies in a set: surely, or as far as its intervals do."""
        if not self._starts.size:
            return Ternary.none(0)
        touched = covered[self._flat]
        return Ternary(np.logical_and.reduceat(touched, self._starts), np.logical_or.reduceat(touched, self._starts))
