"""All policies of a cluster at a moment, as they are written.

Promises: nothing is resolved here: defaults of the API are filled in, order and effective selectors are not. What could
not be taken is kept by name with its reasons, and whether the dataplane acts as if it were not there.
"""

from typing import Literal

from msgspec import Struct

from ringfence.model.cluster_policy import ClusterPolicy
from ringfence.model.kubernetes_policy import KubernetesPolicy
from ringfence.model.policy import Policy, Tier

Regime = Literal["<=3.31", ">=3.32"]
"""Which Calico orders policies: equal orders and built-in tiers differ (calico-semantics 0 and 4.1)."""

AnyPolicy = Policy | KubernetesPolicy | ClusterPolicy


class Rejected(Struct, frozen=True, order=True):
    """A policy object that Calico's API would refuse.

    ``absent`` is true where Felix itself refuses it at run time, so that it counts as deleted; otherwise it is applied
    as converted wherever it got past the API.
    """

    kind: str
    namespace: str
    name: str
    reasons: tuple[str, ...]
    absent: bool


class PolicySet(Struct, frozen=True):
    """Tiers and policies in any order. Built-in tiers that are not among ``tiers`` are added when it is resolved."""

    tiers: tuple[Tier, ...] = ()
    policies: tuple[AnyPolicy, ...] = ()
    regime: Regime = ">=3.32"
    rejected: tuple[Rejected, ...] = ()
