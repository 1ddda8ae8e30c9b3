"""Allowed traffic as documents write it.

Promises: an entry for each protocol that policies tell apart and each set of its ports; absent ports are all of them.
``ipVersion`` stands only where the IP families that both ends speak differ.
"""

from collections.abc import Collection, Iterator

from msgspec import UNSET, UnsetType

from ringfence.cli.documents.document import Part
from ringfence.model.address_set import Family
from ringfence.verify.connectivity import Reach
from ringfence.verify.traffic import ICMP_NUMBERS, Interval, TrafficSet
from ringfence.verify.traffic_parts import TrafficPart, has_others, interval_text, traffic_parts


class IcmpTypesPart(Part, frozen=True, kw_only=True):
    """An ICMP type and code, or all from one to the last; an absent code is every code."""

    type: int
    last_type: int | UnsetType = UNSET
    code: int | UnsetType = UNSET
    last_code: int | UnsetType = UNSET


class AllowedPart(Part, frozen=True, kw_only=True):
    """Traffic of one protocol."""

    protocol: str
    ports: tuple[str, ...] | UnsetType = UNSET
    source_ports: tuple[str, ...] | UnsetType = UNSET
    types: tuple[IcmpTypesPart, ...] | UnsetType = UNSET
    ip_version: Family | UnsetType = UNSET


class ReachPart(Part, frozen=True, kw_only=True):
    """What one endpoint may send to another. ``other_protocols`` are the IP versions in which every protocol that the
    document does not list is allowed; ``uncertain`` is what may be allowed beside all of it.
    """

    allowed: tuple[AllowedPart, ...]
    other_protocols: tuple[Family, ...] | UnsetType = UNSET
    uncertain: tuple[AllowedPart, ...] | UnsetType = UNSET
    uncertain_other_protocols: tuple[Family, ...] | UnsetType = UNSET


def reach_part(reach: Reach, protocols: Collection[str]) -> ReachPart:
    """Return the document form of a reach."""
    surely = [(each.family, each.surely) for each in reach]
    uncertain = [(each.family, each.uncertain) for each in reach]
    return ReachPart(
        allowed=tuple(_allowed(surely, protocols)),
        other_protocols=_others(surely, protocols),
        uncertain=tuple(_allowed(uncertain, protocols)) or UNSET,
        uncertain_other_protocols=_others(uncertain, protocols),
    )


def _allowed(sets: list[tuple[Family, TrafficSet]], protocols: Collection[str]) -> Iterator[AllowedPart]:
    alike = len({traffic for _, traffic in sets}) <= 1
    for family, traffic in sets[:1] if alike else sets:
        for each in traffic_parts(traffic, protocols):
            yield _part(each, UNSET if alike else family)


def _others(sets: list[tuple[Family, TrafficSet]], protocols: Collection[str]) -> tuple[Family, ...] | UnsetType:
    return tuple(family for family, traffic in sets if has_others(traffic, protocols)) or UNSET


def _part(part: TrafficPart, family: Family | UnsetType) -> AllowedPart:
    return AllowedPart(
        protocol=part.protocol,
        ports=UNSET if part.ports is None else tuple(map(interval_text, part.ports)),
        source_ports=UNSET if part.source_ports is None else tuple(map(interval_text, part.source_ports)),
        types=UNSET if part.types is None else tuple(_types(*each) for each in part.types),
        ip_version=family,
    )


def _types(types: Interval, codes: Interval) -> IcmpTypesPart:
    every_code = codes == ICMP_NUMBERS
    return IcmpTypesPart(
        type=types[0],
        last_type=UNSET if types[0] == types[1] else types[1],
        code=UNSET if every_code else codes[0],
        last_code=UNSET if every_code or codes[0] == codes[1] else codes[1],
    )
