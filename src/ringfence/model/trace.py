"""The policies and rules that led to a verdict, as the dataplane recorded them.

Promises: only deciding hits stand in a trace, in the order they were met: any number of Pass, then one Allow or Deny
(Calico's flow records). A rule index of -1 is the end of a tier, -2 means the recorder did not know.
"""

from typing import Final, Literal

from msgspec import Struct

Action = Literal["Allow", "Deny", "Pass"]

END_OF_TIER: Final = -1
UNKNOWN_RULE: Final = -2

PolicyKind = Literal[
    "NetworkPolicy",
    "GlobalNetworkPolicy",
    "StagedNetworkPolicy",
    "StagedGlobalNetworkPolicy",
    "StagedKubernetesNetworkPolicy",
    "KubernetesNetworkPolicy",
    "KubernetesClusterNetworkPolicy",
    "AdminNetworkPolicy",
    "BaselineAdminNetworkPolicy",
    "Profile",
]


class PolicyRef(Struct, frozen=True, order=True):
    """A policy by kind, namespace (empty for a global one) and name as its object has it."""

    kind: PolicyKind
    namespace: str
    name: str


class Hit(Struct, frozen=True, order=True):
    """One policy's word. ``tier`` is empty for a profile, ``namespace`` for global policies.

    ``kind`` is None where the recorder's syntax does not tell which kind of policy it was. At the end of a tier the
    policy is the first that governs the endpoint there; ``dataplane_trigger`` is the one that the dataplane records
    instead (the last enforced one), None where that is the same.
    """

    index: int
    tier: str
    kind: PolicyKind | None
    namespace: str
    name: str
    action: Action
    rule_index: int
    dataplane_trigger: PolicyRef | None = None

    @property
    def staged(self) -> bool:
        """Say whether the hit is of a staged policy, which decides nothing."""
        return self.kind is not None and self.kind.startswith("Staged")

    @property
    def profile(self) -> bool:
        """Say whether the hit is of a profile: no policy decided."""
        return self.kind == "Profile"


Trace = tuple[Hit, ...]
