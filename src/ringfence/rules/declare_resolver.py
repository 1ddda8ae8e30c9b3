"""Declare DNS: any scope with egress may ask the cluster's resolvers, over UDP and TCP, and these serve everybody.

Law: adds permits to resolvers only where the scope has admitted egress, and to resolvers of its own only where it has
admitted ingress; never opens a direction by itself. A resolver in the scope's own namespace needs none for egress where
the intra-namespace rule already reaches it.
"""

from collections.abc import Callable, Iterator, Sequence

from ringfence.learning.baseline import AdmittedEdge, EdgeSummary
from ringfence.model.endpoint import Host, Workload, namespace_of
from ringfence.model.port import PortSet
from ringfence.model.protocol import TCP, UDP
from ringfence.rules.backends import Backend
from ringfence.rules.callers import is_towards, permits_from
from ringfence.rules.cover import cover
from ringfence.rules.nodes import node_peers
from ringfence.rules.permit import EveryPodPeer, NetsPeer, Peer, Permit, ResolverPeer
from ringfence.rules.resolver import DNS_PORT, Nameservers, Resolver, Resolvers
from ringfence.rules.scope_baseline import ScopeBaseline

Asks = Callable[[EdgeSummary], bool]
"""Whether an edge's connections are questions to one resolver."""


def declare_resolver(scope: ScopeBaseline) -> Iterator[Permit]:
    """Yield the permits to the resolvers with the scope's questions behind them, and those to its own resolvers."""
    yield from _to_resolvers(scope)
    yield from _from_everybody(scope)


def _to_resolvers(scope: ScopeBaseline) -> Iterator[Permit]:
    egress = tuple(scope.towards("Egress"))
    if not egress:
        return
    resolvers, cluster = scope.surroundings.resolvers, scope.surroundings.cluster
    configured = [each for workload, each in resolvers.configured.items() if scope.covers(workload)]
    known = dict.fromkeys((*resolvers.known, *(one for each in configured for one in each.resolvers)))
    inside = scope.workloads is None and any(
        namespace_of(each.summary.edge.server) == scope.namespace for each in egress
    )
    for resolver in known:
        if not (resolver.namespace == scope.namespace and inside):
            yield from _to_pods(resolver, egress)
    for nets in cover(_addresses(resolvers, configured)):
        yield from _permits(NetsPeer(nets), (DNS_PORT,), egress, resolvers.asked_by_address)
    if resolvers.host_ports and cluster is not None:
        for peer in node_peers(cluster):
            yield from _permits(peer, resolvers.host_ports, egress, _asks_host(resolvers))


def _from_everybody(scope: ScopeBaseline) -> Iterator[Permit]:
    """Yield the permits from every pod and node to the scope's own resolvers, where its ingress is isolated."""
    ingress, declared = tuple(scope.towards("Ingress")), scope.surroundings.declared
    if not ingress:
        return
    for resolver in declared.resolvers:
        for server in (each for each in resolver.servers if scope.covers(each)):
            for port in resolver.ports:
                for protocol in (UDP, TCP):
                    backend = Backend(server, protocol, port)
                    asked = [each.summary.edge for each in ingress if is_towards(each.summary, backend)]
                    pods = tuple(sorted(edge.id for edge in asked if isinstance(edge.client, Workload)))
                    ports = PortSet.of([port])
                    yield Permit("Ingress", EveryPodPeer(), protocol, ports, None, pods, "Declared")
                    yield from permits_from(declared.nodes, backend, ingress)


def _addresses(resolvers: Resolvers, configured: Sequence[Nameservers]) -> set[str]:
    return {*resolvers.local, *(address for each in configured for address in each.addresses)}


def _to_pods(resolver: Resolver, egress: Sequence[AdmittedEdge]) -> Iterator[Permit]:
    peer = ResolverPeer(resolver.namespace, resolver.servers[0].name, resolver.labels)
    coarse = None if resolver.labels.pairs else "resolver-labels-unknown"
    yield from _permits(peer, resolver.ports, egress, lambda each: resolver.answers(each.edge), coarse)


def _asks_host(resolvers: Resolvers) -> Asks:
    return lambda each: isinstance(each.edge.server, Host) and resolvers.explain(each)


def _permits(
    peer: Peer, ports: Sequence[int], egress: Sequence[AdmittedEdge], asks: Asks, coarse: str | None = None
) -> Iterator[Permit]:
    asking = [each.summary.edge for each in egress if asks(each.summary)]
    for protocol in (UDP, TCP):
        behind = tuple(sorted(edge.id for edge in asking if edge.protocol == protocol))
        yield Permit("Egress", peer, protocol, PortSet.of(ports), None, behind, "Declared", coarse)
