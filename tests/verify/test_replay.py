"""What changed policies do to edges that were seen, judged by eye in a world of three pods."""

import pytest
from msgspec.structs import replace

from ringfence.dialects.selector import parse_selector
from ringfence.flows.evidence import Sample
from ringfence.model.cluster import Cluster
from ringfence.model.endpoint import Host, Network, NetworkSet, Workload
from ringfence.model.labels import Labels
from ringfence.model.network_set_object import NetworkSetObject
from ringfence.model.node import HostEndpoint, Node
from ringfence.model.pod import Owner
from ringfence.model.policy import Match, Policy, Rule
from ringfence.semantics.scopes import Scope
from ringfence.verify.groups import grouped
from ringfence.verify.overlay import CompletePart, Written
from ringfence.verify.replay import NO_COMMON_FAMILY, NOT_IN_SNAPSHOT
from tests.semantics import small_world
from tests.semantics.small_world import inventory, pod, policies, policy, rule
from tests.verify.edges import CART, LEDGER, REDIS, TO_REDIS, change, cluster, everything, replayed, seen

FROM_CART = rule(source="app == 'cart'", port=6379)
REDIS_CLIENTS = policy("redis-clients", FROM_CART)
INTERNET = Network("public")


def addresses(*texts: str, complete: bool = True) -> Sample:
    """Return the addresses that were seen, all of them unless said otherwise."""
    return Sample(texts, complete=complete)


def test_an_edge_that_a_narrower_policy_denies_is_cut_at_the_end_that_denies_it() -> None:
    """The rule that cuts it is the tier's end; the one that allowed it is rule 0."""
    found = change(TO_REDIS, there=cluster(REDIS_CLIENTS), written=Written((policy("redis-clients", rule(port=80)),)))

    assert (found.change, found.directions, found.partly) == ("Cut", ("Ingress",), False)
    assert found.before.ingress is not None
    assert found.after.ingress is not None
    assert [(hit.name, hit.rule_index) for hit in found.before.ingress.trace] == [("redis-clients", 0)]
    assert [(hit.name, hit.rule_index, hit.action) for hit in found.after.ingress.trace] == [
        ("redis-clients", -1, "Deny")
    ]


def test_an_edge_that_was_denied_and_is_allowed_is_opened() -> None:
    """A deleted policy leaves the profile to decide."""
    deny = policy("redis-clients", rule("Deny"))

    assert change(TO_REDIS, there=cluster(deny), written=everything()).change == "Opened"


def test_an_edge_is_unchanged_where_another_rule_decides_the_same() -> None:
    """What decides may differ; who reaches whom does not."""
    found = replayed(TO_REDIS, there=cluster(REDIS_CLIENTS), written=Written((policy("more", rule(), order=1),)))

    assert (found.changes, found.unchanged, found.judged) == ((), (TO_REDIS,), 1)


def test_what_is_denied_at_the_other_end_all_the_same_is_unchanged() -> None:
    """Opening one of two closed doors opens nothing."""
    out = policy("no-egress", rule("Deny"), selects="app == 'cart'", direction="Egress")
    found = replayed(
        TO_REDIS,
        there=cluster(out, policy("redis-clients", rule("Deny"))),
        written=Written((REDIS_CLIENTS,)),
    )

    assert found.changes == ()


def test_unchanged_edges_are_told_with_their_traces_where_they_are_asked_for() -> None:
    """Counted once all the same."""
    found = replayed(TO_REDIS, there=cluster(REDIS_CLIENTS), written=Written(), every=True)

    assert [each.change for each in found.changes] == ["Unchanged"]
    assert found.judged == len(found.unchanged) == 1


@pytest.mark.parametrize(
    ("mode", "expected"), [("what-if", "Cut"), ("pending", "Unchanged"), ("enforced", "Unchanged")]
)
def test_staged_policies_count_as_the_mode_says(mode: Scope, expected: str) -> None:
    """A staged twin of equal order replaces, stands behind, or does not count."""
    staged = policy("redis-clients", rule(port=80), staged="Set")
    found = replayed(TO_REDIS, there=cluster(REDIS_CLIENTS), written=Written((staged,)), mode=mode, every=True)

    assert [each.change for each in found.changes] == [expected]


@pytest.mark.parametrize("order", [50, 100, 150])
def test_a_staged_edit_is_right_where_the_preview_is_wrong(order: float) -> None:
    """Whatever its order, the old policy no longer lets anything through; Calico still asks it."""
    staged = policy("redis-clients", rule(port=80), staged="Set", order=order)
    found = change(TO_REDIS, there=cluster(REDIS_CLIENTS), written=Written((staged,)))

    assert found.change == "Cut"
    assert [each.id for each in found.preview] == ["twin-still-counts" if order == 50 else "twin-not-reached"]


def test_a_staged_deletion_is_right_where_the_preview_shows_nothing() -> None:
    """What the policy denied is opened."""
    deny = policy("redis-clients", rule("Deny"))
    found = change(TO_REDIS, there=cluster(deny), written=Written((replace(deny, staged="Delete", ingress=()),)))

    assert (found.change, [each.id for each in found.preview]) == ("Opened", ["staged-delete"])


def test_a_dismissed_recommendation_is_not_carried_out() -> None:
    """``Ignore`` counts in Calico's preview and not in ours."""
    ignored = policy("redis-clients", rule("Deny"), staged="Ignore")

    assert replayed(TO_REDIS, there=cluster(), written=Written((ignored,))).changes == ()
    assert change(TO_REDIS, there=cluster(), written=Written((ignored,)), mode="pending").change == "Cut"


def test_a_workload_that_is_gone_is_not_judged_and_says_so() -> None:
    """Neither cut nor unchanged: nobody can tell which policies would select it."""
    gone = Workload("shop", "Pod", "old")
    found = replayed(seen(gone, REDIS), there=cluster(), written=Written((REDIS_CLIENTS,)))

    assert found.judged == 0
    assert [(each.reason, each.ends) for each in found.not_judged] == [(NOT_IN_SNAPSHOT, (gone,))]


def test_ends_without_a_common_ip_family_are_not_judged() -> None:
    """An address of the other family was somebody else's."""
    found = replayed(
        seen(CART, INTERNET, addresses=addresses("2001:db8::1")), there=cluster(), written=Written((REDIS_CLIENTS,))
    )

    assert [each.reason for each in found.not_judged] == [NO_COMMON_FAMILY]


def egress(*rules: Rule, name: str = "cart-out") -> Policy:
    """Return an egress policy of the cart."""
    return policy(name, *rules, selects="app == 'cart'", direction="Egress")


def test_a_network_is_cut_at_the_addresses_that_are() -> None:
    """The others are not, so it is cut partly."""
    edge = seen(CART, INTERNET, 443, addresses=addresses("198.51.100.7", "203.0.113.9"))
    partner = Rule("Allow", destination=Match(nets=("203.0.113.0/24",)))

    found = change(edge, there=cluster(), written=Written((egress(partner),)))

    assert (found.change, found.partly, found.addresses) == ("Cut", True, ("198.51.100.7",))


@pytest.mark.parametrize("told", [addresses(), addresses("203.0.113.9", complete=False)])
def test_addresses_that_nobody_told_leave_it_uncertain(told: Sample) -> None:
    """Whether they lie in the net that a rule names is not known; both outcomes and the reason are told."""
    partner = Rule("Allow", destination=Match(nets=("203.0.113.0/24",)))

    found = change(seen(CART, INTERNET, 443, addresses=told), there=cluster(), written=Written((egress(partner),)))

    assert found.change == "Uncertain"
    assert found.after.egress is not None
    assert {outcome.verdict for outcome in found.after.egress.outcomes} == {"Allow", "Deny"}
    assert found.after.egress.unknown == ("which address public addresses has is not known",)


def test_what_is_not_known_and_not_touched_is_unchanged() -> None:
    """The same rules in the same order decide it before and after, whatever they decide."""
    partner = egress(Rule("Allow", destination=Match(nets=("203.0.113.0/24",))))
    there = cluster(partner)

    assert replayed(seen(CART, INTERNET, 443), there=there, written=Written((REDIS_CLIENTS,))).changes == ()


def test_what_is_not_known_and_touched_is_uncertain_though_it_looks_the_same() -> None:
    """Another net of the same rule is another thing that is not known."""
    before, after = (
        egress(Rule("Allow", destination=Match(nets=(net,)))) for net in ("203.0.113.0/24", "198.51.100.0/24")
    )

    assert change(seen(CART, INTERNET, 443), there=cluster(before), written=Written((after,))).change == "Uncertain"


def test_a_tier_that_moves_touches_everybody() -> None:
    """No policy is another, yet the first of two tiers now decides."""
    early, late = policy("allow", rule(), tier="security"), policy("deny", rule("Deny"), tier="late")
    tier = replace(small_world.SECURITY, name="late", order=200)
    there = Cluster(inventory(), replace(policies(early, late), tiers=(small_world.SECURITY, tier)))

    assert change(TO_REDIS, there=there, written=Written(tiers=(replace(tier, order=1),))).change == "Cut"


def test_a_network_set_that_loses_a_net_cuts_what_it_let_through() -> None:
    """No policy is another; whom its selector means is."""
    corp = NetworkSetObject(None, "corp", Labels.of({"site": "corp"}), ("203.0.113.0/24",))
    to_corp = Rule("Allow", destination=Match(selector=parse_selector("site == 'corp'")))
    everywhere = replace(egress(to_corp), namespace=None)
    there = Cluster(replace(inventory(), network_sets=(corp,)), policies(everywhere))
    edge = seen(CART, INTERNET, 443, addresses=addresses("203.0.113.9"))

    found = change(edge, there=there, written=Written(network_sets=(replace(corp, nets=("203.0.113.0/30",)),)))

    assert found.change == "Cut"
    named = seen(CART, NetworkSet(None, "corp"), 443)
    assert replayed(named, there=there, written=Written()).judged == 1
    assert replayed(named, there=cluster(), written=Written()).judged == 0


def test_pods_of_a_workload_that_differ_are_judged_apart() -> None:
    """One pod that loses its door is a cut, of a part of the workload."""
    old = pod("redis", "10.0.0.2", version="1")
    objects = inventory(pod("cart", "10.0.0.1"), old, pod("redis-b", "10.0.0.4", app="redis", version="2"))
    owned = replace(
        objects,
        pods=tuple(
            replace(each, owner=None if each.name == "cart" else Owner("StatefulSet", "redis")) for each in objects.pods
        ),
    )
    edge = seen(CART, Workload("shop", "StatefulSet", "redis"))

    found = change(
        edge, there=cluster(objects=owned), written=Written((policy("v1", rule(port=1), selects="version == '1'"),))
    )

    assert (found.change, found.partly, found.connection.destination.name) == ("Cut", True, "pod shop/redis")


NODES = (Node("node-1", addresses=("192.0.2.1",)), Node("node-2", addresses=("192.0.2.2",)))


def test_a_node_reaches_its_own_pods_whatever_policy_says() -> None:
    """Another node's packets are policed."""
    there = cluster(objects=inventory(nodes=NODES))
    written = Written((policy("closed", rule("Deny")),))
    own, other = seen(Host("node-2"), REDIS), seen(Host("node-1"), REDIS)

    found = replayed(own, other, there=there, written=written)

    assert [(each.seen, each.change) for each in found.changes] == [(other, "Cut")]


def test_a_host_endpoint_is_judged_though_calico_previews_none() -> None:
    """Its own policies decide what its node may reach."""
    host = HostEndpoint("node-1-eth0", "node-1", expected_ips=("192.0.2.1",), labels=Labels.of({"host": "yes"}))
    allowed = policy("any", rule(), selects="host == 'yes'", namespace=None, direction="Egress")
    there = Cluster(replace(inventory(nodes=NODES), host_endpoints=(host,)), policies(allowed))
    closed = replace(allowed, egress=(rule("Deny"),), staged="Set")

    found = change(seen(Host("node-1"), REDIS), there=there, written=Written((closed,)))

    assert (found.change, found.directions) == ("Cut", ("Egress",))
    assert "host-endpoint" in [each.id for each in found.preview]


def test_changes_stand_at_the_end_whose_policies_make_them_worst_first() -> None:
    """Egress before ingress where both do."""
    denies = (
        policy("redis", rule("Deny")),
        egress(rule("Deny", port=8443), rule()),
    )
    out = seen(CART, LEDGER, 8443)
    found = replayed(TO_REDIS, out, there=cluster(), written=Written(denies))

    assert [(group.endpoint, [each.seen for each in group.changes]) for group in grouped(found.changes)] == [
        (CART, [out]),
        (REDIS, [TO_REDIS]),
    ]


def test_a_deleted_policy_of_a_complete_part_cuts_what_it_let_through() -> None:
    """An allow behind which another policy closes the door."""
    closed = policy("closed", rule("Deny"), order=200)
    part = CompletePart("namespace", "shop")

    found = change(TO_REDIS, there=cluster(REDIS_CLIENTS, closed), written=Written((closed,), complete=(part,)))

    assert found.change == "Cut"
