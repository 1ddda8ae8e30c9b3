"""Recommendations in the dialect and the standing that a person asked for.

Promises: staged is as recommended; enforced is the same policy without what only staging and learning need. What a
dialect cannot say is a skipped scope with its reason, never a wider policy.
"""

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from ringfence.model.cluster import Cluster
from ringfence.model.kubernetes_policy import KubernetesPolicy
from ringfence.recommend.in_kubernetes import in_kubernetes
from ringfence.recommend.recommendation import RecommendationSet, Scope
from ringfence.rules.as_enforced import enforced

Dialect = Literal["calico", "kubernetes"]
Kubernetes = Mapping[Scope, tuple[KubernetesPolicy, ...]]


class WrittenAs(Struct, frozen=True):
    """Recommendations as they are written; ``kubernetes`` holds their policies in that dialect, None in Calico's."""

    recommendations: RecommendationSet
    kubernetes: Kubernetes | None = None


def written_as(
    learnt: RecommendationSet, *, standing: Literal["staged", "enforced"], dialect: Dialect, cluster: Cluster | None
) -> WrittenAs:
    """Return what is printed and delivered."""
    if dialect == "calico":
        if standing == "staged":
            return WrittenAs(learnt)
        items = (replace(each, policies=tuple(map(enforced, each.policies))) for each in learnt.items)
        return WrittenAs(replace(learnt, items=tuple(items)))
    if learnt.tier is None:
        return WrittenAs(learnt, {})
    said = in_kubernetes(learnt, cluster=cluster, tier=learnt.tier, as_enforced=standing == "enforced")
    items = (replace(each, network_sets=()) for each in learnt.items if each.scope in said.policies)
    skipped = tuple(sorted([*learnt.skipped, *said.refused]))
    return WrittenAs(replace(learnt, items=tuple(items), tiers=(), skipped=skipped), said.policies)
