"""Which network sets cover an address, of all that there are.

Promises: every set that covers it, in the order given. Found by bisection between the boundaries of all sets, so that
the cost hardly grows with their number.
"""

from bisect import bisect_right
from collections.abc import Sequence

from ringfence.model.address_set import AddressRange, AddressSet, Family
from ringfence.semantics.connection import Holder


class SetsAt:
    """Network sets by their addresses. Built once, asked often."""

    def __init__(self, sets: Sequence[tuple[AddressSet, Holder]]) -> None:
        """Find the intervals between boundaries, and who covers each."""
        boundaries: dict[Family, set[int]] = {4: set(), 6: set()}
        for covered, _ in sets:
            for each in covered.ranges:
                boundaries[each.family] |= {each.first, each.last + 1}
        self._boundaries = {family: sorted(found) for family, found in boundaries.items()}
        self._covering: dict[tuple[Family, int], list[Holder]] = {}
        for covered, holder in sets:
            for each in covered.ranges:
                first, last = self._place(each.family, each.first), self._place(each.family, each.last)
                for place in range(first, last + 1):
                    self._covering.setdefault((each.family, place), []).append(holder)

    def of(self, address: AddressRange) -> Sequence[Holder]:
        """Return the holders of the sets that cover one address, given as the range of itself."""
        return self._covering.get((address.family, self._place(address.family, address.first)), ())

    def _place(self, family: Family, address: int) -> int:
        return bisect_right(self._boundaries[family], address)
