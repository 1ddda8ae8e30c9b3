"""Say recommendations as Kubernetes' own policies, where those say the same.

Promises: each scope is either said whole or refused with the reason; what is said lets pass what the recommendation
does.
"""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from ringfence.model.cluster import Cluster
from ringfence.model.kubernetes_policy import KubernetesPolicy
from ringfence.model.policy import Policy, Tier
from ringfence.recommend.recommendation import Recommendation, RecommendationSet, Scope, Skipped
from ringfence.rules.as_enforced import enforced
from ringfence.rules.as_kubernetes import Addresses, as_kubernetes
from ringfence.rules.followers import Followers, seen_after
from ringfence.rules.whom import Refused


class InKubernetes(Struct, frozen=True):
    """The policies by scope, in the recommendations' order, and the scopes that cannot be said so, with reasons."""

    policies: Mapping[Scope, tuple[KubernetesPolicy, ...]]
    refused: tuple[Skipped, ...]


def in_kubernetes(
    recommendations: RecommendationSet, *, cluster: Cluster | None, tier: Tier, as_enforced: bool = True
) -> InKubernetes:
    """Return Kubernetes' policies, staged for Calico unless ``as_enforced``. ``tier`` is where ours would stand."""
    followers = None if cluster is None else Followers(cluster, tier)
    policies: dict[Scope, tuple[KubernetesPolicy, ...]] = {}
    refused: list[Skipped] = []
    for each in recommendations.items:
        said = _said(each, followers, cluster, as_enforced=as_enforced)
        if isinstance(said, Refused):
            refused.append(Skipped(each.scope, said.reason))
        else:
            policies[each.scope] = tuple(said)
    return InKubernetes(policies, tuple(refused))


def _said(
    recommendation: Recommendation, followers: Followers | None, cluster: Cluster | None, *, as_enforced: bool
) -> Sequence[KubernetesPolicy] | Refused:
    known = Addresses(cluster, recommendation.network_sets)
    said: list[KubernetesPolicy] = []
    for policy in recommendation.policies:
        after = seen_after(recommendation.edges) if followers is None else followers.after(policy)
        if after is not None:
            return Refused(
                f"{after} after ours, and a Kubernetes NetworkPolicy cannot pass on to it: use Calico's kinds"
            )
        if policy.namespace is None:
            return Refused("a Kubernetes NetworkPolicy selects no host")
        found = as_kubernetes(_chosen(policy, as_enforced=as_enforced), known)
        if isinstance(found, Refused):
            return found
        said += found
    return said


def _chosen(policy: Policy, *, as_enforced: bool) -> Policy:
    return enforced(policy) if as_enforced else policy
