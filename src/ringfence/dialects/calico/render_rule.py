"""Write one rule of a policy as Calico v3 has it.

Promises: what restricts nothing is not written; reading the rule back gives the same value.
"""

from collections.abc import Iterable

from ringfence.dialects.selector import written_selector
from ringfence.model.kubernetes_object import Json
from ringfence.model.policy import HttpMatch, IcmpMatch, Match, Rule, ServiceAccounts, ServiceRef
from ringfence.model.port import PortSet


def render_rule(rule: Rule) -> dict[str, Json]:
    """Write a rule; its annotations come last, so that the eye meets the action first.

    Raises:
        SelectorError: a selector holds a label or value that no selector text can express.
    """
    fields: dict[str, Json] = {"action": rule.action}
    if rule.ip_version is not None:
        fields["ipVersion"] = rule.ip_version
    if rule.protocol is not None:
        fields["protocol"] = protocol_json(rule.protocol)
    if rule.not_protocol is not None:
        fields["notProtocol"] = protocol_json(rule.not_protocol)
    if rule.icmp is not None:
        fields["icmp"] = _icmp(rule.icmp)
    if rule.not_icmp is not None:
        fields["notICMP"] = _icmp(rule.not_icmp)
    if rule.source != Match():
        fields["source"] = _match(rule.source)
    if rule.destination != Match():
        fields["destination"] = _match(rule.destination)
    if rule.http is not None:
        fields["http"] = _http(rule.http)
    if rule.annotations:
        fields["metadata"] = {"annotations": dict(rule.annotations)}
    return fields


def protocol_json(protocol: str) -> int | str:
    """Write a protocol by its name, by its number where it has none."""
    return int(protocol) if protocol.isdecimal() else protocol


def _match(match: Match) -> dict[str, Json]:
    fields: dict[str, Json] = {}
    if match.service is not None:
        fields["services"] = _service(match.service)
    selectors = (
        ("namespaceSelector", match.namespace_selector),
        ("selector", match.selector),
        ("notSelector", match.not_selector),
    )
    for name, selector in selectors:
        if selector is not None:
            fields[name] = written_selector(selector)
    if match.service_accounts is not None:
        fields["serviceAccounts"] = _service_accounts(match.service_accounts)
    for name, nets in (("nets", match.nets), ("notNets", match.not_nets)):
        if nets is not None:
            fields[name] = list(nets)
    lists = (("ports", match.ports, match.named_ports), ("notPorts", match.not_ports, match.not_named_ports))
    for name, numbers, names in lists:
        if numbers is not None or names:
            fields[name] = _ports(numbers, names)
    return fields


def _service(service: ServiceRef) -> dict[str, Json]:
    fields: dict[str, Json] = {"name": service.name}
    if service.namespace:
        fields["namespace"] = service.namespace
    return fields


def _service_accounts(accounts: ServiceAccounts) -> dict[str, Json]:
    fields: dict[str, Json] = {}
    if accounts.names:
        fields["names"] = list(accounts.names)
    if accounts.selector is not None:
        fields["selector"] = written_selector(accounts.selector)
    return fields


def _ports(numbers: PortSet | None, names: Iterable[str]) -> list[Json]:
    ranges = () if numbers is None else numbers.ranges
    return [*(each.first if each.first == each.last else str(each) for each in ranges), *names]


def _icmp(icmp: IcmpMatch) -> dict[str, Json]:
    fields = (("type", icmp.type), ("code", icmp.code))
    return {name: value for name, value in fields if value is not None}


def _http(http: HttpMatch) -> dict[str, Json]:
    fields: dict[str, Json] = {}
    if http.methods:
        fields["methods"] = list(http.methods)
    if http.paths:
        fields["paths"] = [{"exact" if each.exact else "prefix": each.path} for each in http.paths]
    return fields
