"""Write the small capture that comes with the product: one day and a little more of a small cluster.

``python -m ringfence_lab.capture OUT.jsonl.gz``

Promises: always the same bytes (no time stands in the gzip header); a shop, a message bus, a batch yard, ingress,
monitoring and DNS over 26 hours, with denied rows, rows that only one side reported and rollouts.
"""

import argparse
import gzip
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ringfence_lab.clock import DEFAULT_START, Clock
from ringfence_lab.draw import draw_blueprint
from ringfence_lab.moment import unix_seconds
from ringfence_lab.pace import pace_for
from ringfence_lab.simulation import Simulation

_SEED: Final = 7
_SIZE: Final = 3
_HOURS: Final = 26
_LINES_PER_DAY: Final = 3000


def capture_lines() -> bytes:
    """Return the capture, uncompressed: Calico Enterprise flow-log JSON lines."""
    blueprint = draw_blueprint(seed=_SEED, size=_SIZE, extras=(0, 1))
    clock = Clock(unix_seconds(DEFAULT_START))
    pace = pace_for(blueprint, lines_per_day=_LINES_PER_DAY, windows_per_day=clock.windows_per_day)
    simulation = Simulation(blueprint, seed=_SEED, clock=clock, log_format="calico", pace=pace)
    return b"".join(b"".join(simulation.next_window()) for _ in range(_HOURS * clock.windows_per_day // 24))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(prog="ringfence_lab.capture", description="Write the bundled capture.")
    parser.add_argument("out", type=Path, help="file to write, .jsonl.gz")
    given = parser.parse_args(arguments)
    given.out.write_bytes(gzip.compress(capture_lines(), compresslevel=9, mtime=0))
    return 0


if __name__ == "__main__":
    sys.exit(main())
