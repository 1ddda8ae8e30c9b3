"""A learnt allowance: direction, peer, protocol and ports, and the edges it comes from.

Promises: a peer says whom a rule means; how it is written as a match is `assemble`'s. ``coarse`` carries the reason why
a permit is wider than its evidence, None where it is exactly as wide.
"""

from typing import Literal

from msgspec import Struct

from ringfence.model.edge import Icmp
from ringfence.model.labels import Labels
from ringfence.model.policy import Direction, Rule
from ringfence.model.port import PortSet
from ringfence.model.selector import Selector
from ringfence.model.trace import PolicyRef


class NamespacePeer(Struct, frozen=True, tag="Namespace"):
    """Every pod of a namespace other than the scope's own."""

    name: str


class EveryPodPeer(Struct, frozen=True, tag="EveryPod"):
    """Every pod of the cluster: who serves all of them cannot know which will ask."""


class IntraNamespacePeer(Struct, frozen=True, tag="IntraNamespace"):
    """Every pod of the scope's own namespace."""

    name: str


class WorkloadPeer(Struct, frozen=True, tag="Workload"):
    """The pods of one workload, by the selector that means them within their namespace."""

    namespace: str
    workload_kind: str | None
    name: str
    selector: Selector


class ResolverPeer(Struct, frozen=True, tag="Resolver"):
    """The cluster's DNS pods, by namespace and their stable labels."""

    namespace: str
    name: str
    labels: Labels


class ServicePeer(Struct, frozen=True, tag="Service"):
    """What stands behind a Kubernetes Service that has no pods of its own, by whatever its EndpointSlices list."""

    namespace: str
    name: str


class NetworkSetPeer(Struct, frozen=True, tag="NetworkSet"):
    """A network set by the labels it was seen with; ``namespace`` is None for a GlobalNetworkSet."""

    namespace: str | None
    name: str
    labels: Labels


class HostPeer(Struct, frozen=True, tag="Nodes"):
    """Host endpoints by the labels they were seen with."""

    labels: Labels


class NodesPeer(Struct, frozen=True, tag="NodeAddresses"):
    """Every node, by its own and its tunnels' addresses, of one IP family."""

    nets: tuple[str, ...]


class DeclaredPeer(Struct, frozen=True, tag="Declared"):
    """Whatever a rule of a later policy allows: the rule is copied whole. ``rule_index`` counts in its direction."""

    rule: Rule
    policy: PolicyRef
    rule_index: int


class DomainsPeer(Struct, frozen=True, tag="Domains"):
    """Names outside the cluster with the addresses they had; Calico Open Source has no domain rules."""

    names: tuple[str, ...]
    nets: tuple[str, ...]


class NetsPeer(Struct, frozen=True, tag="Nets"):
    """Address blocks, canonical, sorted, of one IP family."""

    nets: tuple[str, ...]


class PrivatePeer(Struct, frozen=True, tag="Private"):
    """Private addresses of one IP family that no evidence narrows, but those that the cluster's objects refute."""

    ip_version: Literal[4, 6] = 4
    refuted: tuple[str, ...] = ()


class PublicPeer(Struct, frozen=True, tag="Public"):
    """Public addresses of one IP family that no evidence narrows, but those that the cluster's objects refute."""

    ip_version: Literal[4, 6] = 4
    refuted: tuple[str, ...] = ()


Peer = (
    NamespacePeer
    | EveryPodPeer
    | IntraNamespacePeer
    | WorkloadPeer
    | ResolverPeer
    | ServicePeer
    | NetworkSetPeer
    | HostPeer
    | NodesPeer
    | DeclaredPeer
    | DomainsPeer
    | NetsPeer
    | PrivatePeer
    | PublicPeer
)


class Permit(Struct, frozen=True):
    """One allowance of a scope. ``ports`` None means the protocol has no ports here or every port is meant;
    ``protocol`` None means every protocol (intra-namespace). ``edges`` are edge ids, sorted; empty when declared only.
    ``candidates`` are words for what a peer without addresses may be, by the cluster's objects.
    """

    direction: Direction
    peer: Peer
    protocol: str | None
    ports: PortSet | None
    icmp: Icmp | None
    edges: tuple[str, ...]
    source: Literal["Observed", "Declared"]
    coarse: str | None = None
    domains: tuple[str, ...] = ()
    candidates: tuple[str, ...] = ()
