"""The quiet moves of one who never scans, and everything that is rare and honest."""

from collections.abc import Sequence
from typing import Final

import pytest
from msgspec.structs import replace

from ringfence.flows.evidence import Evidence, Sample
from ringfence.learning.guard_settings import GuardSettings
from ringfence.model.endpoint import Endpoint, Workload
from ringfence.model.policy import ServiceRef
from tests.learning.evidence_rows import addresses, hit
from tests.learning.guarded import (
    ANSWERED,
    API,
    BILLING,
    DATABASE,
    EXTRA,
    INVOICES,
    ORDERS,
    PRIVATE,
    PROMETHEUS,
    PUBLIC,
    SERVICE,
    SHOP,
    WEB,
    guarded,
    held,
    seen,
    table_with,
)
from tests.learning.test_guard_scans import sweep

VISIT: Final = (49, 52, 55)
"""Three hours of the third day."""


def visit(client: Endpoint, server: Endpoint, port: int, hours: Sequence[int] = VISIT) -> Evidence:
    """Return calls through the server's Service in a few hours."""
    service = ServiceRef(server.namespace, server.name) if isinstance(server, Workload) else None
    return seen(client, server, port, hours, service=service)


def test_a_visit_to_a_foreign_database_is_held() -> None:
    """Three hours of one day, by a workload that otherwise does the same every day."""
    row = visit(WEB, INVOICES, 5432)

    (kept,) = guarded(table_with(row)).held

    (reason,) = kept.reasons
    assert (kept.edge.summary.edge, reason.name) == (row.edge, "lone-call")
    assert reason.words == (
        "shop/web called in 3 hours between 2026-03-04T01:00:00Z and 2026-03-04T08:00:00Z and at no other time of 10 "
        "days; a foreign namespace, a server that keeps data"
    )


@pytest.mark.parametrize(
    ("rows", "signal"),
    [
        ([visit(BILLING, ORDERS, 8080)], "a foreign namespace"),
        ([visit(WEB, DATABASE, 5432)], "a server that keeps data"),
        ([visit(WEB, ORDERS, 22), seen(API, ORDERS, 22)], "a port of administration"),
        ([visit(WEB, ORDERS, 9102)], "a port that only monitoring/prometheus uses everywhere"),
        ([seen(EXTRA, ORDERS, 8080, VISIT)], "a pod called past the Service that others use"),
        ([visit(WEB, ORDERS, 8080), *sweep(WEB, hour=200)], "a client that scans"),
    ],
)
def test_each_signal_holds_a_lone_call(rows: list[Evidence], signal: str) -> None:
    """What an incident responder would ask about next."""
    baseline = guarded(table_with(*rows))

    (words,) = [
        reason.words
        for each in baseline.held
        for reason in each.reasons
        if each.edge.summary.edge == rows[0].edge and reason.name == "lone-call"
    ]
    assert signal in words.partition("; ")[2].split(", ")


def test_two_visits_near_each_other_hold_each_other() -> None:
    """Each alone would be an errand within the namespace; far apart they are two errands."""
    first, near, far = visit(EXTRA, ORDERS, 8080), visit(EXTRA, WEB, 8080, (60, 63, 66)), (110, 113, 116)
    web = seen(API, WEB, 8080, service=ServiceRef(SHOP, "web"))

    assert held(guarded(table_with(first, web))) == {}
    assert held(guarded(table_with(first, near, web))) == {
        first.edge: ("lone-call",),
        near.edge: ("lone-call",),
    }
    assert held(guarded(table_with(first, visit(EXTRA, WEB, 8080, far), web))) == {}


def test_several_servers_touched_once_on_one_day_hold_each_other() -> None:
    """A round through the neighbourhood, though each call is as short as a rare job's; three may be an accident."""
    web = seen(API, WEB, 8080, service=ServiceRef(SHOP, "web"))
    round_trip = [
        visit(EXTRA, ORDERS, 8080, (60,)),
        visit(EXTRA, WEB, 8080, (62,)),
        visit(EXTRA, DATABASE, 5432, (65,)),
        visit(EXTRA, INVOICES, 5432, (71,)),
    ]

    assert held(guarded(table_with(web, *round_trip[:3]))) == {}
    assert held(guarded(table_with(web, *round_trip))) == {each.edge: ("lone-call",) for each in round_trip}


def test_what_a_scanner_calls_outside_in_one_episode_is_held() -> None:
    """At whatever time, also where addresses are not told: a scanner's host is not its owner's."""
    row = seen(WEB, PUBLIC, 80, (120, 121))
    usual = seen(WEB, PRIVATE, 1521, (3, 50, 150), at=addresses("10.9.9.9"))
    named = seen(WEB, PUBLIC, 8443, (120,), domains=Sample(("updates.example",), complete=True))
    control_plane = seen(WEB, PRIVATE, 6443, (120,), service=ServiceRef("default", "kubernetes"))

    kept = held(guarded(table_with(row, usual, named, control_plane, *sweep(WEB))))

    assert kept[row.edge] == ("lone-call",)
    assert kept.keys().isdisjoint({usual.edge, named.edge, control_plane.edge})
    assert row.edge not in held(guarded(table_with(row)))


def test_servers_of_namespaces_without_recommendations_are_known_too() -> None:
    """Who uses the platform's server by habit is told by the whole cluster, not by what is learnt."""
    platform, runner = Workload("kube-system", "Deployment", "metrics-server"), Workload("kube-system", None, "runner")
    row = visit(WEB, platform, 10251)
    table = table_with(row, seen(runner, platform, 10251))

    assert held(guarded(table, covers=frozenset({SHOP, "billing"}))) == {row.edge: ("lone-call",)}


def test_edges_that_an_earlier_tier_allows_are_known_too() -> None:
    """They are left out of the rules, and tell who uses the server by habit."""
    server = Workload(SHOP, "StatefulSet", "ledger")
    row = visit(WEB, server, 5432)
    habit = replace(seen(API, server, 5432), trace=(hit("kube-admin"),))

    assert held(guarded(table_with(row, habit))) == {row.edge: ("lone-call",)}


REPORT: Final = Workload(SHOP, "CronJob", "weekly-report")
CLOSING: Final = Workload("billing", "Job", "month-end-29")
MIGRATION: Final = Workload(SHOP, "Deployment", "migrated")
HONEST: Final[dict[str, list[Evidence]]] = {
    "a single call, as rare jobs make": [visit(WEB, INVOICES, 5432, (50,))],
    "two hours that an errand takes": [visit(WEB, INVOICES, 5432, (50, 51))],
    "a weekly errand, seen twice": [visit(WEB, INVOICES, 5432, (20, 21, 22, 188, 189, 190))],
    "now and then, on several days": [visit(WEB, INVOICES, 5432, (20, 71, 140))],
    "a new dependency, which stays": [visit(WEB, INVOICES, 5432, range(100, 240))],
    "a new dependency on the last day": [visit(WEB, INVOICES, 5432, (230, 233, 236))],
    "a job that runs once, for hours": [visit(REPORT, DATABASE, 5432), visit(REPORT, INVOICES, 5432)],
    "a job of the month's end": [visit(CLOSING, INVOICES, 5432, (214, 215, 216, 217))],
    "a workload's first day, with its migration": [
        visit(MIGRATION, DATABASE, 5432, (100, 102, 104)),
        visit(MIGRATION, API, 8080, range(100, 240)),
    ],
    "a server that nobody else uses": [visit(WEB, Workload("billing", "Deployment", "own"), 8080)],
    "an errand within the namespace, through the Service": [visit(EXTRA, ORDERS, 8080)],
    "replicas of one database talking": [
        seen(DATABASE, DATABASE, 7946, VISIT),
        seen(DATABASE, API, 8080, service=SERVICE),
        seen(API, DATABASE, 7946),
    ],
    "a port that the monitoring shares with another client": [visit(WEB, ORDERS, 9102), seen(API, ORDERS, 9102)],
    "monitoring a workload that lived one day": [
        seen(PROMETHEUS, Workload("lab", "Deployment", "trial"), 9102, range(60, 70))
    ],
    "an address outside": [seen(API, PUBLIC, 443, VISIT, at=addresses("203.0.113.4"))],
}


@pytest.mark.parametrize("case", HONEST)
def test_no_lone_call(case: str) -> None:
    """Rare is not wrong."""
    assert held(guarded(table_with(*HONEST[case]))) == {}


def test_with_less_than_a_week_nothing_is_called_lone() -> None:
    """Four days cannot tell an episode from a weekly habit."""
    days = 96
    base = [
        seen(WEB, API, 8080, range(days), service=SERVICE),
        seen(BILLING, INVOICES, 5432, range(days)),
    ]
    row = visit(WEB, INVOICES, 5432, (20, 23, 26))

    assert held(guarded(table_with(row, base=base))) == {}
    shorter = GuardSettings(silent_days=2)
    assert held(guarded(table_with(row, base=base), settings=shorter)) == {row.edge: ("lone-call",)}


def test_a_client_without_steady_habits_is_not_judged() -> None:
    """It was there on five of ten days; on nine it would be."""
    guest = Workload(SHOP, "Deployment", "guest")
    row = visit(guest, INVOICES, 5432, (49, 52, 55))

    def with_days(days: int) -> dict[object, tuple[str, ...]]:
        hours = [day * 24 + 9 for day in range(days)]
        return dict(held(guarded(table_with(row, seen(guest, API, 8080, hours, counters=ANSWERED)))))

    assert with_days(5) == {}
    assert with_days(9) == {row.edge: ("lone-call",)}
