"""The CronJobs of a scope whose next runs nobody has seen yet.

Promises: every CronJob of the scope's namespaces stands here, because its next run lies after the watermark; one that
no flow shows running is *unexercised*: what its run needs is not among the rules. One that is suspended says so, and
one whose times cannot be told says why. Zones are handed in; a CronJob without one runs by the controller's own, which
is taken for UTC.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, tzinfo
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from ringfence.model.controller import Controller, Schedule
from ringfence.model.endpoint import Workload
from ringfence.model.window import HOUR
from ringfence.recommend.cron import Cron, CronError, runs_after

CRON_JOB: Final = "CronJob"
RUNS_SHOWN: Final = 3

Zones = Mapping[str, tzinfo]
"""The time zones that CronJobs name, by IANA name; a name that is absent is not known."""


class UnseenRun(Struct, frozen=True):
    """A CronJob and its next runs, in Unix seconds. ``last_seen`` is the hour (its first second) in which it was last
    seen running, None where it never was; ``was_due`` says whether it had to run within what was read.

    ``unknown`` says why ``next_runs`` and ``was_due`` are not told. A suspended one has no next runs.
    """

    name: str
    cron: str
    time_zone: str | None
    suspended: bool
    last_seen: int | None
    next_runs: tuple[int, ...] = ()
    was_due: bool | None = None
    unknown: str | None = None

    @property
    def is_unexercised(self) -> bool:
        """Say whether it will run and was never seen running."""
        return self.last_seen is None and not self.suspended


class ReadTime(Struct, frozen=True):
    """What was read: from the hour ``began`` (since the epoch) to the ``watermark`` (Unix seconds), and the hour in
    which each CronJob was last seen running within it.
    """

    began: int
    watermark: int
    last_runs: Mapping[Workload, int]


def unseen_runs(
    controllers: Iterable[Controller], *, read: ReadTime, zones: Zones
) -> Mapping[str, tuple[UnseenRun, ...]]:
    """Return the CronJobs of each namespace that has some, sorted by name."""
    found: defaultdict[str, list[UnseenRun]] = defaultdict(list)
    for each in controllers:
        if each.kind == CRON_JOB and each.schedule is not None:
            found[each.namespace].append(_unseen(each, each.schedule, read, zones))
    return {name: tuple(sorted(runs, key=lambda run: run.name)) for name, runs in sorted(found.items())}


def _unseen(job: Controller, schedule: Schedule, read: ReadTime, zones: Zones) -> UnseenRun:
    hour = read.last_runs.get(Workload(job.namespace, CRON_JOB, job.name))
    run = UnseenRun(
        name=f"{job.namespace}/{job.name}",
        cron=schedule.cron,
        time_zone=schedule.time_zone,
        suspended=schedule.suspended,
        last_seen=None if hour is None else hour * HOUR,
    )
    if schedule.suspended:
        return run
    zone = UTC if schedule.time_zone is None else zones.get(schedule.time_zone)
    if zone is None:
        return replace(run, unknown="its time zone is not known here")
    try:
        cron = Cron.of(schedule.cron)
    except CronError as error:
        return replace(run, unknown=f"its schedule {error}")
    first = runs_after(cron, second=max(read.began * HOUR - 1, job.created or 0), zone=zone)
    return replace(
        run,
        next_runs=runs_after(cron, second=read.watermark, zone=zone, count=RUNS_SHOWN),
        was_due=bool(first) and first[0] <= read.watermark,
    )
