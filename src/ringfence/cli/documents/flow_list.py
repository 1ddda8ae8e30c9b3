"""``get flows -o json``: the FlowList, the rows of the evidence table.

Promises: one item per edge, reporter, outcome and enforced trace, in the table's total order, with the reason for which
its records were left out where they were; ``records`` counts the whole reading, also where the list is filtered.
"""

from collections.abc import Iterable
from typing import Literal

from msgspec import UNSET, UnsetType

from ringfence.cli.documents.document import API_VERSION, Part
from ringfence.cli.documents.endpoint_part import EndpointPart, endpoint_part
from ringfence.cli.documents.hit_part import HitPart, hit_part
from ringfence.cli.documents.records_part import RecordsPart
from ringfence.cli.judged_flows import JudgedFlow
from ringfence.flows.evidence import Evidence, Outcome, Reporter, Unplaced
from ringfence.model.edge import Icmp
from ringfence.model.window import HOUR, rfc3339


class FlowServicePart(Part, frozen=True, kw_only=True):
    """The Kubernetes Service through which the client reached the server; ``port`` is the Service port's name."""

    namespace: str
    name: str
    port: str | UnsetType = UNSET


class FlowEvidencePart(Part, frozen=True, kw_only=True):
    """What the records add up to. Counters are relative to the reporting side, absent where no record had them."""

    first_seen: str
    last_seen: str
    hours: tuple[str, ...]
    records: int
    connections: int | UnsetType = UNSET
    packets_in: int | UnsetType = UNSET
    packets_out: int | UnsetType = UNSET
    bytes_in: int | UnsetType = UNSET
    bytes_out: int | UnsetType = UNSET
    client_addresses: tuple[str, ...]
    server_addresses: tuple[str, ...]
    domains: tuple[str, ...]


class FlowPart(Part, frozen=True, kw_only=True):
    """An edge as one reporter saw it with one outcome and one enforced trace; ``trace`` is absent where the source
    records none.
    """

    edge: str
    client: EndpointPart
    server: EndpointPart
    protocol: str
    port: str | UnsetType = UNSET
    icmp: Icmp | UnsetType = UNSET
    reporter: Reporter
    outcome: Outcome
    trace: tuple[HitPart, ...] | UnsetType = UNSET
    service: FlowServicePart | UnsetType = UNSET
    left_out: str | UnsetType = UNSET
    evidence: FlowEvidencePart


class UnplacedPart(Part, frozen=True, kw_only=True):
    """Records that stand on no edge; the texts are as the source wrote them."""

    client: str
    server: str
    protocol: str
    left_out: str
    records: int


class FlowList(Part, frozen=True, kw_only=True):
    """The document."""

    api_version: str = API_VERSION
    kind: Literal["FlowList"] = "FlowList"
    records: RecordsPart
    items: tuple[FlowPart, ...]
    unplaced: tuple[UnplacedPart, ...]


def flow_list(flows: Iterable[JudgedFlow], *, unplaced: Iterable[Unplaced], records: RecordsPart) -> FlowList:
    """Return the document of these flows."""
    return FlowList(
        records=records,
        items=tuple(_flow_part(flow) for flow in flows),
        unplaced=tuple(
            UnplacedPart(
                client=each.client,
                server=each.server,
                protocol=each.protocol,
                left_out=each.left_out.value,
                records=each.records,
            )
            for each in unplaced
        ),
    )


def _flow_part(judged: JudgedFlow) -> FlowPart:
    flow = judged.flow
    edge = flow.edge
    return FlowPart(
        edge=edge.id,
        client=endpoint_part(edge.client),
        server=endpoint_part(edge.server),
        protocol=edge.protocol,
        port=UNSET if edge.port is None else str(edge.port),
        icmp=edge.icmp or UNSET,
        reporter=flow.reporter,
        outcome=flow.outcome,
        trace=UNSET if flow.trace is None else tuple(hit_part(hit) for hit in flow.trace),
        service=_service_part(flow),
        left_out=UNSET if judged.reason is None else judged.reason.value,
        evidence=_flow_evidence_part(flow),
    )


def _service_part(flow: Evidence) -> FlowServicePart | UnsetType:
    if flow.service is None:
        return UNSET
    return FlowServicePart(namespace=flow.service.namespace, name=flow.service.name, port=flow.service_port or UNSET)


def _flow_evidence_part(flow: Evidence) -> FlowEvidencePart:
    counters = flow.counters
    return FlowEvidencePart(
        first_seen=rfc3339(flow.first),
        last_seen=rfc3339(flow.last),
        hours=tuple(rfc3339(hour * HOUR) for hour in flow.hours),
        records=flow.records,
        connections=_counted(counters.connections),
        packets_in=_counted(counters.packets_in),
        packets_out=_counted(counters.packets_out),
        bytes_in=_counted(counters.bytes_in),
        bytes_out=_counted(counters.bytes_out),
        client_addresses=flow.client_addresses.texts,
        server_addresses=flow.server_addresses.texts,
        domains=flow.domains.texts,
    )


def _counted(counter: int | None) -> int | UnsetType:
    return UNSET if counter is None else counter
