"""The fields in which the versions of cluster policies differ."""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from ringfence.model.cluster_policy import ClusterAction, ClusterTier

HIGHEST_PRIORITY: Final = 1000
PROTOCOLS: Final = ("TCP", "UDP", "SCTP")


class Form(Struct, frozen=True):
    """How one kind is written. ``tier`` None is a field of the object.

    ``pod_selectors`` are those that a pods peer must have; ``most`` is the greatest length of each list.
    """

    version: str
    tier: ClusterTier | None
    accept: str
    passes: bool
    ports: str
    named_port: str
    egress_peers: tuple[str, ...]
    pod_selectors: tuple[str, ...]
    most: int


_ADMIN: Final = Form(
    version="policy.networking.k8s.io/v1alpha1",
    tier="Admin",
    accept="Allow",
    passes=True,
    ports="ports",
    named_port="namedPort",
    egress_peers=("namespaces", "pods", "networks", "nodes", "domainNames"),
    pod_selectors=("namespaceSelector", "podSelector"),
    most=100,
)
FORMS: Final[Mapping[str, Form]] = {
    "ClusterNetworkPolicy": Form(
        version="policy.networking.k8s.io/v1alpha2",
        tier=None,
        accept="Accept",
        passes=True,
        ports="protocols",
        named_port="destinationNamedPort",
        egress_peers=("namespaces", "pods", "networks", "nodes", "domainNames"),
        pod_selectors=("podSelector",),
        most=25,
    ),
    "AdminNetworkPolicy": _ADMIN,
    "BaselineAdminNetworkPolicy": replace(
        _ADMIN, tier="Baseline", passes=False, egress_peers=("namespaces", "pods", "networks", "nodes")
    ),
}


def actions(form: Form) -> dict[str, ClusterAction]:
    """Return the actions a form may hold, by how it writes them."""
    every: dict[str, ClusterAction] = {form.accept: "Accept", "Deny": "Deny"}
    if form.passes:
        every |= {"Pass": "Pass"}
    return every
