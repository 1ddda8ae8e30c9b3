"""Kubernetes' own NetworkPolicy, as it is written.

Promises: the object's meaning and nothing else; the API's defaults are written out. What Calico makes of it (one rule
per protocol and peer) is `semantics`. Source of the fields: networking.k8s.io/v1.
"""

from msgspec import Struct

from ringfence.model.label_selector import LabelSelector
from ringfence.model.policy import Direction, StagedAction
from ringfence.model.trace import PolicyKind


class KubernetesPort(Struct, frozen=True):
    """A port by number or by the name a container gave it; None is every port of the protocol."""

    protocol: str = "TCP"
    port: int | str | None = None
    end_port: int | None = None


class IpBlock(Struct, frozen=True):
    """A CIDR without those in ``except_``."""

    cidr: str
    except_: tuple[str, ...] = ()


class KubernetesPeer(Struct, frozen=True):
    """Pods by labels of their namespace and their own, or addresses. Without a namespace selector: own namespace."""

    pod_selector: LabelSelector | None = None
    namespace_selector: LabelSelector | None = None
    ip_block: IpBlock | None = None


class KubernetesRule(Struct, frozen=True):
    """Peers and ports of which one each must match. No peers is every address; no ports is every protocol and port."""

    peers: tuple[KubernetesPeer, ...] = ()
    ports: tuple[KubernetesPort, ...] = ()


class KubernetesPolicy(Struct, frozen=True):
    """A NetworkPolicy, or Calico's StagedKubernetesNetworkPolicy when it has a staged action."""

    namespace: str
    name: str
    pod_selector: LabelSelector = LabelSelector()
    types: tuple[Direction, ...] = ("Ingress",)
    ingress: tuple[KubernetesRule, ...] = ()
    egress: tuple[KubernetesRule, ...] = ()
    staged: StagedAction | None = None
    labels: tuple[tuple[str, str], ...] = ()
    annotations: tuple[tuple[str, str], ...] = ()

    @property
    def kind(self) -> PolicyKind:
        """Return the kind as Calico's traces name it."""
        return "KubernetesNetworkPolicy" if self.staged is None else "StagedKubernetesNetworkPolicy"
