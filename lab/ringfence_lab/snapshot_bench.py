"""Measure what it costs to answer one question about a large snapshot.

``python -m ringfence_lab.snapshot_bench [--pods N] [--turns T] [--scratch DIR] [--date DATE] [--write PAGE]``

Promises: the whole command is timed, from starting Python to the last byte of its answer, so reading and indexing the
snapshot are in it; memory is the resident set of its process tree. A missed bar makes the exit code 1.
"""

import argparse
import re
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from statistics import median
from typing import Final

from ringfence_lab.dump import write
from ringfence_lab.machine import machine
from ringfence_lab.peak_memory import CommandFailedError, Run, run

MOST_SECONDS: Final = 10.0
MOST_BYTES: Final = 1_000_000_000
_PART: Final = re.compile(r"(<!-- generated: begin snapshot -->\n).*?(<!-- generated: end snapshot -->)", re.DOTALL)
_FORMS: Final = ("json", "yaml")


def measure(form: str, *, pods: int, turns: int, scratch: Path) -> tuple[int, list[Run]]:
    """Return the size of a dump in bytes, and what each turn took."""
    with tempfile.TemporaryDirectory(dir=scratch, prefix="snapshot-") as place:
        folder = Path(place)
        write(folder / "dump", pods=pods, form=form, seed=1)
        size = sum(file.stat().st_size for file in (folder / "dump").iterdir())
        command = [
            str(Path(sys.executable).parent / "ringfence"),
            "explain",
            "team-000/app-0",
            "team-000/app-1:8080/tcp",
            "--snapshot",
            "dump",
            "-o",
            "json",
        ]
        return size, [run(command, folder=folder, output=folder / "answer") for _ in range(turns)]


def report(measured: Sequence[tuple[str, int, Sequence[Run]]], *, pods: int, day: date, on: str) -> str:
    """Return the table with its date and machine, as Markdown."""
    rows = "".join(
        f"| {form} | {size / 1e6:.0f} | {len(turns)} | {median(turn.seconds for turn in turns):.1f} "
        f"({min(turn.seconds for turn in turns):.1f}–{max(turn.seconds for turn in turns):.1f}) "
        f"| {max(turn.peak_bytes for turn in turns) / 1e6:.0f} |\n"
        for form, size, turns in measured
    )
    return (
        f"Measured on {day.isoformat()}: {on}. {pods:,} pods; median of the turns (lowest–highest).\n\n"
        f"| format | size, MB | turns | seconds | peak, MB |\n|---|---:|---:|---:|---:|\n{rows}"
    )


def holds(turns: Sequence[Run]) -> bool:
    """Say whether the bars are held: the median in time, every turn in memory."""
    return median(turn.seconds for turn in turns) < MOST_SECONDS and all(turn.peak_bytes < MOST_BYTES for turn in turns)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ringfence_lab.snapshot_bench", description="Measure a large snapshot.")
    parser.add_argument("--pods", type=int, default=10_000, help="how many pods (10000)")
    parser.add_argument("--turns", type=int, default=3, help="how often each format is read (3)")
    parser.add_argument("--scratch", type=Path, default=Path(tempfile.gettempdir()), help="where dumps are written")
    parser.add_argument("--date", type=date.fromisoformat, help="the date that the report names (today)")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="also write the report into this page")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    given = _parser().parse_args(arguments)
    try:
        measured = [
            (form, *measure(form, pods=given.pods, turns=given.turns, scratch=given.scratch)) for form in _FORMS
        ]
    except (CommandFailedError, OSError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    day: date = given.date or datetime.now(UTC).date()
    text = report(measured, pods=given.pods, day=day, on=machine())
    sys.stdout.write(text)
    if given.write is not None:
        page = given.write.read_text(encoding="utf-8")
        given.write.write_text(_PART.sub(lambda match: match[1] + text + match[2], page), encoding="utf-8")
    return 0 if all(holds(turns) for _, _, turns in measured) else 1


if __name__ == "__main__":
    sys.exit(main())
