"""Whether one rule matches one connection.

Promises: the criteria of calico-semantics 4.5, each in a line or two, all of which must hold. A criterion that cannot
be decided is a text that says what is not known; it neither matches nor fails.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from ringfence.model.address_set import AddressSet, Family
from ringfence.model.policy import IcmpMatch
from ringfence.model.selector import And, Not, Or, Selector, matches
from ringfence.semantics.connection import Connection, End, Holder
from ringfence.semantics.effective import EffectiveMatch, EffectiveRule, Ports, ServiceMember, ServiceMembers

Answer = bool | str
"""Yes, no, or what is not known."""

_ANYONE: Final = EffectiveMatch()


def unknowns(rule: EffectiveRule, connection: Connection, family: Family) -> tuple[str, ...] | None:
    """Return None where the rule does not match, else what is not known of whether it does (nothing: it does)."""
    doubts: list[str] = []
    for answer in _criteria(rule, connection, family):
        if answer is False:
            return None
        if isinstance(answer, str):
            doubts.append(answer)
    return tuple(dict.fromkeys(doubts))


def _criteria(rule: EffectiveRule, connection: Connection, family: Family) -> Iterator[Answer]:
    yield rule.ip_version is None or rule.ip_version == family
    yield rule.protocol is None or rule.protocol == connection.protocol
    yield rule.not_protocol != connection.protocol
    if rule.icmp is not None:
        yield _icmp(rule.icmp, connection)
    if rule.not_icmp is not None and rule.not_icmp.type is not None:
        yield negated(_icmp(rule.not_icmp, connection))
    if rule.http is not None:
        yield "an HTTP condition holds only where Calico's application layer policy is on; elsewhere it is ignored"
    yield from _end(rule.source, connection.source, connection, connection.source_port, family, at_source=True)
    yield from _end(rule.destination, connection.destination, connection, connection.port, family, at_source=False)


def _end(
    match: EffectiveMatch, end: End, connection: Connection, port: int | None, family: Family, *, at_source: bool
) -> Iterator[Answer]:
    if match == _ANYONE:
        return
    addresses = end.addresses.of_family(family)
    if match.nets is not None:
        yield family in match.nets.families
        yield _within(end, addresses, match.nets)
    if match.not_nets is not None:
        yield family in match.not_nets.families
        yield negated(_within(end, addresses, match.not_nets))
    if match.selector is not None:
        yield selects(match.selector, end, addresses)
    if match.not_selector is not None:
        yield negated(selects(match.not_selector, end, addresses))
    if match.ports is not None:
        yield _port(match.ports, match.selector, end, addresses, connection.protocol, port)
    if match.not_ports is not None:
        yield negated(_port(match.not_ports, None, end, addresses, connection.protocol, port))
    if match.service is not None:
        yield _service(match.service, end, addresses, connection.protocol, port, at_source=at_source)


def selects(selector: Selector, end: End, addresses: AddressSet) -> Answer:
    """Say whether an end with one of these addresses is among the endpoints and network sets that are selected."""
    answers = [both(holds(selector, holder, end.name), there) for holder, there in _holders(end, addresses)]
    return disjunction([*answers, end.unknown or False])


def _holders(end: End, addresses: AddressSet) -> Iterator[tuple[Holder, Answer]]:
    """Yield who has labels at an end, and whether they do at the address it has."""
    for holder in end.holders:
        yield holder, True
    for covered, holder in end.partly:
        yield holder, _within(end, addresses, covered)


def holds(selector: Selector, holder: Holder, name: str) -> Answer:
    """Say whether a selector is true of a holder's labels, as far as they are known."""
    if not holder.unknown:
        return matches(selector, holder.labels)
    match selector:
        case And(operands):
            return both(*(holds(each, holder, name) for each in operands))
        case Or(operands):
            return disjunction([holds(each, holder, name) for each in operands])
        case Not(operand):
            return negated(holds(operand, holder, name))
        case _:
            label = getattr(selector, "label", "")
            if label in holder.labels or not label.startswith(holder.unknown):
                return matches(selector, holder.labels)
            return f"the label {label} of {name} is not known"


def family_space(family: Family) -> AddressSet:
    """Return all addresses of a family."""
    return _FAMILY_SPACE[family]


_FAMILY_SPACE = {4: AddressSet.of(["0.0.0.0/0"]), 6: AddressSet.of(["::/0"])}


def negated(answer: Answer) -> Answer:
    """Return the opposite; what is not known stays so."""
    return answer if isinstance(answer, str) else not answer


def disjunction(answers: Iterable[Answer]) -> Answer:
    """Return whether any holds: yes if one does, else the first that is not known, else no."""
    found: Answer = False
    for answer in answers:
        if answer is True:
            return True
        found = found or answer
    return found


def both(*answers: Answer) -> Answer:
    """Return whether all hold: no if one does not, else the first that is not known, else yes."""
    found: Answer = True
    for answer in answers:
        if answer is False:
            return False
        if found is True:
            found = answer
    return found


def _within(end: End, addresses: AddressSet, nets: AddressSet) -> Answer:
    if addresses <= nets:
        return True
    return f"which address {end.name} has is not known" if addresses & nets else False


def _icmp(wanted: IcmpMatch, connection: Connection) -> Answer:
    if wanted.type is None:
        return True
    if connection.icmp is None:
        return "the ICMP type is not known"
    return connection.icmp.type == wanted.type and wanted.code in {None, connection.icmp.code}


def _port(
    ports: Ports, selector: Selector | None, end: End, addresses: AddressSet, protocol: str, port: int | None
) -> Answer:
    """Numbers and names are one list. A name stands for a port of an endpoint that the selector selects, too."""
    if port is None and ports.numbers:
        return "the port is not known"
    named = [
        both(True if selector is None else holds(selector, holder, end.name), there, _is_port(each.port, port))
        for holder, there in _holders(end, addresses)
        for each in holder.ports
        if each.protocol == protocol and each.name in ports.names
    ]
    return disjunction([port is not None and port in ports.numbers, *named, (ports.names and end.unknown) or False])


def _service(
    service: ServiceMembers, end: End, addresses: AddressSet, protocol: str, port: int | None, *, at_source: bool
) -> Answer:
    """A member's port counts at a destination; at a source its addresses do, whatever the port."""
    if service.unknown is not None:
        return service.unknown
    if at_source:
        return disjunction(_within(end, addresses, member.addresses) for member in service.members)
    return disjunction(
        both(_within(end, addresses, member.addresses), _served(member, port))
        for member in service.members
        if member.protocol == protocol
    )


def _served(member: ServiceMember, port: int | None) -> Answer:
    return True if member.port is None else _is_port(member.port, port)


def _is_port(wanted: int, port: int | None) -> Answer:
    return "the port is not known" if port is None else port == wanted
