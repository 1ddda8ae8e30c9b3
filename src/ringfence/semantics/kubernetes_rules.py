"""What Calico makes of a Kubernetes NetworkPolicy.

Promises: calico-semantics 4.7. Tier ``default``, order 1000; one rule per protocol and peer, protocols in text order,
in the order that traces count. Peers are pods only.
"""

from collections.abc import Iterable, Iterator
from ipaddress import ip_network
from typing import Final

from ringfence.model.kubernetes_policy import KubernetesPeer, KubernetesPolicy, KubernetesPort, KubernetesRule
from ringfence.model.policy import Direction, Match, Policy, Rule
from ringfence.model.port import PortRange, PortSet
from ringfence.model.selector import All, Equals, Selector
from ringfence.model.trace import PolicyRef
from ringfence.semantics.converted import Converted
from ringfence.semantics.label_selectors import selector_of
from ringfence.semantics.selectors import ORCHESTRATOR, conjunction

KUBERNETES_ORDER: Final = 1000.0
_POD: Final = Equals(ORCHESTRATOR, "k8s")


def converted_kubernetes_policy(policy: KubernetesPolicy) -> Converted:
    """Return the policy as Calico holds it, staged or enforced. Raises ValueError for a block that is no network."""
    converted = Policy(
        tier="default",
        namespace=policy.namespace,
        name=policy.name,
        order=KUBERNETES_ORDER,
        selector=pods(selector_of(policy.pod_selector)),
        types=policy.types,
        ingress=tuple(rule for each in policy.ingress for rule in _rules(each, "Ingress")),
        egress=tuple(rule for each in policy.egress for rule in _rules(each, "Egress")),
        staged=policy.staged,
        labels=policy.labels,
        annotations=policy.annotations,
    )
    return Converted(converted, PolicyRef(policy.kind, policy.namespace, policy.name))


def pods(selector: Selector) -> Selector:
    """Return a selector of pods: labels of network sets do not count."""
    return _POD if isinstance(selector, All) else conjunction([_POD, selector])


def canonical(nets: Iterable[str]) -> tuple[str, ...]:
    """Return networks as Calico parses them: without host bits, here sorted. Raises ValueError for what is none."""
    return tuple(sorted({str(ip_network(net, strict=False)) for net in nets}))


def _rules(rule: KubernetesRule, direction: Direction) -> Iterator[Rule]:
    peers = [_peer(peer) for peer in rule.peers] or [Match()]
    for protocol, ports in _by_protocol(rule.ports):
        for peer in peers:
            if direction == "Ingress":
                yield Rule("Allow", protocol, source=peer, destination=ports)
            else:
                yield Rule("Allow", protocol, destination=_with_ports(peer, ports))


def _by_protocol(ports: tuple[KubernetesPort, ...]) -> list[tuple[str | None, Match]]:
    """Return the ports of each protocol, merged; an entry without a port is all of them."""
    if not ports:
        return [(None, Match())]
    merged: list[tuple[str | None, Match]] = []
    for protocol in sorted({each.protocol for each in ports}):
        own = [each for each in ports if each.protocol == protocol]
        if any(each.port is None for each in own):
            merged.append((protocol, Match()))
            continue
        numbers = [PortRange(each.port, each.end_port or each.port) for each in own if isinstance(each.port, int)]
        names = tuple(dict.fromkeys(each.port for each in own if isinstance(each.port, str)))
        merged.append((protocol, Match(ports=PortSet.of(numbers) if numbers else None, named_ports=names)))
    return merged


def _peer(peer: KubernetesPeer) -> Match:
    if peer.ip_block is not None:
        return Match(nets=canonical((peer.ip_block.cidr,)), not_nets=canonical(peer.ip_block.except_) or None)
    return Match(
        selector=pods(selector_of(peer.pod_selector)) if peer.pod_selector is not None else _POD,
        namespace_selector=None if peer.namespace_selector is None else selector_of(peer.namespace_selector),
    )


def _with_ports(peer: Match, ports: Match) -> Match:
    return Match(
        selector=peer.selector,
        namespace_selector=peer.namespace_selector,
        nets=peer.nets,
        not_nets=peer.not_nets,
        ports=ports.ports,
        named_ports=ports.named_ports,
    )
