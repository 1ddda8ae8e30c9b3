"""Who scans, what was probed, and what else is held of a scanner."""

from collections.abc import Callable, Sequence
from typing import Final

import pytest
from msgspec.structs import replace

from ringfence.flows.evidence import Counters, Evidence
from ringfence.flows.left_out import LeftOut
from ringfence.learning.guard_settings import GuardSettings
from ringfence.model.endpoint import Host, Workload
from ringfence.model.policy import ServiceRef
from tests.learning.evidence_rows import addresses, denied, row, tcp, udp
from tests.learning.guarded import (
    ALL_DAY,
    ANSWERED,
    API,
    BILLING,
    DATABASE,
    EXTRA,
    INVOICES,
    PROMETHEUS,
    PUBLIC,
    SHOP,
    SILENT,
    WEB,
    guarded,
    held,
    seen,
    table_with,
)

NIGHT: Final = 75
"""An hour of the fourth day."""
LOW_PORTS: Final = (21, 22, 25, 80, 110, 143, 443, 3000, 3389, 5000, 8000, 8443)
HUSH: Final = Counters()
"""A source that counts neither packets nor bytes."""


def fleet(size: int) -> list[Workload]:
    """Return as many workloads of one namespace."""
    return [Workload("fleet", "Deployment", f"unit-{number:02}") for number in range(size)]


def probes(client: Workload, *, hour: int = NIGHT, ports: Sequence[int] = LOW_PORTS) -> list[Evidence]:
    """Return a port scan of one server, unanswered."""
    return [seen(client, INVOICES, port, (hour,), counters=SILENT) for port in ports]


def sweep(client: Workload, *, hour: int = NIGHT, size: int = 12) -> list[Evidence]:
    """Return a search for one port over many servers, unanswered."""
    return [seen(client, each, 22, (hour,), counters=SILENT) for each in fleet(size)]


@pytest.mark.parametrize("attack", [probes, sweep])
def test_many_unanswered_probes_in_an_hour_are_a_scan(attack: Callable[[Workload], list[Evidence]]) -> None:
    """Over the ports of one server, or over servers on one port; every probe is held, with the numbers."""
    rows = attack(WEB)

    baseline = guarded(table_with(*rows))

    assert held(baseline) == {each.edge: ("scan",) for each in rows}
    words = baseline.held[0].reasons[0].words
    assert words.startswith("shop/web scans: 12 unanswered probes of ")
    assert "between 2026-03-05T03:00:00Z and 2026-03-05T04:00:00Z, 0 of them denied" in words


def test_the_destination_alone_tells_that_it_never_answered() -> None:
    """The source's lines are lost; what the destination sent is nothing."""
    turned = Counters(connections=1, packets_in=2, packets_out=0, bytes_in=120, bytes_out=0)
    rows = [replace(each, reporter="Destination", counters=turned) for each in probes(WEB)]

    assert held(guarded(table_with(*rows))) == {each.edge: ("scan",) for each in rows}


def test_what_policies_denied_recognises_the_scanner_too() -> None:
    """The one door that was open is held, although it answered: the scan found it."""
    tried = [denied(tcp(WEB, each, 6379), hours=(NIGHT,)) for each in fleet(7)]
    repeated = [
        replace(denied(tcp(WEB, each, 5432), hours=(NIGHT,)), left_out=LeftOut.ZERO_COUNTER_DENIAL) for each in fleet(5)
    ]
    found = seen(WEB, INVOICES, 6379, (NIGHT,), counters=ANSWERED)

    baseline = guarded(table_with(*tried, *repeated, found))

    assert held(baseline) == {found.edge: ("new-peer-while-scanning",)}
    assert "12 of them denied" in baseline.held[0].reasons[0].words


def test_an_edge_that_the_source_lets_pass_and_the_destination_denies_is_a_probe() -> None:
    """The destination has the last word, also in a source that counts no packets."""
    rows = [
        each
        for server in fleet(10)
        for each in (
            row(tcp(WEB, server, 22), hours=(NIGHT,)),
            denied(tcp(WEB, server, 22), hours=(NIGHT,), reporter="Destination"),
        )
    ]
    found = seen(WEB, INVOICES, 22, (NIGHT,), counters=HUSH)

    assert held(guarded(table_with(*rows, found))) == {found.edge: ("new-peer-while-scanning",)}


def test_new_peers_that_outlast_the_scan_are_held() -> None:
    """Whoever stays where the scan brought it is no less new; what the scanner did before is its own."""
    stayed = seen(WEB, INVOICES, 5432, range(NIGHT + 1, 240))
    before = seen(WEB, BILLING, 8080, range(NIGHT - 40, 240))
    later = seen(WEB, BILLING, 8081, range(NIGHT + 30, 240))

    assert held(guarded(table_with(*sweep(WEB), stayed, before, later))) == {
        **{each.edge: ("scan",) for each in sweep(WEB)},
        stayed.edge: ("new-peer-while-scanning",),
    }


def test_of_a_public_edge_only_the_address_found_by_the_scan_is_held() -> None:
    """The address that the workload used before stays admitted."""
    usual, fresh = "203.0.113.5", "203.0.113.200"
    edge = seen(WEB, PUBLIC, 443, sightings={usual: ((3, 90), ANSWERED), fresh: ((NIGHT,), ANSWERED)})

    baseline = guarded(table_with(*sweep(WEB), edge))

    assert [each.addresses for each in baseline.held if each.edge.summary.edge == edge.edge] == [(fresh,)]


def test_a_new_address_of_a_service_that_rotates_is_no_new_peer() -> None:
    """Of a name behind many addresses each is new some day."""
    rotating = {f"203.0.113.{number}": ((NIGHT - 4 + number,), ANSWERED) for number in range(9)}

    baseline = guarded(table_with(*sweep(WEB), seen(WEB, PUBLIC, 443, sightings=rotating)))

    assert tcp(WEB, PUBLIC, 443) not in held(baseline)


def test_habits_of_a_client_that_scans_in_its_first_hours_are_not_new_peers() -> None:
    """The capture begins with the scan: everything is first seen then, what recurs stays."""
    newborn = Workload(SHOP, "Deployment", "newborn")
    habit = seen(newborn, API, 8080, ALL_DAY)
    once = seen(newborn, INVOICES, 5432, (1,))

    assert held(guarded(table_with(habit, once, *sweep(newborn, hour=0)))) == {
        **{each.edge: ("scan",) for each in sweep(newborn, hour=0)},
        once.edge: ("new-peer-while-scanning",),
    }


def test_on_the_first_day_nothing_is_a_habit() -> None:
    """A capture of some hours: what the scanner called once while it scanned is held."""
    base = [seen(API, WEB, 8080, range(12))]
    once = seen(WEB, INVOICES, 5432, (2,))

    assert held(guarded(table_with(once, *sweep(WEB, hour=2), base=base))) == {
        **{each.edge: ("scan",) for each in sweep(WEB, hour=2)},
        once.edge: ("new-peer-while-scanning",),
    }


def test_many_low_ports_of_one_server_are_a_scan_where_nobody_counts_packets() -> None:
    """Hubble tells no packets; a sweep over servers looks like monitoring there and is not judged."""
    rows = [replace(each, counters=HUSH) for each in probes(WEB)]
    quiet = [replace(each, counters=HUSH) for each in sweep(API)]

    assert held(guarded(table_with(*rows, *quiet))) == {each.edge: ("scan",) for each in rows}


def test_a_scan_by_a_node_is_one() -> None:
    """A process on the host, or a pod on its network."""
    node = Host("node-a")
    rows = [seen(node, each, 22, (NIGHT,), counters=SILENT) for each in fleet(12)]

    assert held(guarded(table_with(*rows))) == {each.edge: ("scan",) for each in rows}


UDP_LOG: Final = Counters(connections=9, packets_in=0, packets_out=900, bytes_in=0, bytes_out=700_000)
HARMLESS: Final[dict[str, list[Evidence]]] = {
    "monitoring that reaches many servers which answer": [
        seen(PROMETHEUS, each, 9102, (NIGHT,), counters=ANSWERED) for each in fleet(60)
    ],
    "monitoring whose targets are down for days": [
        seen(PROMETHEUS, each, 9102, range(NIGHT, NIGHT + 30), counters=SILENT) for each in fleet(60)
    ],
    "a client whose nine servers are down for an hour": sweep(WEB, size=9),
    "twelve servers that are down on different days": [
        seen(WEB, each, 8080, (number * 20,), counters=SILENT) for number, each in enumerate(fleet(12))
    ],
    "a client that policies refuse every day": [denied(tcp(WEB, each, 8080), hours=ALL_DAY) for each in fleet(12)],
    "logs sent by datagrams, which nobody answers": [
        replace(seen(WEB, each, 514, (NIGHT,), counters=UDP_LOG), edge=udp(WEB, each, 514)) for each in fleet(12)
    ],
    "a passive server that opens a port for each transfer": [
        *(seen(WEB, DATABASE, 40_000 + number, (NIGHT,), counters=SILENT) for number in range(12)),
        seen(WEB, DATABASE, 21, range(NIGHT, 240)),
    ],
    "six servers that are down at midnight, and six others three hours later": [
        seen(WEB, each, 8080, (NIGHT + number // 6 * 3,), counters=SILENT) for number, each in enumerate(fleet(12))
    ],
    "many ports of one server through its Service in a source without packets": [
        seen(WEB, INVOICES, port, (NIGHT,), counters=HUSH, service=ServiceRef("billing", "invoices"))
        for port in LOW_PORTS
    ],
    "addresses outside whose answers translation hides": [
        seen(WEB, PUBLIC, port, (NIGHT,), counters=SILENT, at=addresses("203.0.113.9")) for port in LOW_PORTS
    ],
    "few ports of many servers that a job asks in a source without packets": [
        seen(EXTRA, each, port, (NIGHT,), counters=HUSH) for each in fleet(12) for port in (80, 443)
    ],
}


@pytest.mark.parametrize("case", HARMLESS)
def test_no_scan(case: str) -> None:
    """Fan-out, silence and little traffic are a scan only together and in a short time."""
    assert held(guarded(table_with(*HARMLESS[case]))) == {}


@pytest.mark.parametrize(
    ("settings", "is_scan"),
    [
        (GuardSettings(scan_targets=13), False),
        (GuardSettings(probe_bytes=100), False),
        (GuardSettings(scan_targets=12, probe_bytes=120), True),
    ],
)
def test_thresholds_are_settings(settings: GuardSettings, *, is_scan: bool) -> None:
    """Twelve probes of 120 bytes each."""
    assert bool(guarded(table_with(*sweep(WEB)), settings=settings).held) == is_scan


def test_a_slow_scan_is_found_with_a_longer_memory() -> None:
    """One server an hour."""
    rows = [seen(WEB, each, 22, (NIGHT + number,), counters=SILENT) for number, each in enumerate(fleet(12))]

    assert guarded(table_with(*rows)).held == ()
    assert len(guarded(table_with(*rows), settings=GuardSettings(scan_hours=24)).held) == len(rows)
