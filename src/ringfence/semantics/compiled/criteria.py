"""The criteria of a rule, by what they are asked of: each part is answered once for all that it cannot tell apart.

Promises: a rule matches where its parts all do; they are all its criteria (`semantics.matching`): one part for each
end, one for the traffic, and one for each criterion that needs the destination and its port together.
"""

from collections.abc import Iterator

from msgspec import Struct

from ringfence.model.address_set import AddressSet, Family
from ringfence.model.policy import IcmpMatch
from ringfence.model.port import PortSet
from ringfence.model.selector import Selector
from ringfence.semantics.compiled.address_intervals import FAMILIES
from ringfence.semantics.effective import EffectiveMatch, EffectiveRule, Ports, ServiceMembers


class OfEnd(Struct, frozen=True):
    """What is asked of one end alone. ``services`` are of a source: whose addresses count, whatever the port."""

    selector: Selector | None = None
    not_selector: Selector | None = None
    nets: AddressSet | None = None
    not_nets: AddressSet | None = None
    services: ServiceMembers | None = None


class OfTraffic(Struct, frozen=True):
    """What is asked of IP family, protocol, ports by number and ICMP type. ``doubt``: only the specification tells.

    That is so with an HTTP condition, and with a source port by name.
    """

    families: tuple[Family, ...] = FAMILIES
    protocol: str | None = None
    not_protocol: str | None = None
    icmp: IcmpMatch | None = None
    not_icmp: IcmpMatch | None = None
    ports: PortSet | None = None
    not_ports: PortSet | None = None
    source_ports: PortSet | None = None
    not_source_ports: PortSet | None = None
    doubt: bool = False


class NamedPort(Struct, frozen=True):
    """A port of a destination by number or by the name that an endpoint gave it, which the selector selects, too."""

    ports: Ports
    selector: Selector | None = None


Joint = NamedPort | ServiceMembers
"""What is asked of a destination and its port together."""


class Parts(Struct, frozen=True):
    """The parts of one rule. A joint part comes with whether it must hold, or must not."""

    source: OfEnd
    destination: OfEnd
    traffic: OfTraffic
    joints: tuple[tuple[Joint, bool], ...] = ()


def parts(rule: EffectiveRule) -> Parts:
    """Return the parts of a rule."""
    source, destination = rule.source, rule.destination
    return Parts(_of_end(source, source.service), _of_end(destination, None), _of_traffic(rule), tuple(_joints(rule)))


def _of_end(match: EffectiveMatch, services: ServiceMembers | None) -> OfEnd:
    return OfEnd(match.selector, match.not_selector, match.nets, match.not_nets, services)


def _of_traffic(rule: EffectiveRule) -> OfTraffic:
    ends = (rule.source, rule.destination)
    nets = [each for end in ends for each in (end.nets, end.not_nets) if each is not None]
    named = any(ports is not None and ports.names for ports in (rule.source.ports, rule.source.not_ports))
    return OfTraffic(
        families=tuple(
            family
            for family in FAMILIES
            if rule.ip_version in {None, family} and all(family in each.families for each in nets)
        ),
        protocol=rule.protocol,
        not_protocol=rule.not_protocol,
        icmp=_with_type(rule.icmp),
        not_icmp=_with_type(rule.not_icmp),
        ports=_numbers(rule.destination.ports),
        not_ports=_numbers(rule.destination.not_ports),
        source_ports=_numbers(rule.source.ports),
        not_source_ports=_numbers(rule.source.not_ports),
        doubt=rule.http is not None or named,
    )


def _with_type(icmp: IcmpMatch | None) -> IcmpMatch | None:
    """Return the criterion, unless it is of every type."""
    return icmp if icmp is not None and icmp.type is not None else None


def _numbers(ports: Ports | None) -> PortSet | None:
    """Return ports that are numbers only."""
    return ports.numbers if ports is not None and not ports.names else None


def _joints(rule: EffectiveRule) -> Iterator[tuple[Joint, bool]]:
    match = rule.destination
    if match.ports is not None and match.ports.names:
        yield NamedPort(match.ports, match.selector), True
    if match.not_ports is not None and match.not_ports.names:
        yield NamedPort(match.not_ports), False
    if match.service is not None:
        yield match.service, True
