"""Say by meaning whether a policy lets an edge pass: a second reading of rules, apart from the code that makes them.

Knows the few forms that a recommendation has; an unknown form is an error. Source: Calico's rule semantics (all parts
of a match must hold; a rule's nets hold addresses of one family; a namespaceSelector reads the name of a namespace).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Literal

from ringfence.flows.evidence import Sample
from ringfence.learning.baseline import EdgeSummary
from ringfence.model.edge import Edge
from ringfence.model.endpoint import Endpoint, Host, Network, NetworkSet, Workload
from ringfence.model.labels import Labels
from ringfence.model.policy import Direction, IcmpMatch, Match, Policy, Rule, ServiceRef
from ringfence.model.selector import And, Equals, Global, Selector

PRIVATE = {4: "10.200.1.2", 6: "fd12::9"}
PUBLIC = {4: "203.0.113.9", 6: "2001:db8:77::9"}


@dataclass(frozen=True, slots=True)
class Peer:
    """One address of the other side, with what selectors can see of it."""

    namespace: str | None
    labels: Mapping[str, str]
    address: str | None
    services: Sequence[ServiceRef]


def cut(policy: Policy, summary: EdgeSummary, direction: Direction, labels: Mapping[Endpoint, Labels]) -> list[Peer]:
    """Return what of an edge's other side no rule lets through, although it was seen or may have been."""
    rules = policy.egress if direction == "Egress" else policy.ingress
    return [
        peer
        for peer in _peers(summary, direction, labels)
        if not any(_passes(rule, direction, summary.edge, peer) for rule in rules)
    ]


def _peers(summary: EdgeSummary, direction: Direction, labels: Mapping[Endpoint, Labels]) -> list[Peer]:
    other = summary.edge.server if direction == "Egress" else summary.edge.client
    sample = summary.server_addresses if direction == "Egress" else summary.client_addresses
    own = labels.get(other, Labels()).as_dict()
    services = summary.services if direction == "Egress" else ()
    match other:
        case Workload(namespace, _, _):
            pod = own | {"projectcalico.org/namespace": namespace, "projectcalico.org/orchestrator": "k8s"}
            return [Peer(namespace, pod, None, services)]
        case NetworkSet(in_namespace, _):
            chosen = _candidates(sample, summary.edge.protocol, ["private", "public"])
            return [Peer(in_namespace, own, address, services) for address in chosen]
        case Host():
            chosen = _candidates(sample, summary.edge.protocol, ["private"])
            return [Peer(None, own, address, services) for address in chosen]
        case Network(scope):
            chosen = _candidates(sample, summary.edge.protocol, [scope])
            return [Peer(None, {}, address, services) for address in chosen]


def _candidates(sample: Sample, protocol: str, scopes: Sequence[Literal["private", "public"]]) -> list[str]:
    """Return the addresses that must pass: those seen, and one of each class where there may be others.

    What Calico calls private is IPv4; a public address may be of either family.
    """
    family = {"ICMP": 4, "ICMPv6": 6}.get(protocol)
    seen = [text for text in sample.texts if family in {None, ip_address(text).version}]
    if sample.exhaustive and seen:
        return seen
    others = [PRIVATE[family or 4]] if "private" in scopes else []
    if "public" in scopes:
        others += [address for version, address in PUBLIC.items() if family in {None, version}]
    return seen + others


def _passes(rule: Rule, direction: Direction, edge: Edge, peer: Peer) -> bool:
    assert rule.action == "Pass"
    assert rule.ip_version is None
    near, far = (rule.source, rule.destination) if direction == "Egress" else (rule.destination, rule.source)
    assert near == Match(ports=near.ports)
    ports = rule.destination.ports
    icmp = None if edge.icmp is None else IcmpMatch(edge.icmp.type, edge.icmp.code)
    if rule.protocol not in {None, edge.protocol} or rule.icmp not in {None, icmp}:
        return False
    if ports is not None and (edge.port is None or edge.port not in ports):
        return False
    return _meets(far, peer)


def _meets(match: Match, peer: Peer) -> bool:
    if match.service is not None:
        return match.service in peer.services
    if match.namespace_selector is not None and not _in_namespace(match.namespace_selector, peer.namespace):
        return False
    if match.selector is not None and not _holds(match.selector, peer.labels):
        return False
    if match.nets is not None and not _within(peer.address, match.nets):
        return False
    return match.not_nets is None or not _within(peer.address, match.not_nets)


def _in_namespace(selector: Selector, namespace: str | None) -> bool:
    match selector:
        case Global():
            return namespace is None
        case Equals("projectcalico.org/name", name):
            return namespace == name
        case _:
            raise AssertionError(selector)


def _holds(selector: Selector, labels: Mapping[str, str]) -> bool:
    match selector:
        case Equals(label, value):
            return labels.get(label) == value
        case And(operands):
            return all(_holds(operand, labels) for operand in operands)
        case _:
            raise AssertionError(selector)


def _within(address: str | None, nets: Sequence[str]) -> bool:
    return address is not None and any(ip_address(address) in ip_network(net) for net in nets)
