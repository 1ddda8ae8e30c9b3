"""The fields in which the versions of cluster policies differ."""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from ringfence.model.cluster_policy import ClusterAction, ClusterTier

NEW_VERSION: Final = "policy.networking.k8s.io/v1alpha2"
OLD_VERSION: Final = "policy.networking.k8s.io/v1alpha1"
HIGHEST_PRIORITY: Final = 1000


class Form(Struct, frozen=True):
    """How one kind is written. ``tier`` None is a field of the object; ``most`` is the greatest length of each list."""

    version: str
    tier: ClusterTier | None
    accept: str
    passes: bool
    ports: str
    most: int


FORMS: Final[Mapping[str, Form]] = {
    "ClusterNetworkPolicy": Form(NEW_VERSION, None, "Accept", True, "protocols", 25),
    "AdminNetworkPolicy": Form(OLD_VERSION, "Admin", "Allow", True, "ports", 100),
    "BaselineAdminNetworkPolicy": Form(OLD_VERSION, "Baseline", "Allow", False, "ports", 100),
}


def actions(form: Form) -> dict[str, ClusterAction]:
    """Return the actions a form may hold, by how it writes them."""
    every: dict[str, ClusterAction] = {form.accept: "Accept", "Deny": "Deny"}
    if form.passes:
        every |= {"Pass": "Pass"}
    return every
