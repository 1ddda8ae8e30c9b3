"""Measure the whole command beside what DuckDB alone needs for the same file.

Promises: ours and the floors run in alternating order in one run; a ratio is floor / ours (1.0 is as fast as the
floor),
the median of the pairs with its spread; memory is the largest sum of resident sets over the process tree, sampled every
20 ms. The table goes to standard output, or into a page between its markers. Exit 1 when a bar of the full form is
missed.
"""

import argparse
import gzip
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Final

BEGIN: Final = "<!-- generated: begin bench -->"
END: Final = "<!-- generated: end bench -->"
SPEED_BAR: Final = 0.5
MEMORY_BAR: Final = 400
MEMORY_GROWTH: Final = 1.2
_MILLION: Final = 1_000_000
_SAMPLE_SECONDS: Final = 0.02
_MEBIBYTE: Final = 1024 * 1024
_TITLES: Final = "| input | lines | pairs | seconds | of the all-column floor | of the eight-column floor | peak MiB |"


@dataclass(frozen=True, slots=True)
class Measured:
    """One input's row: seconds of ours, ratios to both floors, and the peak of memory in MiB."""

    form: str
    lines: int
    seconds: tuple[float, ...]
    of_all: tuple[float, ...]
    of_eight: tuple[float, ...]
    peak: int


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark."""
    given = _parser().parse_args(arguments)
    if given.short:
        given.lines, given.forms, given.pairs = [100_000], ["plain"], 2
    rows: list[Measured] = []
    with tempfile.TemporaryDirectory(dir=given.scratch) as scratch:
        for lines in given.lines:
            for form in given.forms if lines == max(given.lines) else ("plain",):
                rows.append(_measure(Path(scratch), form=form, lines=lines, pairs=given.pairs))
                sys.stderr.write(_row(rows[-1]) + "\n")
    table = _table(rows, date=given.date)
    sys.stdout.write(table)
    if given.write is not None:
        page = given.write.read_text(encoding="utf-8")
        before, after = page.split(BEGIN)[0], page.split(END)[1]
        given.write.write_text(f"{before}{BEGIN}\n{table}{END}{after}", encoding="utf-8")
    missed = _missed(rows, speed=not given.short)
    sys.stdout.write("".join(f"missed: {bar}\n" for bar in missed) or "every bar is met\n")
    return 1 if missed else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--lines", type=int, nargs="+", default=[100_000, 1_000_000, 10_000_000])
    parser.add_argument("--forms", nargs="+", default=["plain", "ten", "gzip"], choices=["plain", "ten", "gzip"])
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--date", default=datetime.now(tz=UTC).date().isoformat())
    parser.add_argument("--scratch", type=Path, help="where to make the files; 10M lines need 30 GB")
    parser.add_argument("--write", type=Path, help="a page to write the table into")
    parser.add_argument("--short", action="store_true", help="100k lines, two pairs, no bar on speed")
    return parser


def _measure(scratch: Path, *, form: str, lines: int, pairs: int) -> Measured:
    files = _files(scratch, form=form, lines=lines)
    floors: dict[str, list[float]] = {"all": [], "eight": []}
    seconds: list[float] = []
    peak = 0
    for _ in range(pairs):
        took, memory = _ours(files)
        seconds.append(took)
        peak = max(peak, memory)
        for columns, found in floors.items():
            found.append(_floor(columns, files))
    for file in files:
        file.unlink()
    of_all = tuple(floor / ours for floor, ours in zip(floors["all"], seconds, strict=True))
    of_eight = tuple(floor / ours for floor, ours in zip(floors["eight"], seconds, strict=True))
    return Measured(form, lines, tuple(seconds), of_all, of_eight, peak // _MEBIBYTE)


def _files(scratch: Path, *, form: str, lines: int) -> list[Path]:
    """Make the world's lines as one file, ten files or one gzip."""
    whole = scratch / "flows.jsonl"
    subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "ringfence_lab.stream", "--seed", "1", "--lines", str(lines), "--out", str(whole)],
        check=True,
    )
    if form == "gzip":
        packed = scratch / "flows.jsonl.gz"
        with whole.open("rb") as plain, gzip.open(packed, "wb", compresslevel=1) as out:
            shutil.copyfileobj(plain, out, _MEBIBYTE)
        whole.unlink()
        return [packed]
    if form == "ten":
        subprocess.run(  # noqa: S603
            ["split", "-n", "l/10", "-d", str(whole), str(scratch / "part-")],  # noqa: S607 - coreutils
            check=True,
        )
        whole.unlink()
        return sorted(scratch.glob("part-*"))
    return [whole]


def _floor(columns: str, files: Sequence[Path]) -> float:
    command = [sys.executable, "-m", "ringfence_lab.floor", columns, *map(str, files)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)  # noqa: S603


def _ours(files: Sequence[Path]) -> tuple[float, int]:
    """Return the seconds of the whole command, YAML included, and the peak of its process tree in bytes."""
    program = Path(sys.executable).with_name("ringfence")
    began = time.perf_counter()
    command = [str(program), "recommend", *map(str, files), "-o", "yaml"]
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603
    peak = 0
    while child.poll() is None:
        peak = max(peak, _resident(child.pid))
        time.sleep(_SAMPLE_SECONDS)
    took = time.perf_counter() - began
    if child.returncode != 0:
        raise SystemExit(f"{' '.join(command)} failed with {child.returncode}")
    return took, peak


def _resident(process: int) -> int:
    """Return the resident bytes of a process and its descendants."""
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1])
        children = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii").split()
    except (OSError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE") + sum(_resident(int(child)) for child in children)


def _row(row: Measured) -> str:
    return (
        f"| {row.form} | {row.lines:,} | {len(row.seconds)} | {_spread(row.seconds)} | {_spread(row.of_all)} "
        f"| {_spread(row.of_eight)} | {row.peak} |"
    )


def _spread(values: Sequence[float]) -> str:
    return f"{median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


def _table(rows: Sequence[Measured], *, date: str) -> str:
    lines = [f"Measured on {date}, {os.cpu_count()} cores; median of alternating pairs and spread.", "", _TITLES]
    lines += ["|---|---|---|---|---|---|---|", *(_row(row) for row in rows), ""]
    return "\n".join(lines) + "\n"


def _missed(rows: Sequence[Measured], *, speed: bool) -> list[str]:
    """Return the bars that the rows miss."""
    missed = [f"{row.lines:,} lines, {row.form}: {row.peak} MiB" for row in rows if row.peak >= MEMORY_BAR]
    million = next((row for row in rows if row.lines == _MILLION), None)
    if million is None:
        return missed
    if speed and median(million.of_all) < SPEED_BAR:
        missed.append(f"1M lines at {median(million.of_all):.2f} of the all-column floor, {SPEED_BAR} wanted")
    larger = [row for row in rows if row.lines > million.lines and row.peak > MEMORY_GROWTH * million.peak]
    return missed + [f"{row.lines:,} lines, {row.form}: more memory than 1M lines need" for row in larger]


if __name__ == "__main__":
    sys.exit(main())
