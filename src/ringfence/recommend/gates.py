"""The conditions of Ready, each with its state and reason.

Promises: a gate that cannot be judged is Unknown and says why, so nothing is Ready by omission. The point estimate of
the risk leans to the hopeful side: above the budget it closes its gate, below it does not open it.
"""

from collections.abc import Sequence

from msgspec import Struct

from ringfence.learning.baseline import HeldEdge
from ringfence.model.window import rfc3339
from ringfence.recommend.recommendation import Confidence, Gate, Readiness
from ringfence.recommend.schedules import UnseenRun
from ringfence.recommend.settings import RareEvent, Settings
from ringfence.recommend.words import counted, duration_words
from ringfence.rules.permit import Permit
from ringfence.rules.resolver import Resolvers


class Standing(Struct, frozen=True):
    """Where a scope stands: everything that its gates judge.

    ``quiet`` are texts such as ``shop/db egress``; ``workloads_known`` says that they come from all workloads of the
    scope, not only from those that flows name. ``uncovered`` and ``held`` are None where nobody looked.
    """

    permits: Sequence[Permit]
    readiness: Readiness
    confidence: Confidence
    resolvers: Resolvers
    quiet: Sequence[str] = ()
    workloads_known: bool = False
    uncovered: Sequence[str] | None = None
    held: Sequence[HeldEdge] | None = None


def gates(standing: Standing, *, settings: Settings) -> tuple[Gate, ...]:
    """Return the gates of one scope in the order of the table people read."""
    return (
        _stable(standing.readiness),
        _risk(standing.confidence, settings),
        _schedules(standing.confidence, settings.events),
        _blind(standing.confidence),
        _coarse(standing.permits),
        _quiet(standing),
        _uncovered(standing.uncovered),
        _held(standing.held),
        _dns(standing),
        Gate("conflicts", "Unknown", "this version does not prove that nothing conflicts"),
        Gate("replay", "Unknown", "these policies were not replayed"),
    )


def _stable(readiness: Readiness) -> Gate:
    unchanged = duration_words(max(0, readiness.watermark - readiness.last_change))
    return Gate(
        "stable",
        "True" if readiness.state == "Stable" else "False",
        f"the rules are {readiness.state.lower()}, unchanged for {unchanged}",
    )


def _risk(confidence: Confidence, settings: Settings) -> Gate:
    if confidence.risk is None or confidence.estimate is None:
        return Gate("risk", "Unknown", "; ".join(confidence.reasons))
    told = (
        f"{_number(confidence.estimate.expected)} new rules expected within {duration_words(settings.risk_horizon)}, "
        f"risk {_number(confidence.risk)}, budget {settings.risk_budget:.2f}"
    )
    if confidence.risk > settings.risk_budget:
        return Gate("risk", "False", told)
    return Gate("risk", "Unknown", "; ".join((told, *confidence.reasons)))


def _number(value: float) -> str:
    """Write what is never 0."""
    return f"{value:.2f}" if round(value, 2) else "less than 0.01"


def _schedules(confidence: Confidence, events: Sequence[RareEvent]) -> Gate:
    runs = confidence.schedules
    pending = [event.name for event in sorted(events) if not event.exercised]
    unexercised = [_run_words(run) for run in runs or () if run.is_unexercised]
    missing = [
        *([f"never seen running: {'; '.join(unexercised)}"] if unexercised else []),
        *([f"declared events not exercised: {', '.join(pending)}"] if pending else []),
    ]
    if missing:
        return Gate("schedules", "False", "; ".join(missing))
    if runs is None:
        return Gate("schedules", "Unknown", "no snapshot holds the cluster's CronJobs")
    suspended = [run.name for run in runs if run.suspended]
    told = [
        f"{counted(len(runs) - len(suspended), 'CronJob')} seen running",
        *([f"suspended: {', '.join(suspended)}"] if suspended else []),
        *([f"{counted(len(events), 'declared event')} exercised"] if events else []),
        *([_elsewhere(confidence.unexercised_elsewhere)] if confidence.unexercised_elsewhere else []),
    ]
    return Gate("schedules", "True", "; ".join(told))


def _elsewhere(count: int) -> str:
    return f"of other namespaces {counted(count, 'CronJob')} never seen running, perhaps with connections to here"


def _run_words(run: UnseenRun) -> str:
    """Write an unexercised CronJob with its next run, and whether waiting for it is the way."""
    zone = "" if run.time_zone is None else f" in {run.time_zone}"
    if run.unknown is not None:
        return f"{run.name} ({run.cron}{zone}; next run not known: {run.unknown})"
    when = f"next {rfc3339(run.next_runs[0])}" if run.next_runs else "no run within five years"
    due = ", though it was due" if run.was_due else ""
    return f"{run.name} ({run.cron}{zone}; {when}{due})"


def _blind(confidence: Confidence) -> Gate:
    if confidence.blind:
        return Gate("blind", "False", f"pods not younger than the collector on their node: {_list(confidence.blind)}")
    if confidence.blind is None:
        return Gate("blind", "Unknown", "when the collector started on each node is not known")
    if confidence.blind_unknown:
        return Gate("blind", "Unknown", f"no collector is known on nodes of {_list(confidence.blind_unknown)}")
    return Gate("blind", "True", "every pod is younger than the collector on its node")


def _coarse(permits: Sequence[Permit]) -> Gate:
    reasons = sorted({permit.coarse for permit in permits if permit.coarse is not None})
    return Gate("coarse", "False" if reasons else "True", _list(reasons) or "no rule is wider than its evidence")


def _quiet(standing: Standing) -> Gate:
    if standing.quiet:
        return Gate("quiet", "False", f"no evidence of their own: {_list(standing.quiet)}")
    if not standing.workloads_known:
        return Gate("quiet", "Unknown", "no snapshot: workloads without a single flow are not known")
    return Gate("quiet", "True", "every workload has evidence in each isolated direction")


def _uncovered(workloads: Sequence[str] | None) -> Gate:
    if workloads is None:
        return Gate("uncovered", "Unknown", "no snapshot: what is enforced already is not known")
    if workloads:
        return Gate("uncovered", "False", f"new where a policy of ours is enforced: {_list(workloads)}")
    return Gate("uncovered", "True", "no workload is new where a policy of ours is enforced")


def _held(edges: Sequence[HeldEdge] | None) -> Gate:
    if edges is None:
        return Gate("held", "Unknown", "nobody looked for attacks within the learning period")
    undecided = sum(each.rejected is None for each in edges)
    if undecided:
        return Gate("held", "False", f"{counted(undecided, 'held edge')} undecided")
    decided = f"{counted(len(edges), 'held edge')} rejected" if edges else "no edge is held"
    return Gate("held", "True", decided)


def _dns(standing: Standing) -> Gate:
    if not any(permit.direction == "Egress" for permit in standing.permits):
        return Gate("dns", "True", "egress is not isolated")
    if standing.resolvers.known or standing.resolvers.node_local:
        return Gate("dns", "True", "the cluster's resolver was seen and is allowed")
    return Gate("dns", "False", "no resolver was seen in the flows, so no rule allows DNS")


def _list(names: Sequence[str]) -> str:
    return ", ".join(names)
