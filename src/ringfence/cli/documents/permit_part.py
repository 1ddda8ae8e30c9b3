"""A permit and the rule that carries it, as documents write it.

Promises: what a peer means in addresses is taken from the rule itself, so the document cannot say other than the
policy; ``ports`` is absent where every port, or a protocol without ports, is meant.
"""

from collections.abc import Mapping
from typing import Final, Literal

from msgspec import UNSET, UnsetType

from ringfence.cli.documents.document import Part
from ringfence.model.edge import Icmp
from ringfence.model.labels import Labels
from ringfence.model.policy import Direction, Match, Policy
from ringfence.recommend.recommendation import PlacedPermit
from ringfence.rules.permit import (
    DeclaredPeer,
    DomainsPeer,
    EveryPodPeer,
    HostPeer,
    IntraNamespacePeer,
    NamespacePeer,
    NetsPeer,
    NetworkSetPeer,
    NodesPeer,
    Peer,
    PrivatePeer,
    PublicPeer,
    ResolverPeer,
    ServicePeer,
    WorkloadPeer,
)

PeerKind = Literal[
    "Service",
    "Namespace",
    "IntraNamespace",
    "EveryPod",
    "Workload",
    "Resolver",
    "NetworkSet",
    "Nodes",
    "Domains",
    "Nets",
    "Private",
    "Public",
    "Declared",
]

_KINDS: Final[dict[type[Peer], PeerKind]] = {
    NamespacePeer: "Namespace",
    EveryPodPeer: "EveryPod",
    IntraNamespacePeer: "IntraNamespace",
    ResolverPeer: "Resolver",
    ServicePeer: "Service",
    NetworkSetPeer: "NetworkSet",
    WorkloadPeer: "Workload",
    HostPeer: "Nodes",
    NodesPeer: "Nodes",
    DeclaredPeer: "Declared",
    DomainsPeer: "Domains",
    NetsPeer: "Nets",
    PrivatePeer: "Private",
    PublicPeer: "Public",
}


class PeerPart(Part, frozen=True, kw_only=True):
    """Whom a permit names. ``nets`` and ``not_nets`` are those of the rule."""

    kind: PeerKind
    namespace: str | UnsetType = UNSET
    name: str | UnsetType = UNSET
    labels: dict[str, str] | UnsetType = UNSET
    domains: tuple[str, ...] | UnsetType = UNSET
    nets: tuple[str, ...] | UnsetType = UNSET
    not_nets: tuple[str, ...] | UnsetType = UNSET


class PermitPart(Part, frozen=True, kw_only=True):
    """One allowance: rule ``rule_index`` (from 0) of the direction's list in ``policy``. ``coarse`` says why it is
    wider than its evidence, absent where it is not; ``candidates`` are what its peer may be by the cluster's objects.
    """

    direction: Direction
    peer: PeerPart
    protocol: str | UnsetType = UNSET
    ports: tuple[str, ...] | UnsetType = UNSET
    icmp: Icmp | UnsetType = UNSET
    policy: str
    rule_index: int
    source: Literal["Observed", "Declared"]
    coarse: str | UnsetType = UNSET
    candidates: tuple[str, ...] | UnsetType = UNSET
    edges: tuple[str, ...]


def permit_part(placed: PlacedPermit, *, policies: Mapping[str, Policy]) -> PermitPart:
    """Return the document form of a permit; ``policies`` are the recommendation's, by name."""
    permit = placed.permit
    policy = policies[placed.policy]
    rule = (policy.ingress if permit.direction == "Ingress" else policy.egress)[placed.rule_index]
    match = rule.source if permit.direction == "Ingress" else rule.destination
    return PermitPart(
        direction=permit.direction,
        peer=_peer_part(permit.peer, match=match, domains=permit.domains),
        protocol=permit.protocol or UNSET,
        ports=UNSET if permit.ports is None else tuple(str(each) for each in permit.ports),
        icmp=permit.icmp or UNSET,
        policy=placed.policy,
        rule_index=placed.rule_index,
        source=permit.source,
        coarse=permit.coarse or UNSET,
        candidates=permit.candidates or UNSET,
        edges=permit.edges,
    )


def _peer_part(peer: Peer, *, match: Match, domains: tuple[str, ...]) -> PeerPart:
    namespace, name, labels = _peer_identity(peer)
    names = peer.names if isinstance(peer, DomainsPeer) else domains
    return PeerPart(
        kind=_KINDS[type(peer)],
        namespace=namespace or UNSET,
        name=name or UNSET,
        labels=labels.as_dict() if labels and labels.pairs else UNSET,
        domains=names or UNSET,
        nets=match.nets or UNSET,
        not_nets=match.not_nets or UNSET,
    )


def _peer_identity(peer: Peer) -> tuple[str | None, str | None, Labels | None]:
    """Return the namespace, name and labels of a peer. A namespace is both where its pods are and its own name."""
    match peer:
        case NamespacePeer(name) | IntraNamespacePeer(name):
            return name, name, None
        case ResolverPeer(namespace, name, labels) | NetworkSetPeer(namespace, name, labels):
            return namespace, name, labels
        case ServicePeer(namespace, name) | WorkloadPeer(namespace, _, name):
            return namespace, name, None
        case DeclaredPeer(_, policy):
            return policy.namespace or None, policy.name, None
        case HostPeer(labels):
            return None, None, labels
        case EveryPodPeer() | NodesPeer() | DomainsPeer() | NetsPeer() | PrivatePeer() | PublicPeer():
            return None, None, None
