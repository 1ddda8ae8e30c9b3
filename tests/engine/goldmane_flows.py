"""Goldmane flows from Calico's own recorded answers, and a plain reader of them to compare with.

The reader follows the proto file and the notes on it alone: it shares no code with the program.
"""

import json
from pathlib import Path
from typing import Any

RECORDED = Path(__file__).parents[1] / "conformance" / "goldmane"

KINDS = {
    "CalicoNetworkPolicy": (1, "NetworkPolicy"),
    "GlobalNetworkPolicy": (2, "GlobalNetworkPolicy"),
    "StagedNetworkPolicy": (3, "StagedNetworkPolicy"),
    "StagedGlobalNetworkPolicy": (4, "StagedGlobalNetworkPolicy"),
    "StagedKubernetesNetworkPolicy": (5, "StagedKubernetesNetworkPolicy"),
    "NetworkPolicy": (6, "KubernetesNetworkPolicy"),
    "Profile": (9, "Profile"),
    "EndOfTier": (10, None),
    "ClusterNetworkPolicy": (11, "KubernetesClusterNetworkPolicy"),
}
ENUMS = {
    "kind": {name: number for name, (number, _) in KINDS.items()} | {"KindUnspecified": 0},
    "action": {"ActionUnspecified": 0, "Allow": 1, "Deny": 2, "Pass": 3},
    "reporter": {"ReporterUnspecified": 0, "Src": 1, "Dst": 2},
    "source_type": {
        "EndpointTypeUnspecified": 0,
        "WorkloadEndpoint": 1,
        "HostEndpoint": 2,
        "NetworkSet": 3,
        "Network": 4,
    },
}
ENUMS["dest_type"] = ENUMS["source_type"]
WORDS = {"policies", "trigger", "enforced_policies", "pending_policies", "source_labels", "dest_labels", "Key", "flow"}
TEXTS = {"namespace", "name", "tier", "proto", "source_name", "source_namespace", "dest_name", "dest_namespace"} | {
    "dest_service_name",
    "dest_service_namespace",
    "dest_service_port_name",
}


def recorded_calls() -> list[dict[str, Any]]:
    """Return the recorded answers of ``Flows.List``."""
    calls: list[dict[str, Any]] = json.loads((RECORDED / "list.json").read_text(encoding="utf-8"))["calls"]
    return calls


def recorded_results() -> list[dict[str, Any]]:
    """Return the recorded messages of ``Flows.Stream``."""
    results: list[dict[str, Any]] = json.loads((RECORDED / "stream.json").read_text(encoding="utf-8"))["results"]
    return results


def pushed(flow: dict[str, Any]) -> dict[str, Any]:
    """Return a recorded flow as the push emitter writes it: numbers everywhere, and nothing that is zero."""

    def plain(name: str, value: Any) -> Any:
        match value:
            case dict():
                inner = {key: plain(key, each) for key, each in value.items()}
                return {key: each for key, each in inner.items() if each not in (0, "", []) or (key in WORDS and each)}
            case list():
                return [plain(name, each) for each in value]
            case str() if name in ENUMS:
                return ENUMS[name][value]
            case str() if name not in TEXTS | WORDS:
                return int(value)
            case _:
                return value

    written: dict[str, Any] = plain("flow", flow)
    written["Key"].setdefault("policies", {})
    return written


def read_plainly(lines: bytes) -> tuple[list[tuple[Any, ...]], int]:
    """Return what each good line says, sorted, and how many lines are corrupt."""
    said, corrupt = [], 0
    for line in lines.split(b"\n"):
        if not line.strip():
            continue
        try:
            flow = json.loads(line.decode())
            key = flow["Key"]
            start, end = int(flow.get("start_time", 0)), int(flow.get("end_time", 0))
        except (ValueError, KeyError, TypeError, AttributeError):
            corrupt += 1
            continue
        if not isinstance(key, dict) or not key or (start and not end):
            corrupt += 1
            continue
        said.append((*_said(key), start, end, *_counters(flow)))
    return sorted(said, key=repr), corrupt


def _said(key: dict[str, Any]) -> tuple[Any, ...]:
    hits = sorted(key.get("policies", {}).get("enforced_policies", []), key=lambda hit: hit.get("policy_index", 0))
    trace = tuple(_hit(hit) for hit in hits)
    last = hits[-1] if hits else {}
    staged = last.get("kind") in (3, 4, 5)
    outcome = {1: "Allowed", 2: "Denied"}.get(last.get("action", 0), "Unknown") if not staged else "Unknown"
    return key.get("dest_port", 0), {1: "Source", 2: "Destination"}[key["reporter"]], outcome, trace


def _hit(hit: dict[str, Any]) -> tuple[Any, ...]:
    at_end = hit["kind"] == ENUMS["kind"]["EndOfTier"]
    named = hit.get("trigger", {}) if at_end else hit
    kind = next(words for number, words in KINDS.values() if number == named["kind"])
    action = {1: "Allow", 2: "Deny", 3: "Pass"}[hit["action"]]
    rule = -1 if at_end else hit.get("rule_index", 0)
    place = hit.get("policy_index", 0)
    return place, hit.get("tier", ""), kind, named.get("namespace", ""), named.get("name", ""), action, rule


def _counters(flow: dict[str, Any]) -> tuple[int, ...]:
    names = ("num_connections_started", "packets_in", "packets_out", "bytes_in", "bytes_out")
    return tuple(int(flow.get(name, 0)) for name in names)
