"""Traffic that no rule of some policy sets can tell apart, and sets of it as bits of one number.

Promises: whatever the rules name is a union of atoms, so operations on bits are exact. Protocols that no rule names are
one atom together; the ports of a protocol fall into intervals between what rules name.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Final

from msgspec import Struct

from ringfence.model.edge import Icmp
from ringfence.model.policy import IcmpMatch
from ringfence.model.port import PortRange, PortSet
from ringfence.semantics.compiled.criteria import OfTraffic
from ringfence.semantics.compiled.traffic_rows import Traffic
from ringfence.verify.traffic import (
    HIGHEST_PROTOCOL,
    ICMP_NUMBERS,
    LOWEST_PROTOCOL,
    NUMBERS,
    PORTS,
    WITH_PORTS,
    WITH_TYPES,
    Box,
    Interval,
    Region,
    TrafficSet,
    axis_of,
    box,
    number_of,
    protocol_of,
    union,
)

_LIKELY_PORT: Final = 40000
"""A source port that a client may well have, for witnesses of what any source port is true of."""


class _Block(Struct, frozen=True):
    """The atoms of one protocol: a row for each interval of the first axis, from bit ``start`` on."""

    protocol: int
    start: int
    firsts: tuple[Interval, ...]
    seconds: tuple[Interval, ...]

    def bits(self, first: Interval, second: Interval) -> int:
        """Return the atoms of a rectangle whose sides lie on bounds of intervals."""
        rows, columns = _within(self.firsts, first), _within(self.seconds, second)
        width = len(self.seconds)
        row = ((1 << len(columns)) - 1) << columns.start
        return sum(row << (self.start + each * width) for each in rows)

    @property
    def all(self) -> int:
        """Return all atoms of the protocol."""
        return ((1 << len(self.firsts) * len(self.seconds)) - 1) << self.start


class TrafficAtoms:
    """The atoms that some criteria make. ``everything`` has the bits of all."""

    def __init__(self, criteria: Iterable[OfTraffic], served: Iterable[tuple[str, int | None]]) -> None:
        """Collect bounds. ``served`` are protocols and ports that are named one by one."""
        every, serving = list(criteria), list(served)
        named = {each for criterion in every for each in (criterion.protocol, criterion.not_protocol)}
        numbers = {number_of(each) for each in (*named, *(protocol for protocol, _ in serving)) if each is not None}
        sources = [ports for each in every for ports in (each.source_ports, each.not_source_ports) if ports]
        targets = [ports for each in every for ports in (each.ports, each.not_ports) if ports]
        targets += [PortSet.of([port]) for _, port in serving if port is not None]
        icmp = [match for each in every for match in (each.icmp, each.not_icmp) if match is not None]
        axes = {
            PORTS: (_intervals(PORTS, _bounds(sources)), _intervals(PORTS, _bounds(targets))),
            ICMP_NUMBERS: (
                _intervals(ICMP_NUMBERS, ((each.type, each.type) for each in icmp if each.type is not None)),
                _intervals(ICMP_NUMBERS, ((each.code, each.code) for each in icmp if each.code is not None)),
            ),
            (0, 0): (((0, 0),), ((0, 0),)),
        }
        self._blocks: dict[int, _Block] = {}
        start = 1
        for number in sorted(numbers | set(NUMBERS.values())):
            block = self._blocks[number] = _Block(number, start, *axes[axis_of(number)])
            start += len(block.firsts) * len(block.seconds)
        self.everything: int = (1 << start) - 1
        self._known: dict[OfTraffic, int] = {}
        self._sets: dict[int, TrafficSet] = {}

    @property
    def protocols(self) -> tuple[str, ...]:
        """Return the protocols that are told apart; all others are alike."""
        return tuple(protocol_of(number) for number in self._blocks)

    def of(self, criterion: OfTraffic) -> int:
        """Return the traffic of a criterion, whatever its IP family and its doubt."""
        if criterion not in self._known:
            self._known[criterion] = self._of(criterion)
        return self._known[criterion]

    def _of(self, criterion: OfTraffic) -> int:
        found = self.everything if criterion.protocol is None else self.protocol(criterion.protocol)
        if criterion.not_protocol is not None:
            found &= ~self.protocol(criterion.not_protocol)
        if criterion.ports is not None:
            found &= self.ports(criterion.ports)
        if criterion.not_ports is not None:
            found &= ~self.ports(criterion.not_ports)
        if criterion.source_ports is not None:
            found &= self._from(criterion.source_ports)
        if criterion.not_source_ports is not None:
            found &= ~self._from(criterion.not_source_ports)
        if criterion.icmp is not None:
            found &= self._icmp(criterion.icmp)
        if criterion.not_icmp is not None:
            found &= ~self._icmp(criterion.not_icmp)
        return found

    def protocol(self, protocol: str) -> int:
        """Return all of one protocol that a criterion names."""
        return self._blocks[number_of(protocol)].all

    def ports(self, ports: PortSet) -> int:
        """Return what goes to these ports, of every protocol that has some."""
        return sum(self._blocks[each].bits(PORTS, (one.first, one.last)) for each in WITH_PORTS for one in ports)

    def port(self, protocol: str, port: int | None) -> int:
        """Return what goes to one port of a protocol, None being each."""
        block = self._blocks[number_of(protocol)]
        return block.all if port is None or block.protocol not in WITH_PORTS else block.bits(PORTS, (port, port))

    def _from(self, ports: PortSet) -> int:
        return sum(self._blocks[each].bits((one.first, one.last), PORTS) for each in WITH_PORTS for one in ports)

    def _icmp(self, wanted: IcmpMatch) -> int:
        types = ICMP_NUMBERS if wanted.type is None else (wanted.type, wanted.type)
        codes = ICMP_NUMBERS if wanted.code is None else (wanted.code, wanted.code)
        return sum(self._blocks[each].bits(types, codes) for each in WITH_TYPES)

    def traffic(self, bits: int) -> TrafficSet:
        """Return the set that bits stand for."""
        if bits not in self._sets:
            self._sets[bits] = union(list(self._regions(bits)))
        return self._sets[bits]

    def _regions(self, bits: int) -> Iterator[Region]:
        if bits & 1:
            numbers = (LOWEST_PROTOCOL - 1, *self._blocks, HIGHEST_PROTOCOL + 1)
            for before, after in pairwise(numbers):
                if before + 1 < after:
                    yield box(Box((before + 1, after - 1), (0, 0), (0, 0)))
        for block in self._blocks.values():
            if bits & block.all == block.all:
                axis = axis_of(block.protocol)
                yield box(Box((block.protocol, block.protocol), axis, axis))
                continue
            width = len(block.seconds)
            for number, first in enumerate(block.firsts):
                row = bits >> (block.start + number * width) & ((1 << width) - 1)
                for second in _runs(row, block.seconds):
                    yield box(Box((block.protocol, block.protocol), first, second))

    def witness(self, bits: int) -> Traffic:
        """Return one example of traffic in a set that is not empty, of a common protocol where there is one."""
        for number in (NUMBERS["TCP"], NUMBERS["UDP"], *self._blocks):
            block = self._blocks[number]
            if bits & block.all:
                return _example(block, bits)
        other = next(each for each in range(HIGHEST_PROTOCOL, 0, -1) if each not in self._blocks)
        return Traffic(protocol_of(other))


def _example(block: _Block, bits: int) -> Traffic:
    width = len(block.seconds)
    rows = [each for each in range(len(block.firsts)) if bits >> (block.start + each * width) & ((1 << width) - 1)]
    row = next((each for each in rows if block.firsts[each][0] <= _LIKELY_PORT <= block.firsts[each][1]), rows[0])
    columns = bits >> (block.start + row * width) & ((1 << width) - 1)
    second = block.seconds[(columns & -columns).bit_length() - 1][0]
    first_low, first_high = block.firsts[row]
    protocol = protocol_of(block.protocol)
    if block.protocol in WITH_PORTS:
        likely = first_low <= _LIKELY_PORT <= first_high
        return Traffic(protocol, second, _LIKELY_PORT if likely else first_low)
    if block.protocol in WITH_TYPES:
        return Traffic(protocol, icmp=Icmp(first_low, second))
    return Traffic(protocol)


def _bounds(sets: Iterable[PortSet]) -> Iterator[Interval]:
    distinct: dict[PortRange, None] = dict.fromkeys(each for ports in sets for each in ports)
    return ((each.first, each.last) for each in distinct)


def _intervals(whole: Interval, parts: Iterable[Interval]) -> tuple[Interval, ...]:
    cuts = {whole[0], whole[1] + 1}
    for first, last in parts:
        cuts |= {first, last + 1}
    return tuple((start, end - 1) for start, end in pairwise(sorted(cuts)))


def _within(intervals: tuple[Interval, ...], part: Interval) -> range:
    """Return the places of the intervals that make up a part. Raises ValueError where none do."""
    start = bisect_right(intervals, part[0], key=lambda each: each[0]) - 1
    end = bisect_right(intervals, part[1], key=lambda each: each[0])
    if (intervals[start][0], intervals[end - 1][1]) != part:
        raise ValueError(f"{part} is not made of atoms; name its bounds when they are made")
    return range(start, end)


def _runs(row: int, intervals: tuple[Interval, ...]) -> Iterator[Interval]:
    """Yield the intervals whose bit is set, neighbours joined."""
    place = 0
    while row:
        skipped = (row & -row).bit_length() - 1
        row >>= skipped
        place += skipped
        run = (~row & (row + 1)).bit_length() - 1
        yield intervals[place][0], intervals[place + run - 1][1]
        row >>= run
        place += run
