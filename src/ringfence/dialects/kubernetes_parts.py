"""Read and write what Kubernetes' NetworkPolicy and Calico's staged form of it share: label selectors and the spec.

Promises: never raises while reading. A spec of other JSON types than Kubernetes' is not understood as a whole, as its
decoder would refuse it; a rule that Calico cannot convert is left out with a problem, as Calico leaves it out, which
fails closed because the policy still selects its pods. Kubernetes' defaults are filled in.
"""

import re
from collections.abc import Mapping
from typing import Final, Literal, TypeVar

from msgspec import Struct

from ringfence.dialects.decoded import NotUnderstoodError, entry, items, pairs, record, text, text_of, texts
from ringfence.dialects.network_text import family_of
from ringfence.dialects.problem import Problem
from ringfence.model.kubernetes_object import Json
from ringfence.model.kubernetes_policy import IpBlock, KubernetesPeer, KubernetesPolicy, KubernetesPort, KubernetesRule
from ringfence.model.label_selector import LabelRequirement, LabelSelector
from ringfence.model.policy import Direction
from ringfence.model.port import HIGHEST_PORT, LOWEST_PORT

T = TypeVar("T")
Operator = Literal["In", "NotIn", "Exists", "DoesNotExist"]

_OPERATORS: Final[Mapping[str, Operator]] = {
    "In": "In",
    "NotIn": "NotIn",
    "Exists": "Exists",
    "DoesNotExist": "DoesNotExist",
}
_DIRECTIONS: Final[tuple[Direction, ...]] = ("Ingress", "Egress")
_LISTS: Final[Mapping[Direction, tuple[str, str]]] = {"Ingress": ("ingress", "from"), "Egress": ("egress", "to")}
_PROTOCOLS: Final = frozenset({"TCP", "UDP", "SCTP"})
_PORT_NAME: Final = re.compile(r"[a-zA-Z0-9_.-]{1,128}")
_PORT_NUMBER: Final = re.compile(r"[0-9]{1,10}")


class KubernetesSpec(Struct, frozen=True):
    """The parts of a KubernetesPolicy that its spec holds. ``problems`` name the rules that were left out."""

    pod_selector: LabelSelector = LabelSelector()
    types: tuple[Direction, ...] = ("Ingress",)
    ingress: tuple[KubernetesRule, ...] = ()
    egress: tuple[KubernetesRule, ...] = ()
    problems: tuple[Problem, ...] = ()


class _NotConvertibleError(Exception):
    """A rule that Calico leaves out. Its text is the problem's path and reason."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(reason)
        self.problem = Problem(path, reason)


def label_selector_of(value: Json) -> LabelSelector | None:
    """Return a label selector (null: one without requirements), or None for what is none."""
    try:
        return _label_selector(value)
    except NotUnderstoodError:
        return None


def label_selector_json(selector: LabelSelector) -> dict[str, Json]:
    """Return the JSON of a label selector, empty for one that is true of everything."""
    fields: dict[str, Json] = {}
    if selector.match_labels:
        fields["matchLabels"] = dict(selector.match_labels)
    if selector.match_expressions:
        fields["matchExpressions"] = [_requirement_json(each) for each in selector.match_expressions]
    return fields


def read_kubernetes_spec(spec: Mapping[str, Json], *, infer_egress: bool = True) -> KubernetesSpec | None:
    """Return what a NetworkPolicy's spec says, None where its JSON cannot be understood.

    Without ``policyTypes`` it governs ingress, and egress too where it has egress rules and ``infer_egress`` is true.
    """
    problems: list[Problem] = []
    try:
        pod_selector = _label_selector(spec.get("podSelector"))
        ingress = _rules(spec, "Ingress", problems)
        egress = _rules(spec, "Egress", problems)
        types = _types(spec, has_egress=infer_egress and bool(items(spec, "egress")))
    except NotUnderstoodError:
        return None
    return KubernetesSpec(pod_selector, types, ingress, egress, tuple(problems))


def render_kubernetes_spec(policy: KubernetesPolicy) -> dict[str, Json]:
    """Return the spec of a NetworkPolicy, with ``policyTypes`` always written out.

    A direction has a list of rules when the policy governs it or has rules for it.
    """
    spec: dict[str, Json] = {
        "podSelector": label_selector_json(policy.pod_selector),
        "policyTypes": list(policy.types),
    }
    sides: tuple[tuple[Direction, tuple[KubernetesRule, ...]], ...] = (
        ("Ingress", policy.ingress),
        ("Egress", policy.egress),
    )
    for direction, rules in sides:
        field, peers = _LISTS[direction]
        if rules or direction in policy.types:
            spec[field] = [_rule_json(rule, peers=peers) for rule in rules]
    return spec


def _label_selector(value: Json) -> LabelSelector:
    selector = record(value)
    return LabelSelector(
        pairs(selector, "matchLabels"), tuple(_requirement(each) for each in items(selector, "matchExpressions"))
    )


def _requirement(value: Json) -> LabelRequirement:
    fields = entry(value)
    operator = _OPERATORS.get(text_of(fields.get("operator")))
    if operator is None:
        raise NotUnderstoodError
    return LabelRequirement(text_of(fields.get("key")), operator, texts(fields, "values"))


def _types(spec: Mapping[str, Json], *, has_egress: bool) -> tuple[Direction, ...]:
    given = texts(spec, "policyTypes")
    if given:
        known = tuple(direction for direction in _DIRECTIONS if direction in given)
        if not known:
            raise NotUnderstoodError
        return known
    return _DIRECTIONS if has_egress else ("Ingress",)


def _rules(spec: Mapping[str, Json], direction: Direction, problems: list[Problem]) -> tuple[KubernetesRule, ...]:
    field, peers = _LISTS[direction]
    rules: list[KubernetesRule] = []
    for index, each in enumerate(items(spec, field)):
        path = f"spec.{field}[{index}]"
        rule = entry(each)
        read_peers = [_peer(peer) for peer in items(rule, peers)]
        read_ports = [entry(port) for port in items(rule, "ports")]
        try:
            for place, peer in enumerate(read_peers):
                _require_networks(peer, path=f"{path}.{peers}[{place}].ipBlock")
            ports = tuple(_port(port, path=f"{path}.ports[{place}]") for place, port in enumerate(read_ports))
        except _NotConvertibleError as error:
            problems.append(error.problem)
            continue
        rules.append(KubernetesRule(tuple(read_peers), ports))
    return tuple(rules)


def _peer(value: Json) -> KubernetesPeer:
    fields = entry(value)
    block = fields.get("ipBlock")
    return KubernetesPeer(
        _optional_selector(fields.get("podSelector")),
        _optional_selector(fields.get("namespaceSelector")),
        None if block is None else _ip_block(record(block)),
    )


def _optional_selector(value: Json) -> LabelSelector | None:
    return None if value is None else _label_selector(value)


def _ip_block(fields: Mapping[str, Json]) -> IpBlock:
    return IpBlock(text(fields, "cidr"), texts(fields, "except"))


def _require_networks(peer: KubernetesPeer, *, path: str) -> None:
    if peer.ip_block is None:
        return
    places = (
        (f"{path}.cidr", peer.ip_block.cidr),
        *((f"{path}.except[{index}]", net) for index, net in enumerate(peer.ip_block.except_)),
    )
    for place, net in places:
        if "/" not in net or family_of(net) is None:
            raise _NotConvertibleError(place, f"{net[:60]!r} is no network; Calico leaves the rule out")


def _port(fields: Mapping[str, Json], *, path: str) -> KubernetesPort:
    protocol = "TCP" if fields.get("protocol") is None else text_of(fields.get("protocol"))
    port, end = fields.get("port"), fields.get("endPort")
    if isinstance(port, bool) or isinstance(end, bool) or not isinstance(end, int | None):
        raise NotUnderstoodError
    if protocol not in _PROTOCOLS:
        raise _NotConvertibleError(f"{path}.protocol", f"{protocol[:60]!r} has no ports; use TCP, UDP or SCTP")
    if isinstance(port, str) and _PORT_NUMBER.fullmatch(port):
        port = int(port)
    match port:
        case None if end is None:
            return KubernetesPort(protocol)
        case int() if LOWEST_PORT <= port <= (port if end is None else end) <= HIGHEST_PORT:
            return KubernetesPort(protocol, port, end)
        case str() if end is None and _PORT_NAME.fullmatch(port):
            return KubernetesPort(protocol, port)
        case None | int() | str():
            reason = f"is no port, or no range up to endPort within {LOWEST_PORT}-{HIGHEST_PORT} in rising order"
            raise _NotConvertibleError(f"{path}.port", reason)
        case _:
            raise NotUnderstoodError


def _requirement_json(requirement: LabelRequirement) -> dict[str, Json]:
    fields: dict[str, Json] = {"key": requirement.key, "operator": requirement.operator}
    if requirement.values:
        fields["values"] = list(requirement.values)
    return fields


def _rule_json(rule: KubernetesRule, *, peers: str) -> dict[str, Json]:
    fields: dict[str, Json] = {}
    if rule.peers:
        fields[peers] = [_peer_json(peer) for peer in rule.peers]
    if rule.ports:
        fields["ports"] = [_port_json(port) for port in rule.ports]
    return fields


def _peer_json(peer: KubernetesPeer) -> dict[str, Json]:
    fields: dict[str, Json] = {}
    if peer.namespace_selector is not None:
        fields["namespaceSelector"] = label_selector_json(peer.namespace_selector)
    if peer.pod_selector is not None:
        fields["podSelector"] = label_selector_json(peer.pod_selector)
    if peer.ip_block is not None:
        fields["ipBlock"] = {"cidr": peer.ip_block.cidr} | (
            {"except": list(peer.ip_block.except_)} if peer.ip_block.except_ else {}
        )
    return fields


def _port_json(port: KubernetesPort) -> dict[str, Json]:
    fields: dict[str, Json] = {"protocol": port.protocol}
    if port.port is not None:
        fields["port"] = port.port
    if port.end_port is not None:
        fields["endPort"] = port.end_port
    return fields
