"""What rules ask of a cluster, made once for all scopes of a reading.

Promises: where the snapshot lacks a kind, what depends on it is as without a snapshot.
"""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from ringfence.model.address_set import AddressSet
from ringfence.model.cluster import Cluster
from ringfence.model.endpoint import NetworkSet
from ringfence.model.policy import ServiceRef
from ringfence.rules.address_blocks import IpVersion, NetworkScope, class_blocks, class_peer
from ringfence.rules.candidates import FELIX, Candidate, candidates
from ringfence.rules.inside import Inside, inside
from ringfence.rules.known_sets import KnownSet, known_sets
from ringfence.rules.nodes import node_peers
from ringfence.rules.permit import HostPeer, NodesPeer, PrivatePeer, PublicPeer
from ringfence.rules.services import API_SERVER, NOTHING, Backing, backings

_SCOPES: Final[tuple[NetworkScope, ...]] = ("private", "public")
_VERSIONS: Final[tuple[IpVersion, ...]] = (4, 6)


class KnownCluster(Struct, frozen=True):
    """The cluster's own addresses, every node as peers (none: not known), how each network set is meant (None: the
    snapshot lacks a kind that it takes), the Services that may explain a network (None likewise), and what else it may
    be.

    ``classes`` are private and public addresses by IP family, without what the objects refute; one in ``nodes_apart``
    lacks the address of a node that flows would call so, such as a tunnel's. ``at_node`` are addresses by node.
    """

    inside: Inside
    nodes: tuple[HostPeer | NodesPeer, ...]
    at_node: Mapping[str, AddressSet]
    classes: Mapping[tuple[NetworkScope, IpVersion], PrivatePeer | PublicPeer]
    nodes_apart: frozenset[tuple[NetworkScope, IpVersion]]
    sets: Mapping[NetworkSet, KnownSet] | None
    services: Mapping[ServiceRef, Backing] | None
    candidates: tuple[Candidate, ...]

    @property
    def api_server(self) -> Backing:
        """Return what stands behind the Service of the Kubernetes API, nothing where that is not known."""
        return NOTHING if self.services is None else self.services.get(API_SERVER, NOTHING)

    def explains(self, service: ServiceRef) -> bool:
        """Say whether a rule may name a Service for the network that was reached through it."""
        return self.services is None or service in self.services

    def serves_api(self, node: str, protocol: str, port: int | None) -> bool:
        """Say whether a node is the API server on a port."""
        api = self.api_server
        return api.answers(protocol, port) and bool(self.at_node.get(node, AddressSet()) & api.addresses)


def known_cluster(cluster: Cluster, *, sets_reported: bool = False, reserve_pods: bool = True) -> KnownCluster:
    """Return what rules need to know of a cluster.

    ``sets_reported`` says that the flows name network sets, so that a network is none of them; ``reserve_pods`` is as
    in `inside`.
    """
    inventory = cluster.inventory
    own = inside(inventory, reserve_pods=reserve_pods)
    classes = {(scope, version): _class(scope, version, own) for scope in _SCOPES for version in _VERSIONS}
    judged_by = {"NetworkSet", "GlobalNetworkSet", "Pod"}
    return KnownCluster(
        inside=own,
        nodes=node_peers(cluster),
        at_node={node.name: AddressSet.of((*node.addresses, *node.tunnels)) for node in inventory.nodes},
        classes=classes,
        nodes_apart=frozenset(key for key, peer in classes.items() if _misses_node(*key, peer, own)),
        sets=None if inventory.missing & judged_by else known_sets(inventory),
        services=backings(inventory),
        candidates=candidates(inventory, sets_reported=sets_reported),
    )


def _class(scope: NetworkScope, version: IpVersion, own: Inside) -> PrivatePeer | PublicPeer:
    blocks = class_blocks(class_peer(scope, version))
    there = AddressSet.of(blocks.nets) - AddressSet.of(blocks.not_nets)
    return class_peer(scope, version, tuple((own.refuted & there).nets()))


def _misses_node(scope: NetworkScope, version: IpVersion, peer: PrivatePeer | PublicPeer, own: Inside) -> bool:
    blocks = class_blocks(peer)
    held = AddressSet.of(blocks.nets) - AddressSet.of(blocks.not_nets)
    missed = own.nodes & FELIX[scope] - held
    return version in missed.families
