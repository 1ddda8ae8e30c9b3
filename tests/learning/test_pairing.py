"""Both reporters' words about an edge, brought together hour by hour."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.flows.evidence import AddressSighting, Counters, Evidence
from ringfence.learning.pairing import newest, pair, summary
from ringfence.model.edge import Edge
from ringfence.model.policy import Direction, ServiceRef
from ringfence.model.trace import Hit
from tests.learning.evidence_rows import (
    HOUR,
    INTERNET,
    LEDGER,
    PROFILE,
    WEB,
    addresses,
    denied,
    hit,
    row,
    rows,
    tcp,
)

BOTH: Final[tuple[Direction, ...]] = ("Egress", "Ingress")
TO_POD = tcp(WEB, LEDGER)
TO_INTERNET = tcp(WEB, INTERNET, 443)


@dataclass(frozen=True, slots=True)
class Hour:
    """What each side said of an edge within one hour, and what that teaches."""

    title: str
    edge: Edge
    source: str
    destination: str
    learnt: bool
    partly_denied: bool = False


HOURS = (
    Hour("both allowed", TO_POD, "allow", "allow", learnt=True),
    Hour("the destination alone allowed", TO_POD, "", "allow", learnt=True),
    Hour("the source alone allowed", TO_POD, "allow", "", learnt=True),
    Hour("the destination also denied", TO_POD, "allow", "allow deny", learnt=True, partly_denied=True),
    Hour("the source also denied, others passed both", TO_POD, "allow deny", "allow", learnt=True, partly_denied=True),
    Hour("the source only denied, the destination allowed", TO_POD, "deny", "allow", learnt=False),
    Hour("the destination only denied", TO_POD, "allow", "deny", learnt=False),
    Hour("both denied", TO_POD, "deny", "deny", learnt=False),
    Hour("the source alone denied", TO_POD, "deny", "", learnt=False),
    Hour("the source alone, allowed and denied, to a pod", TO_POD, "allow deny", "", learnt=False),
    Hour("the source alone allowed, to outside", TO_INTERNET, "allow", "", learnt=True),
    Hour("the source allowed and denied, to outside", TO_INTERNET, "allow deny", "", learnt=True, partly_denied=True),
    Hour("the source alone denied, to outside", TO_INTERNET, "deny", "", learnt=False),
)


def words(hour: Hour) -> list[Evidence]:
    """Return the rows of an hour."""
    said = [("Source", word) for word in hour.source.split()] + [
        ("Destination", word) for word in hour.destination.split()
    ]
    return [
        row(
            hour.edge,
            reporter="Source" if reporter == "Source" else "Destination",
            outcome="Allowed" if word == "allow" else "Denied",
            trace=PROFILE if word == "allow" else (hit("default", action="Deny"),),
        )
        for reporter, word in said
    ]


@pytest.mark.parametrize("hour", HOURS, ids=lambda hour: hour.title)
def test_an_hour_teaches_what_both_sides_let_through(hour: Hour) -> None:
    """The table of the design, row by row."""
    pairing = pair(hour.edge, words(hour))

    assert (pairing.learnt, pairing.partly_denied) == ((HOUR,) if hour.learnt else (), hour.partly_denied)


def test_hours_are_judged_apart() -> None:
    """Policies change: what was denied on one day may be allowed on the next."""
    pairing = pair(TO_POD, [denied(TO_POD, hours=[0, 1]), row(TO_POD, hours=[2])])

    assert pairing.learnt == (HOUR + 2,)
    assert not pairing.denied_last
    assert not pairing.partly_denied


def test_the_newest_hour_decides_whether_the_edge_is_denied_now() -> None:
    """Without a snapshot the last word stands for the policies of today."""
    pairing = pair(TO_POD, [row(TO_POD, hours=[0, 1]), denied(TO_POD, hours=[2])])

    assert pairing.learnt == (HOUR, HOUR + 1)
    assert pairing.denied_last


def test_rows_without_an_outcome_decide_nothing() -> None:
    """Nor are they the newest word."""
    pairing = pair(TO_POD, [row(TO_POD, hours=[0]), row(TO_POD, outcome="Unknown", hours=[5])])

    assert pairing.learnt == (HOUR,)
    assert not pairing.denied_last


def test_an_edge_without_any_outcome_teaches_nothing_and_is_not_denied() -> None:
    """Unknown is no denial."""
    pairing = pair(TO_POD, [row(TO_POD, outcome="Unknown")])

    assert (pairing.learnt, pairing.denied_last) == ((), False)


def test_a_reporter_without_a_direction_counts_as_the_source() -> None:
    """Hubble leaves the direction out where it does not know; the client's side is the one that always exists."""
    pairing = pair(TO_POD, [row(TO_POD, reporter="Unknown", trace=None)])

    assert pairing.learnt == (HOUR,)
    assert pairing.verified("Egress")
    assert not pairing.verified("Ingress")


def test_a_side_is_verified_only_by_its_own_word_in_a_learnt_hour() -> None:
    """Here the source allowed in the hour in which the destination denied."""
    pairing = pair(
        TO_POD,
        [
            row(TO_POD, reporter="Source", hours=[0]),
            denied(TO_POD, reporter="Destination", hours=[0]),
            row(TO_POD, reporter="Destination", hours=[1]),
        ],
    )

    assert pairing.learnt == (HOUR + 1,)
    assert pairing.verified("Ingress")
    assert not pairing.verified("Egress")


def test_the_trace_of_a_direction_is_the_newest_of_its_own_side() -> None:
    """An older policy, and the other side's, do not count."""
    old, new, theirs = (hit("old"),), (hit("new"),), (hit("theirs"),)

    pairing = pair(
        TO_POD,
        [
            row(TO_POD, hours=[3], trace=new),
            row(TO_POD, hours=[1], trace=old),
            row(TO_POD, reporter="Destination", hours=[5], trace=theirs),
        ],
    )

    assert pairing.trace("Egress") == new
    assert pairing.trace("Ingress") == theirs


def test_rows_of_the_same_second_have_an_order_even_where_a_kind_is_not_told() -> None:
    """A syntax without kinds and one with kinds may stand side by side."""
    with_kind = hit("default")
    without = Hit(0, "default", None, "shop", "other", "Allow", 0)
    pair_of_rows = [row(TO_POD, trace=(with_kind,)), row(TO_POD, trace=(without,))]

    found = {newest(pair_of_rows), newest(reversed(pair_of_rows))}

    assert len(found) == 1


def test_connections_are_the_destinations_and_never_both_added() -> None:
    """Both saw the same ones."""
    seen_by_both = [
        row(TO_POD, reporter="Source", connections=7),
        row(TO_POD, reporter="Destination", connections=4),
        row(TO_POD, reporter="Destination", connections=2, trace=None),
    ]

    assert summary(TO_POD, seen_by_both).connections == 6
    assert summary(TO_POD, seen_by_both[:1]).connections == 7
    assert summary(TO_POD, [row(TO_POD)]).connections is None


def test_addresses_are_complete_only_if_every_row_told_them() -> None:
    """One silent record is enough to make the list open."""
    known = row(TO_INTERNET, servers=addresses("198.51.100.7"))
    silent = row(TO_INTERNET, servers=addresses(complete=False), trace=None)

    assert summary(TO_INTERNET, [known]).server_addresses.exhaustive
    assert not summary(TO_INTERNET, [known, silent]).server_addresses.exhaustive


def sighted(address: str, *, hour: int, sent: int, received: int) -> AddressSighting:
    """Return what one row says of an address, in an hour of its own."""
    start = (HOUR + hour) * 3600
    counters = Counters(bytes_in=received, bytes_out=sent)
    return AddressSighting(address, start, start + 300, (HOUR + hour,), 1, counters)


def test_addresses_are_told_by_one_reporter() -> None:
    """The source's word where it tells any; the destination's turned round; both are never added."""
    one, other = (sighted("198.51.100.1", hour=hour, sent=5, received=2) for hour in (0, 3))
    source = [
        msgspec.structs.replace(row(TO_INTERNET), server_sightings=(one,)),
        msgspec.structs.replace(row(TO_INTERNET, trace=None), server_sightings=(other,)),
    ]
    destination = msgspec.structs.replace(row(TO_INTERNET, reporter="Destination"), server_sightings=(one,))

    (from_both,) = summary(TO_INTERNET, [*source, destination]).server_sightings
    (from_destination,) = summary(TO_INTERNET, [destination]).server_sightings

    assert (from_both.records, from_both.hours, from_both.last) == (2, (HOUR, HOUR + 3), other.last)
    assert from_both.counters == Counters(bytes_in=4, bytes_out=10)
    assert from_destination.counters == Counters(bytes_in=5, bytes_out=2)


def test_services_are_complete_if_every_row_of_the_client_named_one() -> None:
    """The destination never sees the Service, so its silence says nothing."""
    api = ServiceRef("default", "kubernetes")
    through = row(TO_POD, reporter="Source", service=api)
    arrived = row(TO_POD, reporter="Destination")
    direct = row(TO_POD, reporter="Source", trace=None)

    assert summary(TO_POD, [through, arrived]).services_complete
    assert not summary(TO_POD, [through, direct]).services_complete
    assert not summary(TO_POD, [arrived]).services_complete


@given(st.lists(rows(), min_size=1, max_size=6))
def test_the_order_of_rows_says_nothing(drawn: Sequence[Evidence]) -> None:
    """A law over generated rows, all put on one edge."""
    edge = drawn[0].edge
    same = [msgspec.structs.replace(each, edge=edge) for each in drawn]

    forwards, backwards = pair(edge, same), pair(edge, same[::-1])

    assert msgspec.structs.replace(backwards, rows=forwards.rows, taught=forwards.taught) == forwards
    assert set(backwards.taught) == set(forwards.taught)
    assert [backwards.trace(direction) for direction in BOTH] == [forwards.trace(direction) for direction in BOTH]
    assert summary(edge, same) == summary(edge, same[::-1])
