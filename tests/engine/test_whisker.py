"""Whisker's answers, as a list and as an event stream, and what they leave untold."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from ringfence.engine.read_flows import read_flows
from ringfence.engine.reading import FlowRequest, Reading
from ringfence.flows.left_out import LeftOut
from ringfence.model.endpoint import Network, Workload
from ringfence.model.window import rfc3339

HIT = {
    "kind": "CalicoNetworkPolicy",
    "name": "web-egress",
    "namespace": "shop",
    "tier": "default",
    "action": "Allow",
    "policy_index": 0,
    "rule_index": 1,
    "trigger": None,
}
END = HIT | {
    "kind": "EndOfTier",
    "name": "",
    "namespace": "",
    "action": "Deny",
    "rule_index": -1,
    "trigger": HIT | {"kind": "NetworkPolicy", "name": "db-from-web", "action": "ActionUnspecified"},
}


def item(**fields: Any) -> dict[str, Any]:
    """Return an item of the answer: shop/web to a public address on TCP 443, allowed, seen by the source."""
    return {
        "start_time": "2026-03-01T09:15:00Z",
        "end_time": "2026-03-01T09:15:15Z",
        "action": "Allow",
        "source_name": "web-7d9f6c4b8-*",
        "source_namespace": "shop",
        "source_labels": "app=web | pod-template-hash=7d9f6c4b8",
        "dest_name": "PUBLIC NETWORK",
        "dest_namespace": "-",
        "dest_labels": "",
        "protocol": "tcp",
        "dest_port": 443,
        "reporter": "Src",
        "policies": {"enforced": [HIT], "pending": None},
        "packets_in": 9,
        "packets_out": 11,
        "bytes_in": 5200,
        "bytes_out": 900,
    } | fields


DENIED = item(
    start_time="2026-03-01T11:15:15+02:00",
    end_time="2026-03-01T11:15:30+02:00",
    action="Deny",
    dest_name="db-*",
    dest_namespace="shop",
    dest_labels="app=db",
    dest_port=5432,
    reporter="Dst",
    policies={"enforced": [END], "pending": None},
)


def read(content: str) -> Reading:
    """Read one file of this content."""
    with tempfile.TemporaryDirectory() as folder:
        file, workspace = Path(folder) / "flows", Path(folder) / "workspace"
        workspace.mkdir()
        file.write_text(content, encoding="utf-8")
        return read_flows(FlowRequest((str(file),), workspace, Path(folder) / "aside"), report=lambda _: None)


def answer(*items: dict[str, Any] | None, indent: int | None = None) -> str:
    """Return the answer that holds the items."""
    return json.dumps({"total": {"totalPages": 1}, "items": items}, indent=indent)


def events(*items: dict[str, Any]) -> str:
    """Return the stream that sends the items."""
    return "".join(f"data: {json.dumps(each)}\n\n" for each in items)


@pytest.mark.parametrize("form", ["list", "pretty", "events", "lines"])
def test_each_form_says_the_same(form: str) -> None:
    """Who, whom, port, outcome and trace; services and connections are not told."""
    content = {
        "list": answer(item(), DENIED),
        "pretty": answer(item(), DENIED, indent=2),
        "events": events(item(), DENIED),
        "lines": f"{json.dumps(item())}\n{json.dumps(DENIED)}\n",
    }[form]

    reading = read(content)

    web = Workload("shop", "Deployment", "web")
    denied, allowed = sorted(reading.table.evidence, key=lambda each: each.outcome, reverse=True)
    assert (allowed.edge.client, allowed.edge.server, allowed.edge.port) == (web, Network("public"), 443)
    assert (allowed.outcome, allowed.reporter, allowed.service) == ("Allowed", "Source", None)
    assert [(hit.kind, hit.namespace, hit.name) for hit in allowed.trace or ()] == [
        ("NetworkPolicy", "shop", "web-egress")
    ]
    counters = allowed.counters
    assert (counters.connections, counters.packets_in, counters.bytes_out) == (None, 9, 900)
    assert (denied.edge.server, denied.outcome, denied.reporter) == (
        Workload("shop", None, "db"),
        "Denied",
        "Destination",
    )
    assert [(hit.kind, hit.name, hit.action, hit.rule_index) for hit in denied.trace or ()] == [
        ("KubernetesNetworkPolicy", "db-from-web", "Deny", -1)
    ]
    assert rfc3339(denied.first) == "2026-03-01T09:15:15Z"
    assert not reading.corrupt


@pytest.mark.parametrize(
    ("name", "namespace", "reporter"),
    [("redis", "shop", "Src"), ("partner-api", "-", "Src"), ("node-a", "-", "Src"), ("partner", "shop", "Src")],
)
def test_a_side_of_untold_type_is_left_out(name: str, namespace: str, reporter: str) -> None:
    """A full name may be a pod's, a host's or a network set's; a wrong guess would be a wrong rule."""
    reading = read(answer(item(dest_name=name, dest_namespace=namespace, reporter=reporter)))

    assert [each.left_out for each in reading.table.unplaced] == [LeftOut.UNKNOWN_ENDPOINT_TYPE]


def test_the_reporting_side_is_a_workload() -> None:
    """Calico reports only where a workload is local, so a pod with a name of its own is known there."""
    reading = read(answer(item(source_name="redis", source_labels="app=redis"), item(dest_name="PRIVATE NETWORK")))

    assert [(each.edge.client, each.edge.server) for each in reading.table.evidence] == [
        (Workload("shop", None, "redis"), Network("public")),
        (Workload("shop", "Deployment", "web"), Network("private")),
    ]


def test_corrupt_events_are_named_by_their_line() -> None:
    """Events keep their line numbers; what is no event of ours is counted."""
    content = events(item()) + 'data: {"oops"\n\nproxy error\n\n' + events(item(start_time="yesterday"), DENIED)

    reading = read(content)

    assert [(place.line, place.reason.split(":")[0]) for place in reading.corrupt] == [
        (3, "not JSON"),
        (5, "not JSON"),
        (7, 'start_time is "yesterday", not a time since 1970 such as 2026-03-02T00'),
    ]
    assert (reading.table.records.read, reading.table.records.corrupt) == (5, 3)


def test_a_flow_of_the_unfinished_bucket_is_a_ghost() -> None:
    """Its time is the epoch."""
    ghost = item(start_time="1970-01-01T00:00:00Z", end_time="1970-01-01T00:00:00Z", packets_in=0, packets_out=0)

    assert [each.left_out for each in read(answer(ghost)).table.evidence] == [LeftOut.GHOST]


def test_elements_that_are_no_flows_are_corrupt() -> None:
    """Each is named by its number."""
    reading = read(answer(item(), None, {"source_name": "a"}, DENIED))

    assert [(place.line, place.reason) for place in reading.corrupt] == [
        (2, "not a JSON object"),
        (3, "no start_time, end_time, dest_name, protocol"),
    ]
    assert reading.table.records.read == 4


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/Sao_Paulo"])
def test_a_time_without_a_zone_is_utc_on_every_machine(tmp_path: Path, zone: str) -> None:
    """Whisker and protobuf write a zone; where another tool dropped it, the machine's own is no answer."""
    (tmp_path / "flows").write_text(answer(item(start_time="2026-03-01T09:15:00", end_time="2026-03-01T09:15:15")))
    command = [str(Path(sys.executable).parent / "ringfence"), "get", "edges", "flows", "-o", "json"]

    ran = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, env={**os.environ, "TZ": zone})

    (edge,) = json.loads(ran.stdout)["items"]
    assert edge["evidence"]["firstSeen"] == "2026-03-01T09:15:00Z"
