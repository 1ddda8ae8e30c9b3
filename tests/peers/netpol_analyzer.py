"""The cases of a peer, asked pair by pair of the reference evaluator.

Promises: every pair of a case's workloads and of outside addresses is asked, on every protocol the case judges, at a
port of each interval that policies or the expected answer tell apart, and at an address of each such interval. What the
peers do not judge (a workload with itself, two outside addresses, host network, IPv6) is not asked.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any, NamedTuple

from msgspec.structs import replace

from ringfence.cluster.snapshot import read_snapshot
from ringfence.model.address_set import AddressSet
from ringfence.model.inventory import Inventory
from ringfence.model.labels import Labels
from ringfence.model.namespace import Namespace
from ringfence.model.pod import Pod
from ringfence.model.policy import Match, Rule
from ringfence.model.policy_set import PolicySet, Regime
from ringfence.semantics.connection import Connection, End
from ringfence.semantics.effective import EffectiveTier
from ringfence.semantics.endpoints import Endpoints
from ringfence.semantics.reference import judge
from ringfence.semantics.resolve import conversion, resolve

Case = Mapping[str, Any]
LAST_ADDRESS = int(IPv4Address("255.255.255.255"))
POD_NETWORK = int(IPv4Address("198.18.0.1"))


class Question(NamedTuple):
    """What is asked, and whether it is wanted."""

    source: str
    destination: str
    protocol: str
    port: int
    wanted: bool
    got: str


class World(NamedTuple):
    """One state of a case's cluster."""

    inventory: Inventory
    policies: PolicySet
    tiers: tuple[EffectiveTier, ...]
    ends: Mapping[str, Sequence[End]]


def cases(folder: Path) -> list[Case]:
    """Return the cases of a folder."""
    return list(json.loads((folder / "cases.json").read_text()))


def world(folder: Path, files: Sequence[str], tmp_path: Path, *, regime: Regime) -> World:
    """Read a case's files; namespaces that are only used exist, pods without addresses get some outside all blocks."""
    for number, file in enumerate(files):
        (tmp_path / f"{number}.yaml").write_text((folder / file).read_text())
    snapshot = read_snapshot(tmp_path, regime=regime)
    inventory = snapshot.inventory
    pods = list(inventory.pods)
    owned = {(each.namespace, each.owner.name) for each in pods if each.owner is not None}
    pods += [
        Pod(each.namespace, each.name, each.template)
        for each in inventory.controllers
        if each.owner is None and (each.namespace, each.name) not in owned
    ]
    named = [
        each if each.addresses else replace(each, addresses=(str(IPv4Address(POD_NETWORK + number)),))
        for number, each in enumerate(pods)
    ]
    used = {each.namespace for each in named} - {each.name for each in inventory.namespaces}
    namespaces = [Namespace(name, Labels.of({"kubernetes.io/metadata.name": name})) for name in sorted(used)]
    whole = replace(inventory, pods=tuple(named), namespaces=(*inventory.namespaces, *namespaces), missing=frozenset())
    endpoints = Endpoints(whole)
    ends: dict[str, list[End]] = {}
    for pod in named:
        if not pod.spec.host_network:
            for name in {f"{pod.namespace}/{pod.name}", f"{pod.namespace}/{pod.owner.name if pod.owner else pod.name}"}:
                ends.setdefault(name, []).append(endpoints.pod(pod))
    return World(whole, snapshot.policies, resolve(snapshot.policies, whole, "enforced"), ends)


def answers(
    at: World, connections: Sequence[Case], names: Sequence[str], protocols: Sequence[str]
) -> Iterator[Question]:
    """Yield every question of a state with its wanted and its given answer. Names are those of its ``ends``."""
    allowed: dict[tuple[str, str], list[tuple[str, Sequence[Case]]]] = {}
    ranges: list[tuple[int, int]] = []
    for each in connections:
        outside = [name for name in (each["source"], each["destination"]) if "/" not in name]
        ranges += [_range(name) for name in outside]
        key = tuple("outside" if "/" not in each[side] else each[side] for side in ("source", "destination"))
        allowed.setdefault((key[0], key[1]), []).append((outside[0] if outside else "", each["allowed"]))
    ports = _ports(at, [entry for each in connections for entry in each["allowed"]])
    addresses = _addresses(at, ranges)
    endpoints = Endpoints(at.inventory)
    sides = [*((name, "", end) for name in names for end in at.ends[name])]
    sides += [("outside", address, endpoints.address(address)) for address in addresses]
    for source, out_of, client in sides:
        for destination, into, server in sides:
            if source == destination:
                continue
            wanted = allowed.get((source, destination), [])
            entries = [entry for where, rows in wanted for entry in rows if not where or _inside(out_of or into, where)]
            for protocol in protocols:
                for port in ports:
                    verdict = judge(at.tiers, Connection(client, server, protocol, port, 45678)).verdict
                    expected = any(_covers(entry, protocol, port) for entry in entries)
                    yield Question(client.name, server.name, protocol, port, expected, verdict)


def _covers(entry: Case, protocol: str, port: int) -> bool:
    if entry["protocol"] != protocol:
        return False
    return "ports" not in entry or any(first <= port <= last for first, last in map(_port_range, entry["ports"]))


def _port_range(text: str) -> tuple[int, int]:
    first, _, last = text.partition(":")
    return int(first), int(last or first)


def _range(text: str) -> tuple[int, int]:
    first, _, last = text.partition("-")
    return int(IPv4Address(first)), int(IPv4Address(last or first))


def _inside(address: str, name: str) -> bool:
    first, last = _range(name)
    return first <= int(IPv4Address(address)) <= last


def _rules(at: World) -> Iterator[Rule]:
    for policy in at.policies.policies:
        converted = conversion(policy).policy
        yield from (*converted.ingress, *converted.egress)


def _matches(at: World) -> Iterator[Match]:
    for rule in _rules(at):
        yield from (rule.source, rule.destination)


def _ports(at: World, entries: Sequence[Case]) -> list[int]:
    """Return the first port of each interval that is told apart."""
    ranges = [_port_range(text) for entry in entries for text in entry.get("ports", [])]
    ranges += [(each.first, each.last) for match in _matches(at) for each in match.ports or ()]
    ranges += [(port.port, port.port) for pod in at.inventory.pods for port in pod.spec.ports]
    starts = {1} | {first for first, _ in ranges} | {last + 1 for _, last in ranges}
    return sorted(port for port in starts if port <= 65535)


def _addresses(at: World, ranges: Sequence[tuple[int, int]]) -> list[str]:
    """Return the first address of each interval that is told apart, without those of pods."""
    cuts = {0} | {first for first, _ in ranges} | {last + 1 for _, last in ranges}
    for match in _matches(at):
        for each in AddressSet.of((*(match.nets or ()), *(match.not_nets or ()))).ranges:
            if each.family == 4:
                cuts |= {each.first, each.last + 1}
        for net in (*(match.nets or ()), *(match.not_nets or ())):
            for each in AddressSet.of([net]).ranges:
                if each.family == 4:
                    cuts |= {each.first, each.last + 1}
    pods = {int(IPv4Address(text)) for pod in at.inventory.pods for text in pod.addresses if ":" not in text}
    found = []
    for cut in sorted(cuts):
        while cut in pods:
            cut += 1  # noqa: PLW2901 - the next that is no pod's
        if cut <= LAST_ADDRESS:
            found.append(str(IPv4Address(cut)))
    return list(dict.fromkeys(found))
