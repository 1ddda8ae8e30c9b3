"""A set of traffic as the fewest entries that documents and people read: protocol, ports, source ports, ICMP types.

Promises: the entries are disjoint and are together the set, for the protocols that are told apart; whether all others
are in it, too, is one more answer. Sorted by protocol.
"""

from collections.abc import Collection, Iterator
from typing import Final

from msgspec import Struct

from ringfence.verify.traffic import (
    EVERYTHING,
    PORTS,
    WITH_PORTS,
    WITH_TYPES,
    Interval,
    TrafficSet,
    axis_of,
    number_of,
    protocol_of,
)

_SHOWN: Final = 6


class TrafficPart(Struct, frozen=True, order=True):
    """Traffic of a protocol. ``ports`` and ``source_ports`` None are all; so are ``types``, pairs of intervals of ICMP
    types and codes.
    """

    protocol: str
    ports: tuple[Interval, ...] | None = None
    source_ports: tuple[Interval, ...] | None = None
    types: tuple[tuple[Interval, Interval], ...] | None = None


def traffic_parts(traffic: TrafficSet, protocols: Collection[str]) -> Iterator[TrafficPart]:
    """Yield the entries of some protocols."""
    numbers = {number_of(each): each for each in protocols}
    of: dict[int, list[tuple[Interval, Interval]]] = {}
    for each in traffic.boxes():
        for number in numbers.keys() & set(range(each.protocols[0], each.protocols[1] + 1)):
            of.setdefault(number, []).append((each.first_axis, each.second_axis))
    for protocol, number in sorted((protocol_of(each), each) for each in of):
        boxes, whole = of[number], axis_of(number)
        if boxes == [(whole, whole)]:
            yield TrafficPart(protocol)
        elif number in WITH_TYPES:
            yield TrafficPart(protocol, types=tuple(boxes))
        elif number in WITH_PORTS:
            yield from _with_ports(protocol, boxes)


def has_others(traffic: TrafficSet, protocols: Collection[str]) -> bool:
    """Say whether protocols that are not told apart are in a set, as all of them then are."""
    numbers = {number_of(each) for each in protocols}
    return any(
        number not in numbers for each in traffic.boxes() for number in range(each.protocols[0], each.protocols[1] + 1)
    )


def traffic_words(traffic: TrafficSet, protocols: Collection[str]) -> str:
    """Return a set for people: ``all``, ``TCP 80,443; UDP 53``, ``all but TCP 22``; the shorter of both ways."""
    if traffic == EVERYTHING:
        return "all"
    said, rest = _words(traffic, protocols), _words(EVERYTHING - traffic, protocols)
    return said if len(said) <= len(rest) + len("all but ") else f"all but {rest}"


def interval_text(interval: Interval) -> str:
    """Return ports as documents write them: ``80``, ``80:90``."""
    first, last = interval
    return str(first) if first == last else f"{first}:{last}"


def _with_ports(protocol: str, boxes: list[tuple[Interval, Interval]]) -> Iterator[TrafficPart]:
    by_source: dict[Interval, list[Interval]] = {}
    for source, port in boxes:
        by_source.setdefault(source, []).append(port)
    by_ports: dict[tuple[Interval, ...], list[Interval]] = {}
    for source, ports in by_source.items():
        by_ports.setdefault(tuple(ports), []).append(source)
    for each, sources in by_ports.items():
        yield TrafficPart(
            protocol,
            ports=None if each == (PORTS,) else each,
            source_ports=None if sources == [PORTS] else tuple(sources),
        )


def _words(traffic: TrafficSet, protocols: Collection[str]) -> str:
    words = [_part_words(each) for each in traffic_parts(traffic, protocols)]
    if has_others(traffic, protocols):
        words.append("other protocols")
    return "; ".join(words) or "nothing"


def _part_words(part: TrafficPart) -> str:
    words = part.protocol
    if part.ports is not None:
        words += f" {_listed([interval_text(each) for each in part.ports])}"
    if part.source_ports is not None:
        words += f" from {_listed([interval_text(each) for each in part.source_ports])}"
    if part.types is not None:
        words += f" {_listed([_type_words(*each) for each in part.types])}"
    return words


def _type_words(types: Interval, codes: Interval) -> str:
    words = f"type {interval_text(types)}"
    return words if codes == axis_of(1) else f"{words} code {interval_text(codes)}"


def _listed(texts: list[str]) -> str:
    if len(texts) <= _SHOWN:
        return ",".join(texts)
    return f"{','.join(texts[:_SHOWN])} and {len(texts) - _SHOWN} more"
