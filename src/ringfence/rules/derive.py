"""Turn admitted edges into permits: whom each rule will mean.

Law: every admitted edge of the scope stands behind at least one permit of its direction that lets it through, but for
questions to resolvers, which `declare_resolver` answers; a permit is wider than its edges only where it says so
(``coarse``), and where a namespace stands for its workloads, which is the grain of this scope.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from ringfence.learning.baseline import AdmittedEdge
from ringfence.model.endpoint import Host, Network, NetworkSet, Workload
from ringfence.model.labels import Labels
from ringfence.model.policy import Direction, ServiceRef
from ringfence.model.port import PortSet
from ringfence.model.protocol import SCTP
from ringfence.rules.networks import Targets, network_permits
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
from ringfence.rules.scope_baseline import ScopeBaseline, other_side
from ringfence.rules.surroundings import Surroundings

API_SERVER: Final = ServiceRef("default", "kubernetes")
"""The Service of the Kubernetes API, whose endpoints only the control plane writes."""
DIRECTIONS: Final[tuple[Direction, Direction]] = ("Ingress", "Egress")


def derive(scope: ScopeBaseline) -> Iterator[Permit]:
    """Yield the permits of a namespace's admitted edges, unmerged."""
    for direction in DIRECTIONS:
        by_address: defaultdict[Targets, list[AdmittedEdge]] = defaultdict(list)
        for each in scope.towards(direction):
            meant = _meant(each, direction, scope)
            if isinstance(meant, Targets):
                by_address[meant].append(each)
            else:
                yield from meant
        for targets, edges in by_address.items():
            yield from network_permits(targets, edges)


def _meant(each: AdmittedEdge, direction: Direction, scope: ScopeBaseline) -> Sequence[Permit] | Targets:
    """Return an edge's permits, none for what is declared anyway, or the addresses among which its peer is."""
    edge = each.summary.edge
    other = other_side(edge, direction)
    if isinstance(other, Workload) and other.namespace == scope.namespace:
        return (Permit(direction, IntraNamespacePeer(scope.namespace), None, None, None, (edge.id,), "Observed"),)
    if direction == "Egress" and scope.surroundings.resolvers.explain(each.summary):
        return ()
    match other:
        case Workload(namespace, _, _):
            return (_permit(each, direction, NamespacePeer(namespace)),)
        case NetworkSet():
            return _of_set(each, direction, other, scope.surroundings)
        case Host():
            labels = usable_host_labels(scope.surroundings.labels.get(other, Labels()))
            if labels is None:
                return Targets(direction, ("private",), edge.protocol, "node-addresses-as-seen")
            return (_permit(each, direction, HostPeer(labels)),)
        case Network() if direction == "Egress" and each.summary.services_complete:
            return _of_services(each)
        case Network(network):
            return Targets(direction, (network,), edge.protocol)


def _of_services(each: AdmittedEdge) -> Sequence[Permit]:
    """Explain a network by the Services it was reached through: Calico follows their EndpointSlices, ports included."""
    edge = each.summary.edge
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
        for service in each.summary.services
    ]


def _of_set(
    each: AdmittedEdge, direction: Direction, other: NetworkSet, surroundings: Surroundings
) -> Sequence[Permit] | Targets:
    chosen = surroundings.sets.get(other)
    if chosen is None:
        return Targets(direction, ("private", "public"), each.summary.edge.protocol, "network-set-without-labels")
    return (_permit(each, direction, NetworkSetPeer(other.namespace, other.name, chosen.labels), coarse=chosen.coarse),)


def _permit(each: AdmittedEdge, direction: Direction, peer: Peer, *, coarse: str | None = None) -> Permit:
    edge = each.summary.edge
    ports = None if edge.port is None else PortSet.of([edge.port])
    if edge.protocol == SCTP and coarse is None:
        coarse = "port-not-reported"
    return Permit(direction, peer, edge.protocol, ports, edge.icmp, (edge.id,), "Observed", coarse)
