"""Every file that the stories write would be taken by Calico: by our own judge, and by the definitions it ships."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from jsonschema import Draft202012Validator

from ringfence.cli.main import main
from ringfence.dialects.calico.valid import problems
from ringfence_lab.world import main as make_world

EXAMPLES: Final = Path(__file__).parents[2] / "examples"
BUNDLED: Final = ("small-world/flows", "tutorial.jsonl", "tutorial-addresses.jsonl")
WORLDS: Final = ("5 3 calico", "5 3 calico-addresses", "6 6 calico", "6 6 calico-addresses")

Object = dict[str, Any]


def written_objects(flows: Path, out: Path) -> list[Object]:
    """Return the objects that a run writes, as they stand on disk."""
    assert main(["recommend", str(flows), "--output-dir", str(out), "-o", "name"]) == 0
    return [yaml.safe_load(path.read_bytes()) for path in sorted(out.rglob("*.yaml"))]


def schema_errors(schemas: Mapping[str, Any], objects: Sequence[Object]) -> list[str]:
    """Return what the resource definitions say against objects."""
    return [
        error.message for each in objects for error in Draft202012Validator(schemas[each["kind"]]).iter_errors(each)
    ]


@pytest.fixture(scope="module", params=[*BUNDLED, *WORLDS])
def objects(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[Object]:
    """Return the objects of one story; a world is written as its seed, size and format."""
    folder = tmp_path_factory.mktemp("story")
    if request.param in BUNDLED:
        return written_objects(EXAMPLES / request.param, folder / "out")
    seed, size, log_format = request.param.split()
    options = ["--seed", seed, "--size", size, "--days", "2", "--learn-days", "2", "--format", log_format]
    make_world([str(folder / "world"), *options, "--lines-per-day", "6000"])
    return written_objects(folder / "world" / "flows", folder / "out")


def test_a_tier_and_staged_policies_are_written_and_our_own_judge_takes_them(objects: list[Object]) -> None:
    """No reason for refusal in any file."""
    assert {each["kind"] for each in objects} == {"StagedNetworkPolicy", "Tier"}
    assert [problem for each in objects for problem in problems(each)] == []


@pytest.mark.shared
def test_calicos_own_definitions_take_them(schemas: dict[str, Any], objects: list[Object]) -> None:
    """And would refuse them with an order that is no number."""
    spoiled = [each | {"spec": {"order": "first"}} for each in objects]

    assert schema_errors(schemas, objects) == []
    assert schema_errors(schemas, spoiled) == ["'first' is not of type 'number'"] * len(objects)


@pytest.mark.shared
def test_policies_from_real_hubble_flows_are_taken_by_both(
    shared: Path, schemas: dict[str, Any], tmp_path: Path
) -> None:
    """Labels and names of real clusters."""
    objects = written_objects(shared / "data" / "hubble", tmp_path / "out")

    assert objects
    assert [problem for each in objects for problem in problems(each)] == []
    assert schema_errors(schemas, objects) == []
