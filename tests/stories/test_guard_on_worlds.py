"""The guard on whole clusters with intruders, judged by the laboratory's truth.

Seed 6 is one in which the thief also uses a named service on the port by which it carries data out, so that only one
address of an edge may be held; in the other world addresses are not told at all.
"""

from collections.abc import Container, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from ringfence.engine.read_flows import read_flows
from ringfence.engine.reading import FlowRequest
from ringfence.flows.evidence import EvidenceTable
from ringfence.learning.admission import admit
from ringfence.learning.baseline import Baseline
from ringfence.learning.decisions import NO_DECISIONS
from ringfence.learning.guard import guard
from ringfence.learning.guard_settings import GuardSettings
from ringfence.model.edge import Edge
from ringfence.model.endpoint import Endpoint, Network, NetworkSet, Workload
from ringfence_lab.case import Case, read_case
from ringfence_lab.held_edges import holds
from ringfence_lab.world import main as make_world


class _Applications(Container[str]):
    """The namespaces that recommendations cover by default."""

    def __contains__(self, namespace: object) -> bool:
        return not str(namespace).startswith(("tigera-", "calico-", "kube-"))


@pytest.fixture(scope="module", params=[("calico-addresses", 6), ("calico", 11)], ids=lambda param: param[0])
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Case, Baseline, Baseline]:
    """Return a world of ten days, what is admitted of it, and what the guard leaves."""
    log_format, seed = request.param
    out = tmp_path_factory.mktemp("world")
    options = ["--seed", seed, "--size", 3, "--days", 10, "--learn-days", 10, "--format", log_format]
    make_world([str(out), *map(str, options), "--lines-per-day", "2500"])
    table = _evidence(out / "flows", tmp_path_factory.mktemp("workspace"))
    admitted = admit(table, tier="namespace-isolation", covers=_Applications())
    left = guard(admitted, table, settings=GuardSettings(), decisions=NO_DECISIONS, inventory=None)
    return read_case(out), admitted, left


def _evidence(flows: Path, workspace: Path) -> EvidenceTable:
    request = FlowRequest(inputs=(str(flows),), workspace=workspace, set_aside=workspace / "aside")
    return read_flows(request, report=lambda _: None).table


def test_no_legitimate_edge_is_held(world: tuple[Case, Baseline, Baseline]) -> None:
    """Neither as a whole nor by one of its addresses."""
    case, _, left = world
    held = list(_held(left))
    honest = [edge for edge in case.legitimate if any(holds(each, edge) for each in held)]

    assert held
    assert [edge.written for edge in honest] == []
    assert [each for each in held if not any(holds(each, edge) for edge in case.attack or ())] == []


def test_what_an_intruder_did_is_held(world: tuple[Case, Baseline, Baseline]) -> None:
    """Every kind of it, but for what nobody can tell from an honest edge."""
    case, admitted, left = world
    held = list(_held(left))
    taught = [_reported(each.summary.edge, None) for each in admitted.admitted]
    hostile = [
        edge
        for edge in case.attack or ()
        if not edge.written["indistinguishable"] and any(holds(each, edge) for each in taught)
    ]
    missed = [edge.written for edge in hostile if not any(holds(each, edge) for each in held)]

    assert {edge.written["attack"] for edge in hostile} == {"scan", "metadata", "exfiltration", "beacon", "lateral"}
    assert missed == []


def test_nothing_that_a_workload_met_while_it_scanned_stays_admitted(world: tuple[Case, Baseline, Baseline]) -> None:
    """Whatever the guard says, nobody's first call in those hours becomes a rule."""
    case, admitted, left = world
    probes = [edge for edge in case.attack or () if edge.written["attack"] == "scan"]
    scans = [
        each.summary
        for each in admitted.admitted
        if any(holds(_reported(each.summary.edge, None), probe) for probe in probes)
    ]
    clients, hours = {each.edge.client for each in scans}, {hour for each in scans for hour in each.hours}

    assert len(clients) == 1
    assert [
        each.summary.edge
        for each in left.admitted
        if each.summary.edge.client in clients and each.summary.hours[0] in hours
    ] == []


def _held(baseline: Baseline) -> Iterator[Mapping[str, Any]]:
    """Yield held edges as reports write them, each held address apart."""
    for each in baseline.held:
        for address in each.addresses or (None,):
            yield _reported(each.edge.summary.edge, address)


def _reported(edge: Edge, address: str | None) -> Mapping[str, Any]:
    return {
        "client": _end(edge.client, None),
        "server": _end(edge.server, address),
        "protocol": edge.protocol,
        "port": edge.port,
    }


def _end(endpoint: Endpoint, address: str | None) -> Mapping[str, Any]:
    match endpoint:
        case Workload(namespace, kind, name):
            return {"kind": "Workload", "namespace": namespace, "workloadKind": kind, "name": name}
        case NetworkSet(namespace, name):
            return {"kind": "NetworkSet", "namespace": namespace, "name": name}
        case Network(scope):
            return {"kind": scope.capitalize(), "address": address}
        case host:
            return {"kind": "Host", "name": host.name}
