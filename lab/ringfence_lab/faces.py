"""One side of a flow-log line as bytes.

Promises: the source and destination columns of Calico Enterprise's flow log, complete, for one endpoint at one level of
aggregation. ``PREFIX`` (kind 2) has no addresses and pod-name prefixes; ``POD`` (kind 1) has addresses and whole names;
``CONNECTION`` (kind 0) has the source port too. Source: Calico Enterprise flow-log data types and
``flowLogsFileAggregationKindFor*``.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final, assert_never
from zlib import crc32

from ringfence_lab.endpoint import LabelPairs, NetworkSet, Outside, Workload
from ringfence_lab.roster import Pod

_FIRST_EPHEMERAL: Final = 32768
_EPHEMERAL_COUNT: Final = 28232


class Aggregation(Enum):
    """Calico's aggregation kinds, as far as the laboratory writes them; `formats` choose from ``EVERYTHING``."""

    CONNECTION = 0
    POD = 1
    PREFIX = 2
    EVERYTHING = 9


@dataclass(frozen=True, slots=True)
class Face:
    """What lines show of one endpoint, and the node that reports it (None outside the cluster). ``address`` is None for
    a pod: its owner is its identity.
    """

    source: bytes
    destination: bytes
    node: int | None
    address: str | None


def pod_face(pod: Pod, *, workload: Workload, aggregation: Aggregation, keeps_pod_labels: bool) -> Face:
    """Return the face of a pod. ``keeps_pod_labels``: a pod alone stands behind the prefix, so its own labels stay."""
    namespace = workload.namespace
    if aggregation is Aggregation.PREFIX:
        shown = pod.labels if keeps_pod_labels else pod.shared_labels
        columns = _columns("wep", "-", f"{pod.prefix}*", namespace, shown, address=None)
    else:
        raw = (
            ("projectcalico.org/namespace", namespace),
            ("projectcalico.org/orchestrator", "k8s"),
            ("projectcalico.org/serviceaccount", workload.service_account),
        )
        labels = tuple(sorted((*pod.labels, *raw)))
        columns = _columns("wep", pod.name, f"{pod.prefix}*", namespace, labels, address=pod.address)
    if aggregation is Aggregation.EVERYTHING:
        shown = pod.labels if keeps_pod_labels else pod.shared_labels
        columns |= {
            "kind": workload.kind,
            "owner": workload.name,
            "ip6": pod.address6,
            "own_labels": [f"{key}={value}" for key, value in pod.labels],
            "shared_labels": [f"{key}={value}" for key, value in shown],
            "node": pod.node,
        }
    return _face(columns, port=_source_port(pod.name, aggregation), node=pod.node, address=None)


def outer_face(endpoint: NetworkSet | Outside, address: str, *, aggregation: Aggregation) -> Face:
    """Return the face of a network set or an outside address as it is seen through one of its addresses."""
    shown = None if aggregation is Aggregation.PREFIX else address
    match endpoint:
        case NetworkSet(namespace, name, labels):
            columns = _columns("ns", "-", name, namespace or "-", labels, address=shown)
        case Outside(scope):
            columns = _columns("net", "-", "pub" if scope == "public" else "pvt", "-", None, address=shown)
        case _:
            assert_never(endpoint)
    return _face(columns, port=_source_port(address, aggregation), node=None, address=address)


def _columns(
    kind: str, name: str, aggregated: str, namespace: str, labels: LabelPairs | None, *, address: str | None
) -> dict[str, object]:
    return {
        "ip": address,
        "name": name,
        "name_aggr": aggregated,
        "namespace": namespace,
        "type": kind,
        "labels": None if labels is None else {"labels": [f"{key}={value}" for key, value in labels]},
    }


def _face(columns: Mapping[str, object], *, port: int | None, node: int | None, address: str | None) -> Face:
    source = {f"source_{key}": value for key, value in columns.items()} | {"source_port": port}
    destination = {f"dest_{key}": value for key, value in columns.items()}
    return Face(members(source), members(destination), node, address)


def members(columns: Mapping[str, object]) -> bytes:
    """Return columns as JSON members, each with a comma before it."""
    return ("," + json.dumps(columns, separators=(",", ":"))[1:-1]).encode()


def _source_port(name: str, aggregation: Aggregation) -> int | None:
    if aggregation not in {Aggregation.CONNECTION, Aggregation.EVERYTHING}:
        return None
    return _FIRST_EPHEMERAL + crc32(name.encode()) % _EPHEMERAL_COUNT
