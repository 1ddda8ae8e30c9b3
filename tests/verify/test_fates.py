"""What some tiers alone make of traffic: the parts of a walk, for whoever asks what earlier and later tiers do."""

from itertools import product

from hypothesis import given

from ringfence.model.inventory import Inventory
from ringfence.model.policy import Direction
from ringfence.model.policy_set import PolicySet
from ringfence.semantics.resolve import resolve
from ringfence.verify.connectivity import connectivity
from ringfence.verify.members import Situation
from tests.verify.all_traffic import inventories, policy_sets

DIRECTIONS: tuple[Direction, Direction] = ("Egress", "Ingress")


@given(policy_sets(), inventories())
def test_later_tiers_decide_what_earlier_ones_leave_undecided(policy_set: PolicySet, inventory: Inventory) -> None:
    """Cut anywhere, both parts together are the whole: at pods, in every tier, for every pair."""
    tiers = resolve(policy_set, inventory, "enforced")
    middle = len(tiers) // 2
    parts = (tiers, tiers[:middle], tiers[middle:])

    whole, earlier, later = connectivity(*(Situation(inventory, each) for each in parts))

    pods = [place for place, each in enumerate(whole.classes) if each.kind == "Workload"]
    for direction, source, destination in product(DIRECTIONS, pods, pods):
        every = [each.fates(direction, source, destination) for each in (whole, earlier, later)]
        for found, first, second in zip(*every, strict=True):
            if found is None or first is None or second is None:
                assert found is first is second is None
                continue
            assert found.allow == first.allow | (first.undecided & second.allow)
            assert found.deny == first.deny | (first.undecided & second.deny)
            assert found.undecided == first.undecided & second.undecided
