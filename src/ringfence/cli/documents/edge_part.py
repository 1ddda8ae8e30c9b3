"""An edge with its evidence as documents write it (EDGE).

Promises: ``port`` is text as everywhere in our documents, absent where the protocol reports none; times are RFC 3339.
"""

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from ringfence.cli.documents.document import Part
from ringfence.cli.documents.endpoint_part import EndpointPart, endpoint_part
from ringfence.cli.judged_edges import JudgedEdge
from ringfence.flows.evidence import Reporter
from ringfence.learning.baseline import EdgeSummary
from ringfence.model.edge import Icmp
from ringfence.model.endpoint import Network
from ringfence.model.policy import Direction
from ringfence.model.window import rfc3339
from ringfence.verify.observed import ObservedEdge


class EvidencePart(Part, frozen=True, kw_only=True):
    """When and how often an edge was seen, and who reported it. ``connections`` is absent where nobody counted them.

    Where edges are listed by themselves, a network's addresses stand beside, so that the list alone can be judged;
    ``addresses_complete`` says that they are all that there were.
    """

    first_seen: str
    last_seen: str
    days: int
    connections: int | UnsetType = UNSET
    reporters: tuple[Reporter, ...]
    client_addresses: tuple[str, ...] | UnsetType = UNSET
    server_addresses: tuple[str, ...] | UnsetType = UNSET
    addresses_complete: bool | UnsetType = UNSET


class EdgeLeftOutPart(Part, frozen=True, kw_only=True):
    """Why an edge is kept out; without ``direction``, in both."""

    direction: Direction | UnsetType = UNSET
    reason: str


class EdgePart(Part, frozen=True, kw_only=True):
    """Who opens connections to whom; ``id`` is the same in every run. ``admitted`` (directions), ``left_out`` and
    ``held`` (why it waits for a person) stand only where edges are listed by themselves; a recommendation tells them
    beside its edges.
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
    held: tuple[str, ...] | UnsetType = UNSET


def edge_part(
    summary: EdgeSummary | ObservedEdge,
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
    part = edge_part(judged.summary, admitted=judged.admitted, left_out=tuple(reasons))
    part = replace(part, evidence=_with_addresses(part.evidence, judged.summary))
    return replace(part, held=judged.held) if judged.held else part


def _with_addresses(part: EvidencePart, summary: EdgeSummary) -> EvidencePart:
    client = summary.client_addresses if isinstance(summary.edge.client, Network) else None
    server = summary.server_addresses if isinstance(summary.edge.server, Network) else None
    told = [each for each in (client, server) if each is not None]
    if not told:
        return part
    return replace(
        part,
        client_addresses=UNSET if client is None else client.texts,
        server_addresses=UNSET if server is None else server.texts,
        addresses_complete=all(each.exhaustive for each in told),
    )
