"""What is known about what was not seen yet.

Promises: unknown, never 0. A risk is a number only with a snapshot, after DAYS_NEEDED healthy days in which every hour
of the week was seen, over a horizon that is no longer than that, and where what was seen once says anything; it is the
point estimate, no held-out days have calibrated it, and the reasons say so. Of days and hours the worse counts.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from msgspec import Struct

from ringfence.learning.baseline import AdmittedEdge
from ringfence.model.window import DAY, HOUR
from ringfence.recommend.blind import sight
from ringfence.recommend.estimator import Estimate, estimate
from ringfence.recommend.healthy_hours import Health, healthy_hours, hosts_of
from ringfence.recommend.history import History
from ringfence.recommend.incidences import hours_seen
from ringfence.recommend.recommendation import Confidence, Scope
from ringfence.recommend.sampling_units import HOURS_A_DAY, HOURS_A_WEEK, healthy_days, hours_of_week
from ringfence.recommend.schedules import UnseenRun
from ringfence.recommend.settings import Settings
from ringfence.recommend.words import counted, duration_words
from ringfence.rules.permit import Permit
from ringfence.semantics.workloads import KnownWorkload

DAYS_NEEDED: Final = 7
HOURS_NEEDED: Final = 24
"""Fewer healthy hours show nothing at all."""
NOT_CALIBRATED: Final = "not calibrated: no held-out days have tested how far the estimate can be trusted"
_NODES_SHOWN: Final = 3


class _Looks(Struct, frozen=True):
    """The healthy hours and days in which a scope was looked at."""

    hours: frozenset[int]
    days: frozenset[int]

    @property
    def week_hours(self) -> int:
        return hours_of_week(self.hours)

    @property
    def suffice(self) -> bool:
        return len(self.days) >= DAYS_NEEDED and self.week_hours == HOURS_A_WEEK


def confidence(
    history: History,
    permits: Sequence[Permit],
    edges: Sequence[AdmittedEdge],
    *,
    scope: Scope,
    workloads: Sequence[KnownWorkload],
    settings: Settings,
) -> Confidence:
    """Return the confidence in the permits of a scope, which come from these edges. ``workloads`` are the scope's."""
    seen = hours_seen(permits, edges)
    namespaces = _namespaces(scope, workloads)
    hosts = {scope.name: 0} if scope.kind == "Host" else hosts_of(pod for each in workloads for pod in each.pods)
    frame = range(_began(history, namespaces, seen), (history.watermark - 1) // HOUR + 1)
    healthy = frozenset(hour for hour in healthy_hours(history.health, hosts=hosts) if hour in frame)
    looks = _Looks(healthy, healthy_days(healthy))
    worse = _worse(seen, looks, horizon=settings.risk_horizon)
    reasons = (
        *_missing_looks(looks, _unhealthy(history.health, hosts, frame=frame)),
        *_missing_sense(worse, looks, horizon=settings.risk_horizon),
        *_missing_input(history),
    )
    blind = None
    if history.cluster is not None and history.cluster.collectors is not None:
        blind = sight(workloads, collectors=history.cluster.collectors)
    schedules = _schedules(history, namespaces)
    is_known = not reasons and worse is not None
    return Confidence(
        state="Known" if is_known else "Unknown",
        risk=worse.risk if is_known and worse is not None else None,
        reasons=reasons or (NOT_CALIBRATED,),
        estimate=worse,
        healthy_hours=len(looks.hours),
        healthy_days=len(looks.days),
        week_hours=looks.week_hours,
        schedules=schedules,
        unexercised_elsewhere=_unexercised(history) - sum(run.is_unexercised for run in schedules or ()),
        blind=None if blind is None else blind.blind,
        blind_unknown=() if blind is None else blind.unknown,
    )


def _namespaces(scope: Scope, workloads: Sequence[KnownWorkload]) -> tuple[str, ...]:
    own = {scope.name} if scope.kind == "Namespace" else set()
    return tuple(sorted(own | {each.name.namespace for each in workloads}))


def _began(history: History, namespaces: Sequence[str], seen: Sequence[frozenset[int]]) -> int:
    """Return the first whole hour of a scope: since it was made; where that is not known, since it was first seen."""
    created = {} if history.cluster is None else history.cluster.created
    known = [-(-created[name] // HOUR) for name in namespaces if name in created]
    return min(known) if known else min((hour for hours in seen for hour in hours), default=0)


def _worse(seen: Sequence[frozenset[int]], looks: _Looks, *, horizon: int) -> Estimate | None:
    if len(looks.hours) < HOURS_NEEDED:
        return None
    by_day = [len({hour // HOURS_A_DAY for hour in hours} & looks.days) for hours in seen]
    by_hour = [len(hours & looks.hours) for hours in seen]
    both = (
        estimate(by_day, units=len(looks.days), unit="Day", horizon=horizon / DAY),
        estimate(by_hour, units=len(looks.hours), unit="Hour", horizon=horizon / HOUR),
    )
    return max(
        (each for each in both if each is not None),
        key=lambda each: (each.expected, -each.coverage),
        default=None,
    )


def _missing_looks(looks: _Looks, unhealthy: Mapping[str, int]) -> Iterator[str]:
    days, hours = len(looks.days), len(looks.hours)
    if days < DAYS_NEEDED:
        so_far = counted(days, "healthy day") if days > 1 else counted(hours, "healthy hour")
        yield f"{so_far} of flows, {DAYS_NEEDED} healthy days needed for an estimate"
    if looks.week_hours < HOURS_A_WEEK:
        yield f"{looks.week_hours} of the {HOURS_A_WEEK} hours of the week seen"
    if unhealthy and not looks.suffice:
        worst = sorted(unhealthy.items(), key=lambda item: (-item[1], item[0]))
        shown = ", ".join(f"{node} in {counted(count, 'hour')}" for node, count in worst[:_NODES_SHOWN])
        more = f" and {counted(len(worst) - _NODES_SHOWN, 'node')} more" if len(worst) > _NODES_SHOWN else ""
        yield f"nodes that host its pods were not healthy: {shown}{more}"


def _missing_sense(worse: Estimate | None, looks: _Looks, *, horizon: int) -> Iterator[str]:
    """Say why days enough do not make an estimate."""
    if len(looks.days) < DAYS_NEEDED:
        return
    if horizon > min(len(looks.days) * DAY, len(looks.hours) * HOUR):
        yield f"the horizon of {duration_words(horizon)} is longer than the {len(looks.hours)} healthy hours seen"
    if worse is None:
        yield "no rule was seen at work in a healthy hour"
    elif not worse.expected:
        rules, unit = counted(worse.once, "rule"), worse.unit.lower()
        yield f"{rules} seen at work in a single {unit}, {worse.twice} in two: too few to tell what is still unseen"


def _missing_input(history: History) -> Iterator[str]:
    if history.sampled:
        records = "1 record comes" if history.sampled == 1 else f"{history.sampled} records come"
        yield f"{records} from a sample of a log, so what is rare may be missing"
    if history.cluster is None:
        yield "no snapshot: schedules that have not run and blind workloads are unknown"


def _unhealthy(health: Health, hosts: Mapping[str, int], *, frame: range) -> Mapping[str, int]:
    """Return in how many hours each node kept the scope from being healthy while the input as a whole was."""
    lost = {node: sum(hour in frame for hour in health.lost_at(node, since=since)) for node, since in hosts.items()}
    return {node: hours for node, hours in lost.items() if hours}


def _schedules(history: History, namespaces: Sequence[str]) -> tuple[UnseenRun, ...] | None:
    if history.cluster is None or history.cluster.runs is None:
        return None
    return tuple(run for name in namespaces for run in history.cluster.runs.get(name, ()))


def _unexercised(history: History) -> int:
    runs = {} if history.cluster is None else history.cluster.runs or {}
    return sum(run.is_unexercised for of_namespace in runs.values() for run in of_namespace)
