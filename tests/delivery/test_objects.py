"""The objects of recommendations, as they are printed and written."""

from typing import Final

from ringfence.delivery.objects import kubernetes_objects, recommended_objects
from ringfence.model.kubernetes_policy import KubernetesPolicy
from ringfence.model.labels import Labels
from ringfence.model.network_set_object import NetworkSetObject
from ringfence.model.policy import Policy, Tier
from ringfence.recommend.recommendation import Confidence, Readiness, Recommendation, RecommendationSet, Scope
from ringfence.rules.assemble import assemble
from ringfence.rules.permit import IntraNamespacePeer, Permit
from tests.learning.evidence_rows import TIER

OURS: Final = ("app.kubernetes.io/managed-by", "ringfence")
EGRESS: Final = Permit("Egress", IntraNamespacePeer("shop"), None, None, None, ("e",), "Observed")
SETS: Final = (
    NetworkSetObject("shop", "shop-a1b2c3", Labels((OURS,)), ("198.51.100.7/32",)),
    NetworkSetObject(None, "nodes", Labels((OURS,)), ("192.168.0.1/32",)),
)


def recommendations(policy: Policy) -> RecommendationSet:
    """Return one recommendation with this policy."""
    item = Recommendation(
        scope=Scope("Namespace", "shop"),
        content_id="r-1",
        policies=(policy,),
        permits=(),
        edges=(),
        left_out=(),
        quiet=(),
        readiness=Readiness("Stable", 0, 0),
        confidence=Confidence("Unknown", None, ()),
        gates=(),
        network_sets=SETS,
    )
    return RecommendationSet((item,), (Tier(TIER, 999_999, "Deny", (OURS,)),), ())


def test_what_policies_name_stands_before_them() -> None:
    """Tiers, then sets, each in its place."""
    made = recommended_objects(recommendations(assemble("shop", [EGRESS], tier=TIER)))

    assert [(str(each.place), each.resource) for each in made] == [
        (f"tiers/{TIER}.yaml", f"tier.projectcalico.org/{TIER}"),
        ("shop/shop-a1b2c3.yaml", "networkset.projectcalico.org/shop-a1b2c3"),
        ("globalnetworksets/nodes.yaml", "globalnetworkset.projectcalico.org/nodes"),
        (f"shop/{TIER}.shop.yaml", f"stagednetworkpolicy.projectcalico.org/{TIER}.shop"),
    ]


def test_enforced_objects_stand_in_the_same_places() -> None:
    """The same name, so that one replaces the other in a repository."""
    staged, enforced = (
        recommended_objects(recommendations(assemble("shop", [EGRESS], tier=TIER)), as_enforced=each)
        for each in (False, True)
    )

    assert [each.place for each in enforced] == [each.place for each in staged]
    assert enforced[-1].resource == f"networkpolicy.projectcalico.org/{TIER}.shop"
    assert "ringfence.io" not in enforced[-1].text


def test_kubernetes_policies_are_written_by_their_own_kind() -> None:
    """Staged ones by Calico's."""
    policy = KubernetesPolicy("shop", f"{TIER}.shop", types=("Egress",), labels=(OURS,))
    made = kubernetes_objects([policy, KubernetesPolicy("shop", "other", staged="Set")])

    assert [(str(each.place), each.resource) for each in made] == [
        (f"shop/{TIER}.shop.yaml", f"networkpolicy.networking.k8s.io/{TIER}.shop"),
        ("shop/other.yaml", "stagedkubernetesnetworkpolicy.projectcalico.org/other"),
    ]
