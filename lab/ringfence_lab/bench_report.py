"""What was measured of the command beside its floors: the turns, the bars that judge them, and the table.

Promises: a ratio is floor / ours within one turn: 1.0 is as fast as the floor. Every number of several turns is shown
with its spread. Leaves the page that holds the table to `bench_page`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import Final, get_args

from ringfence_lab.bench_flows import Case
from ringfence_lab.bench_page import megabytes, spread
from ringfence_lab.floor import Columns
from ringfence_lab.peak_memory import Run

LEAST_RATIO: Final = 0.5
MOST_BYTES: Final = 400_000_000
MOST_GROWTH: Final = 1.2
REFERENCE: Final = 1_000_000
LONG: Final = 10_000_000
FLOORS: Final[tuple[Columns, ...]] = get_args(Columns)


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
    reference = by_case.get(Case(REFERENCE, "plain"))
    if judge_speed and reference:
        ratio = median(reference.ratios("all"))
        yield Verdict(
            f"ratio to the all-column floor at {REFERENCE:,} lines: {ratio:.2f}, at least {LEAST_RATIO}",
            ratio >= LEAST_RATIO,
        )
    for case, result in by_case.items():
        if case.lines <= REFERENCE:
            yield Verdict(
                f"peak memory at {case.lines:,} lines, {case.form}: {megabytes(result.peak_bytes)} MB, "
                f"under {megabytes(MOST_BYTES)} MB",
                result.peak_bytes < MOST_BYTES,
            )
        elif case.lines == LONG and reference:
            growth = result.peak_bytes / reference.peak_bytes
            yield Verdict(
                f"peak memory at {LONG:,} lines, {case.form}: {growth:.2f} times that at {REFERENCE:,}, "
                f"at most {MOST_GROWTH}",
                growth <= MOST_GROWTH,
            )


def report(
    results: Sequence[Result], *, judged: Sequence[Verdict], day: date, machine: str, with_snapshot: str = ""
) -> str:
    """Return the tables with their date, machine and verdicts, as Markdown; ``with_snapshot`` is the second table."""
    rows = "".join(_row(result) for result in results)
    bars = "".join(f"- {'pass' if each.holds else 'FAIL'}: {each.text}\n" for each in judged)
    return (
        f"Measured on {day.isoformat()}: {machine}. Median of the turns (lowest–highest).\n\n"
        "| lines | form | turns | command, s | peak, MB | all columns, s | ratio | eight columns, s | ratio |\n"
        f"|---:|---|---:|---:|---:|---:|---:|---:|---:|\n{rows}\n"
        f"{with_snapshot}{bars or '- no bar applies to this part'}"
    ).rstrip("\n") + "\n"


def _row(result: Result) -> str:
    floors = [
        cell
        for columns in FLOORS
        for cell in (spread([turn.floors[columns] for turn in result.turns]), spread(result.ratios(columns)))
    ]
    cells = [
        f"{result.case.lines:,}",
        result.case.form,
        str(len(result.turns)),
        spread([turn.ours.seconds for turn in result.turns]),
        megabytes(result.peak_bytes),
        *floors,
    ]
    return f"| {' | '.join(cells)} |\n"
