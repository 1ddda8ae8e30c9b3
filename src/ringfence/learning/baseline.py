"""The admitted edges, and everything that was not admitted with its reason.

Promises: each edge with evidence appears as admitted in some direction, or as left out in every direction that a scope
covers, never silently. Directions are judged apart: egress at the client, ingress at the server.
"""

from msgspec import Struct

from ringfence.flows.evidence import Reporter, Sample
from ringfence.flows.left_out import LeftOut
from ringfence.model.edge import Edge
from ringfence.model.policy import Direction, ServiceRef
from ringfence.model.trace import Hit


class EdgeSummary(Struct, frozen=True):
    """An edge with its evidence over the hours that count. Times are Unix seconds, ``hours`` hours since the epoch.

    ``services`` are the Services through which it was reached, ``services_complete`` says that every record of the side
    that sees Services named one. ``connections`` comes from the destination's records where they exist, else from the
    source's; None is unknown.
    """

    edge: Edge
    first: int
    last: int
    hours: tuple[int, ...]
    records: int
    connections: int | None
    reporters: tuple[Reporter, ...]
    services: tuple[ServiceRef, ...]
    services_complete: bool
    client_addresses: Sample
    server_addresses: Sample
    domains: Sample

    @property
    def days(self) -> int:
        """Return the number of distinct UTC days with evidence."""
        return len({hour // 24 for hour in self.hours})


class AdmittedEdge(Struct, frozen=True):
    """An edge that becomes permits in ``directions``.

    ``unverified`` are directions known only from the other side's record; ``partly_denied`` says that some connections
    were denied in hours in which others were allowed.
    """

    summary: EdgeSummary
    directions: tuple[Direction, ...]
    unverified: tuple[Direction, ...]
    partly_denied: bool


class LeftOutEdge(Struct, frozen=True):
    """An edge, or one direction of it, kept out of the baseline. ``by`` is the hit that decided, where one did."""

    summary: EdgeSummary
    direction: Direction | None
    reason: LeftOut
    by: Hit | None = None


class Baseline(Struct, frozen=True):
    """Admitted and left-out edges in total order, and how many records each reason keeps out.

    ``admitted_records + sum(left_out_records) + corrupt = read`` holds with the records of the evidence table.
    """

    admitted: tuple[AdmittedEdge, ...]
    left_out: tuple[LeftOutEdge, ...]
    admitted_records: int
    left_out_records: dict[LeftOut, int]
