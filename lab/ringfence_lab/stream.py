"""Write one world's flow log as long as wanted: the benchmark's input.

``python -m ringfence_lab.stream --seed N --lines L [--size S] [--format F] [--out FILE|-]``

Promises: exactly so many lines, about 1 KB each, at the cluster's full pace. More lines are more time, never more
workloads; the first lines of a longer stream are those of a shorter one. ``hubble`` is the same traffic as events of
Hubble's exporter, which takes longer to write, because each is made from a line of the simulation.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, Final, Literal, get_args

import msgspec

from ringfence_lab.blueprint import Blueprint
from ringfence_lab.clock import DEFAULT_START, Clock
from ringfence_lab.draw import draw_blueprint
from ringfence_lab.formats.hubble import HubbleFormat
from ringfence_lab.moment import unix_seconds
from ringfence_lab.pace import FULL_PACE
from ringfence_lab.simulation import PIECES_PER_LINE, Simulation
from ringfence_lab.standing import Format

StreamFormat = Literal["calico", "calico-addresses", "hubble"]

STREAM_FORMATS: Final[tuple[StreamFormat, ...]] = get_args(StreamFormat)


def stream_simulation(
    blueprint: Blueprint, *, seed: int, clock: Clock, log_format: StreamFormat = "calico"
) -> Simulation:
    """Return the simulation that a stream is written from."""
    shown: Format = "everything" if log_format == "hubble" else log_format
    return Simulation(blueprint, seed=seed, clock=clock, log_format=shown, pace=FULL_PACE)


def write_stream(out: BinaryIO, *, simulation: Simulation, lines: int) -> None:
    """Write the simulation's next ``lines`` lines."""
    left = lines
    while left > 0:
        pieces = simulation.next_window()
        out.write(b"".join(pieces if len(pieces) <= left * PIECES_PER_LINE else pieces[: left * PIECES_PER_LINE]))
        left -= len(pieces) // PIECES_PER_LINE


def write_events(out: BinaryIO, *, simulation: Simulation, lines: int) -> None:
    """Write the next ``lines`` lines of a simulation that writes everything, as Hubble's exporter would."""
    form = HubbleFormat()
    left = lines
    while left > 0:
        records = [msgspec.json.decode(line) for line in b"".join(simulation.next_window()).splitlines()]
        events = form.lines(records)[:left]
        out.writelines(form.encode(event) + form.separator for event in events)
        left -= len(events)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(prog="ringfence_lab.stream", description="Write one world's flow log.")
    parser.add_argument("--seed", type=int, required=True, help="which world")
    parser.add_argument("--lines", type=int, required=True, help="how many lines")
    parser.add_argument("--size", type=int, default=50, help="application namespaces, about 20 workloads each (50)")
    parser.add_argument("--format", choices=STREAM_FORMATS, default="calico", help="who writes it (calico)")
    parser.add_argument("--start", default=DEFAULT_START, help=f"first midnight ({DEFAULT_START})")
    parser.add_argument("--flush-seconds", type=int, default=300, help="length of a window (300)")
    parser.add_argument("--out", default="-", help="file, or - for standard output (-)")
    given = parser.parse_args(arguments)
    log_format: StreamFormat = given.format
    clock = Clock(unix_seconds(given.start), given.flush_seconds)
    blueprint = draw_blueprint(seed=given.seed, size=given.size)
    simulation = stream_simulation(blueprint, seed=given.seed, clock=clock, log_format=log_format)
    write = write_events if log_format == "hubble" else write_stream
    if given.out == "-":
        write(sys.stdout.buffer, simulation=simulation, lines=given.lines)
    else:
        with Path(given.out).open("wb") as out:
            write(out, simulation=simulation, lines=given.lines)
    return 0


if __name__ == "__main__":
    sys.exit(main())
