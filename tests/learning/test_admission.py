"""What our tier must let through, and why the rest stays out."""

from collections.abc import Sequence
from typing import Final

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.flows.evidence import Evidence, EvidenceTable, Unplaced
from ringfence.flows.left_out import LeftOut
from ringfence.learning.admission import EARLIER_TIERS, LATER_TIERS, admit
from ringfence.learning.baseline import Baseline
from ringfence.model.edge import Edge
from ringfence.model.endpoint import Workload
from ringfence.model.policy import Direction
from ringfence.model.trace import Trace
from tests.learning.evidence_rows import (
    GATEWAY,
    INTERNET,
    LEDGER,
    PROFILE,
    TIER,
    WEB,
    WORKLOADS,
    both,
    denied,
    hit,
    row,
    table_of,
    tables,
    tcp,
)

SHOP: Final = frozenset({"shop"})
EVERYWHERE: Final = frozenset({"shop", "payments", "edge"})
EDGE: Final = tcp(WEB, LEDGER)


def admitted(rows: Sequence[Evidence], *, covers: frozenset[str] = EVERYWHERE) -> Baseline:
    """Return the baseline of rows."""
    return admit(table_of(rows), tier=TIER, covers=covers)


def directions(baseline: Baseline) -> dict[Edge, tuple[Direction, ...]]:
    """Return the admitted directions by edge."""
    return {each.summary.edge: each.directions for each in baseline.admitted}


def reasons(baseline: Baseline) -> list[tuple[Direction | None, LeftOut]]:
    """Return direction and reason of everything left out."""
    return [(each.direction, each.reason) for each in baseline.left_out]


def test_an_edge_that_no_policy_decides_is_admitted_at_both_sides() -> None:
    """The client's namespace learns egress, the server's ingress."""
    baseline = admitted(both(EDGE))

    assert directions(baseline) == {EDGE: ("Egress", "Ingress")}
    assert baseline.left_out == ()
    assert baseline.admitted_records == 2


def test_only_selected_namespaces_learn() -> None:
    """The other side is a peer, not a scope."""
    assert directions(admitted(both(EDGE), covers=SHOP)) == {EDGE: ("Egress",)}
    assert directions(admitted(both(EDGE), covers=frozenset({"payments"}))) == {EDGE: ("Ingress",)}


def test_an_edge_between_unselected_sides_has_no_scope() -> None:
    """It is listed once, for no direction."""
    baseline = admitted(both(EDGE), covers=frozenset({"edge"}))

    assert reasons(baseline) == [(None, LeftOut.NO_SCOPE)]
    assert baseline.left_out_records == {LeftOut.NO_SCOPE: 2}


@pytest.mark.parametrize("tier", [TIER, *sorted(LATER_TIERS)])
def test_what_we_or_a_later_tier_allow_is_admitted(tier: str) -> None:
    """Our tier's end would otherwise starve the later rule."""
    assert directions(admitted(both(EDGE, trace=(hit(tier),)))) == {EDGE: ("Egress", "Ingress")}


@pytest.mark.parametrize("tier", sorted(EARLIER_TIERS))
def test_what_an_earlier_tier_allows_is_left_out_by_its_name(tier: str) -> None:
    """Our rule would never be reached."""
    baseline = admitted(both(EDGE, trace=(hit(tier),)))

    assert reasons(baseline) == [("Egress", LeftOut.DECIDED_EARLIER), ("Ingress", LeftOut.DECIDED_EARLIER)]
    assert {each.by for each in baseline.left_out} == {hit(tier)}


def test_a_tier_whose_place_we_cannot_know_is_left_out_as_such() -> None:
    """A team's own tier may stand before or after ours."""
    baseline = admitted(both(EDGE, trace=(hit("security"),)), covers=SHOP)

    assert [(each.reason, each.by) for each in baseline.left_out] == [(LeftOut.TIER_ORDER_UNKNOWN, hit("security"))]


def test_the_last_hit_decides_and_not_the_passes_before_it() -> None:
    """A pass hands on."""
    passed: Trace = (hit("kube-admin", action="Pass"), hit("security", action="Pass", index=1), *PROFILE)

    assert directions(admitted(both(EDGE, trace=passed), covers=SHOP)) == {EDGE: ("Egress",)}


def test_directions_are_judged_apart() -> None:
    """Egress is decided by an earlier tier, ingress by nobody."""
    baseline = admitted([row(EDGE, trace=(hit("kube-admin"),)), row(EDGE, reporter="Destination")])

    assert directions(baseline) == {EDGE: ("Ingress",)}
    assert reasons(baseline) == [("Egress", LeftOut.DECIDED_EARLIER)]
    assert baseline.admitted_records == 2


def test_the_newest_trace_stands_for_the_policies_of_today() -> None:
    """The earlier tier's policy is gone since the first hour."""
    rows = [row(EDGE, hours=[0], trace=(hit("kube-admin"),)), row(EDGE, hours=[1])]

    assert directions(admitted(rows, covers=SHOP)) == {EDGE: ("Egress",)}


def test_a_record_without_a_trace_is_believed() -> None:
    """Hubble records none."""
    assert directions(admitted([row(EDGE, trace=None)], covers=SHOP)) == {EDGE: ("Egress",)}


def test_a_side_that_only_the_other_reported_is_admitted_and_marked() -> None:
    """The record of a busy node gets lost."""
    baseline = admitted([row(EDGE, reporter="Destination")])

    assert directions(baseline) == {EDGE: ("Egress", "Ingress")}
    assert baseline.admitted[0].unverified == ("Egress",)


def test_an_edge_denied_when_it_was_last_seen_is_left_out_by_whoever_denied() -> None:
    """Older allowances do not count: somebody closed it."""
    baseline = admitted([row(EDGE, hours=[0]), denied(EDGE, hours=[1])], covers=SHOP)

    assert [(each.reason, each.by) for each in baseline.left_out] == [
        (LeftOut.DENIED, hit("default", action="Deny")),
    ]
    assert baseline.admitted == ()
    assert baseline.left_out_records == {LeftOut.DENIED: 2}


def test_denied_records_of_an_admitted_edge_are_counted_as_denied() -> None:
    """The edge itself is marked partly denied."""
    rows = [
        *both(EDGE),
        row(EDGE, reporter="Destination", outcome="Denied", trace=(hit("default", action="Deny"),), records=5),
    ]

    baseline = admitted(rows)

    assert baseline.admitted[0].partly_denied
    assert (baseline.admitted_records, baseline.left_out_records) == (2, {LeftOut.DENIED: 5})


def test_an_accidental_high_port_is_left_out() -> None:
    """`ephemeral` decides which are."""
    baseline = admitted([row(tcp(WEB, LEDGER, 45001))], covers=SHOP)

    assert reasons(baseline) == [("Egress", LeftOut.EPHEMERAL_PORT)]


def test_what_the_records_themselves_rule_out_comes_before_any_judgement() -> None:
    """A reply is a reply, also on an edge that is learnt, and also between unselected sides."""
    rows = [
        row(EDGE),
        row(EDGE, left_out=LeftOut.REPLY, records=3),
        row(EDGE, outcome="Unknown", trace=None, records=2),
    ]

    baseline = admitted(rows, covers=SHOP)

    assert baseline.admitted_records == 1
    assert baseline.left_out_records == {LeftOut.OUTCOME_UNKNOWN: 2, LeftOut.REPLY: 3}
    assert reasons(baseline) == [(None, LeftOut.OUTCOME_UNKNOWN), (None, LeftOut.REPLY)]


def test_records_on_no_edge_and_repeats_stand_in_the_account() -> None:
    """Nothing that was read is missing from the sum."""
    table = msgspec.structs.replace(
        table_of([row(EDGE)]),
        unplaced=(Unplaced(LeftOut.INVALID_NAME, "a", "b", "tcp", 4),),
        records=msgspec.structs.replace(table_of([row(EDGE)]).records, repeats={LeftOut.REPEATED: 6}),
    )

    baseline = admit(table, tier=TIER, covers=SHOP)

    assert baseline.left_out_records == {LeftOut.INVALID_NAME: 4, LeftOut.REPEATED: 6}


def test_clients_on_the_internet_teach_ingress() -> None:
    """They have no reporter, so the server's word is all there is."""
    baseline = admitted([row(tcp(INTERNET, GATEWAY, 443), reporter="Destination")])

    assert directions(baseline) == {tcp(INTERNET, GATEWAY, 443): ("Ingress",)}
    assert baseline.admitted[0].unverified == ()


@given(tables)
def test_every_record_is_counted_once(table: EvidenceTable) -> None:
    """A law: admitted and left out add up to the evidence."""
    baseline = admit(table, tier=TIER, covers=EVERYWHERE)

    counted = baseline.admitted_records + sum(baseline.left_out_records.values())

    assert counted == sum(each.records for each in table.evidence)


@given(tables)
def test_every_edge_is_admitted_or_left_out_in_each_direction_that_a_scope_covers(table: EvidenceTable) -> None:
    """A law: nothing is dropped in silence."""
    baseline = admit(table, tier=TIER, covers=EVERYWHERE)

    told = {(each.summary.edge, direction) for each in baseline.admitted for direction in each.directions}
    told |= {(each.summary.edge, each.direction) for each in baseline.left_out if each.direction is not None}
    wanted = {
        (each.edge, direction)
        for each in table.evidence
        for direction, side in (("Egress", each.edge.client), ("Ingress", each.edge.server))
        if isinstance(side, Workload) and side.namespace in EVERYWHERE
        if each.left_out is None and each.outcome != "Unknown"
    }

    assert wanted == told


@given(tables)
def test_nothing_denied_when_last_seen_is_admitted(table: EvidenceTable) -> None:
    """A law, told apart from the code: the newest hour of an admitted edge has somebody who allowed."""
    baseline = admit(table, tier=TIER, covers=EVERYWHERE)

    for each in baseline.admitted:
        rows = [row for row in table.evidence if row.edge == each.summary.edge and row.left_out is None]
        decided = [row for row in rows if row.outcome != "Unknown"]
        newest = max(hour for row in decided for hour in row.hours)
        assert any(row.outcome == "Allowed" for row in decided if newest in row.hours)


@given(tables.flatmap(lambda table: st.tuples(st.just(table), st.permutations(table.evidence))))
def test_the_order_of_the_evidence_says_nothing(drawn: tuple[EvidenceTable, Sequence[Evidence]]) -> None:
    """A law."""
    table, shuffled = drawn

    assert admit(table_of(shuffled), tier=TIER, covers=EVERYWHERE) == admit(table, tier=TIER, covers=EVERYWHERE)


@given(st.lists(st.tuples(st.sampled_from(WORKLOADS), st.sampled_from(WORKLOADS), st.sampled_from([53, 80, 443]))))
def test_one_reporter_teaches_what_both_teach(drawn: Sequence[tuple[object, object, int]]) -> None:
    """A law: where nothing was denied, losing all records of one side loses no edge and no direction."""
    found = sorted({tcp(*each) for each in drawn}, key=lambda edge: edge.id)  # type: ignore[arg-type]
    pairs = [both(edge) for edge in found]

    kept = [directions(admitted([each[side] for each in pairs])) for side in (0, 1)]

    assert kept == [directions(admitted([side for each in pairs for side in each]))] * 2
