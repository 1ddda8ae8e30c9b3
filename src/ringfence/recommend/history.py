"""What a reading and a snapshot tell of time, for every scope alike.

Promises: made once, asked by every scope; nothing after the watermark's hour counts. A CronJob ran in an hour when any
flow of its pods says so, learnt or left out. What the snapshot does not hold is None, never empty.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from msgspec import Struct

from ringfence.flows.evidence import Evidence, EvidenceTable
from ringfence.flows.left_out import LeftOut
from ringfence.model.cluster import Cluster
from ringfence.model.endpoint import Workload
from ringfence.model.window import HOUR
from ringfence.recommend.blind import Collectors, collectors_of
from ringfence.recommend.healthy_hours import Health, health_of
from ringfence.recommend.schedules import CRON_JOB, ReadTime, UnseenRun, Zones, unseen_runs

NO_ZONES: Final[Zones] = {}


class ClusterTimes(Struct, frozen=True):
    """Of the snapshot: when namespaces were made and collectors started (Unix seconds), and CronJobs by namespace.

    ``collectors`` is None where the snapshot has none, ``runs`` where it holds no CronJobs because nobody took them.
    """

    created: Mapping[str, int]
    collectors: Collectors | None
    runs: Mapping[str, tuple[UnseenRun, ...]] | None


class History(Struct, frozen=True):
    """When the sources were healthy, and how many records come from a sample.

    ``watermark``, in Unix seconds, stands for *now*. ``cluster`` is None without a snapshot.
    """

    watermark: int
    health: Health
    sampled: int
    cluster: ClusterTimes | None = None


def history_of(
    table: EvidenceTable, *, watermark: int, cluster: Cluster | None = None, zones: Zones = NO_ZONES
) -> History:
    """Return what the records of a reading, and a snapshot, tell of time."""
    return History(
        watermark=watermark,
        health=health_of(table),
        sampled=_sampled(table),
        cluster=None if cluster is None else _cluster_times(cluster, _read_time(table, watermark), zones),
    )


def _cluster_times(cluster: Cluster, read: ReadTime, zones: Zones) -> ClusterTimes:
    inventory = cluster.inventory
    return ClusterTimes(
        created={each.name: each.created for each in inventory.namespaces if each.created is not None},
        collectors=collectors_of(inventory.pods) or None,
        runs=None if CRON_JOB in inventory.missing else unseen_runs(inventory.controllers, read=read, zones=zones),
    )


def _sampled(table: EvidenceTable) -> int:
    placed = sum(each.records for each in table.evidence if each.left_out is LeftOut.SAMPLED)
    return placed + sum(each.records for each in table.unplaced if each.left_out is LeftOut.SAMPLED)


def _read_time(table: EvidenceTable, watermark: int) -> ReadTime:
    until = watermark // HOUR
    began = min((hour for hour, records in table.hours.items() if records > 0), default=until)
    return ReadTime(began, watermark, _last_runs(table.evidence, until=until))


def _last_runs(rows: Iterable[Evidence], *, until: int) -> Mapping[Workload, int]:
    last: dict[Workload, int] = {}
    for row in rows:
        for side in (row.edge.client, row.edge.server):
            if isinstance(side, Workload) and side.kind == CRON_JOB:
                for hour in row.hours:
                    if last.get(side, -1) < hour <= until:
                        last[side] = hour
    return last
