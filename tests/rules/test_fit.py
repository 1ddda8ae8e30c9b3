"""Policies within the limits of the API: the allowed set stays, judged by the reference evaluator."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ringfence.dialects.calico.limits import MAX_NETS, MAX_OBJECT, MAX_RULES
from ringfence.dialects.calico.render import render_network_set, render_policy
from ringfence.dialects.calico.valid import problems
from ringfence.model.inventory import Inventory
from ringfence.model.policy import Policy, Rule
from ringfence.model.port import PortSet
from ringfence.model.selector import All
from ringfence.rules.assemble import assemble
from ringfence.rules.fit import SET_LABEL, fit, with_network_sets
from ringfence.rules.permit import DomainsPeer, NamespacePeer, NetsPeer, NetworkSetPeer, Permit
from ringfence.rules.split import split
from tests.learning.evidence_rows import TIER
from tests.rules.judged import allowed
from tests.semantics.generated import ADDRESSES, inventories, rules, turned


def policy(ingress: list[Rule], egress: list[Rule]) -> Policy:
    """Return a policy of both directions for the pods of shop."""
    return Policy(
        TIER,
        "shop",
        f"{TIER}.shop",
        1000.0,
        All(),
        ("Ingress", "Egress"),
        tuple(ingress),
        tuple(turned(rule) for rule in egress),
        staged="Set",
    )


some_rules = st.lists(rules(("Allow", "Pass", "Deny")), min_size=1, max_size=5)


@given(some_rules, some_rules, inventories(), st.integers(1, 3), st.sampled_from([MAX_OBJECT, 700]))
def test_the_parts_of_a_policy_let_pass_what_the_whole_does(
    ingress: list[Rule], egress: list[Rule], inventory: Inventory, most_rules: int, most_bytes: int
) -> None:
    """The law of the pass, whatever the rules say."""
    whole = policy(ingress, egress)
    fitted = fit(whole, most_rules=most_rules, most_bytes=most_bytes)

    assert allowed(fitted.policies, inventory, addresses=ADDRESSES) == allowed([whole], inventory, addresses=ADDRESSES)
    assert all(max(len(part.ingress), len(part.egress)) <= most_rules for part in fitted.policies)


@given(some_rules, some_rules, st.integers(1, 3))
def test_each_rule_says_where_it_stands_now(ingress: list[Rule], egress: list[Rule], most_rules: int) -> None:
    """So a permit finds its rule."""
    whole = policy(ingress, egress)
    fitted = fit(whole, most_rules=most_rules)

    assert [fitted.policies[part].ingress[index] for part, index in fitted.ingress] == list(whole.ingress)
    assert [fitted.policies[part].egress[index] for part, index in fitted.egress] == list(whole.egress)


def test_a_policy_within_the_limits_stays_as_it_is() -> None:
    """Its name too."""
    whole = policy([Rule("Pass", "TCP")] * MAX_RULES, [])

    assert fit(whole).policies == (whole,)


def test_too_many_rules_become_policies_that_calico_takes() -> None:
    """Named after the first, met in order."""
    each = [Rule("Pass", "TCP", destination=replace(Rule("Pass").destination, ports=PortSet.of([80])))]
    parts = fit(policy(each * (2 * MAX_RULES + 1), each)).policies

    assert [(part.name, part.order, len(part.ingress), len(part.egress)) for part in parts] == [
        (f"{TIER}.shop", 1000, MAX_RULES, 1),
        (f"{TIER}.shop-2", 1001, MAX_RULES, 0),
        (f"{TIER}.shop-3", 1002, 1, 0),
    ]
    assert parts[1].types == ("Ingress",)
    assert all(problems(render_policy(part)) == () for part in parts)


def nets(count: int, second: int = 0) -> tuple[str, ...]:
    """Return blocks that do not touch."""
    return tuple(f"10.{second}.{number // 64}.{number % 64 * 4}/32" for number in range(count))


def permit(blocks: tuple[str, ...], port: int, *names: str) -> Permit:
    """Return a TCP egress permit to addresses, or to names at them."""
    peer = DomainsPeer(names, blocks) if names else NetsPeer(blocks)
    return Permit("Egress", peer, "TCP", PortSet.of([port]), None, (f"e{port}",), "Observed", domains=names)


def test_an_object_never_grows_past_what_etcd_takes() -> None:
    """Nets of 1,024 full rules are more than one object holds."""
    many = [Rule("Pass", "TCP", destination=replace(Rule("Pass").destination, nets=nets(MAX_NETS)))] * MAX_RULES
    parts = fit(replace(policy([], []), egress=tuple(many))).policies

    assert len(parts) > 1
    assert all(len(msgspec.json.encode(render_policy(part))) <= MAX_OBJECT for part in parts)


blocks = st.lists(st.sampled_from(["198.18.0.0/31", "198.18.0.2/32", "198.18.0.4/30", "10.0.0.1/32"]), min_size=1).map(
    lambda each: tuple(sorted(set(each)))
)
net_permits = st.lists(st.builds(permit, blocks, st.sampled_from([80, 443])), min_size=1, max_size=6)


@given(net_permits, inventories())
def test_rules_that_name_network_sets_let_pass_what_rules_with_nets_do(
    permits: list[Permit], inventory: Inventory
) -> None:
    """The law of the rewrite, with the sets in the cluster."""
    rewritten, sets = with_network_sets(permits, namespace="shop", label="shop")
    with_sets = replace(inventory, network_sets=(*inventory.network_sets, *sets))
    before, after = (assemble("shop", each, tier=TIER) for each in (permits, rewritten))

    assert allowed([after], with_sets, addresses=ADDRESSES) == allowed([before], inventory, addresses=ADDRESSES)
    assert len(rewritten) <= 2


def test_one_set_holds_what_two_rules_held() -> None:
    """Whatever names they stood for; other ports and other peers keep their rules."""
    made = split(
        [
            permit(nets(MAX_NETS + 1), 80),
            permit(nets(2, second=1), 443),
            Permit("Egress", NamespacePeer("bank"), "TCP", PortSet.of([80]), None, ("x",), "Observed"),
        ]
    )
    rewritten, sets = with_network_sets(made, namespace="shop", label="shop")

    assert [type(each.peer) for each in rewritten] == [NamespacePeer, NetworkSetPeer, NetsPeer]
    assert [(len(each.nets), each.labels.get(SET_LABEL)) for each in sets] == [(MAX_NETS + 1, sets[0].name)]
    assert problems(render_network_set(sets[0])) == ()


def test_an_address_more_changes_the_set_and_no_rule() -> None:
    """Its name says what it is for, not what is in it."""
    few, more = (
        with_network_sets(
            [permit(nets(1), 80, "a.example"), permit(nets(count, 1), 80, "b.example")], namespace="shop", label="shop"
        )
        for count in (1, 2)
    )

    assert few[0][0].peer == more[0][0].peer
    assert few[1] != more[1]
