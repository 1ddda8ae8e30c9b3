"""What a person may say beside the flows: snapshot, settings, decisions, grain, standing, dialect."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from ringfence.cli.main import main
from tests.architecture.repository import ROOT

WORLD: Final = ROOT / "examples/small-world"
Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(verb: str, *arguments: str) -> int:
    """Run a verb on the bundled world with its snapshot."""
    return main([verb, str(WORLD / "flows"), "--snapshot", str(WORLD / "cluster"), *arguments])


def document(capsys: Captured, *arguments: str) -> dict[str, Any]:
    """Return what ``recommend -o json`` prints."""
    assert run("recommend", "-o", "json", *arguments) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def objects(capsys: Captured, *arguments: str) -> list[dict[str, Any]]:
    """Return the objects that ``recommend -o yaml`` prints."""
    assert run("recommend", "-o", "yaml", *arguments) == 0
    return list(yaml.safe_load_all(capsys.readouterr().out))


def held(document: dict[str, Any]) -> dict[str, str]:
    """Return the reasons of held edges by id."""
    return {each["edge"]: each["reason"] for item in document["items"] for each in item["held"]}


def ids(document: dict[str, Any]) -> set[str]:
    """Return the edges behind permits."""
    return {edge for item in document["items"] for permit in item["permits"] for edge in permit["edges"]}


def test_an_accepted_edge_becomes_a_rule_and_a_rejected_one_stays_out_with_the_reason(
    tmp_path: Path, capsys: Captured
) -> None:
    """The ids are those that the report prints."""
    before = document(capsys, "-n", "messaging")
    scanned = sorted(edge for edge, reason in held(before).items() if reason == "scan")
    accepted, rejected = scanned[:2]
    decisions = tmp_path / "decisions.yaml"
    decisions.write_text(
        "kind: Decisions\nedges:\n"
        f"  - {{id: {accepted}, decision: Accept, reason: our own scanner}}\n"
        f"  - {{id: {rejected}, decision: Reject, reason: nobody knows it}}\n",
        encoding="utf-8",
    )

    after = document(capsys, "-n", "messaging", "--decisions", str(decisions))

    assert accepted not in held(after)
    assert accepted in ids(after) - ids(before)
    (item,) = [each for one in after["items"] for each in one["held"] if each["edge"] == rejected]
    assert item["rejected"] == "nobody knows it"
    assert rejected not in ids(after)


def test_an_undecided_edge_fails_a_pipeline_that_asks_for_it(capsys: Captured) -> None:
    """Exit code 1, and the output is complete all the same."""
    assert run("recommend", "-o", "name", "--fail-on", "held") == 1
    assert "namespace-isolation.messaging" in capsys.readouterr().out


def test_held_edges_are_listed_with_their_signal(capsys: Captured) -> None:
    """Beside the reasons for leaving out."""
    arguments = ["get", "edges", str(WORLD / "flows"), "--snapshot", str(WORLD / "cluster"), "-n", "messaging"]
    assert main([*arguments, "--peer", "public"]) == 0
    assert "held:metadata" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("option", "text", "told"),
    [
        ("--settings", "kind: PolicyRecommendationScope\nspec: {granularty: Workload}", "did you mean granularity?"),
        ("--settings", "kind: Recommendation", "write kind: PolicyRecommendationScope"),
        ("--decisions", "kind: Decisions\nedges: [{id: a, decision: Maybe}]", "edges[0].decision"),
        ("--decisions", "- 1\n- 2", "write one object of kind Decisions"),
    ],
)
def test_a_slip_in_a_file_is_told_before_flows_are_read(
    tmp_path: Path, capsys: Captured, option: str, text: str, told: str
) -> None:
    """Exit code 2; the message names the file."""
    file = tmp_path / "written.yaml"
    file.write_text(text, encoding="utf-8")

    assert run("recommend", option, str(file)) == 2

    said = capsys.readouterr()
    assert told in said.err
    assert str(file) in said.err
    assert said.out == ""


def test_settings_take_effect(tmp_path: Path, capsys: Captured) -> None:
    """Another tier, another selection, another grain."""
    file = tmp_path / "settings.yaml"
    file.write_text(
        "kind: PolicyRecommendationScope\nspec:\n  granularity: Workload\n"
        "  namespaceSpec: {selector: projectcalico.org/name == 'telephony', tierName: apps}\n",
        encoding="utf-8",
    )

    found = document(capsys, "--settings", str(file))

    assert {item["scope"]["kind"] for item in found["items"]} == {"Workload"}
    assert {item["metadata"]["namespace"] for item in found["items"]} == {"telephony"}
    assert {policy["spec"]["tier"] for item in found["items"] for policy in item["policies"]} == {"apps"}


def test_by_workload_selects_each_workload_by_its_own_labels(capsys: Captured) -> None:
    """No label of a rollout stands in any policy."""
    policies = [each for each in objects(capsys, "-n", "telephony", "--by", "workload") if each["kind"] != "Tier"]
    selectors = [each["spec"]["selector"] for each in policies]

    assert len(set(selectors)) == len(policies) > 1
    assert not any("hash" in selector for selector in selectors)


def test_enforced_differs_from_staged_by_what_only_staging_needs(capsys: Captured) -> None:
    """The rules are the same, without annotations."""
    (staged,) = [each for each in objects(capsys, "-n", "telephony") if each["kind"] != "Tier"]
    (enforced,) = [each for each in objects(capsys, "-n", "telephony", "--as", "enforced") if each["kind"] != "Tier"]

    assert (staged["kind"], enforced["kind"]) == ("StagedNetworkPolicy", "NetworkPolicy")
    assert "stagedAction" not in enforced["spec"]
    assert "annotations" not in enforced["metadata"]
    assert _bare(staged["spec"]["ingress"]) == enforced["spec"]["ingress"]
    assert _bare(staged["spec"]["egress"]) == enforced["spec"]["egress"]


def _bare(rules: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{key: value for key, value in rule.items() if key != "metadata"} for rule in rules]


def test_kubernetes_dialect_writes_its_kind_or_refuses_the_scope_by_name(capsys: Captured) -> None:
    """Where policies of tier default decide after ours, passing on has no words there."""
    found = document(capsys, "--dialect", "kubernetes", "--as", "enforced")

    kinds = {policy["kind"] for item in found["items"] for policy in item["policies"]}
    assert kinds <= {"NetworkPolicy"}
    refused = {each["scope"]["name"]: each["reason"] for each in found["skipped"]}
    assert "shop" in refused
    assert "use Calico's kinds" in refused["shop"]
    assert found["objects"] == []


def test_a_description_is_one_namespace_told_whole(capsys: Captured) -> None:
    """One sentence on top, evidence behind each rule, what is held and what is left out."""
    assert run("describe", "-n", "messaging") == 0
    told = capsys.readouterr().out

    assert "Lets `messaging` reach" in told
    assert "rule 0 of namespace-isolation.messaging; seen 2026-03-02" in told
    assert "metadata: 169.254.169.254 is a cloud metadata service" in told


def test_a_description_in_markdown_can_neither_be_markup_nor_hide(capsys: Captured) -> None:
    """Names come from flow logs."""
    assert run("describe", "-n", "batch", "-o", "markdown") == 0
    told = capsys.readouterr().out

    assert told.startswith("## batch\n\nLets `batch` reach")
    assert "| Egress | to namespace messaging on TCP 8443, 9092 |" in told
    assert "**Jobs that were not seen running**" in told
    assert "0 22 28-31 \\* \\*" in told


def test_without_a_snapshot_nothing_is_claimed_of_the_cluster(capsys: Captured) -> None:
    """The same command without it still works."""
    assert main(["recommend", str(WORLD / "flows"), "-o", "json", "-n", "batch"]) == 0
    (item,) = json.loads(capsys.readouterr().out)["items"]

    assert "schedules" not in item["confidence"]
    assert "blind" not in item["confidence"]
    assert item["remarks"] == []
