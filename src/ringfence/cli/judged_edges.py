"""Each edge once, with what learning said of it.

Promises: every edge of the baseline stands here exactly once, in the edges' total order; an edge admitted in one
direction and left out in the other carries both facts.
"""

from collections.abc import Iterable

from msgspec import Struct

from ringfence.flows.left_out import LeftOut
from ringfence.learning.baseline import AdmittedEdge, EdgeSummary, LeftOutEdge
from ringfence.model.edge import edge_key
from ringfence.model.policy import Direction


class JudgedEdge(Struct, frozen=True):
    """An edge, the directions in which it was admitted, and the reasons that kept it or a direction out."""

    summary: EdgeSummary
    admitted: tuple[Direction, ...]
    left_out: tuple[LeftOutEdge, ...]

    @property
    def reasons(self) -> tuple[LeftOut, ...]:
        """Return the distinct reasons, in alphabetical order."""
        return tuple(sorted({each.reason for each in self.left_out}))


def judged_edges(admitted: Iterable[AdmittedEdge], *, left_out: Iterable[LeftOutEdge]) -> tuple[JudgedEdge, ...]:
    """Bring the admitted and the left-out edges together. The evidence shown is that of the admitted hours if any."""
    kept = {each.summary.edge: each for each in admitted}
    outside: dict[object, list[LeftOutEdge]] = {}
    for each in left_out:
        outside.setdefault(each.summary.edge, []).append(each)
    judged = [JudgedEdge(each.summary, each.directions, tuple(outside.get(edge, ()))) for edge, each in kept.items()]
    judged += [JudgedEdge(each[0].summary, (), tuple(each)) for edge, each in outside.items() if edge not in kept]
    return tuple(sorted(judged, key=lambda each: edge_key(each.summary.edge)))
