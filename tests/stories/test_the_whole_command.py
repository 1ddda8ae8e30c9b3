"""From flow logs to files, judged by the laboratory's truth and by what must not change the result."""

import gzip
import json
import random
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from backports import zstd

from ringfence.cli.main import main
from ringfence_lab.case import read_case
from ringfence_lab.judge import judgement
from ringfence_lab.policies import read_policies
from ringfence_lab.world import main as make_world

FLOWS = Path(__file__).parents[2] / "examples" / "small-world" / "flows"


@pytest.fixture(scope="module")
def lines() -> list[bytes]:
    """Return the lines of the bundled world, a damaged one among them."""
    return [line for day in sorted(FLOWS.iterdir()) for line in gzip.decompress(day.read_bytes()).splitlines()]


def policies(capsys: pytest.CaptureFixture[str], *inputs: Path) -> str:
    """Return the YAML that the inputs give."""
    assert main(["recommend", *map(str, inputs), "-o", "yaml"]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("log_format", ["calico", "calico-addresses"])
@pytest.mark.parametrize(("seed", "size"), [(5, 3), (6, 6)])
def test_every_observed_edge_is_allowed_and_nothing_denied_is_opened(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], log_format: str, seed: int, size: int
) -> None:
    """The laboratory knows the truth and judges the files without asking us."""
    world, out = tmp_path / "world", tmp_path / "out"
    options = ["--seed", seed, "--size", size, "--days", 2, "--learn-days", 2, "--format", log_format]
    make_world([str(world), *map(str, options), "--lines-per-day", "6000"])

    assert main(["recommend", str(world / "flows"), "--output-dir", str(out), "-o", "name"]) == 0

    capsys.readouterr()
    judged = judgement(read_case(world), read_policies(out))
    assert judged["rules"], "a judgement of nothing is no judgement"
    assert judged["recallObserved"] == 1.0
    assert (judged["cut"], judged["opened"]) == ([], [])
    assert (judged["ephemeral"], judged["hashLabels"]) == (0, 0)


def shuffled(lines: Sequence[bytes], folder: Path) -> list[Path]:
    """Write the lines in another order."""
    (folder / "a").write_bytes(b"\n".join(random.Random(3).sample(list(lines), len(lines))))
    return [folder / "a"]


def doubled(lines: Sequence[bytes], folder: Path) -> list[Path]:
    """Write the lines twice, once compressed."""
    (folder / "a.zst").write_bytes(zstd.compress(b"\n".join(lines)))
    (folder / "b").write_bytes(b"\n".join(lines))
    return [folder / "a.zst", folder / "b"]


def split(lines: Sequence[bytes], folder: Path) -> list[Path]:
    """Write the lines into several files."""
    for part in range(5):
        (folder / f"{part}.log").write_bytes(b"\n".join(lines[part::5]))
    return [folder]


def rolled_out(lines: Sequence[bytes], folder: Path) -> list[Path]:
    """Give every Deployment a new template hash in the second half."""
    half = len(lines) // 2
    text = b"\n".join(lines[half:])
    for known in sorted(set(re.findall(rb"pod-template-hash=([0-9a-z]+)", text))):
        text = text.replace(known, known[::-1])
    (folder / "a").write_bytes(b"\n".join(lines[:half]) + b"\n" + text)
    return [folder / "a"]


@pytest.mark.parametrize("change", [shuffled, doubled, split, rolled_out], ids=lambda change: change.__name__)
def test_what_must_change_nothing_changes_no_byte(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    lines: list[bytes],
    change: Callable[[Sequence[bytes], Path], list[Path]],
) -> None:
    """Order, copies, files and rollouts are not facts about who talks to whom."""
    expected = policies(capsys, FLOWS)

    changed = policies(capsys, *change(lines, tmp_path))

    assert changed == expected


@pytest.mark.parametrize("reporter", ["src", "dst"])
def test_one_reporter_gives_the_rules_of_both(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], lines: list[bytes], reporter: str
) -> None:
    """Between pods, where nothing is denied, each side alone teaches both."""
    records = [json.loads(line) for line in lines if line.endswith(b"}")]
    both = [
        record
        for record in records
        if record["source_type"] == record["dest_type"] == "wep" and record["dest_service_name"] != "kube-dns"
    ]
    pairs = {
        (record["source_name_aggr"], record["dest_name_aggr"], record["dest_port"], record["proto"])
        for record in both
        if record["action"] == "deny"
    }
    sides: dict[tuple[object, ...], set[str]] = {}
    for record in both:
        key = (record["source_name_aggr"], record["dest_name_aggr"], record["dest_port"], record["proto"])
        sides.setdefault(key, set()).add(record["reporter"])
    kept = [
        record
        for record in both
        if (key := (record["source_name_aggr"], record["dest_name_aggr"], record["dest_port"], record["proto"]))
        not in pairs
        and len(sides[key]) == 2
        and (record["dest_port"] or 0) < 32768
        and record["dest_port"] != 53
    ]
    whole, one = tmp_path / "whole", tmp_path / "one"
    whole.write_text("\n".join(json.dumps(record) for record in kept))
    one.write_text("\n".join(json.dumps(record) for record in kept if record["reporter"] == reporter))

    assert policies(capsys, one) == policies(capsys, whole)


@pytest.mark.shared
def test_real_hubble_flows_give_no_reply_and_no_dynamic_port(shared: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every record is accounted for, and each port is one that a request went to."""
    folder = shared / "data" / "hubble"
    requested = set()
    for file in folder.glob("*.json"):
        for line in file.read_text(encoding="utf-8").splitlines():
            flow = json.loads(line)["flow"]
            if flow.get("is_reply") is False:
                requested |= {
                    str(part["destination_port"]) for part in flow["l4"].values() if "destination_port" in part
                }

    assert main(["recommend", str(folder), "-o", "json"]) == 0

    document = json.loads(capsys.readouterr().out)
    records = document["records"]
    ports = {
        port
        for item in document["items"]
        for permit in item["permits"]
        if permit["source"] == "Observed"
        for port in permit.get("ports", [])
    }
    assert records["read"] == 1916
    assert records["read"] == records["admitted"] + sum(records["leftOut"].values()) + records["corrupt"]
    assert ports
    assert all(int(port) < 32768 for port in ports)
    assert ports <= requested
