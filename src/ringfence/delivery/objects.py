"""The Kubernetes objects of a set of recommendations: what is printed, written to files and counted is one list.

Promises: each object once; tiers and network sets before the policies that name them, otherwise in the recommendations'
order. Enforced objects differ from the staged ones only as `as_enforced` says.
"""

from collections.abc import Iterable

from msgspec import Struct

from ringfence.delivery.place import GLOBAL_NETWORK_SETS, GLOBAL_POLICIES, TIERS, Place
from ringfence.dialects.calico.render import (
    render_network_set,
    render_policy,
    render_staged_kubernetes_policy,
    render_tier,
)
from ringfence.dialects.kubernetes.render import render_network_policy
from ringfence.dialects.yaml_text import yaml_text
from ringfence.model.kubernetes_object import KubernetesObject
from ringfence.model.kubernetes_policy import KubernetesPolicy
from ringfence.recommend.recommendation import RecommendationSet
from ringfence.rules.as_enforced import enforced


class RecommendedObject(Struct, frozen=True):
    """An object with its place in an output directory, its resource name as kubectl prints it, and its text."""

    place: Place
    resource: str
    text: str


def recommended_objects(
    recommendations: RecommendationSet, *, as_enforced: bool = False
) -> tuple[RecommendedObject, ...]:
    """Return Calico's objects, staged or as they are enforced. Raises ValueError for a name Kubernetes cannot have."""
    tiers = [_recommended_object(render_tier(tier), place=Place(TIERS, tier.name)) for tier in recommendations.tiers]
    network_sets = [
        _recommended_object(render_network_set(each), place=Place(each.namespace or GLOBAL_NETWORK_SETS, each.name))
        for recommendation in recommendations.items
        for each in recommendation.network_sets
    ]
    policies = [
        _recommended_object(
            render_policy(enforced(policy) if as_enforced else policy),
            place=Place(policy.namespace or GLOBAL_POLICIES, policy.name),
        )
        for recommendation in recommendations.items
        for policy in recommendation.policies
    ]
    return (*tiers, *network_sets, *policies)


def kubernetes_objects(policies: Iterable[KubernetesPolicy]) -> tuple[RecommendedObject, ...]:
    """Return NetworkPolicies, of staged ones Calico's StagedKubernetesNetworkPolicies, in the order given."""
    return tuple(
        _recommended_object(
            render_network_policy(each) if each.staged is None else render_staged_kubernetes_policy(each),
            place=Place(each.namespace, each.name),
        )
        for each in policies
    )


def _recommended_object(content: KubernetesObject, *, place: Place) -> RecommendedObject:
    group = str(content["apiVersion"]).partition("/")[0]
    resource = f"{str(content['kind']).lower()}.{group}/{place.name}"
    return RecommendedObject(place, resource, yaml_text(content))
