"""Whether others decide for a scope's pods after ours."""

from collections.abc import Sequence
from typing import Final

import pytest
from msgspec.structs import replace

from ringfence.learning.admission import admit
from ringfence.model.kubernetes_policy import KubernetesPolicy
from ringfence.model.label_selector import LabelSelector
from ringfence.model.policy import Policy, Tier
from ringfence.model.policy_set import AnyPolicy, PolicySet
from ringfence.model.selector import All, Equals
from ringfence.rules.assemble import MANAGED_BY, assemble
from ringfence.rules.followers import Followers, seen_after
from ringfence.rules.permit import IntraNamespacePeer, Permit
from ringfence.rules.whom import Whom
from tests.learning.evidence_rows import CART, TIER, WEB, both, hit, table_of, tcp
from tests.rules.clusters import bare, cluster, controller

OURS: Final = Tier(TIER, 500, "Deny")
TIERS: Final = (Tier("early", 100, "Pass"), OURS, Tier("late", 600, "Pass"))
WORLD: Final = cluster(
    controller("CronJob", "report", "app=report"),
    pods=[bare("web", "app=web", "10.0.0.1"), bare("ledger", "app=ledger", "10.0.1.1", namespace="bank")],
)
EGRESS: Final = Permit("Egress", IntraNamespacePeer("shop"), None, None, None, ("e",), "Observed")
POLICY: Final = assemble("shop", [EGRESS], tier=TIER)


def after(*others: AnyPolicy, policy: Policy = POLICY, tiers: Sequence[Tier] = TIERS, missing: str = "") -> str | None:
    """Return who decides after our policy of the shop's egress."""
    inventory = replace(WORLD.inventory, missing=frozenset(missing.split()))
    world = replace(WORLD, inventory=inventory, policies=PolicySet(tuple(tiers), others))
    return Followers(world, OURS).after(policy)


def other(
    tier: str = "default", namespace: str | None = "shop", app: str | None = None, *, egress: bool = True
) -> Policy:
    """Return a policy of somebody else."""
    selector = All() if app is None else Equals("app", app)
    return Policy(tier, namespace, "theirs", 1.0, selector, ("Egress",) if egress else ("Ingress",))


KNP: Final = KubernetesPolicy("shop", "knp", types=("Egress",))


@pytest.mark.parametrize(
    ("policy", "decides"),
    [
        (other(), True),
        (other("late"), True),
        (other(TIER), True),
        (other("nowhere"), True),
        (other("early"), False),
        (other(namespace=None), True),
        (other(namespace="bank"), False),
        (other(app="web"), True),
        (other(app="report"), True),
        (other(app="ledger", namespace=None), False),
        (other(egress=False), False),
        (replace(other(), staged="Set"), False),
        (replace(other(), labels=(MANAGED_BY,)), False),
        (KNP, True),
        (replace(KNP, pod_selector=LabelSelector((("app", "absent"),))), False),
        (replace(KNP, labels=(MANAGED_BY,)), False),
    ],
    ids=repr,
)
def test_whoever_selects_a_pod_after_us_decides(policy: AnyPolicy, *, decides: bool) -> None:
    """In our own tier, in a later one, in one that does not exist; templates count; other directions do not."""
    found = after(policy)

    assert (found is not None) == decides
    assert found is None or policy.name in found


def test_only_pods_that_our_policy_selects_count() -> None:
    """Others of the namespace are no matter of a workload's policy."""
    of_report = assemble("shop", [EGRESS], tier=TIER, whom=Whom("report", Equals("app", "report"), ("Egress",)))

    assert after(other(app="web"), policy=of_report) is None
    assert after(other(app="report"), policy=of_report) is not None


@pytest.mark.parametrize("missing", ["NetworkPolicy", "GlobalNetworkPolicy", "KubernetesNetworkPolicy"])
def test_policies_that_nobody_supplied_may_decide(missing: str) -> None:
    """What is not known counts as somebody."""
    assert missing in (after(missing=missing) or "")


def test_without_a_snapshot_whoever_allowed_what_was_seen_decides() -> None:
    """The records name it."""
    plain, later = (
        admit(table_of(both(tcp(WEB, CART), **more)), tier=TIER, covers={"shop"}).admitted
        for more in ({}, {"trace": (hit("default"),)})
    )

    assert seen_after(plain) is None
    assert seen_after(later) == "default-policy of tier default decides for its pods"
