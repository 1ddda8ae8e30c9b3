"""A list of edges, as ``ringfence get edges -o json`` wrote it, taken back.

Promises: decoded strictly: an unknown key, or an id that is not that of its edge, is an error with its place in the
file. An edge that learning left out as no connection of its own (a reply, a self-loop) is none here either.
"""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from ringfence.engine.written_file import Written, WrittenFileError
from ringfence.flows.evidence import Reporter, Sample
from ringfence.flows.left_out import LeftOut
from ringfence.model.edge import Edge, Icmp, edge_key
from ringfence.model.endpoint import Endpoint, Host, Network, NetworkSet, Workload
from ringfence.model.policy import Direction
from ringfence.verify.observed import ObservedEdge, is_tried

Moment = Annotated[datetime, Meta(tz=True)]


class KeptRecords(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """What became of the records of the reading that wrote the list."""

    read: int
    admitted: int
    left_out: dict[str, int]
    corrupt: int


class KeptEdges(Struct, frozen=True):
    """The edges of a list in the edges' order, and the records behind it."""

    edges: tuple[ObservedEdge, ...]
    records: KeptRecords


class _Endpoint(Written, frozen=True):
    kind: Literal["Workload", "Host", "NetworkSet", "Public", "Private"]
    namespace: str | None = None
    workload_kind: str | None = None
    name: str = ""


class _Evidence(Written, frozen=True):
    first_seen: Moment
    last_seen: Moment
    days: int
    reporters: tuple[Reporter, ...]
    connections: int | None = None
    client_addresses: tuple[str, ...] = ()
    server_addresses: tuple[str, ...] = ()
    addresses_complete: bool = False


class _LeftOut(Written, frozen=True):
    reason: LeftOut
    direction: Direction | None = None


class _Edge(Written, frozen=True):
    id: str
    client: _Endpoint
    server: _Endpoint
    protocol: str
    evidence: _Evidence
    port: str | UnsetType = UNSET
    icmp: Icmp | None = None
    admitted: tuple[Direction, ...] = ()
    left_out: tuple[_LeftOut, ...] = ()
    held: tuple[str, ...] = ()


class _List(Written, frozen=True):
    api_version: Literal["ringfence.io/v1alpha1"]
    kind: Literal["EdgeList"]
    records: KeptRecords
    items: tuple[_Edge, ...]


def read_edges(file: Path) -> KeptEdges:
    """Return the edges of a list. Raises WrittenFileError, and OSError where the file cannot be read."""
    try:
        form = msgspec.json.decode(file.read_bytes(), type=_List)
    except msgspec.DecodeError as error:
        raise WrittenFileError(f"{file}: is no list of `ringfence get edges -o json`: {error}") from error
    edges: dict[Edge, ObservedEdge] = {}
    for place, each in enumerate(form.items):
        if each.admitted or each.held or any(is_tried(one.reason) for one in each.left_out):
            seen = _observed(each, f"{file}: items[{place}]")
            edges[seen.edge] = seen
    return KeptEdges(tuple(edges[edge] for edge in sorted(edges, key=edge_key)), form.records)


def _observed(form: _Edge, where: str) -> ObservedEdge:
    edge = Edge(_endpoint(form.client), _endpoint(form.server), form.protocol, _port(form, where), form.icmp)
    if edge.id != form.id:
        raise WrittenFileError(f"{where}: id {form.id} is not that of its edge; write the list anew with get edges")
    told = form.evidence
    return ObservedEdge(
        edge=edge,
        first=int(told.first_seen.timestamp()),
        last=int(told.last_seen.timestamp()),
        days=told.days,
        connections=told.connections,
        reporters=told.reporters,
        client_addresses=_sample(told.client_addresses, complete=told.addresses_complete),
        server_addresses=_sample(told.server_addresses, complete=told.addresses_complete),
    )


def _endpoint(form: _Endpoint) -> Endpoint:
    match form.kind:
        case "Workload":
            return Workload(form.namespace or "", form.workload_kind, form.name)
        case "Host":
            return Host(form.name)
        case "NetworkSet":
            return NetworkSet(form.namespace, form.name)
        case "Public":
            return Network("public")
        case "Private":
            return Network("private")


def _port(form: _Edge, where: str) -> int | None:
    if form.port is UNSET:
        return None
    if not (form.port.isascii() and form.port.isdigit()):
        raise WrittenFileError(f"{where}: port {form.port!r} is no number")
    return int(form.port)


def _sample(texts: tuple[str, ...], *, complete: bool) -> Sample:
    return Sample(texts, overflow=not complete, complete=complete)
