"""Read a world's flow logs in every format, and say which edges they name."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

Item = Mapping[str, Any]
Edge = tuple[object, ...]

HASHED = re.compile(r"-[bcdfghjklmnpqrstvwxz2456789]{8,10}$|-\d{8}$")
CLASSES = {"PUBLIC NETWORK": "pub", "PRIVATE NETWORK": "pvt"}


def items(world: Path) -> Iterator[Item | None]:
    """Yield the elements of all days in order; None for one that is corrupt."""
    for file in sorted((world / "flows").iterdir()):
        text = file.read_text(encoding="utf-8")
        if file.suffix == ".json":
            document = json.loads(text)
            if "hits" in document:
                for hit in document["hits"]["hits"]:
                    yield hit["_source"] if "action" in hit["_source"] else None
            else:
                for item in document["items"]:
                    yield item if "action" in item else None
        else:
            for line in text.splitlines():
                yield _parsed(line)


def _parsed(line: str) -> Item | None:
    try:
        parsed: Item = json.loads(line)
    except json.JSONDecodeError:
        return None
    return parsed


def owner(namespace: str, name: str) -> tuple[str, str]:
    """Return namespace and owner of an aggregated pod name, or the class or set outside."""
    name = CLASSES.get(name, name)
    return namespace, HASHED.sub("", name.removesuffix("-*")) if name.endswith("-*") else name


def calico_edge(item: Item) -> Edge:
    """Return the edge of a Calico line."""
    ends = [owner(item[f"{side}_namespace"], item[f"{side}_name_aggr"]) for side in ("source", "dest")]
    return *ends, *_port(item["proto"], item["dest_port"]), item["action"].lower(), item["reporter"]


def goldmane_edge(item: Item) -> Edge:
    """Return the edge of a Goldmane result or of a pushed flow."""
    key = item["flow"]["Key"] if "flow" in item else item["Key"]
    ends = [owner(key[f"{side}_namespace"], key[f"{side}_name"]) for side in ("source", "dest")]
    action = {1: "allow", 2: "deny"}.get(key["action"], str(key["action"]).lower())
    reporter = {1: "src", 2: "dst"}.get(key["reporter"], str(key["reporter"]).lower())
    return *ends, *_port(key["proto"], int(key.get("dest_port", 0))), action, reporter


def whisker_edge(item: Item) -> Edge:
    """Return the edge of an item of Whisker's list."""
    ends = [owner(item[f"{side}_namespace"], item[f"{side}_name"]) for side in ("source", "dest")]
    return *ends, *_port(item["protocol"], item["dest_port"]), item["action"].lower(), item["reporter"].lower()


def hubble_edge(item: Item) -> Edge:
    """Return the edge of an exporter line; an address outside is public or private."""
    flow = item["flow"]
    ((layer, ports),) = flow["l4"].items()
    protocol = "icmp" if layer.startswith("ICMP") else layer.lower()
    action = "deny" if flow["verdict"] == "DROPPED" else "allow"
    reporter = "src" if flow["traffic_direction"] == "EGRESS" else "dst"
    ends = [_hubble_end(flow[side]) for side in ("source", "destination")]
    return *ends, *_port(protocol, ports.get("destination_port")), action, reporter


def _hubble_end(end: Mapping[str, Any]) -> tuple[str, str]:
    if "workloads" in end:
        return end["namespace"], end["workloads"][0]["name"]
    return "-", "pvt" if any(label.startswith(("cidr:", "reserved:remote-node")) for label in end["labels"]) else "pub"


def _port(protocol: str, port: int | None) -> tuple[str, int | None]:
    return protocol, port if protocol in {"tcp", "udp"} else None


EDGE_OF: Mapping[str, Callable[[Item], Edge]] = {
    "calico": calico_edge,
    "calico-addresses": calico_edge,
    "elasticsearch": calico_edge,
    "goldmane": goldmane_edge,
    "goldmane-push": goldmane_edge,
    "whisker": whisker_edge,
    "hubble": hubble_edge,
}
