"""One rule, and whether it covers a connection.

Promises: all criteria that are present must hold; a rule whose nets lack the connection's address family does not
exist for it; ports mean nothing in protocols without ports. ``http`` restricts nothing here, as in Calico's dataplanes.
"""

from dataclasses import dataclass
from typing import Final

from ringfence_lab.evaluator.connection import Connection, Party
from ringfence_lab.evaluator.endpoints import Pod
from ringfence_lab.evaluator.fields import Network, ObjectError, choice, each, mapping, network, text, whole
from ringfence_lab.evaluator.protocols import has_ports, protocol_number
from ringfence_lab.evaluator.scoping import peer_scope
from ringfence_lab.evaluator.selectors import Selector

_RULE: Final = frozenset(
    {
        "action",
        "protocol",
        "notProtocol",
        "ipVersion",
        "icmp",
        "notICMP",
        "source",
        "destination",
        "http",
        "metadata",
    }
)
_SIDE: Final = frozenset(
    {
        "selector",
        "notSelector",
        "namespaceSelector",
        "serviceAccounts",
        "nets",
        "notNets",
        "ports",
        "notPorts",
        "services",
    }
)
_ACTIONS: Final = frozenset({"Allow", "Deny", "Pass", "Log"})
_HIGHEST_PORT: Final = 65_535

Icmp = tuple[int | None, int | None]
Service = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Ports:
    """Inclusive ranges of numbers, and names that pods give to their ports."""

    ranges: tuple[tuple[int, int], ...]
    names: tuple[str, ...]

    def hold(self, number: int, protocol: int, party: Party, selector: Selector | None) -> bool:
        """Say whether a port of a party is meant; a name counts only on a pod that the selector covers."""
        return any(first <= number <= last for first, last in self.ranges) or any(
            (name, protocol, number) in holder.ports
            for holder in party.holders
            if isinstance(holder, Pod) and (selector is None or selector.holds(holder.labels))
            for name in self.names
        )


@dataclass(frozen=True, slots=True)
class Side:
    """What a rule asks of one end; None is no restriction. ``service`` is namespace and name."""

    selector: Selector | None = None
    not_selector: Selector | None = None
    nets: tuple[Network, ...] | None = None
    not_nets: tuple[Network, ...] | None = None
    ports: Ports | None = None
    not_ports: Ports | None = None
    service: Service | None = None

    def covers_party(self, party: Party) -> bool:
        """Say whether a party is meant, whatever the port."""
        if self.selector is not None and not any(self.selector.holds(holder.labels) for holder in party.holders):
            return False
        if self.not_selector is not None and any(self.not_selector.holds(holder.labels) for holder in party.holders):
            return False
        if self.nets is not None and not any(party.address in net for net in self.nets):
            return False
        return self.not_nets is None or not any(party.address in net for net in self.not_nets)

    def covers_port(self, number: int | None, protocol: int, party: Party) -> bool:
        """Say whether a port of a party is meant; ``number`` is None where the protocol has none."""
        countable = number is not None and has_ports(protocol)
        if self.ports is not None and not (
            countable and number is not None and self.ports.hold(number, protocol, party, self.selector)
        ):
            return False
        return (
            self.not_ports is None
            or number is None
            or not (countable and self.not_ports.hold(number, protocol, party, None))
        )

    def has_family(self, version: int) -> bool:
        """Say whether each list of nets that is given has one of an address family."""
        if self.nets is None and self.not_nets is None:
            return True
        lists = (nets for nets in (self.nets, self.not_nets) if nets)
        return all(any(net.version == version for net in nets) for nets in lists)


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """One rule; None is no restriction, protocols are numbers."""

    action: str
    protocol: int | None
    not_protocol: int | None
    ip_version: int | None
    icmp: Icmp | None
    not_icmp: Icmp | None
    source: Side
    destination: Side
    http: bool = False

    def covers(self, connection: Connection) -> bool:
        """Say whether the rule decides a connection."""
        return (
            self.covers_protocol(connection)
            and self.source.covers_party(connection.source)
            and self.destination.covers_party(connection.destination)
            and self.covers_ports(connection)
        )

    def covers_protocol(self, connection: Connection) -> bool:
        """Say whether protocol, ICMP type and address family fit."""
        version = connection.destination.address.version
        if self.protocol not in {None, connection.protocol} or self.not_protocol == connection.protocol:
            return False
        if self.ip_version not in {None, version}:
            return False
        if self.icmp is not None and not _icmp_fits(self.icmp, connection):
            return False
        if self.not_icmp is not None and _icmp_fits(self.not_icmp, connection):
            return False
        return self.source.has_family(version) and self.destination.has_family(version)

    def covers_ports(self, connection: Connection) -> bool:
        """Say whether both ports and the Service fit."""
        services = connection.services
        destination = connection.destination
        if self.destination.service is not None:
            reached = destination.address, connection.protocol, connection.destination_port
            if reached not in services.get(self.destination.service, ()):
                return False
        if self.source.service is not None:
            members = services.get(self.source.service, ())
            if not any(address == connection.source.address for address, _, _ in members):
                return False
        protocol = connection.protocol
        return self.source.covers_port(
            connection.source_port, protocol, connection.source
        ) and self.destination.covers_port(connection.destination_port, protocol, destination)


def read_rule(value: object, namespace: str, where: str) -> Rule:
    """Return a rule of a Calico policy. Raises ObjectError for what is not known."""
    fields = mapping(value, where, _RULE)
    return Rule(
        action=choice(fields.get("action"), f"{where}.action", _ACTIONS),
        protocol=_protocol(fields.get("protocol"), f"{where}.protocol"),
        not_protocol=_protocol(fields.get("notProtocol"), f"{where}.notProtocol"),
        ip_version=whole(fields.get("ipVersion"), f"{where}.ipVersion"),
        icmp=_icmp(fields.get("icmp"), f"{where}.icmp"),
        not_icmp=_icmp(fields.get("notICMP"), f"{where}.notICMP"),
        source=_side(fields.get("source"), namespace, f"{where}.source"),
        destination=_side(fields.get("destination"), namespace, f"{where}.destination"),
        http=fields.get("http") is not None,
    )


def _side(value: object, namespace: str, where: str) -> Side:
    fields = mapping(value, where, _SIDE)
    positive, negative = peer_scope(fields, namespace, where)
    service = None
    if fields.get("services") is not None:
        named = mapping(fields["services"], f"{where}.services", {"name", "namespace"})
        service = text(named.get("namespace"), f"{where}.services"), text(named.get("name"), f"{where}.services")
    return Side(
        selector=positive,
        not_selector=negative,
        nets=each(fields.get("nets"), f"{where}.nets", network) or None,
        not_nets=each(fields.get("notNets"), f"{where}.notNets", network) or None,
        ports=_ports(fields.get("ports"), f"{where}.ports"),
        not_ports=_ports(fields.get("notPorts"), f"{where}.notPorts"),
        service=service,
    )


def _ports(value: object, where: str) -> Ports | None:
    found = each(value, where, _port)
    if not found:
        return None
    return Ports(
        tuple(port for port in found if not isinstance(port, str)),
        tuple(port for port in found if isinstance(port, str)),
    )


def _port(value: object, where: str) -> tuple[int, int] | str:
    first, colon, last = str(value).partition(":")
    if not (first.isascii() and first.isdigit()):
        return text(value, where)
    if colon and not (last.isascii() and last.isdigit()):
        raise ObjectError(f"{where}: {value!r} is neither a port nor a range of ports")
    low, high = int(first), int(last or first)
    if not 0 <= low <= high <= _HIGHEST_PORT:
        raise ObjectError(f"{where}: {value!r} is no range within 0:{_HIGHEST_PORT}")
    return low, high


def _protocol(value: object, where: str) -> int | None:
    try:
        return None if value is None else protocol_number(value)
    except ValueError as error:
        raise ObjectError(f"{where}: {error}") from error


def _icmp(value: object, where: str) -> Icmp | None:
    if value is None:
        return None
    fields = mapping(value, where, {"type", "code"})
    return whole(fields.get("type"), f"{where}.type"), whole(fields.get("code"), f"{where}.code")


def _icmp_fits(wanted: Icmp, connection: Connection) -> bool:
    pairs = zip(wanted, connection.icmp or (None, None), strict=True)
    return all(want is None or want == actual for want, actual in pairs)
