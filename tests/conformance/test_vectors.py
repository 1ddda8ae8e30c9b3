"""Our evaluators against every vector that Calico's own code computed, and the tool that compares them."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "tools"))
import conformance

FOLDER = Path(__file__).parent
SELECTORS = FOLDER / "selectors.jsonl"
POLICIES = sorted((FOLDER / "policy").glob("*.json"))
UNITS = {"scenarios.json": 84, "random-1.json": 67, "random-2.json": 67, "random-3.json": 66}


def test_the_vectors_are_all_here() -> None:
    """A missing file would agree with everything."""
    worlds = {file.name: len(json.loads(file.read_text())["worlds"]) for file in POLICIES}

    assert worlds == UNITS
    assert len(SELECTORS.read_text().splitlines()) == 1500


def test_every_selector_agrees() -> None:
    """Validity, canonical text and every label set of 1,500 selectors."""
    result = conformance.compare([SELECTORS])

    assert result.differences == []
    assert result.agree == result.total == 1500


@pytest.mark.parametrize("file", POLICIES, ids=[file.stem for file in POLICIES])
def test_every_verdict_and_trace_agrees(file: Path) -> None:
    """Action and trace of each query, side and scope, from every evaluator."""
    result = conformance.compare([file])

    assert result.differences == []
    assert result.agree == result.total > 3000
    assert result.evaluators == set(conformance.EVALUATORS)


def test_a_difference_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An answer that is not Calico's: exit code 1, what was wanted and what was got."""
    document: Any = json.loads(POLICIES[-1].read_text())
    world = next(world for world in document["worlds"] if world["id"] == "scenario/no-policy")
    world["queries"][0]["expect"]["egress"]["enforced"]["action"] = "Deny"
    changed = tmp_path / "changed.json"
    changed.write_text(json.dumps(document | {"worlds": [world]}))

    code = conformance.main([str(changed), "-o", "json"])

    printed: Any = json.loads(capsys.readouterr().out)
    assert code == 1
    assert printed["agree"] == printed["total"] - len(conformance.EVALUATORS)
    assert [
        (each["evaluator"], each["side"], each["want"]["action"], each["got"]["action"])
        for each in printed["differences"]
    ] == [(name, "egress", "Deny", "Allow") for name in ("compiled", "reference")]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("other.json", '{"format": "other/1", "worlds": []}'),
        ("broken.json", "{"),
        ("list.json", "[]"),
        ("lines.jsonl", '{"id": "a"}\n'),
    ],
)
def test_a_file_that_cannot_be_compared_with_is_an_error(
    name: str, text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2 and the file's name, rather than nothing to differ on."""
    file = tmp_path / name
    file.write_text(text)

    assert conformance.main([str(file)]) == 2
    assert name in capsys.readouterr().err


def test_nothing_to_agree_on_is_no_agreement(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file without worlds compares nothing, so the exit code is not 0."""
    file = tmp_path / "empty.json"
    file.write_text('{"format": "calico-policy-vectors/1", "worlds": []}')

    assert conformance.main([str(file)]) != 0
    assert capsys.readouterr().out.endswith("agree 0 of 0\n")
