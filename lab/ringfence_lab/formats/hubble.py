"""Hubble's exporter file: one event for each connection that a node judged.

Promises: policy-verdict events with identity, labels and workload of both ends, the side that judged says the
direction; no counters, no windows, no Calico trace. A drop says whether a rule denied or none allowed. Source:
cilium/api/v1/flow/flow.proto and the exporter's JSON form.
"""

from collections.abc import Iterable
from typing import Any, Final
from zlib import crc32

from ringfence_lab.formats.hits import trace_hit
from ringfence_lab.formats.line import Line, Record, address, compact, pod_port
from ringfence_lab.moment import rfc3339
from ringfence_lab.outside import CONTROL_PLANE_ADDRESS, CONTROL_PLANE_TUNNEL

_DEFAULT_DENY: Final = 133
_EXPLICIT_DENY: Final = 181
_WORLD: Final = 2
_REMOTE_NODE: Final = 6
_API_SERVER: Final = 7
_NODES: Final = "172.20."
_PODS: Final = "10.24"
_FIRST_POD_IDENTITY: Final = 10_000
_IDENTITIES: Final = 50_000
_CIDR_IDENTITY: Final = 16_777_216


class HubbleFormat:
    """Lines of Hubble's exporter."""

    suffix = ".jsonl"
    prologue = b""
    separator = b"\n"
    epilogue = b"\n"
    windowed = False
    names_nodes = True
    shows_addresses = True
    has_ghosts = False

    def lines(self, records: Iterable[Record]) -> list[Line]:
        """Return an event for each record, in order of time."""
        lines = []
        for record in records:
            if record["num_flows"] or record["packets_in"] or record["packets_out"]:
                length = record["end_time"] - record["start_time"]
                at = record["start_time"] // length * length + crc32(compact((_who(record), record["host"]))) % length
                lines.append(Line(at, at, record["host"], _flow(record)))
        return sorted(lines, key=lambda line: line.start)

    def encode(self, line: Line) -> bytes:
        """Return an exporter line; the identity of an event is its content and time."""
        time = rfc3339(line.start).removesuffix("Z") + f".{crc32(compact(line.data)) % 1_000_000_000:09d}Z"
        mark = crc32(compact((line.start, line.data)))
        uuid = f"{mark:08x}-0000-4000-8000-{crc32(time.encode()):012x}"
        flow = {"time": time, "uuid": uuid, **line.data}
        return compact({"flow": flow, "node_name": line.node, "time": time})

    def ghost(self, _line: Line) -> None:
        """Return None: events have no windows."""


def _flow(record: Record) -> dict[str, Any]:
    denied = record["action"] == "deny"
    explicit = trace_hit(record["policies"]["enforced_policies"][-1]).rule != -1
    reason = _EXPLICIT_DENY if explicit else _DEFAULT_DENY
    six = record.get("family") == 6 or ":" in address(record, "dest")  # noqa: PLR2004 - the version
    flow: dict[str, Any] = {"verdict": "DROPPED" if denied else "FORWARDED"}
    if denied:
        flow["drop_reason"] = reason
    flow["IP"] = {
        "source": address(record, "source"),
        "destination": address(record, "dest"),
        "ipVersion": "IPv6" if six else "IPv4",
    }
    flow["l4"] = _layer4(record)
    flow["source"], flow["destination"] = _endpoint(record, "source"), _endpoint(record, "dest")
    flow |= {"Type": "L3_L4", "node_name": record["host"]}
    if record["dest_domains"]:
        flow["destination_names"] = list(record["dest_domains"])
    if record["dest_service_name"] != "-":
        flow["destination_service"] = {
            "name": record["dest_service_name"],
            "namespace": record["dest_service_namespace"],
        }
    flow["event_type"] = {"type": 1, "sub_type": reason} if denied else {"type": 5}
    flow["traffic_direction"] = "EGRESS" if record["reporter"] == "src" else "INGRESS"
    if denied:
        flow["drop_reason_desc"] = "POLICY_DENY" if explicit else "POLICY_DENIED"
    else:
        flow["policy_match_type"] = 2
        if not record.get("reply"):
            flow["is_reply"] = False
    flow["Summary"] = {"tcp": "TCP Flags: SYN", "icmp": "ICMPv4 EchoRequest"}.get(
        record["proto"], record["proto"].upper()
    )
    return flow


def _layer4(record: Record) -> dict[str, Any]:
    match record["proto"]:
        case "icmp":
            return {"ICMPv4": {"type": 8}}
        case "sctp":
            return {"SCTP": {"source_port": pod_port(record), "destination_port": 2905}}
        case protocol:
            ports: dict[str, Any] = {"source_port": pod_port(record), "destination_port": record["dest_port"]}
            return {protocol.upper(): {**ports, "flags": {"SYN": True}} if protocol == "tcp" else ports}


def _endpoint(record: Record, side: str) -> dict[str, Any]:
    if record[f"{side}_type"] != "wep":
        where = address(record, side)
        if where in {CONTROL_PLANE_ADDRESS, CONTROL_PLANE_TUNNEL}:
            return {"identity": _API_SERVER, "labels": ["reserved:kube-apiserver", "reserved:remote-node"]}
        if where.startswith(_NODES) or (where.endswith(".1") and where.startswith(_PODS)):
            return {"identity": _REMOTE_NODE, "labels": ["reserved:remote-node"]}
        if record[f"{side}_name_aggr"] == "pvt":
            labels = [f"cidr:{where}/32", "reserved:world"]
            return {"identity": _CIDR_IDENTITY + crc32(where.encode()) % _IDENTITIES, "labels": labels}
        return {"identity": _WORLD, "labels": ["reserved:world"]}
    namespace = record[f"{side}_namespace"]
    stable = [label for label in record[f"{side}_own_labels"] if not label.startswith(("pod-template-hash",))]
    labels = [f"k8s:{label}" for label in stable] + [f"k8s:io.kubernetes.pod.namespace={namespace}"]
    known = (namespace, record[f"{side}_owner"])
    return {
        "identity": _FIRST_POD_IDENTITY + crc32(compact(known)) % _IDENTITIES,
        "cluster_name": "default",
        "namespace": namespace,
        "labels": sorted(labels),
        "pod_name": record[f"{side}_name"],
        "workloads": [{"name": record[f"{side}_owner"], "kind": record[f"{side}_kind"]}],
    }


def _who(record: Record) -> tuple[object, ...]:
    return record["source_name"], record["dest_name"], record["dest_ip"], record["dest_port"], record["reporter"]
