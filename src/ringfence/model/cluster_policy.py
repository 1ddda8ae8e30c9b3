"""Cluster-scoped Kubernetes policies: ClusterNetworkPolicy, and AdminNetworkPolicy and its baseline before it.

Promises: one value for the three kinds; what a version cannot say is refused by its dialect. A peer or port of a field
we do not know is kept as such, because a rule with one must fail closed.
Source of the fields: policy.networking.k8s.io v1alpha2 and v1alpha1.
"""

from typing import Literal

from msgspec import Struct

from ringfence.model.label_selector import LabelSelector
from ringfence.model.trace import PolicyKind

ClusterPolicyVersion = Literal["v1alpha2", "v1alpha1"]
ClusterTier = Literal["Admin", "Baseline"]
ClusterAction = Literal["Accept", "Deny", "Pass"]


class NamespacesPeer(Struct, frozen=True, tag="Namespaces"):
    """All pods of the namespaces with these labels."""

    selector: LabelSelector


class PodsPeer(Struct, frozen=True, tag="Pods"):
    """Pods by labels of their namespace and their own."""

    namespace_selector: LabelSelector
    pod_selector: LabelSelector


class NetworksPeer(Struct, frozen=True, tag="Networks"):
    """Addresses, as CIDR texts."""

    nets: tuple[str, ...]


class NodesPeer(Struct, frozen=True, tag="Nodes"):
    """Nodes by their labels."""

    selector: LabelSelector


class DomainsPeer(Struct, frozen=True, tag="Domains"):
    """Domain names, exact or with a leading ``*.``."""

    names: tuple[str, ...]


class UnknownPeer(Struct, frozen=True, tag="Unknown"):
    """A peer whose field (its name is kept) we do not know."""

    field: str


Subject = NamespacesPeer | PodsPeer
Peer = NamespacesPeer | PodsPeer | NetworksPeer | NodesPeer | DomainsPeer | UnknownPeer


class NumberedPorts(Struct, frozen=True, tag="Numbered"):
    """Destination ports of a protocol from ``first`` to ``last``, both included."""

    protocol: str
    first: int
    last: int


class NamedPort(Struct, frozen=True, tag="Named"):
    """The destination port that its container gave this name."""

    name: str


class UnknownPorts(Struct, frozen=True, tag="Unknown"):
    """A protocol whose field (its name is kept) we do not know."""

    field: str


Ports = NumberedPorts | NamedPort | UnknownPorts


class ClusterRule(Struct, frozen=True):
    """Peers and ports of which one each must match. No ports is every protocol and port."""

    action: ClusterAction
    peers: tuple[Peer, ...]
    ports: tuple[Ports, ...] = ()
    name: str = ""


class ClusterPolicy(Struct, frozen=True):
    """A policy of the cluster's administrators. ``version`` says which of the kinds it is written as."""

    name: str
    tier: ClusterTier
    priority: int
    subject: Subject
    ingress: tuple[ClusterRule, ...] = ()
    egress: tuple[ClusterRule, ...] = ()
    version: ClusterPolicyVersion = "v1alpha2"
    labels: tuple[tuple[str, str], ...] = ()
    annotations: tuple[tuple[str, str], ...] = ()

    @property
    def kind(self) -> PolicyKind:
        """Return the kind as traces name it."""
        if self.version == "v1alpha2":
            return "KubernetesClusterNetworkPolicy"
        return "AdminNetworkPolicy" if self.tier == "Admin" else "BaselineAdminNetworkPolicy"
