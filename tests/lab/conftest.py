"""One small world for all tests of the laboratory, in both formats: a shop, a message bus and a batch yard."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from ringfence_lab.clock import DEFAULT_START, Clock
from ringfence_lab.formats import FORMAT_NAMES, FormatName
from ringfence_lab.moment import unix_seconds
from ringfence_lab.world import WorldRequest, write_world

DAYS = 3
LEARN_DAYS = 2
FIRST_SECOND = unix_seconds(DEFAULT_START)


def make_world(out: Path, log_format: FormatName, *, with_defects: bool = False, seed: int = 5) -> Path:
    """Write the small world below a folder."""
    request = WorldRequest(
        seed=seed,
        size=3,
        days=DAYS,
        learn_days=LEARN_DAYS,
        log_format=log_format,
        lines_per_day=2_500,
        clock=Clock(FIRST_SECOND),
        with_defects=with_defects,
    )
    write_world(out, request=request)
    return out


def read_lines(world: Path) -> list[dict[str, Any]]:
    """Return all lines of a world, each with its ``day``."""
    return [
        {**json.loads(line), "day": day}
        for day, file in enumerate(sorted((world / "flows").iterdir()))
        for line in file.read_text(encoding="utf-8").splitlines()
    ]


def exchange(line: Mapping[str, Any]) -> tuple[object, ...]:
    """Return which exchange a line is of, as both reporters write it: window, ends and port."""
    ends = ("source_namespace", "source_name_aggr", "dest_namespace", "dest_name_aggr", "dest_port")
    return (line["start_time"] - FIRST_SECOND) // 300, *(line[end] for end in ends)


def one_sided(lines: Sequence[Mapping[str, Any]]) -> int:
    """Return how many allowed exchanges between pods were written more often by one reporter than by the other."""
    denied = {exchange(line)[1:] for line in lines if line["action"] == "deny"}
    balance: Counter[tuple[object, ...]] = Counter()
    for line in lines:
        if line["source_type"] == line["dest_type"] == "wep" and exchange(line)[1:] not in denied:
            balance[exchange(line)] += 1 if line["reporter"] == "src" else -1
    return sum(1 for difference in balance.values() if difference)


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The world as Calico aggregates by default."""
    return make_world(tmp_path_factory.mktemp("world"), "calico")


@pytest.fixture(scope="session")
def world_with_addresses(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same world with whole names and addresses."""
    return make_world(tmp_path_factory.mktemp("world-with-addresses"), "calico-addresses")


@pytest.fixture(scope="session")
def lines(world: Path) -> list[dict[str, Any]]:
    """The world's lines."""
    return read_lines(world)


@pytest.fixture(scope="session")
def lines_with_addresses(world_with_addresses: Path) -> list[dict[str, Any]]:
    """The same world's lines with addresses."""
    return read_lines(world_with_addresses)


@pytest.fixture(scope="session")
def truth(world: Path) -> Mapping[str, Any]:
    """The world's truth."""
    document: Mapping[str, Any] = json.loads((world / "truth.json").read_text(encoding="utf-8"))
    return document


@pytest.fixture(scope="session")
def spoiled(tmp_path_factory: pytest.TempPathFactory) -> Mapping[FormatName, Path]:
    """The world with its defects in every format."""
    folder = tmp_path_factory.mktemp("spoiled")
    return {name: make_world(folder / name, name, with_defects=True) for name in FORMAT_NAMES}


@pytest.fixture(scope="session")
def objects(world: Path) -> list[dict[str, Any]]:
    """The objects of the world's cluster."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    found: list[dict[str, Any]] = []
    for file in sorted((world / "cluster").iterdir()):
        document = yaml.load(file.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 - a safe loader, in C if there
        assert (document["apiVersion"], document["kind"]) == ("v1", "List")
        found += document["items"]
    return found
