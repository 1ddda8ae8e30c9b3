"""Replay over whole clusters with policies of their own, judged by the laboratory's truth.

The recommendation of a world, enforced as it is, cuts nothing that it was learnt from; without one of its rules, replay
finds the cuts that the laboratory's judge finds with an evaluator of its own.
"""

import json
import random
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from ringfence.cli.main import main
from ringfence_lab.case import Case, read_case
from ringfence_lab.judge import judgement
from ringfence_lab.policies import read_policies
from ringfence_lab.world import main as make_world

Edge = tuple[object, ...]
Captured = pytest.CaptureFixture[str]
RULES = 3
"""How many rules are deleted from each recommendation, one at a time."""


class World(NamedTuple):
    """A world, its recommendation as enforced policies, and the report of it."""

    folder: Path
    policies: Path
    report: Mapping[str, Any]
    case: Case

    def without_a_rule(self, out: Path, *, seed: int) -> str:
        """Write the policies without one rule, drawn from those between workloads, and say which."""
        files = {path: yaml.safe_load(path.read_text()) for path in sorted(self.policies.rglob("*.yaml"))}
        rules = [
            (path, direction, index)
            for path, each in files.items()
            for direction in ("ingress", "egress")
            for index, rule in enumerate((each.get("spec") or {}).get(direction, ()))
            if "nets" not in {**rule.get("source", {}), **rule.get("destination", {})}
        ]
        path, direction, index = random.Random(seed).choice(rules)
        del files[path]["spec"][direction][index]
        for each, document in files.items():
            target = out / each.relative_to(self.policies)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(yaml.safe_dump(document))
        return f"{direction} rule {index} of {path.stem}"


@pytest.fixture(scope="module", params=[(5, "namespace"), (6, "workload")], ids=str)
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> World:
    """Return a world of three days with its recommendation."""
    seed, grain = request.param
    folder, policies = tmp_path_factory.mktemp("world"), tmp_path_factory.mktemp("policies")
    options = ["--seed", seed, "--size", 3, "--days", 3, "--learn-days", 3, "--format", "calico-addresses"]
    make_world([str(folder), *map(str, options), "--lines-per-day", "4000"])
    report = folder / "report.json"
    with pytest.MonkeyPatch.context() as patch, report.open("w") as stdout:
        patch.chdir(folder)
        patch.setattr("sys.stdout", stdout)
        arguments = ["--as", "enforced", "--by", grain, "--output-dir", str(policies), "-o", "json"]
        assert main(["recommend", "flows", "--snapshot", "cluster", *arguments]) == 0
    return World(folder, policies, json.loads(report.read_text()), read_case(folder))


def replay(world: World, policies: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> Mapping[str, Any]:
    """Return the replay of the world's flows under these policies."""
    monkeypatch.chdir(world.folder)
    arguments = ["--snapshot", "cluster", "--policies", str(policies), "--mode", "enforced", "-o", "json"]
    main(["replay", "flows", *arguments])
    document: Mapping[str, Any] = json.loads(capsys.readouterr().out)
    return document


def between_workloads(edges: Iterable[Mapping[str, Any]]) -> set[Edge]:
    """Return the edges between workloads, as both the truth and our documents name them."""
    return {
        (*(_end(edge[side]) for side in ("client", "server")), edge["protocol"], edge.get("port"))
        for edge in edges
        if edge["client"]["kind"] == edge["server"]["kind"] == "Workload"
    }


def _end(end: Mapping[str, Any]) -> tuple[object, ...]:
    return end["namespace"], end.get("workloadKind"), end["name"]


def changed(document: Mapping[str, Any], *kinds: str) -> list[Mapping[str, Any]]:
    """Return the edges that change so."""
    return [each["edge"] for each in document["changes"] if each["change"] in kinds]


def test_a_recommendation_cuts_nothing_that_it_was_learnt_from(
    world: World, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor leaves it open whether it does. What is held is cut, which is why it is held."""
    document = replay(world, world.policies, capsys, monkeypatch)
    apart = {entry["edge"].partition("@")[0] for item in world.report["items"] for entry in item["held"]}
    learnt = {edge for item in world.report["items"] for permit in item["permits"] for edge in permit["edges"]} - apart
    lost = {edge["id"] for edge in changed(document, "Cut", "Uncertain")}

    assert learnt
    assert lost & learnt == set()
    assert changed(document, "Opened") == []


def test_every_record_is_accounted_for(world: World, capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read = admitted + left out + corrupt; every edge is judged or named."""
    document = replay(world, world.policies, capsys, monkeypatch)
    records, summary = document["records"], document["summary"]

    assert records["read"] == records["admitted"] + sum(records["leftOut"].values()) + records["corrupt"]
    assert summary["edges"] == sum(summary[kind] for kind in ("unchanged", "cut", "opened", "uncertain"))


def test_without_a_rule_it_finds_exactly_the_cuts_that_the_judge_finds(
    world: World, tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As edges between workloads; the judge knows which of what was seen is legitimate and asks its own evaluator."""
    legitimate = between_workloads(edge.written for edge in world.case.legitimate if edge.observed)
    found: dict[str, set[Edge]] = {}
    expected: dict[str, set[Edge]] = {}
    for seed in range(RULES):
        policies = tmp_path / str(seed)
        deleted = world.without_a_rule(policies, seed=seed)
        document = replay(world, policies, capsys, monkeypatch)
        cut: Any = judgement(world.case, read_policies(policies))["cut"]
        found[deleted] = between_workloads(changed(document, "Cut", "Uncertain")) & legitimate
        expected[deleted] = between_workloads(cut)

    assert found == expected
    assert any(expected.values()), "rules that carry nothing show nothing"
