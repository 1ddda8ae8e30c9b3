"""Find the workloads that a policy would isolate without having seen them speak.

Promises: judged per workload and direction. With a snapshot every workload whose pods the policy selects counts, also
one that no flow names and one that does not run now (a CronJob between its runs, a DaemonSet without a node); not those
on the host's network, which no policy of pods governs. Without one it is every workload that any flow names, also where
all its flows were left out; others cannot be known, and the gate says so.
"""

from collections.abc import Iterable, Iterator, Sequence

from ringfence.learning.baseline import LeftOutEdge
from ringfence.model.endpoint import Workload, endpoint_key, endpoint_text
from ringfence.model.policy import Direction
from ringfence.rules.scope_baseline import ScopeBaseline, own_side
from ringfence.rules.whom import Quiet, excluded


def quiet_in(
    scope: ScopeBaseline, *, left_out: Sequence[LeftOutEdge], isolated: Iterable[Direction]
) -> tuple[Quiet, ...]:
    """Return each workload and isolated direction of a scope without admitted evidence, sorted by workload."""
    selectors, directions = scope.surroundings.selectors, sorted(isolated)
    cluster = scope.surroundings.cluster
    known = set(selectors.governed(scope.namespace))
    if cluster is None or "Pod" in cluster.inventory.missing:
        known |= {selectors.known(each) or each for each in _named(scope, left_out)}
    speaking = {
        (selectors.known(own) or own, direction)
        for each in scope.edges
        for direction in each.directions
        if isinstance(own := own_side(each.summary.edge, direction), Workload)
    }
    return tuple(
        (workload, direction)
        for workload in sorted(known, key=endpoint_key)
        if scope.covers(workload)
        for direction in directions
        if (workload, direction) not in speaking
    )


def isolated_quiet(scope: ScopeBaseline, quiet: Sequence[Quiet]) -> tuple[str, ...]:
    """Return the quiet workloads that the scope's policies isolate, as people confirm them: ``shop/db egress``.

    With ``quietWorkloads: Exclude`` those are only the ones that no label tells apart from one that speaks.
    """
    directions = {direction for _, direction in quiet}
    out = {(each, direction) for direction in directions for each in excluded(scope, quiet, direction)}
    return tuple(quiet_text(each) for each in quiet if each not in out)


def quiet_text(quiet: Quiet) -> str:
    """Write a quiet workload and its direction."""
    workload, direction = quiet
    return f"{endpoint_text(workload)} {direction.lower()}"


def _named(scope: ScopeBaseline, left_out: Sequence[LeftOutEdge]) -> Iterator[Workload]:
    summaries = [*(each.summary for each in scope.edges), *(each.summary for each in left_out)]
    for summary in summaries:
        for side in (summary.edge.client, summary.edge.server):
            if isinstance(side, Workload) and side.namespace == scope.namespace:
                yield side
