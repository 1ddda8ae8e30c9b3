"""What people said of held edges.

Promises: a decision belongs to an edge's id, so it outlives the run in which the edge was first held.
"""

from collections.abc import Iterable
from typing import Literal

from msgspec import Struct


class EdgeDecision(Struct, frozen=True, order=True):
    """A person's word on one edge: Accept lets it become rules, Reject keeps it out; ``reason`` is theirs.

    ``id`` is the edge's, or ``ID@ADDRESS`` for one address of a server outside the cluster.
    """

    id: str
    decision: Literal["Accept", "Reject"]
    reason: str = ""


class Decisions(Struct, frozen=True):
    """Decisions by edge, each edge once."""

    edges: tuple[EdgeDecision, ...] = ()

    def of(self, ids: Iterable[str]) -> dict[str, EdgeDecision]:
        """Return the decisions on these edges."""
        wanted = frozenset(ids)
        return {each.id: each for each in self.edges if each.id in wanted}


NO_DECISIONS = Decisions()
