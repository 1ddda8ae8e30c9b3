"""Goldmane's flows: results of its API as protobuf JSON, and the push emitter's lines.

Promises: keys have no node, no address and no time, so nodes are added up; names are prefixes, unnamed addresses are
``pub`` or ``pvt``; hits are objects, the end of a tier has its trigger. The API's form writes 64-bit numbers as text
and enums by name, the emitter's writes numbers and leaves out what is zero. Source: Goldmane's api.proto and emitter.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final
from zlib import crc32

from ringfence_lab.formats.hits import TraceHit, trace_hit
from ringfence_lab.formats.line import Line, Record, compact, merge

_TYPES: Final = {"wep": "WorkloadEndpoint", "ns": "NetworkSet", "net": "Network"}
_ACTIONS: Final = {"allow": "Allow", "deny": "Deny", "pass": "Pass"}
_REPORTERS: Final = {"src": "Src", "dst": "Dst"}
_SERVICE_PORTS: Final = {"dns": 53, "dns-tcp": 53, "https": 443, "http": 80}
_COUNTERS: Final = (
    *("packets_in", "packets_out", "bytes_in", "bytes_out"),
    *("num_connections_started", "num_connections_completed", "num_connections_live"),
)
_NUMBERS: Final = {
    "EndpointTypeUnspecified": 0,
    "WorkloadEndpoint": 1,
    "HostEndpoint": 2,
    "Network": 4,
    "Allow": 1,
    "Deny": 2,
    "Pass": 3,
    "Src": 1,
    "Dst": 2,
}
_KINDS: Final = {
    "CalicoNetworkPolicy": 1,
    "GlobalNetworkPolicy": 2,
    "StagedNetworkPolicy": 3,
    "StagedGlobalNetworkPolicy": 4,
    "StagedKubernetesNetworkPolicy": 5,
    "NetworkPolicy": 6,
    "Profile": 9,
    "EndOfTier": 10,
}
_TEXTS: Final = frozenset({"dest_port", "dest_service_port", "policy_index", "rule_index"})


class GoldmaneFormat:
    """``FlowResult`` as protobuf JSON, one a line."""

    suffix = ".jsonl"
    prologue = b""
    separator = b"\n"
    epilogue = b"\n"
    windowed = True
    names_nodes = False
    shows_addresses = False
    has_ghosts = True

    def lines(self, records: Iterable[Record]) -> list[Line]:
        """Return a window's flows: one per key, all nodes together, in a fixed order."""
        found: dict[bytes, tuple[int, int, dict[str, Any]]] = {}
        for record in records:
            flow = _flow(record)
            key = compact(flow["Key"])
            length = record["end_time"] - record["start_time"]
            start = record["start_time"] // length * length
            if key in found:
                known = found[key][2]
                merge(known, flow, keys=_COUNTERS)
                for side in ("source_labels", "dest_labels"):
                    known[side] = [label for label in known[side] if label in flow[side]]
            else:
                found[key] = start, start + length, flow
        return [Line(start, end, "", flow) for start, end, flow in found.values()]

    def encode(self, line: Line) -> bytes:
        """Return a flow result."""
        flow = {**line.data, "start_time": line.start, "end_time": line.end}
        key = compact(line.data["Key"])
        return compact({"id": str(crc32(key)), "flow": {**_as_text(flow), "Key": _key_text(line.data["Key"])}})

    def ghost(self, line: Line) -> bytes:
        """Return the flow as a window that is not finished shows it: no time, no labels, no counters."""
        empty: dict[str, Any] = dict.fromkeys(_COUNTERS, 0) | {"source_labels": [], "dest_labels": []}
        return self.encode(Line(0, 0, "", {**line.data, **empty}))


class GoldmanePushFormat(GoldmaneFormat):
    """What the push emitter posts: Go's JSON of the same flows."""

    has_ghosts = False

    def encode(self, line: Line) -> bytes:
        """Return a flow without what is zero, enums as numbers."""
        flow = {**line.data, "start_time": line.start, "end_time": line.end}
        key = {name: _number(name, value) for name, value in flow.pop("Key").items() if name != "policies"}
        policies = line.data["Key"]["policies"]
        trace = {name: [_pushed(hit) for hit in hits] for name, hits in policies.items() if hits}
        written = {"Key": {**_present(key), "policies": trace}, **_present(flow)}
        text = compact(written).replace(b"<", b"\\u003c").replace(b">", b"\\u003e")
        return text.replace(b"&", b"\\u0026")


def _flow(record: Record) -> dict[str, Any]:
    service = record["dest_service_port"]
    key = {
        **_end(record, "source"),
        **_end(record, "dest"),
        "dest_port": record["dest_port"] or 0,
        "dest_service_name": record["dest_service_name"],
        "dest_service_namespace": record["dest_service_namespace"],
        "dest_service_port_name": service,
        "dest_service_port": _SERVICE_PORTS.get(service, record["dest_port"] or 0) if service != "-" else 0,
        "proto": record["proto"],
        "reporter": _REPORTERS[record["reporter"]],
        "action": _ACTIONS[record["action"]],
        "policies": {
            f"{name}_policies": [hit_object(trace_hit(text)) for text in record["policies"][f"{name}_policies"]]
            for name in ("enforced", "pending")
        },
    }
    return {
        "Key": key,
        "source_labels": _labels(record, "source"),
        "dest_labels": _labels(record, "dest"),
        **{name: record[name] for name in _COUNTERS[:4]},
        "num_connections_started": record["num_flows_started"],
        "num_connections_completed": record["num_flows_completed"],
        "num_connections_live": max(0, record["num_flows"] - record["num_flows_completed"]),
    }


def hit_object(hit: TraceHit) -> dict[str, Any]:
    """Return a hit as Goldmane writes it, enums by name."""
    if hit.rule != -1:
        return {
            "kind": hit.kind,
            "namespace": hit.namespace,
            "name": hit.name,
            "tier": hit.tier,
            "action": _ACTIONS[hit.action],
            "policy_index": hit.index,
            "rule_index": hit.rule,
        }
    trigger = {"kind": hit.kind, "namespace": hit.namespace, "name": hit.name, "tier": hit.tier}
    return {
        "kind": "EndOfTier",
        "namespace": "",
        "name": "",
        "tier": hit.tier,
        "action": _ACTIONS[hit.action],
        "policy_index": hit.index,
        "rule_index": -1,
        "trigger": trigger,
    }


def _end(record: Record, side: str) -> dict[str, Any]:
    return {
        f"{side}_name": record[f"{side}_name_aggr"],
        f"{side}_namespace": record[f"{side}_namespace"],
        f"{side}_type": _TYPES[record[f"{side}_type"]],
    }


def _labels(record: Record, side: str) -> list[str]:
    if record[f"{side}_type"] == "wep":
        return list(record[f"{side}_shared_labels"])
    return list((record[f"{side}_labels"] or {}).get("labels", ()))


def _as_text(flow: Mapping[str, Any]) -> dict[str, Any]:
    return {name: str(value) if isinstance(value, int) else value for name, value in flow.items()}


def _key_text(key: Mapping[str, Any]) -> dict[str, Any]:
    trace = {
        name: [{part: str(value) if part in _TEXTS else value for part, value in hit.items()} for hit in hits]
        for name, hits in key["policies"].items()
    }
    return {name: str(value) if name in _TEXTS else value for name, value in key.items()} | {"policies": trace}


def _number(name: str, value: Any) -> Any:  # noqa: ANN401 - a JSON value of either form
    if name.endswith("_type"):
        return 3 if value == "NetworkSet" else _NUMBERS[value]
    return _NUMBERS[value] if name in {"reporter", "action"} else value


def _pushed(hit: Mapping[str, Any]) -> dict[str, Any]:
    written: dict[str, Any] = {
        **hit,
        "kind": _KINDS[hit["kind"]],
        "action": _NUMBERS.get(hit.get("action", ""), 0),
    }
    if "trigger" in hit:
        written["trigger"] = _pushed(hit["trigger"])
    return _present(written)


def _present(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in (0, "", [])}
