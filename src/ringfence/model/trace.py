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
    "Profile",
]


class Hit(Struct, frozen=True, order=True):
    """One policy's word. ``tier`` is empty for a profile, ``namespace`` for global policies.

    ``kind`` is None where the recorder's syntax does not tell which kind of policy it was.
    """

    index: int
    tier: str
    kind: PolicyKind | None
    namespace: str
    name: str
    action: Action
    rule_index: int

    @property
    def staged(self) -> bool:
        """Say whether the hit is of a staged policy, which decides nothing."""
        return self.kind is not None and self.kind.startswith("Staged")

    @property
    def profile(self) -> bool:
        """Say whether the hit is of a profile: no policy decided."""
        return self.kind == "Profile"


Trace = tuple[Hit, ...]
