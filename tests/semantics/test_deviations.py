"""Where Calico's preview misleads, each with a connection that it misleads about and one that it does not."""

import pytest
from msgspec.structs import replace

from ringfence.model.address_set import AddressSet
from ringfence.model.edge import Icmp
from ringfence.model.inventory import Inventory
from ringfence.model.node import HostEndpoint
from ringfence.model.policy import HttpMatch, IcmpMatch, Match, Rule, ServiceRef
from ringfence.model.policy_set import AnyPolicy
from ringfence.model.service import EndpointSlice, SliceEndpoint, SlicePort
from ringfence.semantics.connection import Connection
from ringfence.semantics.deviations import deviations
from ringfence.semantics.endpoints import Endpoints
from ringfence.semantics.reference import judge
from ringfence.semantics.resolve import resolve
from tests.semantics.small_world import CART, REDIS, connection, inventory, policies, policy, rule

TO_REDIS = connection(CART, REDIS)
PING = connection(CART, REDIS, None, protocol="ICMP", icmp=Icmp(8, 0))
SCTP = connection(CART, REDIS, 9999, protocol="SCTP")
V6 = replace(
    TO_REDIS,
    source=replace(TO_REDIS.source, addresses=AddressSet.of(["fd00::1"])),
    destination=replace(TO_REDIS.destination, addresses=AddressSet.of(["fd00::2"])),
)
BEHIND = EndpointSlice("shop", "db", "db", (SlicePort("", "SCTP", 9999),), (SliceEndpoint(("10.0.0.2",)),))


def ids(asked: Connection, *found: AnyPolicy, there: Inventory | None = None) -> list[str]:
    """Return the ids of the deviations in mode pending."""
    tiers = resolve(policies(*found), there or inventory(), "pending")
    return [each.id for each in deviations(policies(*found), tiers, asked, judge(tiers, asked))]


@pytest.mark.parametrize(
    ("feature", "written", "misled", "not_misled"),
    [
        ("named-port", rule(named="redis"), TO_REDIS, connection(CART, REDIS, 80)),
        (
            "negated-named-port",
            Rule("Allow", "TCP", destination=Match(not_named_ports=("redis",))),
            TO_REDIS,
            connection(CART, REDIS, 80),
        ),
        ("icmp-type", Rule("Allow", "ICMP", icmp=IcmpMatch(0)), PING, TO_REDIS),
        ("ip-version", Rule("Allow", ip_version=6), TO_REDIS, V6),
        ("not-nets-family", Rule("Allow", source=Match(not_nets=("192.0.2.0/24",))), V6, TO_REDIS),
        ("http", Rule("Allow", "TCP", http=HttpMatch(methods=("GET",))), TO_REDIS, PING),
    ],
)
def test_a_feature_is_told_where_it_changes_what_a_rule_says(
    feature: str, written: Rule, misled: Connection, not_misled: Connection
) -> None:
    """The same rule is silent about a connection for which both evaluators agree."""
    found = policy("one", written)

    assert ids(misled, found) == [feature]
    assert ids(not_misled, found) == []


def test_an_sctp_member_of_a_service_never_matches_in_the_preview() -> None:
    """Its TCP members do."""
    there = replace(inventory(), slices=(BEHIND,))
    found = policy(
        "out",
        Rule("Allow", destination=Match(service=ServiceRef("shop", "db"))),
        selects="app == 'cart'",
        direction="Egress",
    )

    assert ids(SCTP, found, there=there) == ["sctp-service"]
    assert ids(TO_REDIS, found, there=there) == []


def test_rules_that_were_not_consulted_are_silent() -> None:
    """A rule behind the one that decided cannot mislead."""
    first, second = policy("first", rule(), order=1), policy("second", rule(named="redis"), order=2)

    assert ids(TO_REDIS, first, second) == []
    assert ids(TO_REDIS, replace(first, order=3), second) == ["named-port"]


def test_host_endpoints_are_not_previewed() -> None:
    """Calico evaluates pending policies for local workloads only."""
    host = HostEndpoint("node-a-eth0", "node-a", expected_ips=("192.0.2.1",))
    there = replace(inventory(), host_endpoints=(host,))
    asked = replace(TO_REDIS, destination=Endpoints(there).host(host))

    assert ids(asked, there=there) == ["host-endpoint"]


def test_a_staged_deletion_is_never_previewed() -> None:
    """Told only where its twin governs an end of this connection."""
    delete = replace(policy("isolate", staged="Delete"), ingress=())

    assert ids(TO_REDIS, policy("isolate"), delete) == ["staged-delete"]
    assert ids(TO_REDIS, policy("isolate", selects="app == 'web'"), delete) == []
    assert ids(TO_REDIS, delete) == []


def test_a_revision_behind_its_twin_is_never_reached() -> None:
    """Equal order sorts the staged one last; a lower order lets the preview reach it (calico-semantics 4.1)."""
    enforced, staged = policy("redis", rule()), policy("redis", rule("Deny"), staged="Set")

    assert ids(TO_REDIS, enforced, staged) == ["twin-not-reached"]
    assert ids(TO_REDIS, enforced, replace(staged, order=99)) == []


def test_a_policy_still_decides_what_its_revision_leaves_to_it() -> None:
    """The preview asks the enforced policy after its revision, which would have replaced it."""
    enforced, staged = policy("redis", rule()), policy("redis", rule(port=443), staged="Set", order=99)

    assert ids(TO_REDIS, enforced, staged) == ["twin-still-counts"]
    assert ids(connection(CART, REDIS, 443), enforced, staged) == []


def test_a_first_staged_policy_in_an_empty_tier_is_alarming_and_right() -> None:
    """Its tier's end denies in the preview; beside an enforced policy it already does."""
    staged = policy("first", rule(port=443), tier="security", staged="Set")

    assert ids(TO_REDIS, staged) == ["staged-tier-end"]
    assert ids(TO_REDIS, staged, policy("old", rule(port=80), tier="security")) == []


def test_a_tier_that_does_not_exist_stops_the_preview() -> None:
    """The dataplane denies at its end; the checker fails and keeps its last answer."""
    found = policy("lost", rule(port=443), tier="nowhere")

    assert ids(TO_REDIS, found) == ["tier-missing"]
