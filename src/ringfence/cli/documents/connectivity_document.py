"""``connectivity -o json`` and ``diff -o json``.

Promises: the forms of documents, written piece by piece, because a large cluster has millions of connections: an
endpoint or a connection a line. Every pod, workload and address is in exactly one endpoint; a pair that is not listed
allows nothing, or no policy is asked at either of its ends.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import msgspec
from msgspec import UNSET, UnsetType

from ringfence.cli.documents.document import API_VERSION, Part
from ringfence.cli.documents.traffic_part import ReachPart, reach_part
from ringfence.model.address_set import Family
from ringfence.model.edge import Icmp
from ringfence.semantics.scopes import Scope
from ringfence.verify.connectivity import Connectivity
from ringfence.verify.connectivity_diff import ConnectivityDiff, PairChange, PairChangeKind
from ringfence.verify.endpoint_classes import EndpointClass, workload_text
from ringfence.verify.members import Kind

_KINDS: Final[tuple[PairChangeKind, ...]] = ("Added", "Removed", "Changed", "Uncertain")


class EndpointClassPart(Part, frozen=True, kw_only=True):
    """Endpoints that no policy tells apart. ``part_of`` are workloads of which some pods are here while they stand in
    another endpoint.
    """

    id: str
    kind: Kind
    namespace: str | UnsetType = UNSET
    pods: tuple[str, ...]
    workloads: tuple[str, ...]
    nets: tuple[str, ...]
    part_of: tuple[str, ...] | UnsetType = UNSET
    network_sets: tuple[str, ...] | UnsetType = UNSET
    nodes: tuple[str, ...] | UnsetType = UNSET


class PairPart(Part, frozen=True, kw_only=True):
    """Who may reach whom."""

    source: str
    destination: str


class WitnessPart(Part, frozen=True, kw_only=True):
    """One connection that shows a change."""

    source: str
    destination: str
    ip_version: Family
    protocol: str
    port: str | UnsetType = UNSET
    source_port: str | UnsetType = UNSET
    icmp: Icmp | UnsetType = UNSET


class ChangePart(Part, frozen=True, kw_only=True):
    """One pair that two policy sets treat otherwise."""

    change: PairChangeKind
    source: str
    destination: str
    old: ReachPart
    new: ReachPart
    witness: WitnessPart


class SummaryPart(Part, frozen=True, kw_only=True):
    """How many pairs changed how."""

    added: int
    removed: int
    changed: int
    uncertain: int


def connectivity_json(
    found: Connectivity, *, mode: Scope, not_proved: Sequence[str], pairs: Iterable[tuple[int, int]]
) -> Iterator[str]:
    """Yield the document in pieces."""
    yield from _head("Connectivity", mode, not_proved, found)
    yield from _listed("connections", _connections(found, pairs))
    yield "\n}\n"


def diff_json(found: ConnectivityDiff, *, mode: Scope, not_proved: Sequence[str]) -> Iterator[str]:
    """Yield the document in pieces."""
    yield from _head("ConnectivityDiff", mode, not_proved, found.after)
    added, removed, changed, uncertain = (found.count(kind) for kind in _KINDS)
    summary = SummaryPart(added=added, removed=removed, changed=changed, uncertain=uncertain)
    yield f'  "summary": {_line(summary)},\n'
    yield from _listed("changes", (_line(_change(found, each)) for each in found.changes))
    yield "\n}\n"


def _head(kind: str, mode: Scope, not_proved: Sequence[str], found: Connectivity) -> Iterator[str]:
    yield f'{{\n  "apiVersion": "{API_VERSION}",\n  "kind": "{kind}",\n  "mode": "{mode}",\n'
    yield f'  "complete": {_line(not not_proved)},\n  "notProved": {_line(tuple(not_proved))},\n'
    yield f'  "protocols": {_line(found.protocols)},\n'
    yield from _listed("endpoints", (_line(_endpoint(each)) for each in found.classes))
    yield ",\n"


def _listed(key: str, lines: Iterable[str]) -> Iterator[str]:
    yield f'  "{key}": ['
    separator = "\n    "
    for line in lines:
        yield separator + line
        separator = ",\n    "
    yield "]" if separator == "\n    " else "\n  ]"


def _connections(found: Connectivity, pairs: Iterable[tuple[int, int]]) -> Iterator[str]:
    names = [_line(each.id) for each in found.classes]
    reaches: dict[tuple[int, int], str] = {}
    for source, destination in pairs:
        key = found.key(source, destination)
        if key not in reaches:
            reaches[key] = _line(reach_part(found.reach_of(key), found.protocols))[1:]
        yield f'{{"source":{names[source]},"destination":{names[destination]},{reaches[key]}'


def _line(value: Any) -> str:  # noqa: ANN401 - whatever JSON has
    return msgspec.json.encode(value).decode()


def _endpoint(each: EndpointClass) -> EndpointClassPart:
    return EndpointClassPart(
        id=each.id,
        kind=each.kind,
        namespace=each.namespace or UNSET,
        pods=each.pods,
        workloads=tuple(map(workload_text, each.workloads)),
        nets=tuple(each.nets.nets()),
        part_of=tuple(map(workload_text, each.elsewhere)) or UNSET,
        network_sets=each.network_sets or UNSET,
        nodes=each.nodes or UNSET,
    )


def _change(found: ConnectivityDiff, each: PairChange) -> ChangePart:
    classes, protocols = found.after.classes, found.after.protocols
    witness = each.witness
    return ChangePart(
        change=each.change,
        source=classes[each.source].id,
        destination=classes[each.destination].id,
        old=reach_part(each.before, protocols),
        new=reach_part(each.after, protocols),
        witness=WitnessPart(
            source=witness.source.name,
            destination=witness.destination.name,
            ip_version=witness.families[0],
            protocol=witness.protocol,
            port=UNSET if witness.port is None else str(witness.port),
            source_port=UNSET if witness.source_port is None else str(witness.source_port),
            icmp=witness.icmp or UNSET,
        ),
    )
