"""``ringfence connectivity`` and ``ringfence diff`` over the example snapshot, as a person and as a script run them."""

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from ringfence.cli.main import main

EXAMPLES = Path(__file__).parents[2] / "examples/snapshot"
POLICIES = ("networkpolicies.projectcalico.org.yaml", "globalnetworkpolicies.projectcalico.org.yaml")

Captured = pytest.CaptureFixture[str]

MANIFESTS = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c}]}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, namespace: shop}
spec:
  selector: {matchLabels: {app: db}}
  template: {metadata: {labels: {app: db}}, spec: {containers: [{name: c}]}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db, namespace: shop}
spec:
  podSelector: {matchLabels: {app: db}}
  ingress:
  - from: [{podSelector: {matchLabels: {app: web}}}]
    ports: [{port: 5432}]
"""


@pytest.fixture(autouse=True)
def _without_a_width(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)


def printed(capsys: Captured, *arguments: str, code: int = 0) -> str:
    """Run a command and return what it prints."""
    assert main(arguments) == code
    return capsys.readouterr().out


def document(capsys: Captured, *arguments: str, snapshot: Path = EXAMPLES) -> dict[str, Any]:
    """Return the document of a connectivity."""
    found: dict[str, Any] = json.loads(
        printed(capsys, "connectivity", "--snapshot", str(snapshot), "-o", "json", *arguments)
    )
    assert (found["apiVersion"], found["kind"]) == ("ringfence.io/v1alpha1", "Connectivity")
    return found


def allowed(found: dict[str, Any], source: str, destination: str) -> list[dict[str, Any]]:
    """Return what one endpoint may send to another."""
    return next(
        (
            each["allowed"]
            for each in found["connections"]
            if (each["source"], each["destination"]) == (source, destination)
        ),
        [],
    )


def test_the_document_says_who_reaches_whom_on_what(capsys: Captured) -> None:
    """Ids name workloads; ports are texts; a pair that is allowed nothing is not listed."""
    found = document(capsys)

    assert allowed(found, "shop/Deployment/cart", "shop/StatefulSet/redis") == [{"protocol": "TCP", "ports": ["6379"]}]
    assert allowed(found, "shop/Deployment/web", "shop/StatefulSet/redis") == []
    assert found["mode"] == "enforced"


def test_every_pod_and_workload_is_in_one_endpoint(capsys: Captured) -> None:
    """None twice, none missing, ids of their own."""
    found = document(capsys)

    pods = [pod for each in found["endpoints"] for pod in each["pods"]]
    workloads = [name for each in found["endpoints"] for name in each["workloads"]]
    assert len(pods) == len(set(pods)) > 0
    assert len(workloads) == len(set(workloads)) > 0
    assert len({each["id"] for each in found["endpoints"]}) == len(found["endpoints"])


def test_what_was_assumed_is_said(capsys: Captured) -> None:
    """A Job whose pods are gone has no address, so an answer that hangs on addresses is no proof."""
    found = document(capsys)

    assert found["complete"] is False
    assert any("shop/Deployment/reports is without an address" in reason for reason in found["notProved"])


def test_a_namespace_narrows_the_connections_and_not_the_endpoints(capsys: Captured) -> None:
    """Every pair has an end in it."""
    whole, narrow = document(capsys), document(capsys, "-n", "payments")
    of = {each["id"]: each.get("namespace") for each in narrow["endpoints"]}

    assert narrow["endpoints"] == whole["endpoints"]
    assert narrow["connections"] == [
        each for each in whole["connections"] if "payments" in {of[each["source"]], of[each["destination"]]}
    ]


def test_manifests_without_pods_are_answered_by_their_templates(capsys: Captured, tmp_path: Path) -> None:
    """With what the snapshot lacks taken to be nothing, and said."""
    (tmp_path / "app.yaml").write_text(MANIFESTS)

    found = document(capsys, snapshot=tmp_path)

    assert allowed(found, "shop/Deployment/web", "shop/StatefulSet/db") == [{"protocol": "TCP", "ports": ["5432"]}]
    assert allowed(found, "shop/StatefulSet/db", "shop/StatefulSet/db") == []
    assert {"protocol": "TCP"} in allowed(found, "shop/StatefulSet/db", "shop/Deployment/web")
    assert [reason for reason in found["notProved"] if "GlobalNetworkPolicy" in reason]


def test_an_object_that_could_not_be_read_keeps_the_answer_from_being_a_proof(capsys: Captured, tmp_path: Path) -> None:
    """A policy that Calico would refuse may have been meant to decide."""
    shutil.copytree(EXAMPLES, tmp_path / "snapshot")
    (tmp_path / "snapshot/broken.yaml").write_text(
        "apiVersion: projectcalico.org/v3\nkind: NetworkPolicy\nmetadata: {name: x, namespace: shop}\n"
        "spec: {selector: 'a ===', types: [Ingress]}\n"
    )

    found = document(capsys, snapshot=tmp_path / "snapshot")

    assert any("NetworkPolicy/shop/x" in reason for reason in found["notProved"])


def test_policies_of_a_directory_are_laid_over(capsys: Captured, tmp_path: Path) -> None:
    """As replay does."""
    (tmp_path / "closed.yaml").write_text(
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: closed, namespace: shop}\n"
        "spec: {podSelector: {}, policyTypes: [Egress]}\n"
    )

    found = document(capsys, "--policies", str(tmp_path))

    assert allowed(found, "shop/Deployment/cart", "shop/StatefulSet/redis") == []


def test_a_table_a_csv_and_a_graph_have_the_same_pairs(capsys: Captured) -> None:
    """One row or edge for each connection of the document."""
    found = document(capsys)
    command = ("connectivity", "--snapshot", str(EXAMPLES))

    table = printed(capsys, *command).splitlines()
    rows = list(csv.DictReader(printed(capsys, *command, "-o", "csv").splitlines()))
    graph = printed(capsys, *command, "-o", "dot")

    assert len(table) - 1 == len(found["connections"]) == graph.count(" -> ")
    assert {(each["source"], each["destination"]) for each in rows} == {
        (each["source"], each["destination"]) for each in found["connections"]
    }
    assert ["payments/ledger", "shop/web", "TCP 8080"] in [line.split(maxsplit=2) for line in table]


def copied(folder: Path, **changes: tuple[str, str]) -> Path:
    """Copy the example's policies, with a text replaced in them."""
    folder.mkdir()
    for name in (*POLICIES, "networkpolicies.networking.k8s.io.yaml"):
        text = (EXAMPLES / name).read_text()
        for old, new in changes.values():
            text = text.replace(old, new)
        (folder / name).write_text(text)
    return folder


def test_equal_policy_sets_do_not_differ(capsys: Captured, tmp_path: Path) -> None:
    """Exit code 0."""
    old, new = copied(tmp_path / "old"), copied(tmp_path / "new")

    out = printed(capsys, "diff", str(old), str(new), "--snapshot", str(EXAMPLES))

    assert out == "no connection differs\n"


def test_a_difference_is_a_finding_with_a_witness(capsys: Captured, tmp_path: Path) -> None:
    """Exit code 1; what was allowed before, what is now, and one connection that shows it."""
    old, new = copied(tmp_path / "old"), copied(tmp_path / "new", port=("- 6379", "- 6380"))

    found = json.loads(printed(capsys, "diff", str(old), str(new), "--snapshot", str(EXAMPLES), "-o", "json", code=1))

    assert found["summary"] == {"added": 0, "removed": 0, "changed": 1, "uncertain": 0}
    (change,) = found["changes"]
    assert change["old"]["allowed"] == [{"protocol": "TCP", "ports": ["6379"]}]
    assert change["new"]["allowed"] == [{"protocol": "TCP", "ports": ["6380"]}]
    assert change["witness"]["port"] == "6380"


def test_a_pull_request_reads_what_changes_by_namespace(capsys: Captured, tmp_path: Path) -> None:
    """A section for each namespace, what is gained first."""
    old, new = copied(tmp_path / "old"), copied(tmp_path / "new", app=("app == 'cart'", "app == 'web'"))

    out = printed(capsys, "diff", str(old), str(new), "--snapshot", str(EXAMPLES), "-o", "markdown", code=1)

    assert "### shop" in out
    assert out.index("| Added | shop/web | shop/redis | nothing | TCP 6379 |") < out.index(
        "| Removed | shop/cart | shop/redis | TCP 6379 | nothing |"
    )


def test_a_directory_that_cannot_be_taken_is_an_error(capsys: Captured, tmp_path: Path) -> None:
    """Exit code 2: a comparison without one of its policies would be of other sets."""
    old = copied(tmp_path / "old")
    new = copied(tmp_path / "new", selector=("app == 'redis'", "app == "))

    assert main(["diff", str(old), str(new), "--snapshot", str(EXAMPLES)]) == 2
    assert "redis-from-cart" in capsys.readouterr().err
