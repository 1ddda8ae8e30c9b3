"""Hubble flows in each JSON form, from records made here."""

import json
from pathlib import Path
from typing import Any

import pytest

from ringfence.engine.read_flows import read_flows
from ringfence.engine.reading import FlowRequest
from ringfence.flows.evidence import Evidence, EvidenceTable
from ringfence.flows.left_out import LeftOut
from ringfence.model.edge import Icmp
from ringfence.model.endpoint import Host, Network, Workload
from ringfence.model.window import rfc3339

TIME = "2026-03-01T09:15:02.118273645Z"
WEB = {
    "identity": 51234,
    "namespace": "shop",
    "labels": ["k8s:app=web", "k8s:io.kubernetes.pod.namespace=shop"],
    "pod_name": "web-7d9f6c4b8-x2x9k",
    "workloads": [{"name": "web", "kind": "Deployment"}],
}
DB = {"identity": 60021, "namespace": "shop", "labels": ["k8s:app=db"], "pod_name": "db-0"}


def flow(**fields: Any) -> dict[str, Any]:
    """Return a Hubble flow: a request from shop/web to shop/db-0 on TCP 5432 that was forwarded."""
    return {
        "time": TIME,
        "verdict": "FORWARDED",
        "IP": {"source": "10.0.1.23", "destination": "10.0.2.41", "ipVersion": "IPv4"},
        "l4": {"TCP": {"source_port": 43122, "destination_port": 5432}},
        "source": WEB,
        "destination": DB,
        "Type": "L3_L4",
        "node_name": "node-a",
        "event_type": {"type": 5},
        "traffic_direction": "INGRESS",
        "is_reply": False,
    } | fields


def read(folder: Path, *lines: dict[str, Any]) -> EvidenceTable:
    """Read lines as one file."""
    (folder / "workspace").mkdir()
    (folder / "events.log").write_text("".join(json.dumps(line) + "\n" for line in lines))
    request = FlowRequest((str(folder / "events.log"),), folder / "workspace", folder / "aside")
    return read_flows(request, report=lambda _: None).table


def only(table: EvidenceTable) -> Evidence:
    """Return the one row of evidence."""
    (evidence,) = table.evidence
    return evidence


@pytest.mark.parametrize("bare", [False, True], ids=["envelope", "bare"])
def test_a_request_is_evidence(tmp_path: Path, *, bare: bool) -> None:
    """Both forms mean the same; counters that Hubble does not report stay unknown."""
    line = flow() if bare else {"flow": flow(), "node_name": "node-a", "time": TIME}

    evidence = only(read(tmp_path, line))

    assert evidence.edge.client == Workload("shop", "Deployment", "web")
    assert evidence.edge.server == Workload("shop", None, "db-0")
    assert (evidence.edge.protocol, evidence.edge.port) == ("TCP", 5432)
    assert (evidence.reporter, evidence.outcome, evidence.trace) == ("Destination", "Allowed", None)
    assert evidence.counters.connections is None
    assert rfc3339(evidence.first) == "2026-03-01T09:15:02Z"


@pytest.mark.parametrize(
    ("fields", "outcome"),
    [
        ({"verdict": "REDIRECTED"}, "Allowed"),
        ({"verdict": "AUDIT"}, "Allowed"),
        ({"verdict": "DROPPED", "is_reply": None, "drop_reason_desc": "POLICY_DENIED"}, "Denied"),
        ({"verdict": "DROPPED", "is_reply": None, "drop_reason": 181}, "Denied"),
        ({"verdict": "DROPPED", "is_reply": None, "drop_reason_desc": "CT_MAP_INSERTION_FAILED"}, "Unknown"),
        ({"verdict": "TRACED"}, "Unknown"),
        ({"is_reply": None}, "Unknown"),
        ({"is_reply": None, "reply": False}, "Unknown"),
    ],
)
def test_the_outcome_comes_from_verdict_and_direction(tmp_path: Path, fields: dict[str, Any], outcome: str) -> None:
    """A missing is_reply is never taken for a request, and only policy drops are denials."""
    evidence = only(read(tmp_path, {"flow": flow(**fields)}))

    assert evidence.outcome == outcome
    assert (evidence.left_out is LeftOut.OUTCOME_UNKNOWN) == (outcome == "Unknown")


@pytest.mark.parametrize("fields", [{"is_reply": True}, {"is_reply": None, "reply": True}])
def test_a_reply_is_left_out(tmp_path: Path, fields: dict[str, Any]) -> None:
    """The old and the new field both say so."""
    assert only(read(tmp_path, {"flow": flow(**fields)})).left_out is LeftOut.REPLY


def test_lines_about_the_source_are_left_out_by_name(tmp_path: Path) -> None:
    """They are records, so they are counted."""
    table = read(
        tmp_path,
        {"flow": flow()},
        {"lost_events": {"source": "HUBBLE_RING_BUFFER", "num_events_lost": "18"}, "time": TIME},
        {"node_status": {"state_change": "NODE_CONNECTED", "node_names": ["node-a"]}, "time": TIME},
    )

    assert [(each.left_out, each.records) for each in table.unplaced] == [(LeftOut.CONTROL_MESSAGE, 2)]
    assert table.records.read == 3


def test_sides_without_a_pod(tmp_path: Path) -> None:
    """Nodes by the reporting node's name or by address, the world by its address and names."""
    world = {"identity": 2, "labels": ["reserved:world"]}
    table = read(
        tmp_path,
        {"flow": flow(source={"identity": 1, "labels": ["reserved:host"]}, node_name="cluster-1/node-a", uuid="a")},
        {"flow": flow(source={"identity": 6, "labels": ["reserved:remote-node"]}, uuid="b")},
        {
            "flow": flow(
                destination=world,
                destination_names=["api.example.com"],
                traffic_direction="EGRESS",
                uuid="c",
                IP={"source": "10.0.1.23", "destination": "198.51.100.7"},
            )
        },
    )

    assert [each.edge.client for each in table.evidence] == [
        Workload("shop", "Deployment", "web"),
        Host("10.0.1.23"),
        Host("node-a"),
    ]
    outside = table.evidence[0]
    assert outside.edge.server == Network("public")
    assert (outside.server_addresses.texts, outside.domains.texts) == (("198.51.100.7",), ("api.example.com",))


def test_icmp_keeps_type_and_code(tmp_path: Path) -> None:
    """Type and code are no port."""
    evidence = only(read(tmp_path, {"flow": flow(l4={"ICMPv4": {"type": 8}})}))

    assert (evidence.edge.protocol, evidence.edge.port, evidence.edge.icmp) == ("ICMP", None, Icmp(8, 0))


def test_the_same_flow_from_two_files_counts_once(tmp_path: Path) -> None:
    """By uuid where there is one, else by node, full time, five-tuple and event."""
    later = flow(time="2026-03-01T09:15:02.118273646Z")

    table = read(tmp_path, {"flow": flow()}, {"flow": flow()}, {"flow": later}, {"flow": flow(uuid="a")})

    assert table.records.repeats == {LeftOut.REPEATED: 1}
    assert only(table).records == 3


@pytest.mark.shared
def test_every_line_of_the_real_samples_is_accounted_for(shared: Path, tmp_path: Path) -> None:
    """Each is evidence, left out by name, a repeat or corrupt."""
    request = FlowRequest((str(shared / "data" / "hubble"),), tmp_path, tmp_path / "aside")

    reading = read_flows(request, report=lambda _: None)

    table = reading.table
    counted = sum(each.records for each in table.evidence) + sum(each.records for each in table.unplaced)
    assert table.records.read == 1916
    assert counted + sum(table.records.repeats.values()) + table.records.corrupt == 1916
    assert [Path(each.file).name for each in reading.skipped] == ["LICENSE"]
