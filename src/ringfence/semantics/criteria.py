"""Which criterion of a rule a connection fails, in words.

Promises: each criterion is asked alone, of the evaluator itself, so words and verdicts cannot disagree: a rule that
matches fails none.
"""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from ringfence.model.address_set import Family
from ringfence.semantics.connection import Connection, End
from ringfence.semantics.effective import EffectiveMatch, EffectiveRule
from ringfence.semantics.matching import unknowns
from ringfence.semantics.words import icmp_words, nets_words, ports_words, selector_words


class RuleCheck(Struct, frozen=True):
    """What a rule says of a connection: the criteria it fails, or, failing none, what is not known of it."""

    index: int
    failed: tuple[str, ...]
    unknown: tuple[str, ...] = ()


def checked(rules: Sequence[EffectiveRule], connection: Connection) -> tuple[RuleCheck, ...]:
    """Return what each rule says, in order, without those that only log; of two IP families, the nearer one."""
    return tuple(
        min((_check(index, rule, connection, family) for family in connection.families), key=lambda it: len(it.failed))
        for index, rule in enumerate(rules)
        if rule.action != "Log" and connection.families
    )


def _check(index: int, rule: EffectiveRule, connection: Connection, family: Family) -> RuleCheck:
    whole = unknowns(rule, connection, family)
    if whole is not None:
        return RuleCheck(index, (), whole)
    failed = tuple(dict.fromkeys(words for words, part in _parts(rule, connection, family) if _fails(part, connection)))
    return RuleCheck(index, failed or ("none of its criteria alone, but all together fail",))


def _fails(part: EffectiveRule, connection: Connection) -> bool:
    return all(unknowns(part, connection, family) is None for family in connection.families)


def _alone(
    rule: EffectiveRule, *, source: EffectiveMatch | None = None, destination: EffectiveMatch | None = None
) -> EffectiveRule:
    return EffectiveRule(rule.action, source or EffectiveMatch(), destination or EffectiveMatch())


def _parts(rule: EffectiveRule, connection: Connection, family: Family) -> Iterator[tuple[str, EffectiveRule]]:
    """Yield each criterion as a rule of its own, with the words for failing it."""
    action, nothing = rule.action, EffectiveMatch()
    if rule.ip_version is not None:
        words = f"is for IPv{rule.ip_version} only"
        yield words, EffectiveRule(action, nothing, nothing, ip_version=rule.ip_version)
    if rule.protocol is not None:
        wanted = rule.protocol
        if rule.destination.ports is not None:
            wanted = f"{wanted} {ports_words(rule.destination.ports)}"
        this = connection.protocol
        yield f"wants {wanted}, this is {this}", EffectiveRule(action, nothing, nothing, rule.protocol)
    if rule.not_protocol is not None:
        words = f"wants any protocol but {rule.not_protocol}"
        yield words, EffectiveRule(action, nothing, nothing, not_protocol=rule.not_protocol)
    this_icmp = "" if connection.icmp is None else f", this is type {connection.icmp.type} code {connection.icmp.code}"
    if rule.icmp is not None:
        words = f"wants {rule.protocol or 'ICMP'} {icmp_words(rule.icmp)}{this_icmp}"
        yield words, EffectiveRule(action, nothing, nothing, icmp=rule.icmp)
    if rule.not_icmp is not None:
        words = f"excludes {rule.protocol or 'ICMP'} {icmp_words(rule.not_icmp)}"
        yield words, EffectiveRule(action, nothing, nothing, not_icmp=rule.not_icmp)
    for words, part in _end(rule.source, "source", connection.source, connection, rule.protocol, family):
        yield words, _alone(rule, source=part)
    for words, part in _end(rule.destination, "destination", connection.destination, connection, rule.protocol, family):
        yield words, _alone(rule, destination=part)


def _end(
    match: EffectiveMatch, role: str, end: End, connection: Connection, protocol: str | None, family: Family
) -> Iterator[tuple[str, EffectiveMatch]]:
    if match.nets is not None:
        yield _nets(match, role, end, family), EffectiveMatch(nets=match.nets)
    if match.not_nets is not None:
        absent = family not in match.not_nets.families
        words = f"does not exist for IPv{family}: it excludes {role}s of the other IP family"
        yield (
            words if absent else f"excludes the {role}s {nets_words(match.not_nets)}",
            EffectiveMatch(not_nets=match.not_nets),
        )
    if match.selector is not None:
        words = f"wants a {role} with {selector_words(match.selector)}, which {end.name} is not"
        yield words, EffectiveMatch(selector=match.selector)
    if match.not_selector is not None:
        words = f"excludes a {role} with {selector_words(match.not_selector)}, which {end.name} is"
        yield words, EffectiveMatch(not_selector=match.not_selector)
    if match.ports is not None:
        yield _ports(match, role, connection, protocol), EffectiveMatch(ports=match.ports)
    if match.not_ports is not None:
        words = f"excludes {_port_role(role)} {ports_words(match.not_ports)}"
        yield words, EffectiveMatch(not_ports=match.not_ports)
    if match.service is not None:
        words = f"wants a {role} behind its service, which {end.name} is not on this port"
        if not match.service.members:
            words = f"names a service that has no endpoint, so no {role} matches"
        yield words, EffectiveMatch(service=match.service)


def _nets(match: EffectiveMatch, role: str, end: End, family: Family) -> str:
    nets = match.nets
    if nets is None or family not in nets.families:
        return f"does not exist for IPv{family}: its {role}s are of the other IP family"
    return f"wants a {role} in {nets_words(nets)}, which {end.name} is not"


def _ports(match: EffectiveMatch, role: str, connection: Connection, protocol: str | None) -> str:
    wanted = "" if match.ports is None else ports_words(match.ports)
    if role == "source":
        return f"wants source port {wanted}"
    return f"wants {protocol or 'port'} {wanted}, this is {connection.port}"


def _port_role(role: str) -> str:
    return "port" if role == "destination" else "source port"
