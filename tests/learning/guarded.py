"""Small clusters for the guard: steady services over ten days, and what an intruder adds to them.

Times are hours from `HOUR` (Monday, 2026-03-02T00:00Z). Everything is admitted as the engine admits it, so what the
guard sees is what it sees in a run.
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Final

from msgspec.structs import replace

from ringfence.flows.evidence import AddressSighting, Counters, Evidence, EvidenceTable, Sample
from ringfence.learning.admission import admit
from ringfence.learning.baseline import Baseline
from ringfence.learning.decisions import NO_DECISIONS, Decisions
from ringfence.learning.guard import guard
from ringfence.learning.guard_settings import GuardSettings
from ringfence.model.edge import Edge
from ringfence.model.endpoint import Endpoint, Network, Workload
from ringfence.model.inventory import Inventory
from ringfence.model.labels import Labels
from ringfence.model.policy import ServiceRef
from tests.learning.evidence_rows import HOUR, TIER, addresses, row, table_of, tcp

DAYS: Final = 10
SPAN: Final = DAYS * 24
ALL_DAY: Final = tuple(range(SPAN))
OFFICE: Final = tuple(hour for hour in ALL_DAY if 8 <= hour % 24 < 18)

SHOP: Final = "shop"
WEB: Final = Workload(SHOP, "Deployment", "web")
API: Final = Workload(SHOP, "Deployment", "api")
ORDERS: Final = Workload(SHOP, "Deployment", "orders")
DATABASE: Final = Workload(SHOP, "StatefulSet", "db")
BILLING: Final = Workload("billing", "Deployment", "billing")
INVOICES: Final = Workload("billing", "StatefulSet", "invoices")
PROMETHEUS: Final = Workload("monitoring", "StatefulSet", "prometheus")
PUBLIC: Final = Network("public")
PRIVATE: Final = Network("private")
SERVICE: Final = ServiceRef(SHOP, "api")

ANSWERED: Final = Counters(connections=3, packets_in=40, packets_out=40, bytes_in=40_000, bytes_out=8_000)
SILENT: Final = Counters(connections=1, packets_in=0, packets_out=2, bytes_in=0, bytes_out=120)
UPLOAD: Final = Counters(connections=2, packets_in=9_000, packets_out=20_000, bytes_in=450_000, bytes_out=28_000_000)


def seen(
    client: Endpoint,
    server: Endpoint,
    port: int,
    hours: Sequence[int] = ALL_DAY,
    *,
    counters: Counters = ANSWERED,
    service: ServiceRef | None = None,
    records: int | None = None,
    domains: Sample = Sample(),  # noqa: B008 - a frozen value
    sightings: Mapping[str, tuple[Sequence[int], Counters]] | None = None,
    at: Sample = Sample(),  # noqa: B008 - a frozen value
) -> Evidence:
    """Return the source's row of an edge; ``sightings`` give hours and counters by address of the server."""
    told = sightings or {}
    if told:
        hours = sorted({hour for its, _ in told.values() for hour in its})
        at = addresses(*told)
    written = row(
        tcp(client, server, port),
        hours=hours,
        records=len(hours) if records is None else records,
        service=service,
        servers=at,
        domains=domains,
    )
    parts = tuple(
        AddressSighting(
            address=address,
            first=(HOUR + min(its)) * 3600,
            last=(HOUR + max(its)) * 3600 + 300,
            hours=tuple(HOUR + hour for hour in sorted(its)),
            records=len(its),
            counters=count,
        )
        for address, (its, count) in sorted(told.items())
    )
    return replace(written, counters=counters, server_sightings=parts)


def steady() -> list[Evidence]:
    """Return a cluster in which nothing is wrong: a shop, its neighbour, monitoring, and a named service outside."""
    named = Sample(("api.pay.example",), complete=True)
    workloads = (WEB, API, ORDERS, DATABASE, BILLING, INVOICES, *(_extra(number) for number in range(6)))
    return [
        seen(WEB, API, 8080, OFFICE, service=SERVICE),
        seen(API, ORDERS, 8080, OFFICE, service=ServiceRef(SHOP, "orders")),
        seen(ORDERS, DATABASE, 5432, service=ServiceRef(SHOP, "db")),
        seen(BILLING, INVOICES, 5432, service=ServiceRef("billing", "invoices")),
        seen(
            Workload("billing", "CronJob", "yearly"), INVOICES, 5432, (70,), service=ServiceRef("billing", "invoices")
        ),
        seen(BILLING, PUBLIC, 443, OFFICE, domains=named, at=addresses("198.18.3.9", "198.18.3.10")),
        *(seen(PROMETHEUS, each, 9102) for each in workloads),
        *(seen(_extra(number), API, 8080, OFFICE, service=SERVICE) for number in range(6)),
    ]


def _extra(number: int) -> Workload:
    return Workload(SHOP, "Deployment", f"extra-{number}")


EXTRA: Final = _extra(0)


def table_with(*more: Evidence, base: Iterable[Evidence] | None = None) -> EvidenceTable:
    """Return the steady cluster's table with more rows."""
    known: Mapping[Endpoint, Labels] = {}
    return table_of([*(steady() if base is None else base), *more], labels=known)


class _Everywhere(Container[str]):
    def __contains__(self, _: object) -> bool:
        return True


def admitted(table: EvidenceTable, *, covers: Container[str] = _Everywhere()) -> Baseline:
    """Return what is admitted before the guard looks."""
    return admit(table, tier=TIER, covers=covers)


def guarded(
    table: EvidenceTable,
    *,
    settings: GuardSettings = GuardSettings(),  # noqa: B008 - a frozen value
    decisions: Decisions = NO_DECISIONS,
    inventory: Inventory | None = None,
    covers: Container[str] = _Everywhere(),
) -> Baseline:
    """Return the baseline that the guard leaves."""
    return guard(admitted(table, covers=covers), table, settings=settings, decisions=decisions, inventory=inventory)


def held(baseline: Baseline) -> dict[Edge, tuple[str, ...]]:
    """Return the names of the reasons of held edges, whole ones and parts."""
    return {each.edge.summary.edge: tuple(reason.name for reason in each.reasons) for each in baseline.held}
