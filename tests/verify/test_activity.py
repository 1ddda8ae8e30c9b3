"""What rules were used for: by the edges that were seen, by the traces in the flows, and by how much of their cells."""

from collections.abc import Iterable

from msgspec.structs import replace

from ringfence.flows.evidence import Evidence
from ringfence.flows.left_out import LeftOut
from ringfence.model.cluster import Cluster
from ringfence.model.endpoint import Network
from ringfence.model.inventory import Inventory
from ringfence.model.node import HostEndpoint
from ringfence.model.policy import Match, Policy, Rule
from ringfence.model.trace import END_OF_TIER, Hit
from ringfence.model.window import HOUR, Window
from ringfence.verify.activity import NOT_SEEN, PERHAPS, RuleActivity, Use, activity
from ringfence.verify.lattice import Share
from tests.learning.evidence_rows import HOUR as FIRST
from tests.learning.evidence_rows import row, tcp
from tests.semantics.small_world import inventory, pod, policies, policy, rule
from tests.verify.edges import CART, LEDGER, REDIS

CLIENTS = policy("redis-clients", rule(source="app == 'cart'", port=6379), rule(source="app == 'web'", port=6379))
TO_REDIS = tcp(CART, REDIS, 6379)


def rules(
    *rows: Evidence, there: Iterable[Policy] = (CLIENTS,), objects: Inventory | None = None
) -> list[RuleActivity]:
    """Return the activity of the rules of these policies."""
    return list(activity(rows, Cluster(objects or inventory(), policies(*there))))


def test_a_rule_that_decides_an_edge_is_used_and_the_others_are_not() -> None:
    """With the hours of flows that support it, of what the policy selects."""
    elsewhere = row(tcp(CART, LEDGER, 80), hours=(9,))
    used, unused = rules(row(TO_REDIS, hours=(0, 3), connections=7), elsewhere)

    assert (used.state, used.judged) == ("Used", Use(1, 7, (FIRST + 3) * HOUR + 300))
    assert (unused.state, unused.judged, unused.hours) == ("Unused", None, 2)
    assert unused.window == Window(FIRST * HOUR, (FIRST + 4) * HOUR)


def test_a_rule_of_a_policy_whose_endpoints_nobody_saw_is_not_called_unused() -> None:
    """Silence of the logs is no evidence."""
    found = rules(row(tcp(CART, LEDGER, 80)))

    assert {(each.state, each.reason, each.window) for each in found} == {("Unknown", NOT_SEEN, None)}


def test_a_rule_that_may_have_decided_is_not_called_unused() -> None:
    """The address that was spoken to is not known, so neither is whether it lies in the net."""
    partner = Rule("Allow", destination=Match(nets=("203.0.113.0/24",)))
    out = policy("out", partner, selects="app == 'cart'", direction="Egress")

    (found,) = [each for each in rules(row(tcp(CART, Network("public"), 443)), there=[out]) if each.index == 0]

    assert (found.state, found.reason) == ("Unknown", PERHAPS)


def test_what_flows_recorded_counts_as_use_though_todays_policies_decide_otherwise() -> None:
    """The recorded name may carry its tier, and its kind may not be told; a staged hit decides nothing."""
    recorded = Hit(0, "default", None, "shop", "default.redis-clients", "Allow", 1)
    staged = replace(recorded, kind="StagedNetworkPolicy", rule_index=0)
    first, second = rules(
        row(TO_REDIS, reporter="Destination", trace=(staged, recorded), connections=3), there=[CLIENTS]
    )

    assert (first.recorded, second.judged) == (None, None)
    assert (second.state, second.recorded) == ("Used", Use(1, 3, FIRST * HOUR + 300))


def test_an_edge_that_both_sides_reported_is_one_use() -> None:
    """Of two counts of one edge the larger stands."""
    hit = Hit(0, "default", "NetworkPolicy", "shop", "redis-clients", "Allow", 0)
    first, _ = rules(
        row(TO_REDIS, reporter="Destination", trace=(hit,), connections=3, hours=(1,)),
        row(TO_REDIS, reporter="Destination", trace=(hit,), connections=5, hours=(2,)),
    )

    assert first.recorded == Use(1, 5, (FIRST + 2) * HOUR + 300)


def test_the_end_of_a_tier_is_told_where_it_decided() -> None:
    """By the policy that traces write it on."""
    (end,) = [each for each in rules(row(tcp(LEDGER, REDIS, 6379))) if each.index == END_OF_TIER]

    assert (end.policy.name, end.action, end.state) == ("redis-clients", "Deny", "Used")
    assert end.judged is not None


def test_a_log_rule_is_no_rule_that_could_be_unused() -> None:
    """It decides nothing by itself; the others keep their index."""
    logged = policy("redis-clients", rule("Log"), rule(source="app == 'cart'", port=6379))

    assert [each.index for each in rules(row(TO_REDIS), there=[logged])] == [1]


def test_the_share_of_a_rule_is_counted_in_cells_of_workloads_and_served_ports() -> None:
    """Three pods may reach redis on the port it declares and on the one it was asked for; one did, on one."""
    wide = policy("wide", rule())
    (found,) = rules(row(TO_REDIS), row(tcp(LEDGER, REDIS, 6380)), there=[wide])

    assert found.share == Share(used=2, allowed=3 * 2, outside=True)
    assert not found.too_broad


def test_a_rule_of_which_little_was_used_is_too_broad() -> None:
    """Only an Allow: a Pass lets nothing through by itself."""
    pods = [pod(f"client-{number}", f"10.0.1.{number}", app="client") for number in range(8)]
    objects = inventory(pod("cart", "10.0.0.1"), pod("redis", "10.0.0.2"), *pods)
    allow, other = policy("wide", rule(source="all()")), policy("wide", rule("Pass", source="all()"))

    (broad,) = rules(row(TO_REDIS), there=[allow], objects=objects)
    assert broad.share == Share(used=1, allowed=10)
    assert broad.too_broad
    assert not any(each.too_broad for each in rules(row(TO_REDIS), there=[other], objects=objects))


def test_the_cells_of_egress_are_those_of_whom_the_policy_selects() -> None:
    """A port that a rule does not name is no cell of it."""
    out = policy("out", rule(port=6379), selects="app == 'cart'", direction="Egress")
    (found,) = [each for each in rules(row(TO_REDIS), there=[out]) if each.index == 0]

    assert found.share == Share(used=1, allowed=3, outside=True)


def test_policies_of_hosts_are_watched_at_their_nodes() -> None:
    """A host endpoint that nobody saw is not known."""
    host = HostEndpoint("a", "node-a", expected_ips=("192.0.2.1",))
    guard = policy("guard", rule(), namespace=None, selects="all()")
    (found,) = rules(there=[guard], objects=replace(inventory(), host_endpoints=(host,)))

    assert (found.state, found.reason) == ("Unknown", NOT_SEEN)


def test_rows_that_show_no_connection_use_nothing() -> None:
    """A reply is no request."""
    reply = row(TO_REDIS, left_out=LeftOut.REPLY)

    assert {(each.state, each.reason) for each in rules(reply)} == {("Unknown", NOT_SEEN)}
