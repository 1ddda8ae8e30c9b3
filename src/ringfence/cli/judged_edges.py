"""Each edge once, with what learning said of it.

Promises: every edge of the baseline stands here exactly once, in the edges' total order; an edge admitted in one
direction and left out in the other carries both facts.
"""

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from ringfence.flows.left_out import LeftOut
from ringfence.learning.baseline import AdmittedEdge, EdgeSummary, HeldEdge, LeftOutEdge
from ringfence.model.edge import Edge, edge_key
from ringfence.model.policy import Direction


class JudgedEdge(Struct, frozen=True):
    """An edge, the directions in which it was admitted, and the reasons that kept it or a direction out. ``held`` names
    why it, or some addresses of it, waits for a person.
    """

    summary: EdgeSummary
    admitted: tuple[Direction, ...]
    left_out: tuple[LeftOutEdge, ...]
    held: tuple[str, ...] = ()

    @property
    def reasons(self) -> tuple[LeftOut, ...]:
        """Return the distinct reasons, in alphabetical order."""
        return tuple(sorted({each.reason for each in self.left_out}))


def judged_edges(
    admitted: Iterable[AdmittedEdge], *, left_out: Iterable[LeftOutEdge], held: Iterable[HeldEdge] = ()
) -> tuple[JudgedEdge, ...]:
    """Bring all edges together, each once. The evidence shown is that of the admitted hours if any."""
    judged: dict[Edge, JudgedEdge] = {
        each.summary.edge: JudgedEdge(each.summary, each.directions, ()) for each in admitted
    }
    for waiting in held:
        edge = waiting.edge.summary.edge
        known = judged.get(edge, JudgedEdge(waiting.edge.summary, (), ()))
        names = {*known.held, *(reason.name for reason in waiting.reasons)}
        judged[edge] = replace(known, held=tuple(sorted(names)))
    for outside in left_out:
        edge = outside.summary.edge
        known = judged.get(edge, JudgedEdge(outside.summary, (), ()))
        judged[edge] = replace(known, left_out=(*known.left_out, outside))
    return tuple(sorted(judged.values(), key=lambda each: edge_key(each.summary.edge)))
