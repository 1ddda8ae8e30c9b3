"""The benchmark measures what it says, and its bars can be missed."""

import gzip
import json
import re
import sys
from datetime import date
from pathlib import Path
from typing import Final

import duckdb
import pytest

from ringfence_lab.bench import main
from ringfence_lab.bench_flows import CannotMeasureError, Case, Form, listening_ports, write_flows
from ringfence_lab.bench_page import with_report
from ringfence_lab.bench_report import Result, Turn, report, verdicts
from ringfence_lab.floor import Columns, grouping, scan
from ringfence_lab.peak_memory import CommandFailedError, Run, run
from tests.architecture.repository import ROOT

LINES: Final = 1_003
MEGABYTE: Final = 1_000_000
ON_LINUX: Final = pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")


def result(lines: int, *, form: Form = "plain", ratio: float = 1.0, peak: int = 100 * MEGABYTE) -> Result:
    """Return a result of three turns, of which the middle one has this ratio."""
    turns = [Turn(Run(1.0, peak), {"all": ratio * factor, "eight": 0.1}) for factor in (0.5, 1.0, 2.0)]
    return Result(Case(lines, form), tuple(turns))


def misses(*results: Result, judge_speed: bool = True) -> int:
    """Return how many bars are missed."""
    return sum(not each.holds for each in verdicts(results, judge_speed=judge_speed))


@pytest.mark.parametrize(("ratio", "missed"), [(0.5, 0), (0.499, 1)])
def test_half_the_speed_of_the_floor_is_enough(ratio: float, missed: int) -> None:
    """By the median, so that one slow turn decides nothing."""
    assert misses(result(1_000_000, ratio=ratio)) == missed


def test_a_shared_machine_is_not_judged_by_its_speed() -> None:
    """CI runs beside others; memory is its own."""
    slow = result(1_000_000, ratio=0.01)
    large = result(100_000, peak=400 * MEGABYTE)

    assert misses(slow, judge_speed=False) == 0
    assert misses(large, judge_speed=False) == 1


@pytest.mark.parametrize(("peak", "missed"), [(120, 0), (121, 1)])
@pytest.mark.parametrize("form", ["plain", "ten-files", "gzip"])
def test_ten_times_longer_is_not_larger(form: Form, peak: int, missed: int) -> None:
    """Memory follows the world and not its log, in whatever form."""
    long = result(10_000_000, form=form, peak=peak * MEGABYTE)

    assert misses(result(1_000_000), long) == missed


def test_a_report_names_date_machine_spread_and_verdict() -> None:
    """What a reader needs to trust or to repeat it."""
    measured = [result(1_000_000, ratio=0.25)]

    text = report(
        measured,
        judged=list(verdicts(measured, judge_speed=True)),
        day=date(2026, 3, 2),
        machine="a machine",
    )

    assert "Measured on 2026-03-02: a machine. Median of the turns" in text
    row = "| 1,000,000 | plain | 3 | 1.00 (1.00–1.00) | 100 | 0.25 (0.12–0.50) | 0.25 (0.12–0.50) | 0.10 (0.10–0.10) | "
    assert row in text
    assert "- FAIL: ratio to the all-column floor at 1,000,000 lines: 0.25, at least 0.5\n" in text
    assert "- pass: peak memory" in text


def test_a_report_replaces_the_last_one_only() -> None:
    """The page around it is written by people."""
    page = "# Title\n<!-- generated: begin benchmark -->\nold\n<!-- generated: end benchmark -->\nText.\n"

    written = with_report(page, "new\n", name="benchmark")

    assert written == page.replace("old", "new")
    with pytest.raises(CannotMeasureError, match="generated: begin benchmark"):
        with_report("# Title\n", "new\n", name="benchmark")


def test_every_form_holds_the_same_lines(tmp_path: Path) -> None:
    """Otherwise their times could not be compared."""
    texts: dict[Form, bytes] = {}
    forms: tuple[Form, ...] = ("plain", "ten-files", "gzip")
    for form in forms:
        folder = tmp_path / form
        folder.mkdir()
        files = write_flows(Case(LINES, form), folder=folder)
        contents = [gzip.decompress(file.read_bytes()) if form == "gzip" else file.read_bytes() for file in files]
        texts[form] = b"".join(contents)
        assert all(contents)

    assert texts["plain"].count(b"\n") == LINES
    assert texts["ten-files"] == texts["gzip"] == texts["plain"]


def test_a_port_that_is_opened_for_one_transfer_is_not_listened_on() -> None:
    """Databases and gRPC servers keep theirs open; the data ports of a passive server come and go."""
    ports = listening_ports()

    assert {5432, 50_051} <= ports
    assert not ports & set(range(40_000, 41_000))


@pytest.mark.parametrize("columns", ["all", "eight"])
def test_a_floor_groups_all_lines(columns: Columns, tmp_path: Path) -> None:
    """Each group is a different key, and each line is in one of them."""
    (file,) = write_flows(Case(LINES, "plain"), folder=tmp_path)
    with duckdb.connect() as connection:
        lines = scan([file], columns=columns, connection=connection)
        groups = connection.execute(grouping(columns), [[str(file)]])
        names = [column[0] for column in groups.description or []]
        rows = groups.fetchall()

    assert lines == sum(row[-1] for row in rows) == LINES
    keys = names[: names.index("dest_port") + 1]
    assert len(keys) == {"all": 22, "eight": 8}[columns]
    written = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert len(rows) == len({json.dumps([line[key] for key in keys]) for line in written})


@ON_LINUX
def test_memory_of_a_child_counts(tmp_path: Path) -> None:
    """An engine that forks cannot hide what it holds."""
    holds = "import time; kept = bytearray(b'x') * 200_000_000; time.sleep(0.2)"
    forks = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {holds!r}], check=True)"

    measured = run([sys.executable, "-c", forks], folder=tmp_path, output=tmp_path / "output")

    assert measured.peak_bytes > 200 * MEGABYTE
    assert measured.seconds > 0.2


@ON_LINUX
def test_a_command_that_fails_is_no_measurement(tmp_path: Path) -> None:
    """What it said is shown."""
    with pytest.raises(CommandFailedError, match="exited with 3:\nno flows"):
        run(
            [sys.executable, "-c", "import sys; sys.stderr.write('no flows'); sys.exit(3)"],
            folder=tmp_path,
            output=tmp_path / "output",
        )


@ON_LINUX
def test_a_part_is_measured_and_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """End to end, with the real command; nothing is left behind."""
    page = tmp_path / "page.md"
    page.write_text("<!-- generated: begin benchmark -->\n<!-- generated: end benchmark -->\n", encoding="utf-8")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    options = ["--lines", "2000", "--forms", "gzip", "--pairs", "1", "--date", "2026-03-02"]

    code = main([*options, "--scratch", str(scratch), "--write", str(page)])

    printed = capsys.readouterr()
    assert code == 0, printed.err
    assert re.search(r"^\| 2,000 \| gzip \| 1 \| \d+\.\d\d \(", printed.out, re.MULTILINE)
    assert printed.out in page.read_text(encoding="utf-8")
    assert "turn 1 of 1" in printed.err
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize("name", ["benchmark", "peer"])
def test_the_page_has_a_place_for_each_report(name: str) -> None:
    """``--write docs/benchmark.md`` finds it."""
    page = (ROOT / "docs/benchmark.md").read_text(encoding="utf-8")

    assert with_report(page, "new\n", name=name) != page
