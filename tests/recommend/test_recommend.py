"""Recommendations, from the evidence to what a person decides about."""

from collections.abc import Sequence
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.dialects.calico.limits import MAX_RULES
from ringfence.dialects.calico.render import render_policy, render_tier
from ringfence.dialects.calico.valid import problems
from ringfence.flows.evidence import Evidence, EvidenceTable
from ringfence.model.endpoint import Endpoint, Workload
from ringfence.model.policy import Policy
from ringfence.model.selector import All, StartsWith
from ringfence.recommend.recommend import recommend
from ringfence.recommend.recommendation import RecommendationSet
from ringfence.recommend.settings import Settings
from tests.learning.evidence_rows import (
    CART,
    DNS,
    GATEWAY,
    INTERNET,
    INTRANET,
    LEDGER,
    OUTSIDE,
    WEB,
    WORKLOADS,
    addresses,
    both,
    denied,
    hit,
    row,
    table_of,
    tables,
    tcp,
    udp,
)

EVERYWHERE: Final = Settings(namespaces=All())


def made(
    *rows: Evidence, settings: Settings = EVERYWHERE, namespaces: frozenset[str] | None = None
) -> RecommendationSet:
    """Return the recommendations that rows make."""
    return recommend(table_of(rows), settings=settings, namespaces=namespaces)[0]


def policies(found: RecommendationSet) -> dict[str, Policy]:
    """Return the policies by namespace."""
    return {item.scope.name: policy for item in found.items for policy in item.policies}


def skipped(found: RecommendationSet) -> dict[str, str]:
    """Return why namespaces have no recommendation."""
    return {each.scope.name: each.reason for each in found.skipped}


def test_each_namespace_with_evidence_gets_one_policy_in_our_tier() -> None:
    """The tier is part of the recommendation: without it the policies would have no place."""
    found = made(*both(tcp(WEB, LEDGER)))

    assert {name: policy.types for name, policy in policies(found).items()} == {
        "payments": ("Ingress",),
        "shop": ("Egress",),
    }
    assert [(tier.name, tier.order, tier.default_action) for tier in found.tiers] == [
        ("namespace-isolation", 999_999, "Deny")
    ]


def test_system_namespaces_are_peers_and_no_scopes_by_default() -> None:
    """As the vendor selects them."""
    found = made(*both(udp(WEB, DNS)), settings=Settings())

    assert list(policies(found)) == ["shop"]
    assert skipped(found) == {"kube-system": "not selected by namespaceSpec.selector"}


def test_the_tier_has_the_name_that_was_set() -> None:
    """And its own policies count as ours when learning."""
    settings = Settings(tier_name="team-tier", namespaces=All())

    found = made(*both(tcp(WEB, LEDGER), trace=(hit("team-tier"),)), settings=settings)

    assert [tier.name for tier in found.tiers] == ["team-tier"]
    assert policies(found)["shop"].name == "team-tier.shop"


def test_a_namespace_whose_edges_are_all_denied_is_not_isolated_but_explained() -> None:
    """A policy without rules would cut it off."""
    found = made(denied(tcp(WEB, LEDGER)))

    assert (found.items, found.tiers) == ((), ())
    assert skipped(found)["shop"] == "every edge is denied; nothing to allow"


def test_a_namespace_whose_edges_are_all_left_out_names_the_reasons() -> None:
    """In words that can be asked for."""
    found = made(row(tcp(WEB, LEDGER), trace=(hit("security"),)), denied(tcp(WEB, GATEWAY)))

    assert skipped(found)["shop"] == "no admitted edge; all were left out: denied, tier-order-unknown"


def test_naming_namespaces_limits_what_is_shown_and_not_what_is_learnt() -> None:
    """The same policy comes out alone or among others."""
    rows = [*both(tcp(WEB, LEDGER)), *both(tcp(GATEWAY, WEB))]

    alone = made(*rows, namespaces=frozenset({"shop", "nowhere"}))

    assert policies(alone) == {"shop": policies(made(*rows))["shop"]}
    assert skipped(alone) == {"nowhere": "no flow names this namespace"}


def test_a_namespace_that_is_named_but_not_selected_says_so() -> None:
    """The settings stand above the command line."""
    settings = Settings(namespaces=StartsWith("projectcalico.org/name", "team-"))

    found = made(*both(tcp(WEB, LEDGER)), settings=settings, namespaces=frozenset({"shop"}))

    assert skipped(found) == {"shop": "not selected by namespaceSpec.selector"}


def test_more_evidence_for_the_same_rules_keeps_the_content_id() -> None:
    """A decision was made about this content."""
    first = made(*both(tcp(WEB, LEDGER)))
    more = made(*both(tcp(WEB, LEDGER), hours=[0, 1, 2]), *both(tcp(CART, LEDGER), hours=[2]))
    other = made(*both(tcp(WEB, LEDGER, 81)))

    ids = [found.items[1].content_id for found in (first, more, other)]

    assert ids[0] == ids[1] != ids[2]
    assert ids[0].startswith("r-")


def test_a_permit_knows_its_rule() -> None:
    """By policy and place in the list of its direction; clients whose addresses nobody told may speak either family."""
    found = made(
        *both(tcp(GATEWAY, WEB)), row(tcp(INTERNET, WEB, 443), reporter="Destination"), *both(tcp(WEB, LEDGER))
    )
    shop = next(item for item in found.items if item.scope.name == "shop")

    placed = [(each.permit.direction, each.policy, each.rule_index) for each in shop.permits]

    assert placed == [
        ("Ingress", "namespace-isolation.shop", 0),
        ("Ingress", "namespace-isolation.shop", 1),
        ("Ingress", "namespace-isolation.shop", 2),
        ("Egress", "namespace-isolation.shop", 0),
    ]


def test_a_namespace_that_needs_too_many_rules_has_them_in_several_policies() -> None:
    """A policy that Calico refuses helps nobody, and one that leaves rules out would cut traffic."""
    rows = [
        row(
            tcp(WEB, INTRANET, 1 + number),
            servers=addresses(f"10.{number // 200}.{number % 200}.2", f"10.{number // 200}.{number % 200}.9"),
        )
        for number in range(MAX_RULES + 1)
    ]

    found = made(*rows)

    (item,) = found.items
    assert [len(policy.egress) for policy in item.policies] == [MAX_RULES, 1]
    assert len({policy.name for policy in item.policies}) == len(item.policies)
    assert {(each.policy, each.rule_index) for each in item.permits} == {
        (policy.name, index) for policy in item.policies for index in range(len(policy.egress))
    }


def test_workloads_without_evidence_in_an_isolated_direction_are_quiet() -> None:
    """And the gate is shut."""
    found = made(*both(tcp(GATEWAY, WEB)), *both(tcp(CART, LEDGER)))
    shop = next(item for item in found.items if item.scope.name == "shop")

    assert shop.quiet == ("shop/cart ingress", "shop/web egress")
    assert {gate.name: gate.status for gate in shop.gates}["quiet"] == "False"


@given(tables)
def test_calico_takes_everything_that_is_recommended(table: EvidenceTable) -> None:
    """A law, judged by the rules of Calico's own validator."""
    found, _ = recommend(table, settings=EVERYWHERE)

    for policy in policies(found).values():
        assert problems(render_policy(policy)) == ()
    for tier in found.tiers:
        assert problems(render_tier(tier)) == ()


@given(tables)
def test_every_namespace_has_a_recommendation_or_a_reason(table: EvidenceTable) -> None:
    """A law: nothing is dropped in silence, and nothing is isolated without evidence."""
    found, _ = recommend(table, settings=EVERYWHERE)

    named = {
        side.namespace
        for each in table.evidence
        for side in (each.edge.client, each.edge.server)
        if isinstance(side, Workload)
    }
    assert sorted([*policies(found), *skipped(found)]) == sorted(named)
    assert all(policy.types for policy in policies(found).values())


@given(tables.flatmap(lambda table: st.tuples(st.just(table), st.permutations(table.evidence))))
def test_the_order_of_the_evidence_changes_nothing(drawn: tuple[EvidenceTable, Sequence[Evidence]]) -> None:
    """A law: same evidence, same recommendations, permits and ids."""
    table, shuffled = drawn

    assert recommend(table_of(shuffled), settings=EVERYWHERE) == recommend(table, settings=EVERYWHERE)


pairs = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(WORKLOADS), st.sampled_from(WORKLOADS), st.sampled_from([53, 80, 443])),
        st.tuples(st.sampled_from(WORKLOADS), st.sampled_from(OUTSIDE), st.just(443)),
        st.tuples(st.sampled_from(OUTSIDE), st.sampled_from(WORKLOADS), st.just(443)),
    ),
    max_size=8,
    unique=True,
)


@given(pairs, st.sampled_from(["Source", "Destination"]))
def test_one_reporter_gives_the_policies_that_both_give(
    drawn: Sequence[tuple[Endpoint, Endpoint, int]], kept: str
) -> None:
    """A law: where nothing is denied, losing one side's records between pods changes no rule.

    What is outside has one reporter only, so there is nothing to lose.
    """
    whole = [each for ends in drawn for each in reported(*ends)]
    half = [each for each in whole if each.reporter == kept or not between_pods(each)]

    assert policies(made(*half)) == policies(made(*whole))


def reported(client: Endpoint, server: Endpoint, port: int) -> list[Evidence]:
    """Return an edge as the sides that are pods report it."""
    source, destination = both(tcp(client, server, port))
    rows = [source] if isinstance(client, Workload) else []
    return [*rows, destination] if isinstance(server, Workload) else rows


def between_pods(each: Evidence) -> bool:
    """Say whether both sides could report."""
    return isinstance(each.edge.client, Workload) and isinstance(each.edge.server, Workload)


@pytest.mark.parametrize("count", [0, 1])
def test_a_reading_without_evidence_recommends_nothing(count: int) -> None:
    """Also when all that was read is a reply."""
    found, baseline = recommend(table_of([row(tcp(WEB, LEDGER), outcome="Unknown")] * count), settings=EVERYWHERE)

    assert (found.items, found.tiers, baseline.admitted) == ((), (), ())
    assert len(found.skipped) == 2 * count
