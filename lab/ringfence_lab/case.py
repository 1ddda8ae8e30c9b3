"""A world, read back for the judge: its truth, and its cluster where one was written.

Promises: each edge with the names of the parties that stand for its two ends, once with the addresses of the learning
days and once with all. Raises ValueError where ``truth.json`` or ``cluster/*.yaml`` is not what a world holds. Who the
parties are: `stand_ins`.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from ringfence_lab.evaluator.fields import KubernetesObject
from ringfence_lab.evaluator.protocols import protocol_number
from ringfence_lab.stand_ins import Workload, names_of

Cell = tuple[Workload, Workload, int, int]

_KINDS: Final = ("legitimate", "denied", "guarded", "attack")


@dataclass(frozen=True, slots=True)
class JudgedEdge:
    """An edge of truth. ``port`` is None where the protocol has none; ``icmp`` is type and code.

    ``ends`` are the names of the parties of client and server, ``learn`` those known by the end of the learning days;
    ``observed`` says whether a line of the learning days shows the edge.
    """

    written: Mapping[str, Any]
    protocol: str
    port: int | None
    icmp: tuple[int, int] | None
    version: int | None
    client: Workload | None
    server: Workload | None
    ends: tuple[tuple[str, ...], tuple[str, ...]]
    learn: tuple[tuple[str, ...], tuple[str, ...]]
    observed: bool

    @property
    def identity(self) -> tuple[object, ...]:
        """What tells one exchange from another, whoever made it."""
        return self.client or self.ends[0], self.server or self.ends[1], self.protocol, self.port

    @property
    def cell(self) -> Cell | None:
        """Client and server workload, protocol number and port; None for an edge that is no such cell."""
        if self.client is None or self.server is None or self.port is None:
            return None
        return self.client, self.server, protocol_number(self.protocol), self.port


@dataclass(frozen=True, slots=True)
class Case:
    """A whole world. ``ephemeral`` are protocol number and inclusive port range of passive servers.

    ``attack`` is None where the truth knows of none; ``objects`` are those of the cluster, ``known`` says whether
    there are any.
    """

    truth: Mapping[str, Any]
    workloads: tuple[Workload, ...]
    legitimate: tuple[JudgedEdge, ...]
    denied: tuple[JudgedEdge, ...]
    guarded: tuple[JudgedEdge, ...]
    attack: tuple[JudgedEdge, ...] | None
    ephemeral: tuple[tuple[int, int, int], ...]
    objects: tuple[KubernetesObject, ...]

    @property
    def known(self) -> bool:
        """True where the objects of the cluster were written."""
        return bool(self.objects)


def read_case(world: Path) -> Case:
    """Read ``truth.json`` and ``cluster/*.yaml`` of a world."""
    try:
        truth = json.loads((world / "truth.json").read_text(encoding="utf-8"))
        edges = {kind: tuple(_edge(written) for written in truth.get(kind, ())) for kind in _KINDS}
        return Case(
            truth=truth,
            workloads=tuple((each["namespace"], each["workloadKind"], each["name"]) for each in truth["workloads"]),
            legitimate=edges["legitimate"],
            denied=edges["denied"],
            guarded=edges["guarded"],
            attack=edges["attack"] if "attack" in truth else None,
            ephemeral=tuple(_passive(written) for written in truth["ephemeral"]),
            objects=tuple(_objects(world / "cluster")),
        )
    except (KeyError, TypeError, json.JSONDecodeError) as error:
        raise ValueError(f"{world / 'truth.json'}: is no truth of a world: {error!r}") from error


def attack_kind(edge: JudgedEdge) -> str:
    """Return what an attacker does by an edge."""
    kind: str = edge.written["attack"]
    return kind


def _edge(written: Mapping[str, Any]) -> JudgedEdge:
    icmp = written.get("icmp")
    ends = written["client"], written["server"]
    return JudgedEdge(
        written=written,
        protocol=written["protocol"],
        port=int(written["port"]) if "port" in written else None,
        icmp=(icmp["type"], icmp["code"]) if icmp else None,
        version=written.get("ipFamily"),
        client=_workload(ends[0]),
        server=_workload(ends[1]),
        ends=(names_of(ends[0], "addresses"), names_of(ends[1], "addresses")),
        learn=(names_of(ends[0], "addressesLearn"), names_of(ends[1], "addressesLearn")),
        observed=bool(written.get("daysSeenLearn")),
    )


def _workload(end: Mapping[str, Any]) -> Workload | None:
    return (end["namespace"], end["workloadKind"], end["name"]) if end["kind"] == "Workload" else None


def _passive(written: Mapping[str, Any]) -> tuple[int, int, int]:
    first, _, last = written["port"].partition(":")
    return protocol_number(written["protocol"]), int(first), int(last or first)


def _objects(folder: Path) -> Iterator[KubernetesObject]:
    for file in sorted(folder.glob("*.yaml")) if folder.is_dir() else ():
        try:
            documents: Sequence[Any] = list(yaml.load_all(file.read_bytes(), Loader=yaml.CSafeLoader))
        except yaml.YAMLError as error:
            raise ValueError(f"{file}: is no YAML: {error}") from error
        for document in documents:
            if isinstance(document, dict):
                yield from document["items"] if isinstance(document.get("items"), list) else (document,)
