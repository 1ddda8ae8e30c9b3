"""Written policies over a cluster's: what is replaced, what stays, and what a complete part deletes."""

import pytest
from msgspec.structs import replace

from ringfence.model.cluster import Cluster
from ringfence.model.kubernetes_policy import KubernetesPolicy
from ringfence.model.labels import Labels
from ringfence.model.network_set_object import NetworkSetObject
from ringfence.model.policy import Tier
from ringfence.model.policy_set import Rejected
from ringfence.semantics.scopes import ref_of
from ringfence.verify.overlay import CompletePart, Difference, Written, difference, overlay, unsupplied
from tests.semantics.small_world import SECURITY, inventory, policies, policy, rule
from tests.verify.edges import cluster

WEB = policy("web", rule())
STAGED = policy("web", rule("Deny"), staged="Set")
LEDGER = policy("ledger", rule(), namespace="payments")
GLOBAL = policy("guard", rule(), namespace=None, tier="security")
KUBERNETES = KubernetesPolicy("shop", "web")


def names(of: Cluster) -> list[str]:
    """Return kind and name of each policy."""
    return [f"{ref.kind} {ref.namespace}/{ref.name}" for ref in map(ref_of, of.policies.policies)]


def test_a_written_policy_takes_the_place_of_that_of_its_kind_namespace_and_name() -> None:
    """And of no other: a staged policy, Kubernetes' own and one of another namespace are other objects."""
    there = cluster(WEB, STAGED, KUBERNETES, LEDGER)
    narrowed = policy("web", rule(port=80))

    after = overlay(there, Written((narrowed,)))

    assert set(names(after)) == set(names(there))
    assert [each for each in after.policies.policies if ref_of(each) == ref_of(WEB)] == [narrowed]


def test_a_policy_stored_with_its_tiers_name_is_the_one_written_without() -> None:
    """Up to 3.31 ``web`` is stored as ``default.web``; where both exist they are two."""
    stored = policy("default.web", rule())

    assert names(overlay(cluster(stored), Written((WEB,)))) == ["NetworkPolicy shop/web"]
    assert len(names(overlay(cluster(stored, WEB), Written((WEB,))))) == 2


def test_what_is_not_written_stays() -> None:
    """Without a complete part nothing is deleted."""
    assert names(overlay(cluster(WEB, LEDGER), Written())) == names(cluster(WEB, LEDGER))


@pytest.mark.parametrize(
    ("part", "left"),
    [
        (CompletePart("namespace", "shop"), {LEDGER, GLOBAL}),
        (CompletePart("namespace", "payments"), {WEB, STAGED, KUBERNETES, GLOBAL}),
        (CompletePart("tier", "default"), {GLOBAL}),
        (CompletePart("tier", "security"), {WEB, STAGED, KUBERNETES, LEDGER}),
        (CompletePart("all"), set()),
    ],
)
def test_a_complete_part_loses_what_was_not_written(part: CompletePart, left: set[object]) -> None:
    """Staged policies and Kubernetes' own are of the part as well."""
    there = cluster(WEB, STAGED, KUBERNETES, LEDGER, GLOBAL)

    assert set(overlay(there, Written(complete=(part,))).policies.policies) == left


def test_what_was_written_stays_whatever_part_is_complete() -> None:
    """Also where it lies outside the part."""
    after = overlay(cluster(WEB, LEDGER), Written((WEB, GLOBAL), complete=(CompletePart("namespace", "shop"),)))

    assert set(after.policies.policies) == {WEB, GLOBAL, LEDGER}


def test_a_complete_part_deletes_policies_only() -> None:
    """Tiers and network sets come from the directory where it has them, else from the snapshot."""
    corp = NetworkSetObject(None, "corp", Labels.of({"site": "corp"}), ("203.0.113.0/24",))
    wider = replace(corp, nets=("203.0.112.0/23",))
    own = NetworkSetObject("shop", "corp", Labels(), ("198.51.100.0/24",))
    there = Cluster(replace(inventory(), network_sets=(corp,)), policies(WEB))
    late = Tier("late", 2_000_000, "Pass")

    after = overlay(there, Written(tiers=(late,), network_sets=(own, wider), complete=(CompletePart("all"),)))

    assert after.policies.tiers == (late, SECURITY)
    assert after.inventory.network_sets == (wider, own)


def test_staged_kinds_that_nobody_supplied_are_those_that_were_written() -> None:
    """The lack is named, and an enforced kind stays unknown unless the directory is complete."""
    kinds = ("StagedNetworkPolicy", "GlobalNetworkPolicy", "Tier")
    there = cluster(objects=inventory(missing=kinds))

    assert overlay(there, Written()).inventory.missing == {"GlobalNetworkPolicy", "Tier"}
    assert unsupplied(there, Written()) == ("StagedNetworkPolicy",)
    complete = Written(complete=(CompletePart("all"),))
    assert overlay(there, complete).inventory.missing == {"Tier"}
    assert unsupplied(there, complete) == ()


def test_a_rejected_policy_is_forgotten_when_it_is_written_anew() -> None:
    """And what was written and is rejected is told."""
    old = Rejected("NetworkPolicy", "shop", "web", ("is wrong",), absent=False)
    other = replace(old, name="other")
    there = Cluster(inventory(), replace(policies(WEB), rejected=(old,)))

    assert overlay(there, Written((WEB,))).policies.rejected == ()
    assert overlay(there, Written(rejected=(other,))).policies.rejected == (other, old)


def test_the_difference_is_told_by_object_and_not_by_its_labels() -> None:
    """A label on a policy changes no connection."""
    labelled = replace(LEDGER, labels=(("team", "payments"),), annotations=(("note", "x"),))
    before, after = policies(WEB, LEDGER, GLOBAL), policies(policy("web", rule(port=1)), labelled, STAGED)

    assert difference(before, after) == Difference(
        added=(ref_of(STAGED),), changed=(ref_of(WEB),), deleted=(ref_of(GLOBAL),)
    )
