"""Recommendations as Kubernetes' own policies."""

from typing import Final

from ringfence.model.cluster import Cluster
from ringfence.model.edge import Edge, Icmp
from ringfence.model.inventory import Inventory
from ringfence.model.kubernetes_policy import KubernetesPolicy
from ringfence.model.labels import Labels
from ringfence.model.pod import Pod, PodSpec
from ringfence.model.policy import Tier
from ringfence.model.policy_set import PolicySet
from ringfence.recommend.in_kubernetes import in_kubernetes
from ringfence.recommend.recommend import recommend
from ringfence.recommend.recommendation import RecommendationSet, Scope, Skipped
from ringfence.recommend.settings import Settings
from tests.learning.evidence_rows import LEDGER, TIER, WEB, both, hit, table_of, tcp

OURS: Final = Tier(TIER, 999_999, "Deny")
SEEN: Final = both(tcp(WEB, LEDGER, 8443))
PODS: Final = Inventory(pods=(Pod("shop", "web", PodSpec(Labels.of({"app": "web"})), ("10.0.0.1",)),))


def made(*rows: object) -> RecommendationSet:
    """Return what rows make, without a snapshot."""
    return recommend(table_of(rows or SEEN), settings=Settings())[0]  # type: ignore[arg-type]


def test_each_scope_is_said_by_a_policy_of_its_namespace() -> None:
    """Where nobody stands after ours; nothing of Calico's is needed."""
    found = in_kubernetes(made(), cluster=Cluster(PODS, PolicySet()), tier=OURS)

    said = [policy for each in found.policies.values() for policy in each]
    assert [each.name for each in found.policies] == ["payments", "shop"]
    assert [(each.namespace, each.name, each.types, each.staged) for each in said] == [
        ("payments", f"{TIER}.payments", ("Ingress",), None),
        ("shop", f"{TIER}.shop", ("Egress",), None),
    ]
    assert found.refused == ()


def test_staged_ones_stay_staged() -> None:
    """Calico has a kind for them."""
    found = in_kubernetes(made(), cluster=None, tier=OURS, as_enforced=False)

    assert {policy.staged for each in found.policies.values() for policy in each} == {"Set"}


def test_a_scope_for_whose_pods_others_decide_is_refused_by_name() -> None:
    """Its neighbour is not."""
    there = KubernetesPolicy("shop", "theirs", types=("Egress",))

    found = in_kubernetes(made(), cluster=Cluster(PODS, PolicySet(policies=(there,))), tier=OURS)

    assert [each.name for each in found.policies] == ["payments"]
    assert found.refused == (
        Skipped(
            Scope("Namespace", "shop"),
            "KubernetesNetworkPolicy shop/theirs of tier default decides for its pods after ours, "
            "and a Kubernetes NetworkPolicy cannot pass on to it: use Calico's kinds",
        ),
    )


def test_without_a_snapshot_the_records_tell_who_decides() -> None:
    """A later tier allowed it."""
    found = in_kubernetes(made(*both(tcp(WEB, LEDGER), trace=(hit("default"),))), cluster=None, tier=OURS)

    assert found.policies == {}
    assert {each.scope.name for each in found.refused} == {"payments", "shop"}


def test_what_has_no_words_refuses_its_scope_as_a_whole() -> None:
    """Half a policy would isolate what it cannot say."""
    found = in_kubernetes(made(*SEEN, *both(Edge(WEB, LEDGER, "ICMP", None, Icmp(8, 0)))), cluster=None, tier=OURS)

    assert found.policies == {}
    assert all("ICMP" in each.reason for each in found.refused)
