"""The cases of two peers, asked of the documents and answers of our connectivity.

Promises: every case is asked as its files stand, so pods without addresses are placed by Ringfence itself. Every pair
of judged workloads and of outside addresses is compared, on all traffic of the judged protocols at once; addresses at
every bound of either answer. What the peers do not judge is not asked: a workload with itself, two outside addresses,
host network, IPv6.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from io import StringIO
from ipaddress import IPv4Address, IPv4Network
from itertools import product
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from ringfence.cli.documents.connectivity_document import connectivity_json
from ringfence.cluster.snapshot import read_snapshot
from ringfence.model.cluster import Cluster
from ringfence.model.cluster_policy import ClusterPolicy
from ringfence.model.policy import Policy
from ringfence.model.policy_set import AnyPolicy
from ringfence.verify.all_connections import AllConnections, all_connections
from ringfence.verify.traffic import Interval, TrafficSet

Case = Mapping[str, Any]
Range = tuple[int, int]


def cases(folder: Path) -> list[Case]:
    """Return the cases of a folder."""
    return list(json.loads((folder / "cases.json").read_text()))


def cluster(folder: Path, files: Sequence[str], place: Path, only: Mapping[str, str] | None = None) -> Cluster:
    """Read the files of a case; of their policies perhaps one alone."""
    place.mkdir()
    for number, file in enumerate(files):
        (place / f"{number:02}{Path(file).suffix}").write_text((folder / file).read_text())
    snapshot = read_snapshot(place)
    policies = snapshot.policies
    if only is not None:
        kept = tuple(each for each in policies.policies if _is(each, only))
        assert len(kept) == 1
        policies = replace(policies, policies=kept)
    return Cluster(snapshot.inventory, policies)


def _is(policy: AnyPolicy, only: Mapping[str, str]) -> bool:
    namespace = None if isinstance(policy, ClusterPolicy) else policy.namespace
    dialect = "calico" if isinstance(policy, Policy) else "kubernetes"
    return (
        policy.name == only["name"]
        and only.get("namespace", namespace) == namespace
        and only.get("dialect", dialect) == dialect
    )


class Document:
    """The JSON document of a cluster, as another program reads it."""

    def __init__(self, at: Cluster) -> None:
        """Ask, write and read."""
        found = all_connections([at], "enforced")
        text = StringIO()
        answer = found.answers[0]
        text.writelines(connectivity_json(answer, mode="enforced", not_proved=found.not_proved, pairs=answer.pairs()))
        document = json.loads(text.getvalue())
        self.endpoints: list[Case] = document["endpoints"]
        self.not_proved: list[str] = document["notProved"]
        self.of_pod = {pod: each["id"] for each in self.endpoints for pod in each["pods"]}
        self.of_workload = {
            "/".join(name.split("/")[::2]): each["id"] for each in self.endpoints for name in each["workloads"]
        }
        self.members = {each["id"]: each["pods"] + each["workloads"] for each in self.endpoints}
        self._allowed = {(each["source"], each["destination"]): each["allowed"] for each in document["connections"]}
        self.uncertain = [each for each in document["connections"] if "uncertain" in each]
        self._sets: dict[tuple[str, str], TrafficSet] = {}

    def ids(self, workload: Case) -> list[str]:
        """Return the endpoints of a workload, by its pods, else by its name."""
        pods = [pod for pod in workload.get("pods", ()) if pod in self.of_pod]
        if pods:
            return sorted({self.of_pod[pod] for pod in pods})
        name = workload["name"]
        return [self.of_workload[name] if name in self.of_workload else self.of_pod[name]]

    def outside(self) -> Iterator[tuple[str, Range]]:
        """Yield every range of IPv4 addresses that are outside, with its endpoint."""
        for each in self.endpoints:
            if each["kind"] in {"Public", "Private", "NetworkSet"}:
                for net in each["nets"]:
                    if ":" not in net:
                        network = IPv4Network(net)
                        yield each["id"], (int(network[0]), int(network[-1]))

    def allowed(self, source: str, destination: str) -> TrafficSet:
        """Return what is allowed between two endpoints in IPv4."""
        key = source, destination
        if key not in self._sets:
            entries = [each for each in self._allowed.get(key, ()) if each.get("ipVersion", 4) == 4]
            self._sets[key] = entries_set(entries)
        return self._sets[key]


def entries_set(entries: Sequence[Case]) -> TrafficSet:
    """Return the traffic of entries, ours or a peer's."""
    found = TrafficSet()
    for entry in entries:
        for first, second in _sides(entry):
            found = found | TrafficSet.of(entry["protocol"], first, second)
    return found


def _sides(entry: Case) -> Iterator[tuple[Interval | None, Interval | None]]:
    if "types" in entry:
        for each in entry["types"]:
            types = (each["type"], each.get("lastType", each["type"]))
            yield types, (each["code"], each.get("lastCode", each["code"])) if "code" in each else None
        return
    for source in entry.get("sourcePorts", [None]):
        for port in entry.get("ports", [None]):
            yield (None if source is None else _interval(source)), (None if port is None else _interval(port))


def _interval(text: str) -> Interval:
    first, _, last = text.partition(":")
    return int(first), int(last or first)


def judged(protocols: Sequence[str]) -> TrafficSet:
    """Return all traffic of the protocols that a case judges."""
    return entries_set([{"protocol": each} for each in protocols])


class _Expected:
    """What a peer's answer says, by pair and by address."""

    def __init__(self, connections: Sequence[Case]) -> None:
        self._pairs: dict[tuple[str, str], TrafficSet] = {}
        self._ranges: dict[tuple[str, str], list[tuple[Range, TrafficSet]]] = {}
        for each in connections:
            ends = each["source"], each["destination"]
            inside = tuple(end if "/" in end else "" for end in ends)
            traffic = entries_set(each["allowed"])
            if all(inside):
                self._pairs[ends] = traffic
            else:
                outside = next(end for end in ends if "/" not in end)
                self._ranges.setdefault((inside[0], inside[1]), []).append((_range(outside), traffic))

    def pair(self, source: str, destination: str) -> TrafficSet:
        """Return what a workload may send to another."""
        return self._pairs.get((source, destination), TrafficSet())

    def addresses(self, key: tuple[str, str], block: Range) -> Iterator[tuple[int, TrafficSet]]:
        """Yield an address of each part of a block that is told apart, with what a workload may send there or get."""
        ranges = self._ranges.get(key, [])
        for address in _bounds(block, [each for each, _ in ranges]):
            wanted = TrafficSet()
            for (first, last), traffic in ranges:
                if first <= address <= last:
                    wanted = wanted | traffic
            yield address, wanted


def pairs(
    found: Document, workloads: Sequence[Case], connections: Sequence[Case]
) -> Iterator[tuple[str, str, TrafficSet, TrafficSet]]:
    """Yield every pair: names, what is wanted and what is given."""
    expected = _Expected(connections)
    ids = {each["name"]: found.ids(each) for each in workloads}
    for source, sources in ids.items():
        for destination, destinations in ids.items():
            if source != destination:
                for one, other in product(sources, destinations):
                    yield source, destination, expected.pair(source, destination), found.allowed(one, other)
        for one, (outside, block) in product(sources, list(found.outside())):
            for address, wanted in expected.addresses((source, ""), block):
                yield source, str(IPv4Address(address)), wanted, found.allowed(one, outside)
            for address, wanted in expected.addresses(("", source), block):
                yield str(IPv4Address(address)), source, wanted, found.allowed(outside, one)


def _bounds(block: Range, ranges: Sequence[Range]) -> list[int]:
    """Return an address of each part of a block that ranges tell apart."""
    cuts = {block[0]} | {cut for first, last in ranges for cut in (first, last + 1)}
    return sorted(cut for cut in cuts if block[0] <= cut <= block[1])


def _range(text: str) -> Range:
    first, _, last = text.partition("-")
    return int(IPv4Address(first)), int(IPv4Address(last or first))


def relation(one: Cluster, other: Cluster) -> tuple[dict[str, bool], AllConnections]:
    """Return how the allowed sets of two policy sets of one cluster stand to each other, in IPv4."""
    sets = replace(other, inventory=replace(one.inventory, network_sets=other.inventory.network_sets))
    found = all_connections([one, sets], "enforced")
    ours, theirs = found.answers
    within = {"aWithinB": True, "bWithinA": True}
    for source, end in enumerate(ours.classes):
        for destination in range(len(ours.classes)):
            if not (ours.policed[source] or ours.policed[destination]):
                continue
            if source == destination and len(end.pods) + len(end.workloads) <= 1:
                continue
            (first, _), (second, _) = (
                ours.bits(ours.key(source, destination)),
                theirs.bits(theirs.key(source, destination)),
            )
            if first is None or second is None:
                continue
            within["aWithinB"] &= not first.surely & ~second.surely
            within["bWithinA"] &= not second.surely & ~first.surely
    return within | {"equal": all(within.values())}, found
