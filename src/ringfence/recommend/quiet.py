"""Find the workloads that a policy would isolate without having seen them speak.

Promises: judged per workload and direction; every workload of the namespace that any flow names counts, also where all
its flows were left out. A workload that no flow names cannot be known without a snapshot; the gate says so.
"""

from collections.abc import Iterable, Sequence

from ringfence.learning.baseline import AdmittedEdge, LeftOutEdge
from ringfence.model.endpoint import Workload, endpoint_key, endpoint_text
from ringfence.model.policy import Direction
from ringfence.rules.scope_baseline import own_side


def quiet_workloads(
    namespace: str, *, edges: Sequence[AdmittedEdge], left_out: Sequence[LeftOutEdge], isolated: Iterable[Direction]
) -> tuple[str, ...]:
    """Return each workload of a namespace and isolated direction without admitted evidence, such as ``shop/db egress``.

    Sorted by workload; texts, because people confirm them by name.
    """
    summaries = [*(each.summary for each in edges), *(each.summary for each in left_out)]
    sides = {side for summary in summaries for side in (summary.edge.client, summary.edge.server)}
    known = [side for side in sides if isinstance(side, Workload) and side.namespace == namespace]
    speaking = {(own_side(each.summary.edge, direction), direction) for each in edges for direction in each.directions}
    return tuple(
        f"{endpoint_text(workload)} {direction.lower()}"
        for workload in sorted(known, key=endpoint_key)
        for direction in sorted(isolated)
        if (workload, direction) not in speaking
    )
