"""Declare DNS: any scope with egress may ask the cluster's resolvers, over UDP and TCP.

Law: adds permits to resolvers only, and only where the scope has admitted egress; never opens a direction by itself. A
resolver in the scope's own namespace needs none where the intra-namespace rule already reaches it.
"""

from collections.abc import Iterator, Sequence

from ringfence.learning.baseline import AdmittedEdge
from ringfence.model.endpoint import Workload, namespace_of
from ringfence.model.port import PortSet
from ringfence.model.protocol import TCP, UDP
from ringfence.rules.permit import NetsPeer, Permit, ResolverPeer
from ringfence.rules.resolver import DNS_PORT, NODE_LOCAL_ADDRESS, Resolver, asks_node_local
from ringfence.rules.scope_baseline import ScopeBaseline


def declare_resolver(scope: ScopeBaseline) -> Iterator[Permit]:
    """Yield the permits to the resolvers, each with the scope's own questions behind it."""
    egress = tuple(scope.towards("Egress"))
    if not egress:
        return
    resolvers = scope.surroundings.resolvers
    reaches_itself = any(namespace_of(each.summary.edge.server) == scope.namespace for each in egress)
    for resolver in resolvers.known:
        if not (resolver.namespace == scope.namespace and reaches_itself):
            yield from _to_pods(resolver, egress)
    if resolvers.node_local:
        peer = NetsPeer((f"{NODE_LOCAL_ADDRESS}/32",))
        asking = [each for each in egress if asks_node_local(each.summary)]
        for protocol in (UDP, TCP):
            behind = _ids(asking, protocol=protocol)
            yield Permit("Egress", peer, protocol, PortSet.of([DNS_PORT]), None, behind, "Declared")


def _to_pods(resolver: Resolver, egress: Sequence[AdmittedEdge]) -> Iterator[Permit]:
    peer = ResolverPeer(resolver.namespace, resolver.servers[0].name, resolver.labels)
    coarse = None if resolver.labels.pairs else "resolver-labels-unknown"
    asking = [
        each
        for each in egress
        if isinstance(each.summary.edge.server, Workload)
        and each.summary.edge.server in resolver.servers
        and each.summary.edge.port in resolver.ports
    ]
    for protocol in (UDP, TCP):
        behind = _ids(asking, protocol=protocol)
        yield Permit("Egress", peer, protocol, PortSet.of(resolver.ports), None, behind, "Declared", coarse)


def _ids(edges: Sequence[AdmittedEdge], *, protocol: str) -> tuple[str, ...]:
    return tuple(sorted(each.summary.edge.id for each in edges if each.summary.edge.protocol == protocol))
