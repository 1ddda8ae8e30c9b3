"""Measure the whole command beside what DuckDB alone needs for the same lines, and judge both by bars.

``python -m ringfence_lab.bench [--short] [--lines L …] [--forms F …] [--pairs N] [--scratch DIR] [--write PAGE]``

Promises: one seeded world, so more lines are more time and never more workloads; every form holds the same lines.
``ringfence recommend … -o yaml`` and its floors take turns on a warm cache. A ratio is floor / ours within one turn:
1.0 is as fast as the floor. The table goes to standard output and to the page that is named, progress to standard
error. Exit code 1 says that a bar is missed. Flows are deleted after use.
"""

import argparse
import gzip
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import islice
from os import cpu_count, sysconf
from pathlib import Path
from statistics import median
from typing import IO, Final, Literal, get_args

from ringfence_lab.floor import THREADS, Columns
from ringfence_lab.peak_memory import CommandFailedError, Run, run

Form = Literal["plain", "ten-files", "gzip"]

LEAST_RATIO: Final = 0.5
MOST_BYTES: Final = 400_000_000
MOST_GROWTH: Final = 1.2

_FORMS: Final[tuple[Form, ...]] = get_args(Form)
_FLOORS: Final[tuple[Columns, ...]] = get_args(Columns)
_SHORT: Final = 100_000
_REFERENCE: Final = 1_000_000
_LONG: Final = 10_000_000
_SEED: Final = 1
_WARM_UP_LINES: Final = 1_000
_BYTES_PER_LINE: Final = 1_500
_PIECE: Final = 1 << 22
_PART: Final = re.compile(r"(<!-- generated: begin benchmark -->\n).*?(<!-- generated: end benchmark -->)", re.DOTALL)


class CannotMeasureError(Exception):
    """Something that a measurement needs is not there."""


@dataclass(frozen=True, slots=True, order=True)
class Case:
    """What is read: so many lines, in one form."""

    lines: int
    form: Form


@dataclass(frozen=True, slots=True)
class Turn:
    """One run of the command, and the seconds of each floor right after it."""

    ours: Run
    floors: Mapping[Columns, float]

    def ratio(self, columns: Columns) -> float:
        """Return floor / ours."""
        return self.floors[columns] / self.ours.seconds


@dataclass(frozen=True, slots=True)
class Result:
    """The turns of one case."""

    case: Case
    turns: tuple[Turn, ...]

    @property
    def peak_bytes(self) -> int:
        """The highest peak of all turns."""
        return max(turn.ours.peak_bytes for turn in self.turns)

    def ratios(self, columns: Columns) -> list[float]:
        """Return the ratio of each turn."""
        return [turn.ratio(columns) for turn in self.turns]


@dataclass(frozen=True, slots=True)
class Verdict:
    """A bar, and what was found."""

    text: str
    holds: bool


def verdicts(results: Sequence[Result], *, judge_speed: bool) -> Iterator[Verdict]:
    """Judge what was measured by the bars that apply to it."""
    by_case = {result.case: result for result in results}
    reference = by_case.get(Case(_REFERENCE, "plain"))
    if judge_speed and reference:
        ratio = median(reference.ratios("all"))
        yield Verdict(
            f"ratio to the all-column floor at {_REFERENCE:,} lines: {ratio:.2f}, at least {LEAST_RATIO}",
            ratio >= LEAST_RATIO,
        )
    for case, result in by_case.items():
        if case.lines <= _REFERENCE:
            yield Verdict(
                f"peak memory at {case.lines:,} lines, {case.form}: {_megabytes(result.peak_bytes)} MB, "
                f"under {_megabytes(MOST_BYTES)} MB",
                result.peak_bytes < MOST_BYTES,
            )
        elif case.lines == _LONG and reference:
            growth = result.peak_bytes / reference.peak_bytes
            yield Verdict(
                f"peak memory at {_LONG:,} lines, {case.form}: {growth:.2f} times that at {_REFERENCE:,}, "
                f"at most {MOST_GROWTH}",
                growth <= MOST_GROWTH,
            )


def report(results: Sequence[Result], *, judged: Sequence[Verdict], day: date, machine: str) -> str:
    """Return the table with its date, machine and verdicts, as Markdown."""
    rows = "".join(_row(result) for result in results)
    bars = "".join(f"- {'pass' if each.holds else 'FAIL'}: {each.text}\n" for each in judged)
    return (
        f"Measured on {day.isoformat()}: {machine}. Median of the turns (lowest–highest).\n\n"
        "| lines | form | turns | command, s | peak, MB | all columns, s | ratio | eight columns, s | ratio |\n"
        f"|---:|---|---:|---:|---:|---:|---:|---:|---:|\n{rows}\n{bars or '- no bar applies to this part'}"
    ).rstrip("\n") + "\n"


def with_report(page: str, text: str) -> str:
    """Return the page with this report in the place of the last one. Raises CannotMeasureError without such a place."""
    if not _PART.search(page):
        message = (
            "the page has no '<!-- generated: begin benchmark -->' … '<!-- generated: end benchmark -->'; add them"
        )
        raise CannotMeasureError(message)
    return _PART.sub(lambda match: match[1] + text + match[2], page)


def _row(result: Result) -> str:
    floors = [
        cell
        for columns in _FLOORS
        for cell in (_spread([turn.floors[columns] for turn in result.turns]), _spread(result.ratios(columns)))
    ]
    cells = [
        f"{result.case.lines:,}",
        result.case.form,
        str(len(result.turns)),
        _spread([turn.ours.seconds for turn in result.turns]),
        _megabytes(result.peak_bytes),
        *floors,
    ]
    return f"| {' | '.join(cells)} |\n"


def _spread(values: Sequence[float]) -> str:
    return f"{median(values):.2f} ({min(values):.2f}–{max(values):.2f})"


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.0f}"


def write_flows(case: Case, *, folder: Path) -> list[Path]:
    """Write the flows of a case into a folder and return the files. Raises CannotMeasureError without the space."""
    needed = case.lines * _BYTES_PER_LINE
    if shutil.disk_usage(folder).free < needed:
        message = f"{case.lines:,} lines need {needed / 1e9:.1f} GB in '{folder}'; name a larger place with --scratch"
        raise CannotMeasureError(message)
    command = [sys.executable, "-m", "ringfence_lab.stream", "--seed", str(_SEED), "--lines", str(case.lines)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as stream:  # noqa: S603 - our own module
        if stream.stdout is None:
            message = "the generator has no output to read"
            raise CannotMeasureError(message)
        files = _keep(stream.stdout, case=case, folder=folder)
    if stream.returncode != 0:
        message = f"'{' '.join(command)}' exited with {stream.returncode}"
        raise CannotMeasureError(message)
    return files


def _keep(stream: IO[bytes], *, case: Case, folder: Path) -> list[Path]:
    match case.form:
        case "plain":
            files = [folder / "flows.jsonl"]
            with files[0].open("wb") as out:
                shutil.copyfileobj(stream, out, _PIECE)
            return files
        case "ten-files":
            files = [folder / f"flows-{number}.jsonl" for number in range(10)]
            for number, file in enumerate(files):
                share = case.lines * (number + 1) // 10 - case.lines * number // 10
                with file.open("wb") as out:
                    out.writelines(islice(stream, share))
            return files
        case "gzip":
            files = [folder / "flows.jsonl.gz"]
            with gzip.open(files[0], "wb", compresslevel=1) as packed:
                shutil.copyfileobj(stream, packed, _PIECE)
            return files


def measure(case: Case, *, pairs: int, scratch: Path) -> Result:
    """Write the flows of a case, let the command and its floors take turns on them, and delete them."""
    with tempfile.TemporaryDirectory(dir=scratch, prefix="bench-") as place:
        folder = Path(place)
        _tell(f"{case.lines:,} lines, {case.form}: writing")
        files = write_flows(case, folder=folder)
        warm_up = folder / "warm-up.jsonl"
        with gzip.open(files[0]) if case.form == "gzip" else files[0].open("rb") as lines:
            warm_up.write_bytes(b"".join(islice(lines, _WARM_UP_LINES)))
        _warm_cache(files)
        turns: list[Turn] = []
        for number in range(pairs):
            turns.append(_turn(files, warm_up=warm_up, folder=folder))
            _tell(
                f"{case.lines:,} lines, {case.form}: turn {number + 1} of {pairs}, "
                f"{turns[-1].ours.seconds:.2f} s, ratio {turns[-1].ratio('all'):.2f}"
            )
    return Result(case, tuple(turns))


def _turn(files: Sequence[Path], *, warm_up: Path, folder: Path) -> Turn:
    names = [str(file) for file in files]
    output = folder / "output"
    ringfence = str(Path(sys.executable).parent / "ringfence")
    ours = run([ringfence, "recommend", *names, "-o", "yaml"], folder=folder, output=output)
    if not output.stat().st_size:
        message = "'ringfence recommend' printed nothing, so it was not the work that is measured"
        raise CannotMeasureError(message)
    floors: dict[Columns, float] = {}
    for columns in _FLOORS:
        floor = [sys.executable, "-m", "ringfence_lab.floor", "--columns", columns, "--warm-up", str(warm_up), *names]
        run(floor, folder=folder, output=output)
        floors[columns] = float(output.read_text(encoding="ascii"))
    return Turn(ours, floors)


def _warm_cache(files: Sequence[Path]) -> None:
    for file in files:
        with file.open("rb") as read:
            while read.read(_PIECE):
                pass


def machine() -> str:
    """Return what a report says of this machine."""
    try:
        cpu = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.MULTILINE)
    except OSError:
        cpu = None
    memory = sysconf("SC_PAGE_SIZE") * sysconf("SC_PHYS_PAGES") / 1e9
    return f"{cpu[1] if cpu else platform.machine()}, {cpu_count()} cores, {memory:.0f} GB memory"


def _tell(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def _cases(*, short: bool, lines: Sequence[int] | None, forms: Sequence[Form] | None) -> list[Case]:
    if short:
        return [Case(_SHORT, "plain")]
    return [
        Case(count, form)
        for count in lines or (_SHORT, _REFERENCE, _LONG)
        for form in forms or (_FORMS if count == _LONG else _FORMS[:1])
    ]


def _turns(case: Case, *, short: bool) -> int:
    """Return how many turns a row gets by default: a turn at 10M lines takes minutes and is itself an average."""
    return 2 if short else 3 if case.lines >= _LONG else 5


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ringfence_lab.bench", description=f"Measure ringfence beside DuckDB alone on {THREADS} threads."
    )
    parser.add_argument("--short", action="store_true", help="100,000 lines, two turns, no bar on speed")
    parser.add_argument("--lines", type=int, nargs="+", help="how many lines (100000 1000000 10000000)")
    parser.add_argument("--forms", choices=_FORMS, nargs="+", help="how they are kept (plain; at 10000000 all)")
    parser.add_argument("--pairs", type=int, help="turns for each row (5; 3 at 10000000 lines)")
    parser.add_argument("--scratch", type=Path, help="where flows are written (the temporary directory)")
    parser.add_argument("--date", type=date.fromisoformat, help="the date that the report names (today)")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="also write the report into this page")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = _parser()
    given = parser.parse_args(arguments)
    if given.short and (given.lines or given.forms):
        parser.error("--short says what is measured; leave out --lines and --forms")
    if given.pairs is not None and given.pairs < 1:
        parser.error(f"--pairs {given.pairs} measures nothing; give 1 or more")
    scratch: Path = given.scratch or Path(tempfile.gettempdir())
    try:
        results = [
            measure(case, pairs=given.pairs or _turns(case, short=given.short), scratch=scratch)
            for case in _cases(short=given.short, lines=given.lines, forms=given.forms)
        ]
        judged = list(verdicts(results, judge_speed=not given.short))
        day: date = given.date or datetime.now(UTC).date()
        text = report(results, judged=judged, day=day, machine=machine())
        sys.stdout.write(text)
        if given.write:
            page = given.write.read_text(encoding="utf-8")
            given.write.write_text(with_report(page, text), encoding="utf-8")
    except (CannotMeasureError, CommandFailedError, OSError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    return 0 if all(each.holds for each in judged) else 1


if __name__ == "__main__":
    sys.exit(main())
