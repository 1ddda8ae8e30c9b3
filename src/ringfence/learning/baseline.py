"""The admitted edges, and everything that was not admitted with its reason.

Promises: each edge with evidence appears as admitted in some direction, or as left out in every direction that a scope
covers, never silently. Directions are judged apart: egress at the client, ingress at the server.
"""

from msgspec import Struct

from ringfence.flows.evidence import AddressSighting, Counters, Reporter, Sample
from ringfence.flows.left_out import LeftOut
from ringfence.model.edge import Edge
from ringfence.model.policy import Direction, ServiceRef
from ringfence.model.trace import Hit


class EdgeSummary(Struct, frozen=True):
    """An edge with its evidence over the hours that count. Times are Unix seconds, ``hours`` hours since the epoch.

    ``services`` are the Services through which it was reached, ``services_complete`` says that every record of the side
    that sees Services named one. ``connections`` comes from the destination's records where they exist, else from the
    source's; None is unknown. ``counters`` are as the source sees them, from its records where they exist.
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
    server_sightings: tuple[AddressSighting, ...] = ()
    counters: Counters = Counters()

    @property
    def days(self) -> int:
        """Return the number of distinct UTC days with evidence."""
        return len({hour // 24 for hour in self.hours})


class AdmittedEdge(Struct, frozen=True):
    """An edge that becomes permits in ``directions``.

    ``unverified`` are directions known only from the other side's record; ``partly_denied`` says that some connections
    were denied in hours in which others were allowed. ``allowed_by`` are the policies of later tiers that allow it now.
    """

    summary: EdgeSummary
    directions: tuple[Direction, ...]
    unverified: tuple[Direction, ...]
    partly_denied: bool
    allowed_by: tuple[Hit, ...] = ()


class LeftOutEdge(Struct, frozen=True):
    """An edge, or one direction of it, kept out of the baseline. ``by`` is the hit that decided, where one did."""

    summary: EdgeSummary
    direction: Direction | None
    reason: LeftOut
    by: Hit | None = None


class HeldReason(Struct, frozen=True, order=True):
    """Why an edge is held: a reason's name, and the numbers behind it as a sentence."""

    name: str
    words: str


class HeldEdge(Struct, frozen=True):
    """An edge that looks like an attack and waits for a person. Of a server outside the cluster perhaps only some
    ``addresses`` are held; empty means the whole edge. ``rejected`` is a person's reason, None while undecided.
    """

    edge: AdmittedEdge
    addresses: tuple[str, ...]
    reasons: tuple[HeldReason, ...]
    rejected: str | None = None


class Disagreement(Struct, frozen=True):
    """An edge whose newest record and today's policies say different things: a policy changed, or one of both errs."""

    edge: Edge
    direction: Direction
    recorded: Hit
    judged: Hit


class Baseline(Struct, frozen=True):
    """Admitted, held and left-out edges in total order, and how many records each reason keeps out. Held edges are not
    among the admitted; their records count as admitted.

    ``admitted_records + sum(left_out_records) + corrupt = read`` holds with the records of the evidence table.
    """

    admitted: tuple[AdmittedEdge, ...]
    left_out: tuple[LeftOutEdge, ...]
    admitted_records: int
    left_out_records: dict[LeftOut, int]
    held: tuple[HeldEdge, ...] = ()
    disagreements: tuple[Disagreement, ...] = ()
