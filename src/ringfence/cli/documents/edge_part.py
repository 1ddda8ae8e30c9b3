"""An edge with its evidence as documents write it (EDGE).

Promises: ``port`` is text as everywhere in our documents, absent where the protocol reports none; times are RFC 3339.
"""

from msgspec import UNSET, UnsetType

from ringfence.cli.documents.document import Part
from ringfence.cli.documents.endpoint_part import EndpointPart, endpoint_part
from ringfence.cli.judged_edges import JudgedEdge
from ringfence.flows.evidence import Reporter
from ringfence.learning.baseline import EdgeSummary
from ringfence.model.edge import Icmp
from ringfence.model.policy import Direction
from ringfence.model.window import rfc3339


class EvidencePart(Part, frozen=True, kw_only=True):
    """When and how often an edge was seen, and who reported it. ``connections`` is absent where nobody counted them."""

    first_seen: str
    last_seen: str
    days: int
    connections: int | UnsetType = UNSET
    reporters: tuple[Reporter, ...]


class EdgeLeftOutPart(Part, frozen=True, kw_only=True):
    """Why an edge is kept out; without ``direction``, in both."""

    direction: Direction | UnsetType = UNSET
    reason: str


class EdgePart(Part, frozen=True, kw_only=True):
    """Who opens connections to whom; ``id`` is the same in every run. ``admitted`` (directions) and ``left_out`` stand
    only where edges are listed by themselves; a recommendation tells both beside its edges.
    """

    id: str
    client: EndpointPart
    server: EndpointPart
    protocol: str
    port: str | UnsetType = UNSET
    icmp: Icmp | UnsetType = UNSET
    evidence: EvidencePart
    admitted: tuple[Direction, ...] | UnsetType = UNSET
    left_out: tuple[EdgeLeftOutPart, ...] | UnsetType = UNSET


def edge_part(
    summary: EdgeSummary,
    *,
    admitted: tuple[Direction, ...] | UnsetType = UNSET,
    left_out: tuple[EdgeLeftOutPart, ...] | UnsetType = UNSET,
) -> EdgePart:
    """Return the document form of an edge and its evidence."""
    edge = summary.edge
    return EdgePart(
        id=edge.id,
        client=endpoint_part(edge.client),
        server=endpoint_part(edge.server),
        protocol=edge.protocol,
        port=UNSET if edge.port is None else str(edge.port),
        icmp=edge.icmp or UNSET,
        evidence=EvidencePart(
            first_seen=rfc3339(summary.first),
            last_seen=rfc3339(summary.last),
            days=summary.days,
            connections=UNSET if summary.connections is None else summary.connections,
            reporters=summary.reporters,
        ),
        admitted=admitted,
        left_out=left_out,
    )


def judged_edge_part(judged: JudgedEdge) -> EdgePart:
    """Return the document form of an edge and of what learning said of it."""
    reasons = (EdgeLeftOutPart(direction=each.direction or UNSET, reason=each.reason.value) for each in judged.left_out)
    return edge_part(judged.summary, admitted=judged.admitted, left_out=tuple(reasons))
