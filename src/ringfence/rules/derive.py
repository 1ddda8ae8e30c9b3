"""Turn admitted edges into permits: whom each rule will mean.

Law: every admitted edge of the scope stands behind at least one permit of its direction that lets it through, but for
questions to resolvers, which `declare_resolver` answers, and what comes from where declared permits let it in; a permit
is wider than its edges only where it says so (``coarse``), and where a namespace stands for its workloads, which is the
grain of this scope.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from ringfence.learning.baseline import AdmittedEdge
from ringfence.model.endpoint import Host, Network, NetworkSet, Workload
from ringfence.model.labels import Labels
from ringfence.model.policy import Direction
from ringfence.model.port import PortSet
from ringfence.model.protocol import SCTP
from ringfence.rules.networks import Targets, network_permits, of_families, versions_of
from ringfence.rules.outside import usable_host_labels
from ringfence.rules.permit import (
    HostPeer,
    IntraNamespacePeer,
    NamespacePeer,
    NetworkSetPeer,
    Peer,
    Permit,
    ServicePeer,
)
from ringfence.rules.ports import ports_of
from ringfence.rules.scope_baseline import ScopeBaseline, other_side
from ringfence.rules.services import API_SERVER
from ringfence.rules.surroundings import Surroundings
from ringfence.rules.workload_peer import workload_permit

DIRECTIONS: Final[tuple[Direction, Direction]] = ("Ingress", "Egress")


def derive(scope: ScopeBaseline) -> Iterator[Permit]:
    """Yield the permits of a namespace's admitted edges, unmerged."""
    for direction in DIRECTIONS:
        by_address: defaultdict[Targets, list[AdmittedEdge]] = defaultdict(list)
        on_nodes: set[tuple[str, int | None]] = set()
        for each in scope.towards(direction):
            if isinstance(other_side(each.summary.edge, direction), Host):
                on_nodes.add((each.summary.edge.protocol, each.summary.edge.port))
            meant = _meant(each, direction, scope)
            if isinstance(meant, Targets):
                by_address[meant].append(each)
            else:
                yield from (_with_range(permit, each, scope.surroundings) for permit in meant)
        for targets, edges in by_address.items():
            yield from network_permits(
                targets, edges, namespace=scope.namespace, surroundings=scope.surroundings, on_nodes=on_nodes
            )


def _with_range(permit: Permit, each: AdmittedEdge, surroundings: Surroundings) -> Permit:
    """Return the permit with the range that the edge's server hands out, where its port is of one."""
    ports, wider = ports_of(each.summary.edge, surroundings.listening)
    if permit.ports is None or wider is None:
        return permit
    return msgspec.structs.replace(permit, ports=ports, coarse=permit.coarse or wider)


def _meant(each: AdmittedEdge, direction: Direction, scope: ScopeBaseline) -> Sequence[Permit] | Targets:
    """Return an edge's permits, none for what is declared anyway, or the addresses among which its peer is."""
    edge = each.summary.edge
    other = other_side(edge, direction)
    if isinstance(other, Workload) and other.namespace == scope.namespace and scope.workloads is None:
        return (Permit(direction, IntraNamespacePeer(scope.namespace), None, None, None, (edge.id,), "Observed"),)
    if direction == "Egress" and scope.surroundings.resolvers.explain(each.summary):
        return ()
    if direction == "Ingress" and scope.surroundings.declared.explains(each.summary):
        return ()
    match other:
        case Workload() if scope.workloads is not None:
            return (workload_permit(each, direction, other, scope),)
        case Workload(namespace, _, _):
            return (_permit(each, direction, NamespacePeer(namespace)),)
        case NetworkSet():
            return _of_set(each, direction, other, scope.surroundings)
        case Host(name):
            return _of_host(each, direction, name, scope.surroundings)
        case Network(network):
            by_service = _of_services(each, direction, scope.surroundings)
            return Targets(direction, (network,), edge.protocol) if by_service is None else by_service


def _of_services(each: AdmittedEdge, direction: Direction, surroundings: Surroundings) -> Sequence[Permit] | None:
    """Explain a peer by the Services it was reached through, whose EndpointSlices Calico follows, ports included.

    None where they do not: records told none, or with a snapshot one of them is no Service that stands for a network.
    """
    edge, services = each.summary.edge, each.summary.services
    if direction != "Egress" or not each.summary.services_complete:
        return None
    if surroundings.known is not None and not all(surroundings.known.explains(service) for service in services):
        return None
    return [
        Permit(
            direction="Egress",
            peer=ServicePeer(service.namespace, service.name),
            protocol=edge.protocol,
            ports=None,
            icmp=edge.icmp,
            edges=(edge.id,),
            source="Observed",
            coarse=None if service == API_SERVER else "service-endpoints-open",
        )
        for service in services
    ]


def _of_host(
    each: AdmittedEdge, direction: Direction, name: str, surroundings: Surroundings
) -> Sequence[Permit] | Targets:
    """Return what a node means: the API server where it is one on this port, else every node."""
    edge, known = each.summary.edge, surroundings.known
    if known is not None and known.nodes:
        by_service = _of_services(each, direction, surroundings)
        if by_service is not None:
            return by_service
        if direction == "Egress" and known.serves_api(name, edge.protocol, edge.port):
            peer = ServicePeer(API_SERVER.namespace, API_SERVER.name)
            return (Permit("Egress", peer, edge.protocol, None, edge.icmp, (edge.id,), "Observed"),)
        peers = of_families(known.nodes, versions_of(edge.protocol))
        return [_permit(each, direction, peer) for peer in peers]
    labels = usable_host_labels(surroundings.labels.get(Host(name), Labels()))
    if labels is None:
        return Targets(direction, ("private",), edge.protocol, "node-addresses-as-seen")
    return (_permit(each, direction, HostPeer(labels)),)


def _of_set(
    each: AdmittedEdge, direction: Direction, other: NetworkSet, surroundings: Surroundings
) -> Sequence[Permit] | Targets:
    protocol = each.summary.edge.protocol
    if surroundings.known is not None and surroundings.known.sets is not None:
        known = surroundings.known.sets.get(other)
        if known is None:
            return Targets(direction, ("private", "public"), protocol, "network-set-gone")
        peers = of_families(known.peers, versions_of(protocol))
        return [_permit(each, direction, peer, coarse=known.coarse) for peer in peers]
    chosen = surroundings.sets.get(other)
    if chosen is None:
        return Targets(direction, ("private", "public"), protocol, "network-set-without-labels")
    return (_permit(each, direction, NetworkSetPeer(other.namespace, other.name, chosen.labels), coarse=chosen.coarse),)


def _permit(each: AdmittedEdge, direction: Direction, peer: Peer, *, coarse: str | None = None) -> Permit:
    edge = each.summary.edge
    ports = None if edge.port is None else PortSet.of([edge.port])
    if edge.protocol == SCTP and coarse is None:
        coarse = "port-not-reported"
    return Permit(direction, peer, edge.protocol, ports, edge.icmp, (edge.id,), "Observed", coarse)
