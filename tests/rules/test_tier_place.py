"""Where our tier stands among those of the cluster."""

import pytest

from ringfence.model.policy import Tier
from ringfence.model.policy_set import PolicySet
from ringfence.rules.tier_place import TierPlace, tier_place
from ringfence.rules.whom import Refused
from tests.learning.evidence_rows import TIER
from tests.rules.clusters import cluster

MANAGED_BY = ("app.kubernetes.io/managed-by", "ringfence")
DEFAULT = Tier("default", 1_000_000, "Deny")


def place(*tiers: Tier, missing: tuple[str, ...] = (), name: str = TIER) -> TierPlace | Refused:
    """Return where our tier goes beside others."""
    return tier_place(name, cluster(policies=PolicySet((*tiers, DEFAULT)), missing=missing))


@pytest.mark.parametrize(
    ("orders", "wanted"),
    [
        ((), 500_500),
        ((100,), 500_500),
        ((1_000, 2_000_000), 500_500),
        ((100, 900_000), 950_000),
        ((999_999,), 999_999.5),
    ],
)
def test_a_new_tier_goes_midway_between_the_last_tier_and_default(orders: tuple[float, ...], wanted: float) -> None:
    """Later tiers do not count, and Calico's own first tier is always there."""
    tiers = [Tier(f"t{order}", order, "Deny") for order in orders]

    assert place(*tiers) == TierPlace(Tier(TIER, wanted, "Deny", (MANAGED_BY,)), written=True)


def test_without_tiers_in_the_input_it_goes_directly_before_default() -> None:
    """With a snapshot that holds none, and without a snapshot."""
    wanted = TierPlace(Tier(TIER, 999_999, "Deny", (MANAGED_BY,)), written=True)

    assert place(missing=("Tier",)) == wanted
    assert tier_place(TIER, None) == wanted


@pytest.mark.parametrize("ours", [True, False])
def test_a_tier_that_exists_is_never_moved(*, ours: bool) -> None:
    """Written again only where it is ours."""
    there = Tier(TIER, 77, "Deny", (MANAGED_BY,) if ours else ())

    assert place(Tier("late", 900_000, "Deny"), there) == TierPlace(there, written=ours)


def test_a_tier_that_passes_at_its_end_is_refused() -> None:
    """Policies in it would isolate nobody."""
    refused = place(Tier(TIER, 77, "Pass"))

    assert isinstance(refused, Refused)
    assert "defaultAction Pass" in refused.reason


@pytest.mark.parametrize("name", ["default", "kube-admin", "kube-baseline", "adminnetworkpolicy"])
def test_calicos_own_tiers_are_refused(name: str) -> None:
    """Others' policies stand there."""
    assert isinstance(place(name=name), Refused)
    assert isinstance(tier_place(name, None), Refused)
