"""Make a world: flow logs by day, and the truth about them.

``python -m ringfence_lab.world OUT --seed N --size S --days D --learn-days K --format F [--lines-per-day N]``

Promises: ``OUT/flows/day-NN.jsonl`` for each day and ``OUT/truth.json`` (its shape: `truth`), the same bytes for the
same arguments. The number of lines a day is a wish that schedules and seldom edges may exceed (`pace`).
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ringfence_lab.clock import DEFAULT_START, Clock
from ringfence_lab.draw import draw_blueprint
from ringfence_lab.moment import unix_seconds
from ringfence_lab.pace import pace_for
from ringfence_lab.simulation import Simulation
from ringfence_lab.standing import FORMATS, Format
from ringfence_lab.truth import Story, truth_document


@dataclass(frozen=True, slots=True)
class WorldRequest:
    """What world to make. ``learn_days``: days before this one are the learning part."""

    seed: int
    size: int
    days: int
    learn_days: int
    log_format: Format
    lines_per_day: int
    clock: Clock


def write_world(out: Path, *, request: WorldRequest) -> None:
    """Write a world's flow logs and truth under ``out``, which is made if it is missing."""
    blueprint = draw_blueprint(seed=request.seed, size=request.size)
    clock = request.clock
    pace = pace_for(blueprint, lines_per_day=request.lines_per_day, windows_per_day=clock.windows_per_day)
    simulation = Simulation(blueprint, seed=request.seed, clock=clock, log_format=request.log_format, pace=pace)
    (out / "flows").mkdir(parents=True, exist_ok=True)
    for day in range(request.days):
        with (out / "flows" / f"day-{day:02d}.jsonl").open("wb") as lines:
            for _ in range(clock.windows_per_day):
                lines.write(b"".join(simulation.next_window()))
    story = Story(request.seed, request.size, request.days, request.learn_days, request.log_format, clock.start)
    truth = truth_document(blueprint, simulation.seen, story=story)
    (out / "truth.json").write_text(json.dumps(truth, separators=(",", ":")) + "\n", encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(prog="ringfence_lab.world", description="Make a world of flow logs and its truth.")
    parser.add_argument("out", type=Path, help="folder to write to")
    parser.add_argument("--seed", type=int, required=True, help="which world")
    parser.add_argument("--size", type=int, required=True, help="application namespaces, about 20 workloads each")
    parser.add_argument("--days", type=int, required=True, help="days of traffic")
    parser.add_argument("--learn-days", type=int, required=True, help="how many of them are for learning")
    parser.add_argument("--format", choices=FORMATS, required=True, help="how much the lines show")
    parser.add_argument("--lines-per-day", type=int, default=40_000, help="about how many lines a day (40000)")
    parser.add_argument("--start", default=DEFAULT_START, help=f"first midnight ({DEFAULT_START})")
    parser.add_argument("--flush-seconds", type=int, default=300, help="length of a window (300)")
    given = parser.parse_args(arguments)
    if not 0 <= given.learn_days <= given.days:
        parser.error(f"--learn-days {given.learn_days} is not between 0 and --days {given.days}")
    try:
        clock = Clock(unix_seconds(given.start), given.flush_seconds)
        request = WorldRequest(
            seed=given.seed,
            size=given.size,
            days=given.days,
            learn_days=given.learn_days,
            log_format=given.format,
            lines_per_day=given.lines_per_day,
            clock=clock,
        )
        write_world(given.out, request=request)
    except ValueError as error:
        parser.error(str(error))
    return 0


if __name__ == "__main__":
    sys.exit(main())
