"""Addresses that some sets cannot tell apart, as blocks.

Promises: the blocks of a family are disjoint and are together every address that is not taken; two addresses of one
block are in the same sets. Cost grows with what the sets and the taken addresses name, not with their product.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from ringfence.model.address_set import AddressRange, AddressSet, Family

_LAST: Final[dict[Family, int]] = {4: (1 << 32) - 1, 6: (1 << 128) - 1}


class Block(Struct, frozen=True):
    """Addresses of one family, and the places of the sets that they are in, rising."""

    family: Family
    addresses: AddressSet
    inside: tuple[int, ...]


def address_blocks(sets: Sequence[AddressSet], taken: AddressSet) -> Iterator[Block]:
    """Yield the blocks that sets make of the addresses that are not taken, IPv4 first, each family rising."""
    for family, last in _LAST.items():
        starts, covered = _intervals(sets, family, last)
        free = list(_complement(taken, family, last))
        packed = np.packbits(covered, axis=1)
        insides: dict[bytes, int] = {}
        pieces: dict[bytes, list[AddressRange]] = {}
        for place, interval in enumerate(pairwise(starts)):
            key = packed[place].tobytes()
            insides.setdefault(key, place)
            pieces.setdefault(key, []).extend(AddressRange(family, *each) for each in _overlaps(free, *interval))
        for key, ranges in pieces.items():
            if ranges:
                inside = np.flatnonzero(covered[insides[key]]).tolist()
                yield Block(family, AddressSet(tuple(ranges)), tuple(inside))


def _intervals(sets: Sequence[AddressSet], family: Family, last: int) -> tuple[list[int], NDArray[np.bool_]]:
    """Return where the intervals between bounds of sets begin, with where the last has ended, and which sets cover
    each of them.
    """
    cuts = {0, last + 1}
    for one in {each for some in sets for each in some.ranges if each.family == family}:
        cuts |= {one.first, one.last + 1}
    starts = sorted(cuts)
    covered = np.zeros((len(starts) - 1, len(sets)), np.bool_)
    for place, some in enumerate(sets):
        for one in some.ranges:
            if one.family == family:
                covered[bisect_left(starts, one.first) : bisect_left(starts, one.last + 1), place] = True
    return starts, covered


def _overlaps(free: Sequence[tuple[int, int]], start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield what an interval, whose end is not in it, has in common with rising ones."""
    place = max(bisect_right(free, start, key=lambda each: each[0]) - 1, 0)
    while place < len(free) and free[place][0] < end:
        first, last = max(free[place][0], start), min(free[place][1], end - 1)
        if first <= last:
            yield first, last
        place += 1


def _complement(taken: AddressSet, family: Family, last: int) -> Iterator[tuple[int, int]]:
    start = 0
    for each in taken.ranges:
        if each.family == family:
            if start < each.first:
                yield start, each.first - 1
            start = each.last + 1
    if start <= last:
        yield start, last
