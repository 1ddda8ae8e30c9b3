"""Write one world's flow log as long as wanted: the benchmark's input.

``python -m ringfence_lab.stream --seed N --lines L [--size S] [--out FILE|-]``

Promises: exactly so many lines, about 1 KB each, at the cluster's full pace. More lines are more time, never more
workloads; the first lines of a longer stream are those of a shorter one.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from ringfence_lab.clock import DEFAULT_START, Clock
from ringfence_lab.draw import draw_blueprint
from ringfence_lab.moment import unix_seconds
from ringfence_lab.pace import FULL_PACE
from ringfence_lab.simulation import PIECES_PER_LINE, Simulation
from ringfence_lab.standing import FORMATS, Format


def write_stream(out: BinaryIO, *, simulation: Simulation, lines: int) -> None:
    """Write the simulation's next ``lines`` lines."""
    left = lines
    while left > 0:
        pieces = simulation.next_window()
        out.write(b"".join(pieces if len(pieces) <= left * PIECES_PER_LINE else pieces[: left * PIECES_PER_LINE]))
        left -= len(pieces) // PIECES_PER_LINE


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(prog="ringfence_lab.stream", description="Write one world's flow log.")
    parser.add_argument("--seed", type=int, required=True, help="which world")
    parser.add_argument("--lines", type=int, required=True, help="how many lines")
    parser.add_argument("--size", type=int, default=50, help="application namespaces, about 20 workloads each (50)")
    parser.add_argument("--format", choices=FORMATS, default="calico", help="aggregation")
    parser.add_argument("--start", default=DEFAULT_START, help=f"first midnight ({DEFAULT_START})")
    parser.add_argument("--flush-seconds", type=int, default=300, help="length of a window (300)")
    parser.add_argument("--out", default="-", help="file, or - for standard output (-)")
    given = parser.parse_args(arguments)
    log_format: Format = given.format
    simulation = Simulation(
        draw_blueprint(seed=given.seed, size=given.size),
        seed=given.seed,
        clock=Clock(unix_seconds(given.start), given.flush_seconds),
        log_format=log_format,
        pace=FULL_PACE,
    )
    if given.out == "-":
        write_stream(sys.stdout.buffer, simulation=simulation, lines=given.lines)
    else:
        with Path(given.out).open("wb") as out:
            write_stream(out, simulation=simulation, lines=given.lines)
    return 0


if __name__ == "__main__":
    sys.exit(main())
