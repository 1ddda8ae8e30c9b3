"""Uploads, and calls home."""

from collections.abc import Sequence
from typing import Final

import pytest
from msgspec.structs import replace

from ringfence.flows.evidence import Counters, Evidence, Sample
from ringfence.model.endpoint import Endpoint, Workload
from ringfence.model.policy import ServiceRef
from tests.learning.evidence_rows import addresses
from tests.learning.guarded import (
    ALL_DAY,
    ANSWERED,
    API,
    BILLING,
    OFFICE,
    PRIVATE,
    PUBLIC,
    SHOP,
    UPLOAD,
    WEB,
    guarded,
    held,
    seen,
    table_with,
)
from tests.learning.test_guard_scans import sweep

DROP: Final = "203.0.113.66"
NIGHT: Final = (50, 53, 57)
NAMED: Final = Sample(("bucket.store.example",), complete=True)
VIDEO: Final = Counters(connections=2, packets_in=9_000, packets_out=20_000, bytes_in=27_000_000, bytes_out=28_000_000)


def sent(
    client: Endpoint, hours: Sequence[int] = NIGHT, *, counters: Counters = UPLOAD, domains: Sample | None = None
) -> Evidence:
    """Return an exchange with one public address on 443, nameless unless told otherwise."""
    return seen(client, PUBLIC, 443, hours, counters=counters, domains=domains or Sample(), at=addresses(DROP))


def test_a_bulk_upload_in_one_episode_to_a_nameless_address_is_held() -> None:
    """The words tell how much went where, and what is usual."""
    row = sent(API)

    (kept,) = guarded(table_with(row)).held

    (reason,) = kept.reasons
    assert (kept.edge.summary.edge, reason.name) == (row.edge, "upload")
    assert reason.words == (
        "shop/api sent 28000000 bytes to 203.0.113.66 on TCP 443 and received 450000, in 3 hours from "
        "2026-03-04T02:00:00Z to 2026-03-04T10:00:00Z; no name; elsewhere outside it sends at most 0 bytes an hour"
    )


def test_of_an_edge_with_honest_addresses_only_the_drop_is_held() -> None:
    """The named service that the workload uses every day stays admitted with its own addresses."""
    daily = {f"198.18.3.{number}": (range(number * 24, number * 24 + 20), ANSWERED) for number in range(9)}
    partly_named = Sample(("api.pay.example",), complete=False)
    row = seen(API, PUBLIC, 443, sightings={**daily, DROP: (NIGHT, UPLOAD)}, domains=partly_named)

    baseline = guarded(table_with(row))

    assert [(each.addresses, each.reasons[0].name) for each in baseline.held] == [((DROP,), "upload")]
    (rest,) = [each for each in baseline.admitted if each.summary.edge == row.edge]
    assert rest.summary.server_addresses.texts == tuple(sorted(daily))


def test_a_scanners_upload_is_held_also_in_a_source_without_names() -> None:
    """The scan is the other signal, however often it uploads."""
    base = [seen(WEB, API, 8080, OFFICE)]

    kept = held(guarded(table_with(sent(WEB, range(30, 200)), *sweep(WEB), base=base)))

    assert kept[sent(WEB).edge] == ("upload",)


WEEKLY: Final = Workload(SHOP, "CronJob", "weekly-backup")
HARMLESS_UPLOADS: Final[dict[str, list[Evidence]]] = {
    "a weekly backup by a job of its own": [sent(WEEKLY)],
    "a backup to a bucket that has a name": [sent(API, domains=NAMED)],
    "an exchange of as much each way": [sent(API, counters=VIDEO)],
    "a nightly backup": [sent(API, [day * 24 + 2 for day in range(10)])],
    "a backup in the last night, which may be the first of many": [sent(API, (236, 237, 238))],
    "no more than the workload sends elsewhere": [
        sent(API),
        seen(API, PRIVATE, 9000, counters=Counters(bytes_in=0, bytes_out=240 * 9_000_000), at=addresses("10.9.9.9")),
    ],
    "a few bytes": [sent(API, counters=Counters(bytes_in=1_000, bytes_out=900_000))],
}


@pytest.mark.parametrize("case", HARMLESS_UPLOADS)
def test_no_upload(case: str) -> None:
    """Each of these lacks one of the four signs."""
    assert held(guarded(table_with(*HARMLESS_UPLOADS[case]))) == {}


def test_in_a_source_without_names_an_upload_has_no_second_signal() -> None:
    """Nameless is then nothing remarkable."""
    base = [seen(API, BILLING, 8080), seen(WEB, API, 8080)]

    assert held(guarded(table_with(sent(API), base=base))) == {}


def calls(
    client: Endpoint = API,
    port: int = 8443,
    hours: Sequence[int] = ALL_DAY,
    *,
    an_hour: float = 4,
    domains: Sample | None = None,
    address: str = DROP,
    service: ServiceRef | None = None,
) -> Evidence:
    """Return calls to one public address, so many an hour."""
    return seen(
        client,
        PUBLIC,
        port,
        hours,
        records=round(an_hour * len(hours)),
        domains=domains or Sample(),
        at=addresses(address),
        service=service,
    )


def test_a_call_by_the_clock_to_a_nameless_address_is_held() -> None:
    """Four calls an hour leave about four hours empty by chance; a machine leaves none."""
    row = calls()

    (kept,) = guarded(table_with(row)).held

    (reason,) = kept.reasons
    assert (kept.edge.summary.edge, reason.name) == (row.edge, "beacon")
    assert reason.words == (
        "shop/api alone calls 203.0.113.66 on TCP 8443, nameless, an unusual port, 960 times in 240 hours: 0 hours "
        "without a call where chance would leave 4.4, from 2026-03-02T00:00:00Z on"
    )


@pytest.mark.parametrize(("port", "an_hour"), [(443, 4), (443, 1), (4444, 2), (53, 1)])
def test_the_port_may_be_usual_where_other_peers_have_names(port: int, an_hour: float) -> None:
    """Command and control likes 443; the steady cluster's source names what others call."""
    row = calls(port=port, an_hour=an_hour)

    assert held(guarded(table_with(row))) == {row.edge: ("beacon",)}


def test_a_beacon_is_found_where_addresses_are_not_told() -> None:
    """Then nobody else in the cluster uses that port outside."""
    row = seen(API, PUBLIC, 8443, records=960)

    assert held(guarded(table_with(row))) == {row.edge: ("beacon",)}
    assert held(guarded(table_with(row, seen(WEB, PUBLIC, 8443, OFFICE)))) == {}


def test_hours_without_any_record_are_nobodys_pause() -> None:
    """The collector was down for half a day; where others went on, the pauses count."""
    up = [hour for hour in ALL_DAY if not 100 <= hour < 112]
    once = seen(WEB, API, 8081, (3,))
    row = calls(hours=up)

    assert held(guarded(table_with(row, base=[once, seen(WEB, API, 8080, up)]))) == {row.edge: ("beacon",)}
    assert held(guarded(table_with(row, base=[once, seen(WEB, API, 8080, ALL_DAY)]))) == {}


HARMLESS_CALLS: Final[dict[str, list[Evidence]]] = {
    "a service with a name": [calls(domains=NAMED)],
    "an address that two workloads call": [calls(), calls(WEB, port=443)],
    "by people's day": [calls(hours=OFFICE)],
    "every five minutes, as chance may do too": [calls(an_hour=12)],
    "so often that chance would leave hardly a pause": [calls(an_hour=5.5)],
    "as often as chance would, with its pauses": [calls(hours=[hour for hour in ALL_DAY if hour % 50])],
    "for one day": [calls(hours=range(24))],
    "through a Service": [calls(service=ServiceRef("shop", "partner"))],
}


@pytest.mark.parametrize("case", HARMLESS_CALLS)
def test_no_beacon(case: str) -> None:
    """Each of these lacks one of the signs."""
    assert held(guarded(table_with(*HARMLESS_CALLS[case]))) == {}


def test_time_servers_in_a_source_without_names_are_no_beacon() -> None:
    """Clocks are asked by the clock."""
    base = [seen(API, BILLING, 8080), seen(WEB, API, 8080, (3,))]

    assert held(guarded(table_with(calls(port=123, an_hour=1), base=base))) == {}


def lasting_an_hour(row: Evidence) -> Evidence:
    """Return a row whose record covers its whole hour."""
    return replace(row, last=row.first + 3600)


def test_records_as_long_as_an_hour_prove_no_clock() -> None:
    """Of an hourly export everything steady has one record an hour."""
    row = calls(an_hour=1)
    hourly = [seen(WEB, API, 8080), lasting_an_hour(seen(BILLING, API, 8080, (7,)))]

    assert held(guarded(table_with(row, base=hourly))) == {}
