"""Make a world: flow logs by day, the objects of its cluster, and the truth about both.

``python -m ringfence_lab.world OUT --seed N --size S --days D --learn-days K --format F [--lines-per-day N]``

Promises: ``OUT/flows/day-NN.*`` for each day, ``OUT/cluster/*.yaml`` as ``kubectl get -o yaml`` prints them at the end,
and ``OUT/truth.json`` (its shape: `truth`), the same bytes for the same arguments. The number of lines a day is a wish
that schedules and seldom edges may exceed (`pace`). Memory is that of one window, whatever the number of days.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from ringfence_lab.clock import DEFAULT_START, Clock
from ringfence_lab.cluster_objects import write_cluster
from ringfence_lab.defects import Defects, counts_written
from ringfence_lab.formats import FORMAT_NAMES, FormatName, flow_format
from ringfence_lab.formats.line import FlowFormat
from ringfence_lab.landscape import SIZES, Landscape, draw_landscape
from ringfence_lab.moment import unix_seconds
from ringfence_lab.pace import pace_for
from ringfence_lab.simulation import Simulation
from ringfence_lab.truth import Capture, Story, truth_document


@dataclass(frozen=True, slots=True)
class WorldRequest:
    """What world to make. ``learn_days``: days before this one are the learning part."""

    seed: int
    size: int
    days: int
    learn_days: int
    log_format: FormatName
    lines_per_day: int
    clock: Clock
    aggregation: Literal[1, 2] = 2
    with_attacks: bool = True
    with_defects: bool = True


def write_world(out: Path, *, request: WorldRequest) -> None:
    """Write a world's flow logs, cluster and truth under ``out``, which is made if it is missing."""
    clock = request.clock
    landscape = draw_landscape(
        seed=request.seed,
        size=request.size,
        days=request.days,
        learn_days=request.learn_days,
        with_attacks=request.with_attacks,
    )
    blueprint = landscape.blueprint
    pace = pace_for(blueprint, lines_per_day=request.lines_per_day, windows_per_day=clock.windows_per_day)
    simulation = Simulation(
        blueprint,
        seed=request.seed,
        clock=clock,
        log_format="everything",
        pace=pace,
        policies=landscape.policies,
        loses_lines=request.with_defects,
    )
    form = flow_format(request.log_format, aggregation=request.aggregation)
    defects = None
    if request.with_defects:
        defects = Defects(form, seed=request.seed, clock=clock, days=request.days, nodes=blueprint.nodes)
    (out / "flows").mkdir(parents=True, exist_ok=True)
    for day in range(request.days):
        _write_day(out / "flows" / f"day-{day:02d}{form.suffix}", simulation, form, defects, clock=clock, day=day)
    recycled = write_cluster(out / "cluster", landscape=landscape, standing=simulation.standing, clock=clock)
    _write_truth(out, landscape, simulation, defects, request=request, recycled=recycled)


def _write_day(
    path: Path, simulation: Simulation, form: FlowFormat, defects: Defects | None, *, clock: Clock, day: int
) -> None:
    empty = True
    with path.open("wb") as file:
        file.write(form.prologue)
        for place in range(clock.windows_per_day):
            records = [msgspec.json.decode(line) for line in b"".join(simulation.next_window()).splitlines()]
            if defects is None:
                written = [form.encode(line) for line in form.lines(records)]
            else:
                lines = form.lines(defects.replies(records))
                written = defects.apply(day * clock.windows_per_day + place, lines)
            if written:
                file.write((b"" if empty else form.separator) + form.separator.join(written))
                empty = False
        file.write(form.epilogue)


def _write_truth(
    out: Path,
    landscape: Landscape,
    simulation: Simulation,
    defects: Defects | None,
    *,
    request: WorldRequest,
    recycled: int,
) -> None:
    form = flow_format(request.log_format, aggregation=request.aggregation)
    counts = {} if defects is None else counts_written(defects.counts, missing=simulation.lost)
    capture = Capture(
        counts | {"recycledAddresses": recycled}, None if defects is None else defects.skew, form.shows_addresses
    )
    story = Story(request.seed, request.size, request.days, request.learn_days, request.log_format, request.clock.start)
    truth = truth_document(landscape, simulation.seen, story=story, capture=capture)
    (out / "truth.json").write_text(json.dumps(truth, separators=(",", ":")) + "\n", encoding="utf-8")


def _size(text: str) -> int:
    return SIZES[text] if text in SIZES else int(text)


def _parser() -> argparse.ArgumentParser:
    sizes = ", ".join(f"{name} = {count}" for name, count in SIZES.items())
    parser = argparse.ArgumentParser(prog="ringfence_lab.world", description="Make a world of flow logs and its truth.")
    parser.add_argument("out", type=Path, help="folder to write to")
    parser.add_argument("--seed", type=int, required=True, help="which world")
    parser.add_argument(
        "--size",
        type=_size,
        required=True,
        help=f"application namespaces, about 20 workloads each, or a word: {sizes}",
    )
    parser.add_argument("--days", type=int, required=True, help="days of traffic")
    parser.add_argument("--learn-days", type=int, required=True, help="how many of them are for learning")
    parser.add_argument("--format", choices=FORMAT_NAMES, required=True, help="which source writes the lines")
    parser.add_argument(
        "--aggregation",
        type=int,
        choices=(1, 2),
        default=2,
        help="Calico's for allowed traffic: 1 shows pods and addresses, 2 hides them (2)",
    )
    parser.add_argument("--lines-per-day", type=int, default=40_000, help="about how many lines a day (40000)")
    parser.add_argument("--start", default=DEFAULT_START, help=f"first midnight ({DEFAULT_START})")
    parser.add_argument("--flush-seconds", type=int, default=300, help="length of a window (300)")
    parser.add_argument("--no-attacks", action="store_true", help="leave out the intruders")
    parser.add_argument("--no-defects", action="store_true", help="leave out the defects of a real capture")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = _parser()
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
            aggregation=given.aggregation,
            with_attacks=not given.no_attacks,
            with_defects=not given.no_defects,
        )
        write_world(given.out, request=request)
    except ValueError as error:
        parser.error(str(error))
    return 0


if __name__ == "__main__":
    sys.exit(main())
