"""Write the policy of one host endpoint.

Law: lets through what was seen, and always what a node must not lose: other nodes, the kubelet, Felix's failsafe ports.
A direction is governed only where it has evidence. It selects that host endpoint and nothing else, or there is none and
the reason why. It passes on where the endpoint's profile allows what is passed on, else it allows.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from ringfence.dialects.calico.names import host_label
from ringfence.model.cluster import Cluster
from ringfence.model.labels import Labels
from ringfence.model.node import HostEndpoint
from ringfence.model.policy import Direction
from ringfence.model.port import PortSet
from ringfence.model.protocol import TCP
from ringfence.model.selector import Equals, Has, Not, Selector
from ringfence.rules.assemble import DIRECTIONS, assemble
from ringfence.rules.fit import fit
from ringfence.rules.merge import merge
from ringfence.rules.nodes import node_peers
from ringfence.rules.passes import permits_of
from ringfence.rules.permit import HostPeer, NetsPeer, NodesPeer, Permit
from ringfence.rules.scope_baseline import ScopeBaseline
from ringfence.rules.scope_policies import ScopePolicies, places_of
from ringfence.rules.split import split
from ringfence.rules.stable_labels import selectable
from ringfence.rules.whom import Refused, Whom
from ringfence.semantics.hosts import FAILSAFE_INBOUND, FAILSAFE_OUTBOUND
from ringfence.semantics.reference import DEFAULT_ALLOW
from ringfence.semantics.selectors import NAMESPACE, conjunction

KUBELET: Final = (TCP, 10250)
_HOSTNAME: Final = "kubernetes.io/hostname"
_ANYWHERE: Final = (NetsPeer(("0.0.0.0/0",)), NetsPeer(("::/0",)))


def host_policy(scope: ScopeBaseline, host: HostEndpoint, cluster: Cluster, *, tier: str) -> ScopePolicies | Refused:
    """Return the staged policy of a host endpoint, from the edges of its node."""
    selector = _selector(host, cluster.inventory.host_endpoints)
    if selector is None:
        return Refused(f"no label tells host endpoint {host.name} apart from another: give it one of its own")
    nodes = node_peers(cluster)
    if not nodes:
        return Refused("the snapshot names no node's address, so traffic between nodes could not be kept")
    directions = tuple(each for each in DIRECTIONS if any(scope.towards(each)))
    permits = split(merge([*permits_of(scope), *_kept(directions, nodes)]))
    label = host_label(host.name)
    whole = assemble(
        None,
        permits,
        tier=tier,
        whom=Whom(label, selector, directions),
        settings=scope.surroundings.settings,
        about=(("ringfence.io/name", host.name), ("ringfence.io/scope", "hostEndpoint")),
        profile=DEFAULT_ALLOW in host.profiles,
    )
    fitted = fit(whole)
    return ScopePolicies(fitted.policies, permits, places_of(permits, fitted))


def _selector(host: HostEndpoint, every: Sequence[HostEndpoint]) -> Selector | None:
    """Return what selects the host endpoint alone: by its node's name where that tells it apart, else by all labels."""
    own = selectable(host.labels)
    named = Labels(tuple(pair for pair in own.pairs if pair[0] == _HOSTNAME))
    for labels in (named, own):
        meant = [each for each in every if set(labels.pairs) <= set(each.labels.pairs)]
        if labels.pairs and [each.name for each in meant] == [host.name]:
            # A pod may carry the same label; only what is in no namespace is a host.
            return conjunction([*(Equals(key, value) for key, value in labels.pairs), Not(Has(NAMESPACE))])
    return None


def _kept(directions: Sequence[Direction], nodes: Sequence[HostPeer | NodesPeer]) -> Iterator[Permit]:
    """Yield what is let through whether it was seen or not."""
    for direction in directions:
        for peer in nodes:
            yield Permit(direction, peer, None, None, None, (), "Declared")
        kept = {*FAILSAFE_INBOUND, KUBELET} if direction == "Ingress" else FAILSAFE_OUTBOUND
        for protocol in sorted({protocol for protocol, _ in kept}):
            ports = PortSet.of(port for of, port in kept if of == protocol)
            for anywhere in _ANYWHERE:
                yield Permit(direction, anywhere, protocol, ports, None, (), "Declared")
