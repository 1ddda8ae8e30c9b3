"""``ringfence get edges`` and ``get flows`` over a flow log, as a person runs them."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from ringfence.cli.main import main
from tests.cli.flow_logs import records, written_flows

BUNDLED = str(Path(__file__).parents[2] / "examples/small-world/flows/day-00.jsonl.gz")

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    written_flows(tmp_path)


def document(capsys: Captured, *arguments: str) -> dict[str, Any]:
    """Run a command and return the document that it prints."""
    assert main([*arguments, "-o", "json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_edges_are_listed_with_what_learning_said_of_them(capsys: Captured) -> None:
    """The denied edge is there too, with its reason."""
    code = main(["get", "edges", "flows.jsonl"])

    printed = capsys.readouterr()
    assert code == 0
    assert printed.err == ""
    assert [line.split() for line in printed.out.splitlines()] == [
        ["CLIENT", "SERVER", "PORT", "ADMITTED", "LEFT-OUT"],
        ["edge/gateway", "shop/db", "5432/TCP", "<none>", "denied"],
        ["edge/gateway", "shop/web", "8080/TCP", "Egress,Ingress", "<none>"],
        ["shop/web", "shop/db", "5432/TCP", "Egress,Ingress", "<none>"],
    ]


@pytest.mark.parametrize(
    ("filters", "servers"),
    [
        ([], ["db", "web", "db"]),
        (["-n", "edge"], ["db", "web"]),
        (["-n", "shop", "--peer", "shop"], ["db"]),
        (["--peer", "edge/gateway", "--port", "8080/tcp"], ["web"]),
        (["--left-out", "denied"], ["db"]),
        (["--left-out", "ghost"], []),
        (["--peer", "10.0.0.9"], ["db"]),
    ],
)
def test_filters_narrow_the_list_and_never_the_account(
    capsys: Captured, filters: list[str], servers: list[str]
) -> None:
    """``records`` stays that of the whole reading."""
    found = document(capsys, "get", "edges", "flows.jsonl", *filters)

    assert found["kind"] == "EdgeList"
    assert [item["server"]["name"] for item in found["items"]] == servers
    assert found["records"]["read"] == len(records())


def test_edges_are_named_by_the_ids_that_other_documents_use(capsys: Captured) -> None:
    """``-o name`` follows kubectl."""
    ids = [item["id"] for item in document(capsys, "get", "edges", "flows.jsonl")["items"]]

    main(["get", "edges", "flows.jsonl", "-o", "name"])

    assert capsys.readouterr().out.splitlines() == [f"edge.ringfence.io/{each}" for each in ids]


def test_flows_are_listed_with_reporter_outcome_and_reason(capsys: Captured) -> None:
    """One line for what each reporter saw."""
    main(["get", "flows", "flows.jsonl", "-n", "edge"])

    assert [line.split() for line in capsys.readouterr().out.splitlines()] == [
        ["CLIENT", "SERVER", "PORT", "REPORTER", "OUTCOME", "LEFT-OUT", "RECORDS"],
        ["edge/gateway", "shop/db", "5432/TCP", "Destination", "Denied", "denied", "24"],
        ["edge/gateway", "shop/web", "8080/TCP", "Destination", "Allowed", "<none>", "24"],
        ["edge/gateway", "shop/web", "8080/TCP", "Source", "Allowed", "<none>", "24"],
    ]


def test_wide_flows_name_the_policy_that_decided(capsys: Captured) -> None:
    """Tier, namespace, name and rule."""
    main(["get", "flows", "flows.jsonl", "--left-out", "denied", "-o", "wide"])

    assert "default/shop/deny-all[end]" in capsys.readouterr().out


def test_every_count_of_records_can_be_listed(capsys: Captured) -> None:
    """Over a day of the bundled world, the records of the listed flows add up to the account, reason by reason."""
    found = document(capsys, "get", "flows", BUNDLED)
    listed = Counter[str | None]()
    for item in found["items"]:
        listed[item.get("leftOut")] += item["evidence"]["records"]
    for item in found["unplaced"]:
        listed[item["leftOut"]] += item["records"]

    assert listed.pop(None) == found["records"]["admitted"]
    assert listed == found["records"]["leftOut"]


def test_every_count_of_edges_can_be_listed(capsys: Captured) -> None:
    """The command below each reason of a namespace lists exactly the edges that the report counts."""
    for item in document(capsys, "recommend", BUNDLED)["items"]:
        namespace = item["metadata"]["name"]
        for reason in {each["reason"] for each in item["leftOut"]}:
            counted = {each["edge"] for each in item["leftOut"] if each["reason"] == reason}

            listed = document(capsys, "get", "edges", BUNDLED, "-n", namespace, "--left-out", reason)["items"]

            assert {each["id"] for each in listed} == counted


def test_an_empty_list_says_so_on_standard_error(capsys: Captured) -> None:
    """As kubectl does."""
    code = main(["get", "flows", "flows.jsonl", "-n", "nowhere"])

    printed = capsys.readouterr()
    assert code == 0
    assert printed.out == ""
    assert printed.err == "no flows found\n"


def test_records_that_were_read_again_are_counted_although_they_stand_on_no_flow(
    capsys: Captured, tmp_path: Path
) -> None:
    """A reason without rows is explained, not an empty list."""
    (tmp_path / "again.jsonl").write_bytes((tmp_path / "flows.jsonl").read_bytes())

    main(["get", "flows", "flows.jsonl", "again.jsonl", "--left-out", "repeated"])

    assert (
        capsys.readouterr().err
        == f"{len(records())} records are left out as repeated; they stand on no flow of their own\n"
    )


def test_a_hostile_name_is_shown_escaped(capsys: Captured, tmp_path: Path) -> None:
    """It is left out as an invalid name, and cannot reach the terminal."""
    hostile = {"source_name_aggr": "web\x1b[2J"}
    text = (tmp_path / "flows.jsonl").read_text().splitlines()[0]
    (tmp_path / "hostile.jsonl").write_text(json.dumps(json.loads(text) | hostile) + "\n")

    main(["get", "flows", "hostile.jsonl", "--left-out", "invalid name"])

    printed = capsys.readouterr().out
    assert "\x1b" not in printed
    assert "web\\x1b[2J" in printed
