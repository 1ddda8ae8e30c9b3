"""A world's truth, read back for the judge.

Promises: each edge with its two ends as a matcher sees them, once with the addresses of the learning days and once with
all. A workload stands for all its pods, so its address block is the whole pod network. Raises ValueError where
``truth.json`` is not `truth`'s.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class End:
    """One end of an edge. ``labels`` is None for what no selector can name; ``blocks`` are its addresses.

    ``workload`` is namespace, kind and name of a workload, None for everything else. ``service`` is namespace and name
    of the Service through which clients reach what is no workload.
    """

    namespace: str | None
    labels: Mapping[str, str] | None
    blocks: tuple[Network, ...]
    workload: tuple[str, str, str] | None
    service: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class JudgedEdge:
    """An edge of truth. ``port`` is None where the protocol has none; ``learn`` are its ends with learnt addresses."""

    written: Mapping[str, Any]
    protocol: str
    port: int | None
    ends: tuple[End, End]
    learn: tuple[End, End]
    observed: bool


@dataclass(frozen=True, slots=True)
class Case:
    """A whole truth. ``ephemeral`` are protocol and inclusive port range of passive servers."""

    workloads: tuple[End, ...]
    legitimate: tuple[JudgedEdge, ...]
    denied: tuple[JudgedEdge, ...]
    ephemeral: tuple[tuple[str, int, int], ...]


def read_case(world: Path) -> Case:
    """Read ``truth.json`` of a world."""
    try:
        truth = json.loads((world / "truth.json").read_text(encoding="utf-8"))
        pods = (ip_network(truth["networks"]["pods"]),)
        return Case(
            workloads=tuple(_end({"kind": "Workload", **written}, pods, "addresses") for written in truth["workloads"]),
            legitimate=tuple(_edge(written, pods) for written in truth["legitimate"]),
            denied=tuple(_edge(written, pods) for written in truth["denied"]),
            ephemeral=tuple(_passive(written) for written in truth["ephemeral"]),
        )
    except (KeyError, TypeError, json.JSONDecodeError) as error:
        raise ValueError(f"{world / 'truth.json'}: is no truth of a world: {error!r}") from error


def _edge(written: Mapping[str, Any], pods: tuple[Network, ...]) -> JudgedEdge:
    ends = written["client"], written["server"]
    return JudgedEdge(
        written=written,
        protocol=written["protocol"],
        port=int(written["port"]) if "port" in written else None,
        ends=(_end(ends[0], pods, "addresses"), _server(written, pods, "addresses")),
        learn=(_end(ends[0], pods, "addressesLearn"), _server(written, pods, "addressesLearn")),
        observed=bool(written["daysSeenLearn"]),
    )


def _server(written: Mapping[str, Any], pods: tuple[Network, ...], addresses: str) -> End:
    end = _end(written["server"], pods, addresses)
    if end.workload is not None or "service" not in written:
        return end
    return replace(end, service=(written["service"]["namespace"], written["service"]["name"]))


def _passive(written: Mapping[str, Any]) -> tuple[str, int, int]:
    first, _, last = written["port"].partition(":")
    return written["protocol"], int(first), int(last or first)


def _end(written: Mapping[str, Any], pods: tuple[Network, ...], addresses: str) -> End:
    match written["kind"]:
        case "Workload":
            namespace = written["namespace"]
            calico = {"projectcalico.org/namespace": namespace, "projectcalico.org/orchestrator": "k8s"}
            workload = namespace, written["workloadKind"], written["name"]
            return End(namespace, written["labels"] | calico, pods, workload)
        case "NetworkSet":
            return End(written.get("namespace"), written["labels"], _blocks(written[addresses]), None)
        case _:
            return End(None, None, _blocks(written[addresses]), None)


def _blocks(addresses: list[str]) -> tuple[Network, ...]:
    return tuple(ip_network(address) for address in addresses)
