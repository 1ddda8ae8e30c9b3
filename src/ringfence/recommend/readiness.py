"""How far learning has come: the vendor's state machine, on the flows' own times.

Promises: Learning while the rules changed at most two intervals ago, Stabilizing up to and including the stabilization
period, then Stable. A rule changed when a permit, or one of its ports, was first needed; more evidence for the same
rules changes nothing.
"""

from collections.abc import Iterable, Mapping, Sequence

from ringfence.learning.baseline import AdmittedEdge, EdgeSummary
from ringfence.recommend.recommendation import Readiness
from ringfence.recommend.settings import Settings
from ringfence.rules.permit import Permit


def readiness(
    permits: Iterable[Permit], edges: Sequence[AdmittedEdge], *, watermark: int, settings: Settings
) -> Readiness:
    """Return the readiness of a scope whose permits come from these edges."""
    summaries = {each.summary.edge.id: each.summary for each in edges}
    changed = max((_last_needed(permit, summaries) for permit in permits if permit.edges), default=watermark)
    quiet = watermark - changed
    if quiet <= 2 * settings.interval:
        return Readiness("Learning", changed, watermark)
    if quiet <= settings.stabilization_period:
        return Readiness("Stabilizing", changed, watermark)
    return Readiness("Stable", changed, watermark)


def _last_needed(permit: Permit, summaries: Mapping[str, EdgeSummary]) -> int:
    """Return when the last port of a permit was first needed."""
    earliest: dict[int | None, int] = {}
    for id_ in permit.edges:
        port = None if permit.ports is None else summaries[id_].edge.port
        earliest[port] = min(earliest.get(port, summaries[id_].first), summaries[id_].first)
    return max(earliest.values())
