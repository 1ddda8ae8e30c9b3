"""A trace written as Calico Enterprise's strings, taken apart again for the formats that write objects.

Promises: for the strings that `existing_policies` writes, and no others.
"""

from dataclasses import dataclass
from typing import Final

_FOUR: Final = 4


@dataclass(frozen=True, slots=True)
class TraceHit:
    """One hit. ``kind`` is Goldmane's name of the policy's kind, also at the end of a tier."""

    index: int
    tier: str
    kind: str
    namespace: str
    name: str
    action: str
    rule: int


def trace_hit(text: str) -> TraceHit:
    """Return the parts of one string of a trace."""
    index, tier, policy, action, rule = text.split("|", _FOUR)
    if tier == "__PROFILE__":
        return TraceHit(int(index), "", "Profile", "", policy.removeprefix("__PROFILE__."), action, int(rule))
    namespace, slash, written = policy.rpartition("/")
    staged = written.startswith("staged:")
    written = written.removeprefix("staged:")
    kubernetes = written.startswith("knp.default.")
    name = written.removeprefix("knp.default.").removeprefix("default.")
    if kubernetes:
        kind = "StagedKubernetesNetworkPolicy" if staged else "NetworkPolicy"
    elif slash:
        kind = "StagedNetworkPolicy" if staged else "CalicoNetworkPolicy"
    else:
        kind = "GlobalNetworkPolicy"
    return TraceHit(int(index), tier, kind, namespace, name, action, int(rule))
