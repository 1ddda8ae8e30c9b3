"""Whisker's list of flows: one JSON document a day.

Promises: the items of ``GET /flows`` with all their keys; no endpoint types, services or connection counts, so flows
that differ only in those are one. Source: whisker-backend's flows handler.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from ringfence_lab.formats.goldmane import GoldmaneFormat
from ringfence_lab.formats.line import Line, Record, compact, merge
from ringfence_lab.moment import rfc3339

_CLASSES: Final = {"pub": "PUBLIC NETWORK", "pvt": "PRIVATE NETWORK"}
_COUNTERS: Final = ("packets_in", "packets_out", "bytes_in", "bytes_out")


class WhiskerFormat:
    """Items of Whisker's list."""

    suffix = ".json"
    prologue = b'{"total":{"totalPages":1},"items":['
    separator = b","
    epilogue = b"]}\n"
    windowed = True
    names_nodes = False
    shows_addresses = False
    has_ghosts = False

    def __init__(self) -> None:
        """Whisker asks Goldmane."""
        self._goldmane = GoldmaneFormat()

    def lines(self, records: Iterable[Record]) -> list[Line]:
        """Return a window's items."""
        found: dict[bytes, tuple[Line, dict[str, Any]]] = {}
        for line in self._goldmane.lines(records):
            item = _item(line.data)
            key = compact({name: value for name, value in item.items() if name not in _COUNTERS})
            if key in found:
                merge(found[key][1], item, keys=_COUNTERS)
            else:
                found[key] = line, item
        return [Line(line.start, line.end, "", item) for line, item in found.values()]

    def encode(self, line: Line) -> bytes:
        """Return an item."""
        return compact({"start_time": rfc3339(line.start), "end_time": rfc3339(line.end), **line.data})

    def ghost(self, _line: Line) -> None:
        """Return None: Whisker's windows are finished."""


def _item(flow: Mapping[str, Any]) -> dict[str, Any]:
    key = flow["Key"]
    return {
        "action": key["action"],
        "source_name": _CLASSES.get(key["source_name"], key["source_name"]),
        "source_namespace": key["source_namespace"],
        "source_labels": " | ".join(flow["source_labels"]),
        "dest_name": _CLASSES.get(key["dest_name"], key["dest_name"]),
        "dest_namespace": key["dest_namespace"],
        "dest_labels": " | ".join(flow["dest_labels"]),
        "protocol": key["proto"],
        "dest_port": key["dest_port"],
        "reporter": key["reporter"],
        "policies": {
            name: [_hit(hit) for hit in key["policies"][f"{name}_policies"]] for name in ("enforced", "pending")
        },
        **{name: flow[name] for name in _COUNTERS},
    }


def _hit(hit: Mapping[str, Any]) -> dict[str, Any]:
    trigger = hit.get("trigger")
    return {
        "kind": hit["kind"],
        "name": hit["name"],
        "namespace": hit["namespace"],
        "tier": hit["tier"],
        "action": hit.get("action", "ActionUnspecified"),
        "policy_index": hit.get("policy_index", 0),
        "rule_index": hit.get("rule_index", 0),
        "trigger": None if trigger is None else _hit(trigger),
    }
