"""What must stay possible with a recommendation enforced in a component's namespace, judged by the reference evaluator.

The recommendation is made as a run makes it, from traffic that shows no call of the API server and one node only.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from msgspec.structs import replace

from ringfence.flows.evidence import Evidence
from ringfence.model.cluster import Cluster
from ringfence.model.edge import Edge
from ringfence.model.endpoint import Workload
from ringfence.semantics.connection import End
from tests.learning.evidence_rows import both
from tests.platform.alive import NODES, OUTSIDE, SHOP, alive, from_first_node, to_first_node, together, traffic
from tests.platform.components import Row, read, table
from tests.rules.declared_world import Judge, made

CONNECTIONS: Final = 39
SOURCES: Final = {"api server": 19, "nodes": 34, "outside": 12, "shop": 3, "projectcontour/envoy": 1}
"""From where rows ask; several rows ask from two places."""
PORTS: Final = {0: 2, 1: 33, 2: 2, 3: 2}
"""How many rows ask for how many ports of workloads; those of none ask for addresses."""
CUT_WITHOUT_DECLARATION: Final = 13
"""Calls that neither traffic, nor an existing policy, nor the host network keeps possible."""
MANAGED: Final = "172.31.7.7"
"""Where an API server stands that somebody else runs."""
_WORKLOAD: Final = re.compile(r"`(\w+) ([\w-]+)/([\w-]+)`")
_SAME_NAMESPACE: Final = re.compile(r"`([\w-]+)` TCP")
_NODE_ADDRESSES: Final = tuple(address for node in NODES for address in (*node.addresses, *node.tunnels))


@dataclass(frozen=True, slots=True)
class Port:
    """A port of a workload that must stay reachable."""

    workload: Workload
    protocol: str
    number: int


@dataclass(frozen=True, slots=True)
class Kept:
    """A row as what to learn from, whose recommendation to enforce, and what to ask of it."""

    namespace: str
    learnt: tuple[Evidence, ...]
    sources: tuple[str, ...]
    ports: tuple[Port, ...] = ()
    nets: tuple[str, ...] = ()
    egress: Port | None = None


def kept(each: Row) -> Kept:
    """Return what a row says. Raises AssertionError for one of another form.

    Where any pod may come that nobody knows to be one (a mesh's), the pod was seen; where every pod may, none was.
    """
    before, _, after = each.text.partition(" → ")
    if before.startswith("`") and after.startswith("Nodes"):
        client = _workload(before)
        port = Port(client, "TCP", int(after.split(" ")[2]))
        return Kept(client.namespace, to_first_node(client, "TCP", port.number), (), egress=port)
    if "link-local" in after:
        return Kept(SHOP.namespace, both(Edge(SHOP, _coredns(), "UDP", 53)), (), nets=("169.254.20.10", "10.96.0.10"))
    ports = tuple(_ports(after))
    namespace = ports[0].workload.namespace
    match before:
        case "API server":
            return Kept(namespace, (), ("api server", "nodes"), ports)
        case "outside + Nodes":
            return Kept(namespace, (), ("outside", "nodes"), ports)
        case "Nodes":
            learnt = tuple(row for port in ports for row in from_first_node(port.workload, port.protocol, port.number))
            return Kept(namespace, learnt, ("nodes",), ports)
        case "every pod, Nodes":
            return Kept(namespace, (), ("shop", "nodes"), ports)
        case "every injected pod" | "every meshed pod":
            learnt = tuple(row for port in ports for row in both(Edge(SHOP, port.workload, port.protocol, port.number)))
            return Kept(namespace, learnt, ("shop",), ports)
        case _:
            client = _workload(before)
            learnt = tuple(
                row for port in ports for row in both(Edge(client, port.workload, port.protocol, port.number))
            )
            return Kept(namespace, learnt, (f"{client.namespace}/{client.name}",), ports)


def _workload(text: str) -> Workload:
    found = _WORKLOAD.search(text)
    assert found is not None, text
    kind, namespace, name = found.groups()
    return Workload(namespace, kind, name)


def _coredns() -> Workload:
    return Workload("kube-system", "Deployment", "coredns")


def _ports(text: str) -> Iterator[Port]:
    """Yield the ports of ``X TCP 1``, ``X UDP 1 and TCP 1``, ``X UDP and TCP 1, TCP 2`` and ``X TCP 1, `y` TCP 2``."""
    first = _workload(text)
    for part in re.split(r", (?=`)", re.sub(r"\(.*\)$", "", text.split("` ", maxsplit=1)[1]).strip()):
        named = _SAME_NAMESPACE.match(part)
        workload = first if named is None else Workload(first.namespace, first.kind, named.group(1))
        protocols: list[str] = []
        after_number = True
        for word in re.findall(r"TCP|UDP|\d+", part.rpartition("`")[2]):
            if word.isdigit():
                after_number = True
                for protocol in protocols:
                    yield Port(workload, protocol, int(word))
            else:
                protocols = [word] if after_number else [*protocols, word]
                after_number = False


@pytest.fixture(scope="module")
def rows(shared: Path) -> list[Row]:
    """Return all rows of the table."""
    return table(shared, "Must stay possible")


def running(each: Row, shared: Path, folder: Path, api_server: str) -> Cluster:
    """Return the cluster of a row's component. The cache of DNS stands beside the servers that it asks."""
    files = each.files if each.files.endswith((".yaml", ".yml")) else "all"
    written = read(shared, each.component, files, folder).cluster
    if each.component == "nodelocaldns":
        written = together(written, read(shared, "coredns", "all", folder).cluster)
    return alive(written, component=each.component, api_server=api_server)


def cut(each: Row, cluster: Cluster, api_server: str) -> Iterator[str]:
    """Yield what the recommendation made for a row does not let through."""
    asked = kept(each)
    recommendation = made(cluster, *traffic(cluster, asked.namespace), *asked.learnt, namespace=asked.namespace)
    judge = Judge(cluster, *recommendation.policies)
    for name, source in _sources(asked, judge, api_server):
        for port in asked.ports:
            for pod in _pods(cluster, port.workload, judge):
                verdict = judge.verdict(source, pod, port.number, port.protocol)
                if verdict != "Allow":
                    yield f"{each}: {name} → {pod.name} {port.protocol} {port.number}: {verdict}"
    for client, address, protocol, number in _towards_addresses(asked, cluster, judge):
        if judge.verdict(client, judge.at(address), number, protocol) != "Allow":
            yield f"{each}: {client.name} → {address} {protocol} {number}"


def _towards_addresses(asked: Kept, cluster: Cluster, judge: Judge) -> Iterator[tuple[End, str, str, int]]:
    """Yield the connections whose server is no pod."""
    for address in asked.nets:
        yield from ((judge.pod("shop", "web"), address, protocol, 53) for protocol in ("UDP", "TCP"))
    if asked.egress is not None:
        for pod in _pods(cluster, asked.egress.workload, judge):
            yield from ((pod, node.addresses[0], asked.egress.protocol, asked.egress.number) for node in NODES)


def _sources(asked: Kept, judge: Judge, api_server: str) -> Iterator[tuple[str, End]]:
    for source in asked.sources:
        match source:
            case "api server":
                yield source, judge.at(api_server)
            case "nodes":
                yield from ((address, judge.at(address)) for address in _NODE_ADDRESSES)
            case "outside":
                yield source, judge.at(OUTSIDE)
            case "shop":
                yield source, judge.pod("shop", "web")
            case _:
                namespace, _, name = source.partition("/")
                yield source, judge.pod(namespace, name)


def _pods(cluster: Cluster, workload: Workload, judge: Judge) -> Iterator[End]:
    found = [
        each.name
        for each in cluster.inventory.pods
        if each.namespace == workload.namespace and each.name in {f"{workload.name}-1", f"{workload.name}-2"}
    ]
    assert len(found) == len(NODES), workload
    yield from (judge.pod(workload.namespace, name) for name in found)


@pytest.mark.shared
@pytest.mark.parametrize("api_server", [NODES[0].addresses[0], MANAGED], ids=["own control plane", "managed"])
def test_every_connection_stays_possible(rows: list[Row], shared: Path, tmp_path: Path, api_server: str) -> None:
    """From the API server, from every node, from outside, and from the pods that were seen."""
    missing = [text for each in rows for text in cut(each, running(each, shared, tmp_path, api_server), api_server)]

    assert len(rows) == CONNECTIONS
    assert missing == []


@pytest.mark.shared
def test_every_row_is_understood(rows: list[Row], shared: Path) -> None:
    """By whom they connect; a row of another form would raise."""
    assert shared.is_dir()
    asked = [kept(each) for each in rows]

    assert Counter(source for each in asked for source in each.sources) == SOURCES
    assert Counter(len(each.ports) for each in asked) == PORTS


@pytest.mark.shared
def test_without_declared_rules_calls_would_be_cut(rows: list[Row], shared: Path, tmp_path: Path) -> None:
    """The traffic alone does not show them, so this test would see them missing."""
    lost = []
    for each in rows:
        cluster = running(each, shared, tmp_path, MANAGED)
        blind = Cluster(replace(cluster.inventory, callbacks=()), cluster.policies)
        asked = kept(each)
        if asked.sources[:1] == ("api server",):
            recommendation = made(blind, *traffic(cluster, asked.namespace), *asked.learnt, namespace=asked.namespace)
            judge = Judge(cluster, *recommendation.policies)
            for port in asked.ports:
                pods = _pods(cluster, port.workload, judge)
                lost += [each for pod in pods if judge.verdict(judge.at(MANAGED), pod, port.number) == "Deny"]

    assert len(set(lost)) == CUT_WITHOUT_DECLARATION
