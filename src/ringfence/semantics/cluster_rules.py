"""What Calico makes of the policies of a cluster's administrators.

Promises: calico-semantics 4.8. Their own tiers before and after all others; types only for directions that have rules;
a rule that cannot be converted is dropped where it accepts and denies everything where it does not. Where a conversion
of AdminNetworkPolicy loses a condition, as Calico 3.31 does, the result says so.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from ringfence.dialects.network_text import family_of
from ringfence.model.cluster_policy import (
    ClusterAction,
    ClusterPolicy,
    ClusterRule,
    DomainsPeer,
    NamedPort,
    NamespacesPeer,
    NetworksPeer,
    NodesPeer,
    NumberedPorts,
    Peer,
    PodsPeer,
    Ports,
    UnknownPeer,
    UnknownPorts,
)
from ringfence.model.policy import Direction, Match, Policy, Rule, RuleAction
from ringfence.model.port import PortRange, PortSet
from ringfence.model.selector import All, Selector
from ringfence.model.trace import PolicyRef
from ringfence.semantics.converted import Converted
from ringfence.semantics.kubernetes_rules import canonical, pods
from ringfence.semantics.label_selectors import selector_of

_TIERS: Final = {
    ("v1alpha2", "Admin"): "kube-admin",
    ("v1alpha2", "Baseline"): "kube-baseline",
    ("v1alpha1", "Admin"): "adminnetworkpolicy",
    ("v1alpha1", "Baseline"): "baselineadminnetworkpolicy",
}
_ACTIONS: Final[dict[ClusterAction, RuleAction]] = {"Accept": "Allow", "Deny": "Deny", "Pass": "Pass"}


def converted_cluster_policy(policy: ClusterPolicy) -> Converted:
    """Return the policy as Calico holds it: a global policy of a tier of its own."""
    namespaces, selector = _subject(policy)
    notes: list[str] = []
    ingress = tuple(_rules(policy, policy.ingress, "Ingress", notes))
    egress = tuple(_rules(policy, policy.egress, "Egress", notes))
    types: tuple[Direction, ...] = (
        *(("Ingress",) if policy.ingress else ()),
        *(("Egress",) if policy.egress else ()),
    )
    converted = Policy(
        tier=_TIERS[policy.version, policy.tier],
        namespace=None,
        name=policy.name,
        order=float(policy.priority),
        selector=selector,
        types=types,
        ingress=ingress,
        egress=egress,
        labels=policy.labels,
        annotations=policy.annotations,
        namespace_selector=namespaces,
    )
    return Converted(converted, PolicyRef(policy.kind, "", policy.name), tuple(notes))


def _subject(policy: ClusterPolicy) -> tuple[Selector, Selector]:
    match policy.subject:
        case NamespacesPeer(selector):
            return selector_of(selector), pods(All())
        case PodsPeer(namespaces, selector):
            return selector_of(namespaces), pods(selector_of(selector))


def _rules(
    policy: ClusterPolicy, rules: Sequence[ClusterRule], direction: Direction, notes: list[str]
) -> Iterator[Rule]:
    for number, rule in enumerate(rules):
        place = (
            f"{direction.lower()} rule {number}{f' ({rule.name})' if rule.name else ''} of {policy.kind} {policy.name}"
        )
        action = _ACTIONS[rule.action]
        annotations = (("name", rule.name),) if rule.name else ()
        matches = _matches(policy, rule, place, notes)
        if matches is None:
            if action != "Allow":
                notes.append(f"{place} cannot be converted, so Calico denies everything there")
                yield Rule("Deny", annotations=annotations)
            else:
                notes.append(f"{place} cannot be converted, so Calico drops it")
            continue
        for protocol, ports in matches[1]:
            for peer in matches[0]:
                ingress = direction == "Ingress"
                yield Rule(
                    action,
                    protocol,
                    source=peer if ingress else Match(),
                    destination=_joined(Match() if ingress else peer, ports),
                    annotations=annotations,
                )


def _matches(
    policy: ClusterPolicy, rule: ClusterRule, place: str, notes: list[str]
) -> tuple[list[Match], list[tuple[str | None, Match]]] | None:
    """Return the peers and the ports of a rule, None where it cannot be converted."""
    converted = [_peer(peer) for peer in rule.peers]
    peers = [peer for peer in converted if peer is not None]
    if not peers or len(peers) < len(converted) or any(isinstance(each, UnknownPorts) for each in rule.ports):
        return None
    if policy.version == "v1alpha1" and any(isinstance(each, NamedPort) for each in rule.ports):
        notes.append(f"{place} names a port; Calico up to 3.31 loses it and the rule opens to every protocol and port")
        return peers, [(None, Match())]
    return peers, _by_protocol(rule.ports)


def _peer(peer: Peer) -> Match | None:
    match peer:
        case NamespacesPeer(selector):
            return Match(namespace_selector=selector_of(selector))
        case PodsPeer(namespaces, selector):
            return Match(namespace_selector=selector_of(namespaces), selector=pods(selector_of(selector)))
        case NetworksPeer(nets):
            whole = bool(nets) and all("/" in net and family_of(net) is not None for net in nets)
            return Match(nets=canonical(nets)) if whole else None
        case NodesPeer() | DomainsPeer() | UnknownPeer():
            return None


def _by_protocol(ports: Sequence[Ports]) -> list[tuple[str | None, Match]]:
    if not ports:
        return [(None, Match())]
    merged: list[tuple[str | None, Match]] = []
    numbered = [each for each in ports if isinstance(each, NumberedPorts)]
    names = tuple(dict.fromkeys(each.name for each in ports if isinstance(each, NamedPort)))
    if names:
        merged.append((None, Match(named_ports=names)))
    for protocol in sorted({each.protocol for each in numbered}):
        numbers = [PortRange(each.first, each.last) for each in numbered if each.protocol == protocol]
        merged.append((protocol, Match(ports=PortSet.of(numbers))))
    return merged


def _joined(peer: Match, ports: Match) -> Match:
    return Match(
        selector=peer.selector,
        namespace_selector=peer.namespace_selector,
        nets=peer.nets,
        ports=ports.ports,
        named_ports=ports.named_ports,
    )
