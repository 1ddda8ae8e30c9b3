"""Declare DNS: any scope with egress may ask the cluster's resolvers, over UDP and TCP.

Law: adds permits to resolvers only, and only where the scope has admitted egress; never opens a direction by itself.
"""

from collections.abc import Sequence

from ringfence.learning.baseline import AdmittedEdge
from ringfence.model.port import PortSet
from ringfence.model.protocol import TCP, UDP
from ringfence.rules.permit import NetsPeer, Permit, ResolverPeer
from ringfence.rules.resolver import DNS_PORT, NODE_LOCAL_ADDRESS, Resolvers


def declare_resolver(
    permits: Sequence[Permit], namespace: str, edges: Sequence[AdmittedEdge], resolvers: Resolvers
) -> tuple[Permit, ...]:
    """Return the permits with those to the resolvers, each with the scope's own questions behind it."""
    asking = [
        each.summary.edge
        for each in edges
        if "Egress" in each.directions
        and resolvers.explains(each.summary.edge.server, each.summary.edge.protocol, each.summary.edge.port)
    ]
    if not asking and not any(permit.direction == "Egress" for permit in permits):
        return tuple(permits)
    declared: list[Permit] = []
    for resolver in resolvers.servers:
        if resolver.server.namespace == namespace:
            continue
        peer = ResolverPeer(resolver.server.namespace, resolver.server.name, resolver.labels)
        coarse = None if resolver.labels.pairs else "resolver-labels-unknown"
        for protocol in (UDP, TCP):
            behind = sorted(edge.id for edge in asking if edge.server == resolver.server and edge.protocol == protocol)
            ports = PortSet.of(resolver.ports)
            declared.append(Permit("Egress", peer, protocol, ports, None, tuple(behind), "Declared", coarse))
    if resolvers.node_local:
        peer_local = NetsPeer((f"{NODE_LOCAL_ADDRESS}/32",))
        declared += [
            Permit("Egress", peer_local, protocol, PortSet.of([DNS_PORT]), None, (), "Declared")
            for protocol in (UDP, TCP)
        ]
    return (*permits, *declared)
