"""What a replay takes of an edge that was seen: who, when, how often, and at which addresses.

Promises: made of the evidence of flows, or of a list of edges that was kept of them; the same edge either way.
"""

from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from ringfence.flows.evidence import Evidence, Reporter, Sample
from ringfence.flows.left_out import LeftOut
from ringfence.learning.baseline import EdgeSummary
from ringfence.learning.pairing import summary
from ringfence.model.edge import Edge, edge_key

JUDGED_ALL_THE_SAME: Final = frozenset(
    {
        LeftOut.SAMPLED,
        LeftOut.PORT_NOT_REPORTED,
        LeftOut.ZERO_COUNTER_DENIAL,
        LeftOut.OUTCOME_UNKNOWN,
        LeftOut.DENIED,
        LeftOut.DECIDED_EARLIER,
        LeftOut.TIER_ORDER_UNKNOWN,
        LeftOut.GONE,
        LeftOut.EPHEMERAL_PORT,
        LeftOut.NO_SCOPE,
    }
)
"""Reasons not to learn from a record that do not say that there was no such connection."""


class ObservedEdge(Struct, frozen=True):
    """An edge that was seen from ``first`` to ``last`` (Unix seconds), on some days. ``connections`` is None where
    nobody counted them; ``records`` counts those behind it, 0 where a list of edges does not tell.
    """

    edge: Edge
    first: int
    last: int
    days: int
    connections: int | None
    reporters: tuple[Reporter, ...]
    client_addresses: Sample = Sample()
    server_addresses: Sample = Sample()
    records: int = 0


def observed_edge(whole: EdgeSummary) -> ObservedEdge:
    """Return an edge as replay takes it."""
    return ObservedEdge(
        edge=whole.edge,
        first=whole.first,
        last=whole.last,
        days=whole.days,
        connections=whole.connections,
        reporters=whole.reporters,
        client_addresses=whole.client_addresses,
        server_addresses=whole.server_addresses,
        records=whole.records,
    )


def observed_edges(evidence: Iterable[Evidence]) -> tuple[ObservedEdge, ...]:
    """Return every edge that was tried, whatever became of it, in the edges' order.

    Replies, self-loops, ghosts and repeats were no connections of their own, so they are no edges here.
    """
    rows: dict[Edge, list[Evidence]] = {}
    for row in evidence:
        if is_tried(row.left_out):
            rows.setdefault(row.edge, []).append(row)
    return tuple(observed_edge(summary(edge, rows[edge])) for edge in sorted(rows, key=edge_key))


def is_tried(reason: LeftOut | None) -> bool:
    """Say whether a record, left out for this reason or for none, shows that a connection was tried."""
    return reason is None or reason in JUDGED_ALL_THE_SAME
