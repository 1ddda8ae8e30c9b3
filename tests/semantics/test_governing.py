"""Asking only the policies that may govern an endpoint, or only one address of a class, changes no answer."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ringfence.model.address_set import AddressSet
from ringfence.model.inventory import Inventory
from ringfence.model.policy import Direction
from ringfence.model.policy_set import PolicySet
from ringfence.semantics.address_classes import AddressClasses
from ringfence.semantics.connection import Connection
from ringfence.semantics.endpoints import Endpoints
from ringfence.semantics.governing import facing, governing
from ringfence.semantics.reference import judge, side
from ringfence.semantics.resolve import resolve
from tests.semantics.generated import inventories, policy_sets

OUTSIDE = [
    "10.0.0.1",
    "10.255.255.255",
    "11.0.0.0",
    "198.18.0.0",
    "198.18.0.3",
    "198.18.0.200",
    "198.18.1.0",
    "8.8.8.8",
]


@given(policy_sets(), inventories(), st.data())
def test_policies_that_do_not_govern_are_never_missed(
    policies: PolicySet, inventory: Inventory, data: st.DataObject
) -> None:
    """Every side has the same outcomes and traces with all policies and with those that may govern it."""
    ends = Endpoints(inventory)
    source, destination = (ends.pod(data.draw(st.sampled_from(inventory.pods))) for _ in range(2))
    connection = Connection(source, destination, "TCP", data.draw(st.sampled_from([80, 443, None])))
    tiers = resolve(policies, inventory, "enforced")
    directions: tuple[tuple[Direction, object], ...] = (("Egress", source.subject), ("Ingress", destination.subject))
    for direction, subject in directions:
        assert subject is not None
        few = governing(tiers, subject.holder, direction)
        assert side(few, subject, direction, connection) == side(tiers, subject, direction, connection)


@given(policy_sets(), inventories(), st.data())
def test_rules_that_cannot_mean_the_peer_are_never_missed(
    policies: PolicySet, inventory: Inventory, data: st.DataObject
) -> None:
    """Every side has the same outcomes and traces when only rules are left that may match the other end."""
    ends = Endpoints(inventory)
    pods = st.sampled_from(inventory.pods).map(ends.pod)
    outside = st.lists(st.sampled_from(OUTSIDE), min_size=1, max_size=2, unique=True)
    own = data.draw(pods)
    peer = data.draw(pods | outside.map(lambda texts: ends.somewhere("outside", AddressSet.of(texts))))
    tiers = resolve(policies, inventory, "enforced")
    port = data.draw(st.sampled_from([80, 443, None]))
    asked: tuple[tuple[Direction, Connection], ...] = (
        ("Egress", Connection(own, peer, "TCP", port)),
        ("Ingress", Connection(peer, own, "TCP", port)),
    )
    for direction, connection in asked:
        assert own.subject is not None
        few = [
            replace(tier, policies=tuple(facing(policy, peer, direction) for policy in tier.policies)) for tier in tiers
        ]
        assert side(few, own.subject, direction, connection) == side(tiers, own.subject, direction, connection)


@given(policy_sets(), inventories(), st.sampled_from(OUTSIDE), st.sampled_from(OUTSIDE), st.data())
def test_addresses_of_one_class_have_one_answer(
    policies: PolicySet, inventory: Inventory, one: str, other: str, data: st.DataObject
) -> None:
    """What stands at one address of a class is judged like what stands at another."""
    tiers = resolve(policies, inventory, "enforced")
    classes = AddressClasses(tiers, inventory)
    ends = Endpoints(inventory)
    pod = ends.pod(data.draw(st.sampled_from(inventory.pods)))
    answers = [
        judge(tiers, Connection(ends.somewhere("outside", AddressSet.of([address])), pod, "TCP", 80))
        for address in (one, other)
    ]
    if classes.of(one) == classes.of(other):
        assert answers[0] == answers[1]


def test_neighbours_on_both_sides_of_a_boundary_are_two_classes() -> None:
    """Families never share a class; without policies each is one."""
    inventory = Inventory()
    classes = AddressClasses((), inventory)
    assert classes.of("10.0.0.1") == classes.of("192.0.2.1")
    assert classes.of("10.0.0.1") != classes.of("2001:db8::1")
