"""Turn admitted edges into permits: whom each rule will mean.

Law: every admitted edge of the scope stands behind at least one permit of its direction that lets it through; a permit
is wider than its edges only where it says so (``coarse``). Namespaces, not workloads, are the grain of this scope.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from msgspec import Struct

from ringfence.learning.baseline import AdmittedEdge
from ringfence.model.endpoint import Endpoint, Host, Network, NetworkSet, Workload
from ringfence.model.labels import Labels
from ringfence.model.policy import Direction, ServiceRef
from ringfence.model.port import PortSet
from ringfence.model.protocol import SCTP
from ringfence.rules.networks import NetworkScope, Targets, network_permits
from ringfence.rules.outside import set_selector, usable_host_labels
from ringfence.rules.permit import (
    HostPeer,
    IntraNamespacePeer,
    NamespacePeer,
    NetworkSetPeer,
    Peer,
    Permit,
    ServicePeer,
)
from ringfence.rules.resolver import Resolvers

API_SERVER: Final = ServiceRef("default", "kubernetes")
"""The Service of the Kubernetes API, whose endpoints only the control plane writes."""
DIRECTIONS: Final[tuple[Direction, Direction]] = ("Ingress", "Egress")


class Surroundings(Struct, frozen=True):
    """What a scope's rules need to know beyond its own edges."""

    labels: Mapping[Endpoint, Labels]
    network_sets: frozenset[NetworkSet]
    resolvers: Resolvers


def derive(namespace: str, edges: Sequence[AdmittedEdge], surroundings: Surroundings) -> tuple[Permit, ...]:
    """Return the permits of a namespace's admitted edges, one per edge and peer, unmerged."""
    permits: list[Permit] = []
    for direction in DIRECTIONS:
        networks: defaultdict[Targets, list[AdmittedEdge]] = defaultdict(list)
        for each in edges:
            if direction not in each.directions or _own_side(each, direction).namespace != namespace:
                continue
            match other := _other_side(each, direction):
                case Workload():
                    permits += _workload_permits(each, direction, namespace, other, surroundings)
                case NetworkSet():
                    permits += _set_permits(each, direction, other, surroundings, networks)
                case Host():
                    permits += _host_permits(each, direction, other, surroundings, networks)
                case Network(scope):
                    if direction == "Egress" and each.summary.services_complete:
                        permits += _service_permits(each)
                    else:
                        networks[Targets(direction, scope, each.summary.edge.protocol)].append(each)
        for targets, behind in networks.items():
            permits += network_permits(targets, behind)
    return tuple(permits)


def _own_side(each: AdmittedEdge, direction: Direction) -> Workload:
    """Return the side that the scope covers; admission covers workloads only."""
    side = each.summary.edge.client if direction == "Egress" else each.summary.edge.server
    if not isinstance(side, Workload):
        raise TypeError(f"{side} was admitted as a workload of a namespace")
    return side


def _other_side(each: AdmittedEdge, direction: Direction) -> Endpoint:
    return each.summary.edge.server if direction == "Egress" else each.summary.edge.client


def _workload_permits(
    each: AdmittedEdge, direction: Direction, namespace: str, other: Workload, surroundings: Surroundings
) -> Iterator[Permit]:
    edge = each.summary.edge
    if other.namespace == namespace:
        yield Permit(direction, IntraNamespacePeer(namespace), None, None, None, (edge.id,), "Observed")
    elif direction == "Ingress" or not surroundings.resolvers.explains(edge.server, edge.protocol, edge.port):
        yield permit_of(each, direction, NamespacePeer(other.namespace))


def _service_permits(each: AdmittedEdge) -> Iterator[Permit]:
    """Explain a network by the Services it was reached through: Calico follows their EndpointSlices, ports included."""
    edge = each.summary.edge
    for service in each.summary.services:
        coarse = None if service == API_SERVER else "service-endpoints-open"
        peer = ServicePeer(service.namespace, service.name)
        yield Permit("Egress", peer, edge.protocol, None, edge.icmp, (edge.id,), "Observed", coarse)


def _set_permits(
    each: AdmittedEdge,
    direction: Direction,
    other: NetworkSet,
    surroundings: Surroundings,
    networks: defaultdict[Targets, list[AdmittedEdge]],
) -> Iterator[Permit]:
    chosen = set_selector(other, labels=surroundings.labels, sets=surroundings.network_sets)
    if chosen is None:
        _as_network(each, direction, "network-set-without-labels", ("private", "public"), networks)
        return
    yield permit_of(each, direction, NetworkSetPeer(other.namespace, other.name, chosen.labels), coarse=chosen.coarse)


def _host_permits(
    each: AdmittedEdge,
    direction: Direction,
    other: Host,
    surroundings: Surroundings,
    networks: defaultdict[Targets, list[AdmittedEdge]],
) -> Iterator[Permit]:
    labels = usable_host_labels(surroundings.labels.get(other, Labels()))
    if labels is None:
        _as_network(each, direction, "node-addresses-as-seen", ("private",), networks)
        return
    yield permit_of(each, direction, HostPeer(labels))


def _as_network(
    each: AdmittedEdge,
    direction: Direction,
    reason: str,
    scopes: Iterable[NetworkScope],
    networks: defaultdict[Targets, list[AdmittedEdge]],
) -> None:
    """Treat a peer that no selector can name as addresses: those it had, or whole classes."""
    for scope in scopes:
        networks[Targets(direction, scope, each.summary.edge.protocol, reason)].append(each)


def permit_of(each: AdmittedEdge, direction: Direction, peer: Peer, *, coarse: str | None = None) -> Permit:
    """Return the permit of one edge towards a peer."""
    edge = each.summary.edge
    ports = None if edge.port is None else PortSet.of([edge.port])
    if edge.protocol == SCTP and coarse is None:
        coarse = "port-not-reported"
    return Permit(direction, peer, edge.protocol, ports, edge.icmp, (edge.id,), "Observed", coarse)
