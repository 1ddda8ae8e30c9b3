"""Who may come from outside the pods: declared peers of ingress, with the addresses that they stand for.

Promises: an edge stands behind a caller when the caller lets some of it through; several callers explain an edge only
when together they let through every address that it was seen with, and all addresses are known.
"""

from collections.abc import Iterator, Sequence
from ipaddress import ip_network
from typing import Final

from msgspec import Struct

from ringfence.learning.baseline import AdmittedEdge, EdgeSummary
from ringfence.model.address_set import AddressSet
from ringfence.model.cluster import Cluster
from ringfence.model.endpoint import Host, Network, Workload
from ringfence.model.inventory import Inventory
from ringfence.model.port import PortSet
from ringfence.rules.address_blocks import IpVersion, NetworkScope, class_blocks, class_peer, ip_version
from ringfence.rules.backends import Backend, endpoint_addresses
from ringfence.rules.nodes import node_addresses, node_peers
from ringfence.rules.permit import Peer, Permit, PrivatePeer, PublicPeer, ServicePeer
from ringfence.rules.services import API_SERVER

_SCOPES: Final[tuple[NetworkScope, ...]] = ("private", "public")
_POOL_4: Final = 16
_POOL_6: Final = 64
"""Pods are taken to come from ranges of this size, so that a rollout changes no rule; clusters have large ones."""


class Caller(Struct, frozen=True):
    """A peer of ingress, the addresses that it lets through, and the nodes that it means by name."""

    peer: Peer
    addresses: AddressSet
    hosts: frozenset[str] = frozenset()
    coarse: str | None = None

    def meets(self, summary: EdgeSummary) -> bool:
        """Say whether some of an edge's connections came from here."""
        client = summary.edge.client
        if isinstance(client, Host):
            return client.name in self.hosts
        seen = summary.client_addresses.texts
        return isinstance(client, Network) and any(text in self.addresses for text in seen)


def explain(callers: Sequence[Caller], summary: EdgeSummary) -> bool:
    """Say whether callers together let through everything that an edge was seen with."""
    client, seen = summary.edge.client, summary.client_addresses
    if isinstance(client, Host):
        return any(client.name in each.hosts for each in callers)
    if not isinstance(client, Network) or not seen.exhaustive:
        return False
    return all(any(text in each.addresses for each in callers) for text in seen.texts)


def nodes(cluster: Cluster) -> tuple[Caller, ...]:
    """Return every node as callers."""
    hosts = frozenset(each.name for each in cluster.inventory.nodes)
    return tuple(Caller(peer, node_addresses(cluster.inventory), hosts) for peer in node_peers(cluster))


def control_plane(cluster: Cluster) -> tuple[Caller, ...]:
    """Return from where the API server may call: the endpoints of its Service and the nodes.

    Where no node is such an endpoint somebody else runs the API server, and calls from addresses that the cluster does
    not know; so it may where the endpoints or the nodes were not supplied.
    """
    inventory = cluster.inventory
    known = AddressSet.of(endpoint_addresses(inventory, API_SERVER))
    callers = (Caller(ServicePeer(API_SERVER.namespace, API_SERVER.name), known), *nodes(cluster))
    if known & node_addresses(inventory):
        return callers
    return (*callers, *_outside(inventory))


def _outside(inventory: Inventory) -> Iterator[Caller]:
    """Yield all addresses but those of pods."""
    pods = _pods(inventory)
    for version in _families(inventory):
        for scope in _SCOPES:
            whole = _addresses(class_peer(scope, version))
            peer = class_peer(scope, version, tuple((pods & whole).nets()))
            yield Caller(peer, _addresses(peer), frozenset(), "control-plane-outside")


def _addresses(peer: PrivatePeer | PublicPeer) -> AddressSet:
    blocks = class_blocks(peer)
    return AddressSet.of(blocks.nets) - AddressSet.of(blocks.not_nets)


def permits_from(callers: Sequence[Caller], backend: Backend, ingress: Sequence[AdmittedEdge]) -> Iterator[Permit]:
    """Yield the permits of callers to a backend, each with the edges behind it."""
    there = [each.summary for each in ingress if is_towards(each.summary, backend)]
    for caller in callers:
        behind = tuple(sorted(each.edge.id for each in there if caller.meets(each)))
        ports = PortSet.of([backend.port])
        yield Permit("Ingress", caller.peer, backend.protocol, ports, None, behind, "Declared", caller.coarse)


def is_towards(summary: EdgeSummary, backend: Backend) -> bool:
    """Say whether an edge goes to a backend's port; a kind that the flows do not tell is no difference."""
    edge, there = summary.edge, backend.workload
    if (edge.protocol, edge.port) != (backend.protocol, backend.port) or not isinstance(edge.server, Workload):
        return False
    same = (edge.server.namespace, edge.server.name) == (there.namespace, there.name)
    return same and edge.server.kind in {None, there.kind}


def _families(inventory: Inventory) -> tuple[IpVersion, ...]:
    """Return the IP families that the cluster has, IPv4 where nothing tells."""
    texts = [
        *(address for node in inventory.nodes for address in (*node.addresses, *node.pod_cidrs)),
        *(address for pod in inventory.pods for address in pod.addresses),
    ]
    return tuple(sorted({ip_version(text) for text in texts})) or (4,)


def _pods(inventory: Inventory) -> AddressSet:
    """Return the ranges from which pods have addresses."""
    own = (address for pod in inventory.pods if not pod.spec.host_network for address in pod.addresses)
    cidrs = (cidr for node in inventory.nodes for cidr in node.pod_cidrs)
    return AddressSet.of({_pool(text) for text in (*own, *cidrs)})


def _pool(text: str) -> str:
    address, _, length = text.partition("/")
    if ":" in address:
        return str(ip_network(f"{address}/{min(_POOL_6, int(length or _POOL_6))}", strict=False))
    short = min(_POOL_4, int(length or _POOL_4))
    first, second, _ = address.split(".", 2)
    return f"{first}.{second}.0.0/{short}"
