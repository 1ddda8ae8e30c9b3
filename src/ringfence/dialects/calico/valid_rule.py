"""Judge how the fields of one rule fit each other.

Promises: each problem of a rule is found whatever else is wrong with it. What a single field may hold is `schema`.
"""

from collections.abc import Iterator, Mapping
from typing import Final, Literal, TypeAlias

from ringfence.dialects.calico.shape import shown
from ringfence.dialects.calico.valid_net import excludes_everything, rule_net_problem
from ringfence.dialects.calico.valid_port import port_problem
from ringfence.dialects.calico.valid_protocol import protocol_problem, read_protocol
from ringfence.dialects.calico.valid_selector import rule_namespace_selector_problems, selector_problems
from ringfence.dialects.members import integer_of, items_of, record_of, records_of, text_of, texts_of
from ringfence.dialects.network_text import family_of
from ringfence.dialects.problem import Problem
from ringfence.model.kubernetes_object import Json
from ringfence.model.protocol import ICMP, ICMPV6, TCP, is_icmp, protocol_named

RuleList: TypeAlias = Literal["ingress", "egress"]

_UNREADABLE: Final = "unknown"
_SIDES: Final = ("source", "destination")
_FAMILIES: Final = {ICMP: 4, ICMPV6: 6}
_BESIDE_SERVICES: Final = ("selector", "notSelector", "namespaceSelector", "nets", "notNets")
_SERVICES_SIDE: Final[dict[RuleList, str]] = {"ingress": "source", "egress": "destination"}


def rule_problems(
    rule: Mapping[str, Json], *, rule_list: RuleList, global_policy: bool, path: str
) -> Iterator[Problem]:
    """Yield why Calico would refuse a rule of a policy's ingress or egress list."""
    yield from _protocol_problems(rule, path=path)
    yield from _icmp_problems(rule, path=path)
    yield from _family_problems(rule, path=path)
    yield from _http_problems(rule, rule_list=rule_list, path=path)
    protocol = _protocol(rule)
    for side in _SIDES:
        entity = record_of(rule, side)
        place = f"{path}.{side}"
        yield from _net_problems(entity, path=place)
        yield from _selector_problems(entity, path=place)
        yield from _port_problems(entity, protocol=protocol, path=place)
        if isinstance(entity.get("services"), Mapping):
            yield from _services_problems(
                entity, side=side, rule_list=rule_list, global_policy=global_policy, path=place
            )


def _protocol(rule: Mapping[str, Json]) -> str | None:
    """Return the protocol that the rule names, None where it names none.

    A name in another case is refused by the API, but Felix knows it, and so whether it has ports.
    """
    value = rule.get("protocol")
    if value is None:
        return None
    named = protocol_named(value) if isinstance(value, str) else None
    return read_protocol(value) or named or _UNREADABLE


def _protocol_problems(rule: Mapping[str, Json], *, path: str) -> Iterator[Problem]:
    for name in ("protocol", "notProtocol"):
        value = rule.get(name)
        reason = protocol_problem(value)
        if reason is not None:
            yield Problem(f"{path}.{name}", reason)
        family = _FAMILIES.get(read_protocol(value) or "")
        version = integer_of(rule, "ipVersion")
        if family is not None and version is not None and version != family:
            yield Problem(f"{path}.ipVersion", f"{name} {shown(value)} is of IPv{family}; set {family} or leave it out")


def _icmp_problems(rule: Mapping[str, Json], *, path: str) -> Iterator[Problem]:
    for name in ("icmp", "notICMP"):
        icmp = record_of(rule, name)
        if icmp.get("code") is not None and icmp.get("type") is None:
            yield Problem(f"{path}.{name}.code", "a code needs a type")
    if isinstance(rule.get("icmp"), Mapping) and not is_icmp(_protocol(rule) or ""):
        yield Problem(f"{path}.icmp", "needs protocol ICMP or ICMPv6")


def _family_problems(rule: Mapping[str, Json], *, path: str) -> Iterator[Problem]:
    """Yield nets of another IP family than the rule's first net, or than its ipVersion."""
    version = integer_of(rule, "ipVersion")
    for side in _SIDES:
        entity = record_of(rule, side)
        for name in ("nets", "notNets"):
            for index, text in texts_of(entity, name):
                family = family_of(text)
                version = version or family
                if family is not None and family != version:
                    reason = f"{shown(text)} in a rule of IPv{version}; give each IP family a rule of its own"
                    yield Problem(f"{path}.{side}.{name}[{index}]", reason)


def _net_problems(entity: Mapping[str, Json], *, path: str) -> Iterator[Problem]:
    for name in ("nets", "notNets"):
        for index, text in texts_of(entity, name):
            place = f"{path}.{name}[{index}]"
            reason = rule_net_problem(text)
            if reason is not None:
                yield Problem(place, reason)
            elif name == "notNets" and excludes_everything(text):
                yield Problem(place, f"{text} excludes every address, so the rule could never match; remove the rule")


def _selector_problems(entity: Mapping[str, Json], *, path: str) -> Iterator[Problem]:
    for name in ("selector", "notSelector"):
        yield from selector_problems(text_of(entity, name), path=f"{path}.{name}")
    yield from rule_namespace_selector_problems(text_of(entity, "namespaceSelector"), path=f"{path}.namespaceSelector")
    accounts = record_of(entity, "serviceAccounts")
    yield from selector_problems(text_of(accounts, "selector"), path=f"{path}.serviceAccounts.selector")


def _port_problems(entity: Mapping[str, Json], *, protocol: str | None, path: str) -> Iterator[Problem]:
    for name in ("ports", "notPorts"):
        for index, value in enumerate(items_of(entity, name)):
            problem = port_problem(value, protocol=protocol, path=f"{path}.{name}[{index}]")
            if problem is not None:
                yield problem


def _services_problems(
    entity: Mapping[str, Json], *, side: str, rule_list: RuleList, global_policy: bool, path: str
) -> Iterator[Problem]:
    place = f"{path}.services"
    services = record_of(entity, "services")
    if side != _SERVICES_SIDE[rule_list]:
        yield Problem(place, "only the destination of an egress rule or the source of an ingress rule may be a service")
    if not text_of(services, "name"):
        yield Problem(f"{place}.name", "is required")
    if global_policy and not text_of(services, "namespace"):
        yield Problem(f"{place}.namespace", "is required in a global policy, which has no namespace of its own")
    for name in _BESIDE_SERVICES:
        if entity.get(name):
            yield Problem(f"{path}.{name}", "cannot stand beside services; use one of them")
    if entity.get("serviceAccounts") is not None:
        yield Problem(f"{path}.serviceAccounts", "cannot stand beside services; use one of them")
    for name in ("ports", "notPorts"):
        if side == "destination" and entity.get(name):
            yield Problem(f"{path}.{name}", "cannot stand beside services, which bring their own ports; remove it")


def _http_problems(rule: Mapping[str, Json], *, rule_list: RuleList, path: str) -> Iterator[Problem]:
    if not isinstance(rule.get("http"), Mapping):
        return
    place = f"{path}.http"
    if _protocol(rule) not in {None, TCP}:
        yield Problem(place, "needs protocol TCP, or none")
    if rule.get("action") != "Allow":
        yield Problem(place, "is for rules with action Allow only")
    if rule_list == "egress":
        yield Problem(place, "is for ingress rules only")
    http = record_of(rule, "http")
    seen: set[str] = set()
    for index, method in texts_of(http, "methods"):
        if method in seen:
            yield Problem(f"{place}.methods[{index}]", f"{shown(method)} stands here twice")
        seen.add(method)
    for index, each in records_of(http, "paths"):
        yield from _http_path_problems(each, path=f"{place}.paths[{index}]")


def _http_path_problems(http_path: Mapping[str, Json], *, path: str) -> Iterator[Problem]:
    given = [name for name in ("exact", "prefix") if text_of(http_path, name)]
    if len(given) != 1:
        yield Problem(path, "needs either exact or prefix")
    for name in given:
        text = text_of(http_path, name)
        if not text.startswith("/") or any(character in text for character in "?# "):
            yield Problem(f"{path}.{name}", f"{shown(text)} must begin with / and be without ?, # and blanks")
