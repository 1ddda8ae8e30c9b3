"""The Kubernetes objects of a set of recommendations: what is printed, written to files and counted is one list.

Promises: each object once, tiers before the policies that name them, otherwise in the recommendations' order.
"""

from msgspec import Struct

from ringfence.delivery.place import GLOBAL_POLICIES, TIERS, Place
from ringfence.dialects.calico.render import render_policy, render_tier
from ringfence.dialects.yaml_text import yaml_text
from ringfence.model.kubernetes_object import KubernetesObject
from ringfence.recommend.recommendation import RecommendationSet


class RecommendedObject(Struct, frozen=True):
    """An object with its place in an output directory, its resource name as kubectl prints it, and its text."""

    place: Place
    resource: str
    text: str


def recommended_objects(recommendations: RecommendationSet) -> tuple[RecommendedObject, ...]:
    """Return the objects. Raises ValueError for a name that Kubernetes cannot have."""
    tiers = [_recommended_object(render_tier(tier), place=Place(TIERS, tier.name)) for tier in recommendations.tiers]
    policies = [
        _recommended_object(render_policy(policy), place=Place(policy.namespace or GLOBAL_POLICIES, policy.name))
        for recommendation in recommendations.items
        for policy in recommendation.policies
    ]
    return (*tiers, *policies)


def _recommended_object(content: KubernetesObject, *, place: Place) -> RecommendedObject:
    group = str(content["apiVersion"]).partition("/")[0]
    resource = f"{str(content['kind']).lower()}.{group}/{place.name}"
    return RecommendedObject(place, resource, yaml_text(content))
