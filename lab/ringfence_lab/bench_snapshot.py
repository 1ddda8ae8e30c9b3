"""Measure the command with a snapshot of the flows' cluster, and what reading that snapshot takes of it.

Promises: what a snapshot costs by itself is the difference between two runs on one line, with it and without it: time
and memory of reading, indexing and resolving. A ratio is floor / (command less that time) within one turn, and the bar
of memory allows that memory beside its own. Python's start stays on our side of the ratio.
"""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Final

from ringfence_lab.bench_cluster import write_snapshot
from ringfence_lab.bench_flows import SEED, SIZE, WARM_UP_LINES, Case, warm_cache, write_flows
from ringfence_lab.bench_page import megabytes, spread
from ringfence_lab.bench_report import MOST_BYTES, REFERENCE, Verdict
from ringfence_lab.bench_runs import floor_seconds, recommend
from ringfence_lab.peak_memory import Run

LEAST_RATIO: Final = 0.25


@dataclass(frozen=True, slots=True)
class ClusterSize:
    """How large a snapshot is. There are no fewer pods than the flows' world has."""

    pods: int
    policies: int


WHOLE: Final = ClusterSize(10_000, 200)
SMALL: Final = ClusterSize(2_500, 20)
"""What is measured, and what CI measures."""


@dataclass(frozen=True, slots=True)
class SnapshotTurn:
    """One run with the snapshot, two runs on one line that tell what the snapshot costs, and the floor's seconds."""

    ours: Run
    line_with: Run
    line_without: Run
    floor: float

    @property
    def reading(self) -> float:
        """The seconds that the snapshot itself takes."""
        return self.line_with.seconds - self.line_without.seconds

    @property
    def inventory_bytes(self) -> int:
        """The memory that the snapshot itself takes."""
        return max(0, self.line_with.peak_bytes - self.line_without.peak_bytes)

    @property
    def ratio(self) -> float:
        """Floor / (ours less reading the snapshot)."""
        return self.floor / (self.ours.seconds - self.reading)


@dataclass(frozen=True, slots=True)
class SnapshotResult:
    """The turns of one case."""

    lines: int
    cluster: ClusterSize
    turns: tuple[SnapshotTurn, ...]

    @property
    def peak_bytes(self) -> int:
        """The highest peak of all turns."""
        return max(turn.ours.peak_bytes for turn in self.turns)

    @property
    def own_bytes(self) -> int:
        """The highest peak of all turns beside the inventory's memory."""
        return max(turn.ours.peak_bytes - turn.inventory_bytes for turn in self.turns)


def measure_snapshot(
    lines: int, cluster: ClusterSize, *, turns: int, scratch: Path, tell: Callable[[str], None]
) -> SnapshotResult:
    """Write flows and snapshot, let the command and the floor take turns on them, and delete both."""
    with tempfile.TemporaryDirectory(dir=scratch, prefix="bench-") as place:
        folder = Path(place)
        tell(f"{lines:,} lines with a snapshot of {cluster.pods:,} pods: writing")
        flows = write_flows(Case(lines, "plain"), folder=folder)
        snapshot = folder / "snapshot"
        write_snapshot(snapshot, seed=SEED, size=SIZE, lines=lines, pods=cluster.pods, policies=cluster.policies)
        line, warm_up = folder / "line.jsonl", folder / "warm-up.jsonl"
        with flows[0].open("rb") as every:
            first = list(islice(every, WARM_UP_LINES))
        line.write_bytes(first[0])
        warm_up.write_bytes(b"".join(first))
        warm_cache([*flows, *snapshot.iterdir()])
        taken: list[SnapshotTurn] = []
        for number in range(turns):
            taken.append(
                SnapshotTurn(
                    recommend(flows, folder=folder, snapshot=snapshot),
                    recommend([line], folder=folder, snapshot=snapshot),
                    recommend([line], folder=folder),
                    floor_seconds(flows, columns="all", warm_up=warm_up, folder=folder),
                )
            )
            tell(
                f"{lines:,} lines with a snapshot: turn {number + 1} of {turns}, {taken[-1].ours.seconds:.2f} s, "
                f"of that the snapshot {taken[-1].reading:.2f} s, ratio {taken[-1].ratio:.2f}"
            )
    return SnapshotResult(lines, cluster, tuple(taken))


def snapshot_verdicts(results: Sequence[SnapshotResult], *, judge_speed: bool) -> Iterator[Verdict]:
    """Judge what was measured by the bars that apply to it."""
    for result in results:
        if judge_speed and result.lines == REFERENCE:
            ratio = median(turn.ratio for turn in result.turns)
            yield Verdict(
                f"ratio to the all-column floor at {result.lines:,} lines with a snapshot, reading it taken off: "
                f"{ratio:.2f}, at least {LEAST_RATIO}",
                ratio >= LEAST_RATIO,
            )
        yield Verdict(
            f"peak memory at {result.lines:,} lines with a snapshot, the inventory's taken off: "
            f"{megabytes(result.own_bytes)} MB, under {megabytes(MOST_BYTES)} MB",
            result.own_bytes < MOST_BYTES,
        )


def snapshot_table(results: Sequence[SnapshotResult]) -> str:
    """Return the table, as Markdown; nothing where nothing was measured."""
    if not results:
        return ""
    return (
        "| lines | pods | policies | turns | command, s | of that the snapshot, s "
        "| peak, MB | of that the inventory, MB | all columns, s | ratio |\n"
        f"|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n{''.join(_row(result) for result in results)}\n"
    )


def _row(result: SnapshotResult) -> str:
    turns = result.turns
    cells = [
        f"{result.lines:,}",
        f"{result.cluster.pods:,}",
        str(result.cluster.policies),
        str(len(turns)),
        spread([turn.ours.seconds for turn in turns]),
        spread([turn.reading for turn in turns]),
        megabytes(result.peak_bytes),
        megabytes(max(turn.inventory_bytes for turn in turns)),
        spread([turn.floor for turn in turns]),
        spread([turn.ratio for turn in turns]),
    ]
    return f"| {' | '.join(cells)} |\n"
