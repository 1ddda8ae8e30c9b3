"""The runs that take turns in a benchmark: the command, and a floor.

Promises: the command is the whole of ``ringfence recommend … -o yaml``; one that printed nothing was not the work that
is measured. A floor runs in a fresh process and times itself.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from ringfence_lab.bench_flows import CannotMeasureError
from ringfence_lab.floor import Columns
from ringfence_lab.peak_memory import Run, run


def recommend(files: Sequence[Path], *, folder: Path, snapshot: Path | None = None) -> Run:
    """Run the command on flows. Raises CannotMeasureError where it recommends nothing, CommandFailedError, OSError."""
    output = folder / "output"
    ringfence = str(Path(sys.executable).parent / "ringfence")
    beside = [] if snapshot is None else ["--snapshot", str(snapshot)]
    ours = run([ringfence, "recommend", *map(str, files), *beside, "-o", "yaml"], folder=folder, output=output)
    if not output.stat().st_size:
        message = "'ringfence recommend' printed nothing, so it was not the work that is measured"
        raise CannotMeasureError(message)
    return ours


def floor_seconds(files: Sequence[Path], *, columns: Columns, warm_up: Path, folder: Path) -> float:
    """Run a floor and return the seconds of its scan. Raises CommandFailedError and OSError."""
    output = folder / "output"
    options = ["--columns", columns, "--warm-up", str(warm_up)]
    run([sys.executable, "-m", "ringfence_lab.floor", *options, *map(str, files)], folder=folder, output=output)
    return float(output.read_text(encoding="ascii"))
