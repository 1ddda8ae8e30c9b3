"""Sets of traffic: protocols, and of each the ports or the ICMP types and codes; exact and canonical.

Promises: equal sets compare, hash and print equal, however they were made; operations are those of sets. A set is of
boxes: protocol number, then source port or ICMP type, then destination port or ICMP code. A protocol without either
is a single point. Whose traffic it is, is said elsewhere.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Final

from msgspec import Struct

from ringfence.model.port import HIGHEST_PORT, LOWEST_PORT
from ringfence.model.protocol import ICMP, ICMPV6, SCTP, TCP, UDP, UDPLITE

Interval = tuple[int, int]
"""Numbers from the first to the last, both included."""
Region = tuple[tuple[int, int, "Region | bool"], ...]
"""Intervals, rising and disjoint, each with what holds within; neighbours that touch hold different things."""

LOWEST_PROTOCOL: Final = 1
HIGHEST_PROTOCOL: Final = 255
PORTS: Final[Interval] = (LOWEST_PORT, HIGHEST_PORT)
ICMP_NUMBERS: Final[Interval] = (0, 255)
NUMBERS: Final = {ICMP: 1, TCP: 6, UDP: 17, ICMPV6: 58, SCTP: 132, UDPLITE: 136}
"""The protocols that have a name, by number."""
_NAMES: Final = {number: name for name, number in NUMBERS.items()}
WITH_PORTS: Final = frozenset(NUMBERS[each] for each in (TCP, UDP, SCTP, UDPLITE))
WITH_TYPES: Final = frozenset(NUMBERS[each] for each in (ICMP, ICMPV6))
_DEPTH: Final = 3


class Box(Struct, frozen=True, order=True):
    """Traffic of protocols with these numbers. The axes are source and destination ports, or ICMP types and codes; of
    other protocols they mean nothing.
    """

    protocols: Interval
    first_axis: Interval
    second_axis: Interval


class TrafficSet(Struct, frozen=True):
    """A set of traffic. Build it with `of` or by operations on `EVERYTHING`."""

    region: Region = ()

    @classmethod
    def of(cls, protocol: str, first_axis: Interval | None = None, second_axis: Interval | None = None) -> "TrafficSet":
        """Return one protocol's traffic: source ports and ports, or ICMP types and codes; None is all of them.

        >>> TrafficSet.of("TCP", None, (80, 443)) & TrafficSet.of("TCP", None, (1, 80)) == TrafficSet.of(
        ...     "TCP", None, (80, 80)
        ... )
        True
        """
        number = number_of(protocol)
        axis = axis_of(number)
        return cls(box(Box((number, number), first_axis or axis, second_axis or axis)))

    def __or__(self, other: "TrafficSet") -> "TrafficSet":
        return TrafficSet(_combined(self.region, other.region, lambda ours, theirs: ours or theirs, _DEPTH))

    def __and__(self, other: "TrafficSet") -> "TrafficSet":
        return TrafficSet(_combined(self.region, other.region, lambda ours, theirs: ours and theirs, _DEPTH))

    def __sub__(self, other: "TrafficSet") -> "TrafficSet":
        return TrafficSet(_combined(self.region, other.region, lambda ours, theirs: ours and not theirs, _DEPTH))

    def __le__(self, other: "TrafficSet") -> bool:
        return not self - other

    def __bool__(self) -> bool:
        return bool(self.region)

    def boxes(self) -> Iterator[Box]:
        """Yield the boxes, rising; none overlap."""
        for first, last, rows in self.region:
            for left, right, columns in rows if isinstance(rows, tuple) else ():
                for low, high, _ in columns if isinstance(columns, tuple) else ():
                    yield Box((first, last), (left, right), (low, high))


def number_of(protocol: str) -> int:
    """Return the number of a protocol. Raises ValueError for a text that is neither a name of ours nor a number."""
    return NUMBERS[protocol] if protocol in NUMBERS else int(protocol)


def protocol_of(number: int) -> str:
    """Return the one spelling of a protocol."""
    return _NAMES.get(number, str(number))


def axis_of(protocol: int) -> Interval:
    """Return everything that an axis of a protocol may be."""
    return PORTS if protocol in WITH_PORTS else ICMP_NUMBERS if protocol in WITH_TYPES else (0, 0)


def box(each: Box) -> Region:
    """Return the region that one box is."""
    return ((*each.protocols, ((*each.first_axis, ((*each.second_axis, True),)),)),)


def union(regions: list[Region]) -> TrafficSet:
    """Return the set that several regions make, by halves, so that many cost little more than one."""
    if len(regions) <= 1:
        return TrafficSet(regions[0] if regions else ())
    middle = len(regions) // 2
    return union(regions[:middle]) | union(regions[middle:])


def _combined(
    ours: "Region | bool", theirs: "Region | bool", keeps: Callable[[bool, bool], bool], depth: int
) -> Region:
    """Return where ``keeps`` holds of both; it must not hold where neither does."""
    one, other = (each if isinstance(each, tuple) else () for each in (ours, theirs))
    cuts = sorted({cut for first, last, _ in (*one, *other) for cut in (first, last + 1)})
    found: list[tuple[int, int, Region | bool]] = []
    for start, end in pairwise(cuts):
        here, there = _at(one, start), _at(other, start)
        value = _combined(here, there, keeps, depth - 1) if depth > 1 else keeps(bool(here), bool(there))
        if not value:
            continue
        if found and found[-1][1] == start - 1 and found[-1][2] == value:
            found[-1] = (found[-1][0], end - 1, value)
        else:
            found.append((start, end - 1, value))
    return tuple(found)


def _at(region: Region, number: int) -> "Region | bool":
    place = bisect_right(region, number, key=lambda each: each[0]) - 1
    return region[place][2] if place >= 0 and number <= region[place][1] else ()


EVERYTHING: Final = union(
    [
        box(Box((number, number), axis_of(number), axis_of(number)))
        for number in range(LOWEST_PROTOCOL, HIGHEST_PROTOCOL + 1)
    ]
)
"""All traffic."""
