"""What the guard does with suspicion: whole edges and parts, decisions, and the laws that hold for any evidence."""

import random
from collections.abc import Sequence
from typing import Final, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ringfence.flows.evidence import Evidence, EvidenceTable, Sample
from ringfence.flows.table import evidence_key
from ringfence.learning.baseline import Baseline, HeldReason
from ringfence.learning.decisions import NO_DECISIONS, Decisions, EdgeDecision
from ringfence.learning.guard import guard
from ringfence.learning.guard_settings import GuardSettings
from ringfence.model.edge import Edge
from ringfence.model.endpoint import NetworkSet
from ringfence.model.inventory import Inventory
from ringfence.model.labels import Labels
from ringfence.model.network_set_object import NetworkSetObject
from tests.learning.evidence_rows import HOUR, addresses, tables, tcp
from tests.learning.guarded import (
    ANSWERED,
    API,
    BILLING,
    DATABASE,
    ORDERS,
    PRIVATE,
    PUBLIC,
    SILENT,
    UPLOAD,
    WEB,
    admitted,
    guarded,
    held,
    seen,
    table_with,
)

METADATA: Final = "169.254.169.254"
TOUCHY: Final = GuardSettings(
    metadata_addresses=("198.51.100.1", "10.1.2.0/31"),
    threat_nets=("198.51.100.4/31",),
    scan_targets=2,
    scan_hours=240,
    silent_days=0,
    silent_hours_after=0,
    lone_call_hours=1,
    upload_bytes=0,
    beacon_hours=1,
    beacon_gaps=0.0,
)
"""Settings under which little evidence is enough for suspicion, so that laws meet held edges."""


def decided(identity: str, decision: Literal["Accept", "Reject"], reason: str = "seen with the team") -> Decisions:
    """Return one decision."""
    return Decisions((EdgeDecision(identity, decision, reason),))


def test_a_steady_cluster_holds_nothing() -> None:
    """Monitoring that asks everybody, databases, office hours, a named service outside."""
    table = table_with()

    assert guarded(table) == admitted(table)


@pytest.mark.parametrize("address", [METADATA, "fd00:ec2::254", "100.100.100.200"])
def test_the_metadata_service_is_always_held(address: str) -> None:
    """Even one that answers, by IPv4 and IPv6."""
    edge = tcp(API, PUBLIC, 80)
    table = table_with(seen(API, PUBLIC, 80, at=addresses(address), hours=(5, 50, 150)))

    baseline = guarded(table)

    assert held(baseline) == {edge: ("metadata",)}
    assert edge not in {each.summary.edge for each in baseline.admitted}
    assert baseline.held[0].addresses == ()


def test_of_many_addresses_only_the_metadata_service_is_held() -> None:
    """What stays admitted, and what is held, each tell their own hours and records."""
    usual, meta = "203.0.113.7", METADATA
    table = table_with(
        seen(API, PUBLIC, 80, sightings={usual: ((1, 30, 60), ANSWERED), meta: ((40, 41), SILENT)}),
    )

    baseline = guarded(table)

    (kept,) = baseline.held
    (rest,) = [each for each in baseline.admitted if each.summary.edge == tcp(API, PUBLIC, 80)]
    assert kept.addresses == (meta,)
    assert [each - HOUR for each in kept.edge.summary.hours] == [40, 41]
    assert [each - HOUR for each in rest.summary.hours] == [1, 30, 60]
    assert (kept.edge.summary.records, rest.summary.records) == (2, 3)
    assert rest.summary.server_addresses == addresses(usual)
    assert rest.summary.counters == ANSWERED
    assert rest.summary.last == (HOUR + 60) * 3600 + 300
    assert rest.directions == kept.edge.directions == ("Egress",)


def test_where_not_every_address_is_told_the_rest_of_the_edge_stays() -> None:
    """More addresses than a sample keeps: the others are not under suspicion, and are not known."""
    table = table_with(seen(API, PUBLIC, 80, at=addresses(METADATA, overflow=True), hours=(5, 50, 150)))

    baseline = guarded(table)

    (rest,) = [each for each in baseline.admitted if each.summary.edge == tcp(API, PUBLIC, 80)]
    assert [each.addresses for each in baseline.held] == [(METADATA,)]
    assert rest.summary.server_addresses == Sample((), overflow=True, complete=True)


def test_times_stay_those_of_the_whole_edge_where_addresses_are_missing() -> None:
    """What the others did cannot be told from what the known ones did."""
    told = seen(API, PUBLIC, 80, sightings={"203.0.113.7": ((30,), ANSWERED), METADATA: ((40,), SILENT)})
    more = replace(told, server_addresses=addresses("203.0.113.7", METADATA, overflow=True))

    baseline = guarded(table_with(more))

    (rest,) = [each for each in baseline.admitted if each.summary.edge == told.edge]
    assert [each - HOUR for each in rest.summary.hours] == [30, 40]


def test_a_network_set_that_holds_the_metadata_service_is_held_as_a_whole() -> None:
    """A rule names the set, not its addresses."""
    cloud = NetworkSet(None, "cloud")
    table = table_with(seen(API, cloud, 80, (5, 50), at=addresses(METADATA, "203.0.113.7")))

    (kept,) = guarded(table).held

    assert (kept.edge.summary.edge, kept.addresses) == (tcp(API, cloud, 80), ())


def test_a_threat_list_is_a_setting() -> None:
    """Addresses inside a listed net, and no others."""
    listed, other = "192.0.2.77", "192.0.3.1"
    table = table_with(seen(API, PUBLIC, 443, sightings={listed: ((5,), ANSWERED), other: ((6,), ANSWERED)}))

    baseline = guarded(table, settings=GuardSettings(threat_nets=("192.0.2.0/24",)))

    (kept,) = baseline.held
    assert (kept.addresses, kept.reasons) == (
        (listed,),
        (HeldReason("threat-list", "192.0.2.77 is on the threat list of the settings"),),
    )
    assert guarded(table).held == ()


def test_whoever_knocks_from_a_listed_address_does_not_close_the_door() -> None:
    """The internet's edge to an ingress is not an edge of one client."""
    table = table_with(replace(seen(PUBLIC, WEB, 443), client_addresses=addresses("192.0.2.77")))

    assert guarded(table, settings=GuardSettings(threat_nets=("192.0.2.0/24",))).held == ()


@pytest.mark.parametrize("known_from", ["flows", "cluster"])
@pytest.mark.parametrize("outward", [True, False])
def test_a_network_set_labelled_as_threat_feed_is_held(known_from: str, *, outward: bool) -> None:
    """The label may come with the flow or from the cluster; either side of the edge."""
    feed = NetworkSet(None, "bad-hosts")
    labels = Labels.of({"threat-feed": "botnets"})
    written = seen(API, feed, 443) if outward else seen(feed, API, 443)
    table = replace(table_with(written), labels={feed: labels} if known_from == "flows" else {})
    inventory = (
        Inventory(network_sets=(NetworkSetObject(None, "bad-hosts", labels),)) if known_from == "cluster" else None
    )

    assert held(guarded(table, inventory=inventory)) == {written.edge: ("threat-list",)}
    assert guarded(replace(table, labels={})).held == ()


def test_accepting_an_edge_restores_it_exactly() -> None:
    """As if the guard had never looked."""
    table = table_with(seen(API, PUBLIC, 80, at=addresses(METADATA), hours=(5, 50, 150)))

    assert guarded(table, decisions=decided(tcp(API, PUBLIC, 80).id, "Accept")) == admitted(table)


def test_accepting_one_address_leaves_the_others_held() -> None:
    """``ID@ADDRESS`` decides one address."""
    other = "fd00:ec2::254"
    table = table_with(
        seen(API, PUBLIC, 80, sightings={METADATA: ((3,), ANSWERED), other: ((4,), ANSWERED)}),
    )
    decisions = decided(f"{tcp(API, PUBLIC, 80).id}@{METADATA}", "Accept")

    baseline = guarded(table, decisions=decisions)

    (rest,) = [each for each in baseline.admitted if each.summary.edge == tcp(API, PUBLIC, 80)]
    assert rest.summary.server_addresses.texts == (METADATA,)
    assert [each.addresses for each in baseline.held] == [(other,)]


def test_a_rejected_edge_stays_out_with_the_reason() -> None:
    """The signal and the person's words stand side by side."""
    edge = tcp(API, PUBLIC, 80)
    table = table_with(seen(API, PUBLIC, 80, at=addresses(METADATA), hours=(5, 50, 150)))

    (kept,) = guarded(table, decisions=decided(edge.id, "Reject", "credential theft, case 12")).held

    assert kept.rejected == "credential theft, case 12"
    assert [reason.name for reason in kept.reasons] == ["metadata"]


def test_a_rejection_outlives_the_signal() -> None:
    """An edge that no signal speaks of any more stays out."""
    edge = tcp(ORDERS, DATABASE, 5432)

    baseline = guarded(table_with(), decisions=decided(edge.id, "Reject", ""))

    (kept,) = baseline.held
    assert (kept.edge.summary.edge, kept.rejected) == (edge, "")
    assert [reason.name for reason in kept.reasons] == ["rejected"]


def test_one_rejected_address_of_many_stays_out() -> None:
    """Also where no signal speaks of it."""
    removed, stays = "203.0.113.7", "203.0.113.8"
    table = table_with(seen(API, PUBLIC, 443, sightings={removed: ((3,), ANSWERED), stays: ((4,), ANSWERED)}))

    baseline = guarded(table, decisions=decided(f"{tcp(API, PUBLIC, 443).id}@{removed}", "Reject"))

    assert [(each.addresses, each.rejected) for each in baseline.held] == [((removed,), "seen with the team")]
    (rest,) = [each for each in baseline.admitted if each.summary.edge == tcp(API, PUBLIC, 443)]
    assert rest.summary.server_addresses.texts == (stays,)


def test_records_are_not_counted_anew() -> None:
    """Held is admitted and waiting; nothing changes in what is left out."""
    table = table_with(seen(API, PUBLIC, 80, at=addresses(METADATA), hours=(5, 50, 150)))
    before, after = admitted(table), guarded(table)

    assert after.held
    assert after.admitted_records == before.admitted_records
    assert (after.left_out, after.left_out_records) == (before.left_out, before.left_out_records)


def pieces(baseline: Baseline) -> list[tuple[Edge, str | None]]:
    """Return what stands in a baseline, admitted or held: edges by known address, and None for what is not known."""
    summaries = [each.summary for each in baseline.admitted] + [each.edge.summary for each in baseline.held]
    parts = [
        (summary.edge, address)
        for summary in summaries
        for address in (*summary.server_addresses.texts, *(() if summary.server_addresses.exhaustive else (None,)))
    ]
    return sorted(parts, key=lambda part: (part[0].id, part[1] or ""))


outside = st.dictionaries(
    st.sampled_from([f"198.51.100.{number}" for number in range(6)]),
    st.tuples(
        st.lists(st.integers(0, 200), min_size=1, max_size=4, unique=True).map(tuple),
        st.sampled_from([ANSWERED, SILENT, UPLOAD]),
    ),
    min_size=1,
)
calls = st.one_of(
    st.builds(
        lambda client, server, port, told: seen(client, server, port, sightings=told),
        st.sampled_from([WEB, API, BILLING]),
        st.sampled_from([PUBLIC, PRIVATE]),
        st.sampled_from([80, 443]),
        outside,
    ),
    st.builds(
        lambda client, port, hours, counters: seen(client, DATABASE, port, hours, counters=counters),
        st.sampled_from([WEB, API, BILLING]),
        st.sampled_from([20, 21, 22, 23, 5432]),
        st.lists(st.integers(0, 200), min_size=1, max_size=4, unique=True).map(tuple),
        st.sampled_from([ANSWERED, SILENT]),
    ),
)
some_calls = st.lists(calls, max_size=12, unique_by=evidence_key)
evidence = some_calls.map(lambda rows: table_with(*rows)) | tables
words = st.sampled_from(["Accept", "Reject"])


def under(table: EvidenceTable, decisions: Decisions = NO_DECISIONS) -> Baseline:
    """Return the baseline that touchy settings leave."""
    return guard(admitted(table), table, settings=TOUCHY, decisions=decisions, inventory=None)


@given(evidence, st.randoms(use_true_random=False))
def test_the_order_of_the_evidence_changes_nothing(table: EvidenceTable, order: random.Random) -> None:
    """Neither of rows nor of what is told with them."""
    rows: Sequence[Evidence] = order.sample(table.evidence, len(table.evidence))

    assert under(replace(table, evidence=tuple(rows))) == under(table)


@given(evidence, st.data())
def test_held_and_admitted_are_what_was_admitted(table: EvidenceTable, data: st.DataObject) -> None:
    """Every edge, and every known address, in exactly one of both, whatever people decided."""
    before = admitted(table)
    every = [identity for edge, address in pieces(before) for identity in (edge.id, f"{edge.id}@{address}")]
    chosen = data.draw(st.dictionaries(st.sampled_from(every), words)) if every else {}
    decisions = Decisions(tuple(EdgeDecision(identity, word) for identity, word in sorted(chosen.items())))

    assert pieces(under(table, decisions)) == pieces(before)


@given(evidence)
def test_accepting_everything_that_is_held_restores_the_baseline(table: EvidenceTable) -> None:
    """A decision leaves no trace in the evidence."""
    ids = {each.edge.summary.edge.id for each in under(table).held}
    everything = Decisions(tuple(EdgeDecision(identity, "Accept") for identity in sorted(ids)))

    assert under(table, everything) == admitted(table)


@given(evidence)
def test_accepting_address_by_address_restores_it_too(table: EvidenceTable) -> None:
    """As far as what is held is held by address."""
    apart = [(each.edge.summary.edge.id, each.addresses) for each in under(table).held if each.addresses]
    each = {f"{identity}@{address}" for identity, some in apart for address in some}
    decisions = Decisions(tuple(EdgeDecision(identity, "Accept") for identity in sorted(each)))

    assert not any(each.addresses for each in under(table, decisions).held)
