"""The bundled small world is what its command writes, small, and interesting in the first minute."""

import gzip
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from ringfence_lab.small_world import main
from tests.architecture.repository import ROOT, files

BUNDLED: Final = ROOT / "examples/small-world"
MOST_BYTES: Final = 1_500_000


def contents(world: Path) -> Mapping[str, bytes]:
    """Return the files of a world by name, unpacked: how well they pack depends on the machine's zlib."""
    return {
        path.relative_to(world).as_posix(): gzip.decompress(path.read_bytes())
        if path.suffix == ".gz"
        else path.read_bytes()
        for path in files(world)
    }


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The world as the command writes it now, over one that was there."""
    world = tmp_path_factory.mktemp("small-world")
    (world / "flows").mkdir()
    (world / "flows/day-99.jsonl.gz").write_bytes(b"of another world")
    assert main([str(world)]) == 0
    return world


@pytest.fixture(scope="module")
def lines() -> Sequence[Mapping[str, Any]]:
    """The bundled lines that are JSON."""
    found = []
    for name, text in contents(BUNDLED).items():
        for line in text.splitlines() if name.startswith("flows/") else ():
            try:
                found.append(json.loads(line))
            except json.JSONDecodeError:
                continue
    return found


def objects(name: str) -> Sequence[Mapping[str, Any]]:
    """Return the objects of one kind of the bundled cluster."""
    found: Sequence[Mapping[str, Any]] = yaml.safe_load((BUNDLED / f"cluster/{name}.yaml").read_bytes())["items"]
    return found


def test_the_bundled_world_is_what_the_command_writes(written: Path, *, regenerate: bool) -> None:
    """Byte by byte; whoever changes the laboratory writes it anew with ``make cases``."""
    if regenerate:
        main([str(BUNDLED)])

    assert contents(BUNDLED) == contents(written)


def test_it_holds_flows_and_cluster_without_the_truth() -> None:
    """A reader meets what a cluster would give, and no more than a clone should weigh."""
    names = [path.relative_to(BUNDLED) for path in files(BUNDLED)]

    assert [name.name for name in names if name.parent.name == "flows"] == [f"day-0{day}.jsonl.gz" for day in range(3)]
    assert {name.parent.name for name in names} == {"flows", "cluster"}
    assert sum(path.stat().st_size for path in files(BUNDLED)) < MOST_BYTES


def test_no_time_stands_in_a_gzip_header() -> None:
    """Else two runs would differ."""
    headers = [path.read_bytes()[4:8] for path in sorted(BUNDLED.glob("flows/*.gz"))]

    assert headers == [bytes(4)] * 3


def test_an_intruder_asks_for_credentials_and_another_calls_home(lines: Sequence[Mapping[str, Any]]) -> None:
    """And nothing stops either: a learner that takes every habit for a need would keep both."""
    reached = Counter(
        (line["source_namespace"], line["dest_ip"])
        for line in lines
        if line["action"] == "allow" and line["reporter"] == "src"
    )

    assert reached["messaging", "169.254.169.254"] > 0
    assert reached["messaging", "198.19.66.20"] > 24


def test_existing_policies_deny_and_drafts_are_staged(lines: Sequence[Mapping[str, Any]]) -> None:
    """There is something to conflict with."""
    denied = [line for line in lines if line["action"] == "deny"]

    assert len(denied) > 100
    assert {each["kind"] for each in objects("globalnetworkpolicies")} == {"GlobalNetworkPolicy"}
    assert objects("networkpolicies")
    assert objects("calico-networkpolicies")
    assert objects("stagednetworkpolicies")
    assert {each["metadata"]["name"] for each in objects("tiers")} >= {"security", "default"}


def test_a_schedule_has_not_run_yet_and_others_have(lines: Sequence[Mapping[str, Any]]) -> None:
    """Three days see the hourly job and the nightly ones, and neither the weekly one nor the month's end."""
    seen = {line["source_name"] for line in lines if line["source_namespace"] == "batch"}
    jobs = [each["metadata"]["name"] for each in objects("cronjobs")]

    ran = {job for job in jobs if any(name.startswith(f"{job}-") for name in seen)}

    assert ran == {"hourly-rollup", "nightly-report", "nightly-backup"}
    assert set(jobs) - ran == {"weekly-audit", "month-close"}
