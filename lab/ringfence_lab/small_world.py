"""Write the small world that comes with the product: three days of a small cluster, and the cluster itself.

``python -m ringfence_lab.small_world OUT``

Promises: always the same lines and objects, and on one machine the same bytes (no time stands in a gzip header);
``OUT/flows/day-NN.jsonl.gz`` are Calico's lines with addresses, ``OUT/cluster/*.yaml`` the objects at the end. It is
the cluster that the laboratory's page draws, with its intruders, defects, jobs and policies, logged as thinly as it can
be. The truth is not written: an example is read, not judged.
"""

import argparse
import gzip
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ringfence_lab.clock import DEFAULT_START, Clock
from ringfence_lab.moment import unix_seconds
from ringfence_lab.world import WorldRequest, write_world

_SEED: Final = 5
_SIZE: Final = 3
_DAYS: Final = 3
_LINES_PER_DAY: Final = 0
"""As few as schedules, seldom edges and the least that a busy edge says allow (`pace`)."""


def write_small_world(out: Path) -> None:
    """Write the flows and the cluster in the place of what ``out`` held of either."""
    request = WorldRequest(
        seed=_SEED,
        size=_SIZE,
        days=_DAYS,
        learn_days=_DAYS,
        log_format="calico",
        lines_per_day=_LINES_PER_DAY,
        clock=Clock(unix_seconds(DEFAULT_START)),
        aggregation=1,
    )
    flows, cluster = out / "flows", out / "cluster"
    with tempfile.TemporaryDirectory(prefix="small-world-") as place:
        world = Path(place)
        write_world(world, request=request)
        for folder in (flows, cluster):
            shutil.rmtree(folder, ignore_errors=True)
        flows.mkdir(parents=True)
        for day in sorted((world / "flows").iterdir()):
            packed = gzip.compress(day.read_bytes(), compresslevel=9, mtime=0)
            (flows / f"{day.name}.gz").write_bytes(packed)
        shutil.copytree(world / "cluster", cluster)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(prog="ringfence_lab.small_world", description="Write the bundled small world.")
    parser.add_argument("out", type=Path, help="folder to write to; its flows and cluster are replaced")
    write_small_world(parser.parse_args(arguments).out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
