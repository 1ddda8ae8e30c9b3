"""The comparison with another generator: the same lines, turn by turn, and what each made of them."""

import re
import sys
from datetime import date
from pathlib import Path
from typing import Final

import pytest

from ringfence_lab import peer as peer_module
from ringfence_lab.bench import main
from ringfence_lab.bench_flows import CannotMeasureError
from ringfence_lab.peak_memory import Run
from ringfence_lab.peer import PeerResult, PeerTurn, measure_peer, peer_report
from ringfence_lab.written_policies import WrittenPolicies
from tests.architecture.repository import ROOT

MEGABYTE: Final = 1_000_000
ON_LINUX: Final = pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
PROGRAM: Final = """
import json, sys
if sys.argv[1:] == ["--version"]:
    print("generator 1.2")
else:
    ports = [{"port": str(sum(1 for line in open(sys.argv[1])))}]
    print(json.dumps({"kind": "CiliumNetworkPolicy", "spec": {"ingress": [{"toPorts": [{"ports": ports}]}]}}))
"""
NOTHING: Final = """
import sys
print("generator 1.2" if sys.argv[1:] == ["--version"] else "# no policy")
"""


def stands_in(program: str, *, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a program of ours in the peer's place, which no test installs."""
    path = folder / "generator"
    path.write_text(f"#!{sys.executable}\n{program}", encoding="utf-8")
    path.chmod(0o755)
    monkeypatch.setattr(peer_module, "PEER", path)


def options(folder: Path) -> list[str]:
    """Return what measures a part, into a page with both places."""
    page = folder / "page.md"
    parts = [f"<!-- generated: begin {name} -->\n<!-- generated: end {name} -->\n" for name in ("benchmark", "peer")]
    page.write_text("".join(parts), encoding="utf-8")
    return [
        "--lines",
        "2000",
        "--forms",
        "plain",
        "--pairs",
        "1",
        "--peer",
        "--scratch",
        str(folder),
        "--write",
        str(page),
    ]


def test_a_report_has_a_row_for_each_program_and_the_spread_of_the_ratio() -> None:
    """What each took, and what it made in that time."""
    turns = tuple(PeerTurn(Run(2.0, 100 * MEGABYTE), Run(seconds, 50 * MEGABYTE)) for seconds in (8.0, 7.0, 10.0))
    result = PeerResult(100_000, turns, WrittenPolicies(52, 701, 0), WrittenPolicies(938, 4_661, 578))

    text = peer_report([result], name="generator 1.2", day=date(2026, 3, 2), machine="a machine")

    assert "Measured on 2026-03-02: a machine. Median of the turns" in text
    assert "| 100,000 | ringfence | 3 | 2.00 (2.00–2.00) | 100 | 52 | 701 | 0 |\n" in text
    assert "| 100,000 | generator 1.2 | 3 | 8.00 (7.00–10.00) | 50 | 938 | 4,661 | 578 |\n" in text
    assert "- at 100,000 lines generator 1.2 takes 4.00 (3.50–5.00) times as long\n" in text


@ON_LINUX
def test_both_programs_read_the_same_lines_in_one_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """End to end, with the real command and a stand-in for the peer; both tables reach the page."""
    stands_in(PROGRAM, folder=tmp_path, monkeypatch=monkeypatch)

    code = main(options(tmp_path))

    printed = capsys.readouterr()
    assert code == 0, printed.err
    assert re.search(r"^\| 2,000 \| plain \| 1 \| \d", printed.out, re.MULTILINE)
    assert re.search(
        r"^\| 2,000 \| ringfence \| 1 \| \d.* \| [1-9]\d* \| [1-9]\d* \| \d+ \|$", printed.out, re.MULTILINE
    )
    assert re.search(r"^\| 2,000 \| generator 1\.2 \| 1 \| .* \| 1 \| 1 \| 0 \|$", printed.out, re.MULTILINE)
    page = (tmp_path / "page.md").read_text(encoding="utf-8")
    assert page.index("| plain |") < page.index("begin peer") < page.index("| generator 1.2 |")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["generator", "page.md"]


@ON_LINUX
def test_a_peer_that_makes_nothing_is_no_comparison(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that gave up at once would look fast."""
    told: list[str] = []
    stands_in(NOTHING, folder=tmp_path, monkeypatch=monkeypatch)

    with pytest.raises(CannotMeasureError, match="a program printed no policy"):
        measure_peer(500, turns=1, scratch=tmp_path, tell=told.append)

    assert told[0] == "500 lines of Hubble: writing"


def test_a_peer_that_is_not_installed_is_said_before_anything_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And not after an hour."""
    monkeypatch.setattr(peer_module, "PEER", tmp_path / "absent")

    code = main(options(tmp_path))

    printed = capsys.readouterr()
    assert code == 2
    assert printed.out == ""
    assert "the peer does not start" in printed.err
    assert "make bench BENCH=--peer" in printed.err


def test_the_peer_is_installed_only_when_asked() -> None:
    """Neither the lock of users nor that of developers has it, and what CI runs does not ask for it."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    locks = {name: (ROOT / f"requirements/{name}.txt").read_text(encoding="utf-8") for name in ("run", "dev", "peers")}

    assert [name for name, text in locks.items() if "hubble-audit2policy" in text] == ["peers"]
    assert "$(if $(filter --peer,$(BENCH)),.venv/peers.stamp)" in makefile
    assert "--peer" not in (ROOT / ".ci/run").read_text(encoding="utf-8")
