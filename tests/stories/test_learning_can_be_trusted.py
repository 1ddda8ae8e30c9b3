"""What an SRE relies on: whole clusters, learnt from as people would, judged by the laboratory and never by us.

The same bars on the default world and ten other seeds, in one command: ``make evaluate EVALUATE="--ours --sizes default
--seeds 1 2 3 4 5 6 7 8 9 10 11"``. It lists every edge by which a bar is missed.
"""

import json
import random
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any, Final, Literal

import pytest
import yaml

from ringfence.cli.main import main
from ringfence_lab.case import Case, read_case
from ringfence_lab.enforcement import Enforcement
from ringfence_lab.evaluate import Told, judged
from ringfence_lab.evaluation import BY_NAMESPACE, BY_WORKLOAD, KINDS, Judged, misses, verdicts
from ringfence_lab.policies import PolicyFolder, read_policies
from ringfence_lab.world import main as make_world

Grain = Literal["namespace", "workload"]
Json = dict[str, Any]

GRAINS: Final[tuple[Grain, ...]] = ("namespace", "workload")
_HASH: Final = re.compile(rb"pod-template-hash(?:=|: '?)([0-9a-z]{6,12})")


@dataclass(frozen=True, slots=True)
class Learnt:
    """What the command wrote: its objects by file, and its report."""

    folder: Path
    report: Json

    @property
    def files(self) -> Mapping[str, bytes]:
        """The objects as written."""
        return {str(file.relative_to(self.folder)): file.read_bytes() for file in sorted(self.folder.rglob("*.yaml"))}

    def without_nodes(self) -> Mapping[str, object]:
        """Return the objects without their rules for nodes."""
        found: dict[str, object] = {}
        for name, text in self.files.items():
            document = yaml.safe_load(text)
            for direction in ("ingress", "egress"):
                rules = document["spec"].get(direction, ())
                document["spec"][direction] = [rule for rule in rules if not _for_nodes(rule)]
            found[name] = document
        return found


def make(out: Path, *, seed: int, days: int, form: str = "calico-addresses") -> Path:
    """Make a small cluster with intruders, defects, policies and jobs."""
    options = ["--seed", seed, "--size", "small", "--days", days, "--learn-days", days]
    make_world([str(out), *map(str, options), "--format", form, "--lines-per-day", "2500"])
    return out


def learn(world: Path, out: Path, *, grain: Grain) -> Learnt:
    """Run the command on a world."""
    flows, snapshot = ["recommend", str(world / "flows")], ["--snapshot", str(world / "cluster")]
    written = ["--output-dir", str(out), "--set-aside", str(out.parent / "aside"), "--dialect", "calico"]
    with redirect_stdout(StringIO()) as printed:
        assert main([*flows, *snapshot, *written, "--by", grain, "-o", "json"]) == 0
    return Learnt(out, json.loads(printed.getvalue()))


def judge(case: Case, learnt: Learnt, *, grain: Grain) -> Judged:
    """Ask the laboratory."""
    return judged(
        case,
        Enforcement(case, PolicyFolder((), (), 0)),
        read_policies(learnt.folder),
        Told.of(learnt.report),
        contestant=BY_NAMESPACE if grain == "namespace" else BY_WORKLOAD,
        seed=case.truth["seed"],
        size="small",
    )


@pytest.mark.parametrize("seed", [4, 6])
def test_every_bar_holds(seed: int, tmp_path: Path) -> None:
    """At both granularities, over ten days; the world has what the bars are about."""
    world = make(tmp_path / "world", seed=seed, days=10)
    case = read_case(world)

    found = [judge(case, learn(world, tmp_path / grain, grain=grain), grain=grain) for grain in GRAINS]

    assert [each.text for each in verdicts(found) if not each.holds] == []
    assert list(misses(found)) == []
    before = Enforcement(case, PolicyFolder((), (), 0))
    governed = [each for each in case.legitimate if each.observed and before.decided_before(each, each.learn)]
    assert governed, "namespaces have policies of their own"
    assert [each for each in case.denied if each.observed]
    assert all(found[0].attacks[kind].told for kind in KINDS)
    assert all(each.said["rules"] > 0 and each.observed > len(governed) for each in found)


@pytest.mark.parametrize("form", ["goldmane", "hubble", "whisker"])
def test_no_format_cuts_or_opens(form: str, tmp_path: Path) -> None:
    """What a source does not tell, the snapshot does."""
    world = make(tmp_path / "world", seed=11, days=2, form=form)

    found = judge(read_case(world), learn(world, tmp_path / "out", grain="namespace"), grain="namespace")

    assert found.observed > 0
    assert list(misses([found])) == []
    assert (found.said["ephemeral"], found.said["hashLabels"]) == (0, 0)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two days of a small cluster."""
    return make(tmp_path_factory.mktemp("world"), seed=5, days=2)


@pytest.fixture(scope="module", params=GRAINS)
def usual(
    request: pytest.FixtureRequest, world: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Grain, Learnt]:
    """What is learnt of them, at each granularity."""
    grain: Grain = request.param
    return grain, learn(world, tmp_path_factory.mktemp("learnt") / grain, grain=grain)


Usual = tuple[Grain, Learnt]


@pytest.mark.parametrize(
    ("kept", "grain"),
    [("src", "namespace"), ("dst", "workload"), ("either", "namespace"), ("either", "workload")],
)
def test_what_one_reporter_saw_is_enough(kept: str, grain: Grain, world: Path, tmp_path: Path) -> None:
    """Between pods one side wrote no line, or now one and now the other: nothing is cut, held or opened."""
    changed = _changed(world, tmp_path)
    for file in changed.glob("flows/*"):
        lines = file.read_bytes().splitlines(keepends=True)
        left = [line for line in lines if _keeps(line, kept)]
        assert len(left) < len(lines)
        file.write_bytes(b"".join(left))

    found = judge(read_case(world), learn(changed, tmp_path / "out", grain=grain), grain=grain)

    assert found.observed > 0
    assert (found.said["cut"], list(found.held), found.said["opened"]) == ([], [], [])


def test_the_order_of_lines_changes_no_byte(usual: Usual, world: Path, tmp_path: Path) -> None:
    """Neither of the policies nor of the report."""
    grain, expected = usual
    changed = _changed(world, tmp_path)
    for file in changed.glob("flows/*"):
        lines = file.read_bytes().splitlines()
        file.write_bytes(b"\n".join(random.Random(7).sample(lines, len(lines))) + b"\n")

    found = learn(changed, tmp_path / "out", grain=grain)

    assert found.files == expected.files
    assert found.report == expected.report


def test_a_rollout_changes_nothing(usual: Usual, world: Path, tmp_path: Path) -> None:
    """Every template hash is another one on the second day and in the snapshot; evidence stays the workload's.

    Only the pods that the report names as witnesses have other names.
    """
    grain, expected = usual
    changed = _changed(world, tmp_path)
    known = sorted({each for file in changed.glob("*/*") for each in _HASH.findall(file.read_bytes())})
    every = re.compile(b"|".join(map(re.escape, known)))
    for file in (changed / "flows" / "day-01.jsonl", *changed.glob("cluster/*")):
        file.write_bytes(every.sub(lambda match: match[0][::-1], file.read_bytes()))

    found = learn(changed, tmp_path / "out", grain=grain)

    assert known
    assert found.files == expected.files
    assert _without_witnesses(found.report) == _without_witnesses(expected.report)


def test_a_node_that_joins_changes_rules_for_nodes_only(usual: Usual, world: Path, tmp_path: Path) -> None:
    """It may be where a host-network peer runs tomorrow."""
    grain, expected = usual
    changed = _changed(world, tmp_path)
    _with_nodes(changed, _joined)

    found = learn(changed, tmp_path / "out", grain=grain)

    assert found.files != expected.files
    assert found.without_nodes() == expected.without_nodes()


def test_a_node_that_leaves_changes_rules_for_nodes_only(usual: Usual, world: Path, tmp_path: Path) -> None:
    """What was seen of it is still let through."""
    grain, expected = usual
    changed = _changed(world, tmp_path)
    _with_nodes(changed, lambda nodes: nodes[:-1])

    found = learn(changed, tmp_path / "out", grain=grain)

    assert found.files != expected.files
    assert found.without_nodes() == expected.without_nodes()


def _changed(world: Path, tmp_path: Path) -> Path:
    """Return a copy of a world's flows and cluster, to be changed."""
    copy = tmp_path / "changed"
    for file in (*world.glob("flows/*"), *world.glob("cluster/*")):
        target = copy / file.relative_to(world)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.read_bytes())
    return copy


def _without_witnesses(document: object) -> object:
    """Return a document without the pods by which it shows an effect: they are those of today."""
    if isinstance(document, dict):
        return {key: _without_witnesses(value) for key, value in document.items() if key != "witness"}
    return [_without_witnesses(each) for each in document] if isinstance(document, list) else document


def _keeps(line: bytes, kept: str) -> bool:
    """Say whether the reporter that is kept, of ``either`` one drawn by namespaces and port, wrote a line of pods."""
    try:
        record = json.loads(line)
    except ValueError:
        return True
    if not isinstance(record, dict) or {record.get("source_type"), record.get("dest_type")} != {"wep"}:
        return True
    ends = [record.get(key) for key in ("source_namespace", "dest_namespace", "dest_port", "proto")]
    drawn = random.Random(repr(ends)).choice(["src", "dst"])
    return record.get("reporter") == (drawn if kept == "either" else kept)


def _with_nodes(world: Path, change: Callable[[Sequence[Json]], Sequence[Json]]) -> None:
    file = world / "cluster" / "nodes.yaml"
    document = yaml.safe_load(file.read_text(encoding="utf-8"))
    document["items"] = list(change(document["items"]))
    file.write_text(yaml.safe_dump(document), encoding="utf-8")


def _joined(nodes: Sequence[Json]) -> Sequence[Json]:
    """Return nodes with one more, like the last but for its name and its addresses."""
    last = nodes[-1]
    text = yaml.safe_dump(last)
    for known, new in (
        (last["status"]["addresses"][0]["address"], "172.20.99.99"),
        (last["metadata"]["annotations"]["projectcalico.org/IPv4VXLANTunnelAddr"], "10.246.99.1"),
        (last["spec"]["podCIDR"], "10.246.99.0/24"),
        (last["metadata"]["name"], "node-999"),
    ):
        text = text.replace(known, new)
    return [*nodes, yaml.safe_load(text)]


def _for_nodes(rule: Json) -> bool:
    annotations: Mapping[str, str] = (rule.get("metadata") or {}).get("annotations") or {}
    return annotations.get("ringfence.io/scope") == "Nodes"
