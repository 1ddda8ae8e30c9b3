"""Write the flows that a benchmark reads.

Promises: one seeded world of 50 application namespaces, so more lines are more time and never more workloads; every
form holds the same lines, and every format the same traffic. A place without the space is refused before it is filled.
"""

import gzip
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Final, Literal, get_args

from ringfence_lab.draw import draw_blueprint
from ringfence_lab.stream import StreamFormat

Form = Literal["plain", "ten-files", "gzip"]

FORMS: Final[tuple[Form, ...]] = get_args(Form)

SEED: Final = 1
SIZE: Final = 50
WARM_UP_LINES: Final = 1_000
_BYTES_PER_LINE: Final = 1_500
_PIECE: Final = 1 << 22


class CannotMeasureError(Exception):
    """Something that a measurement needs is not there."""


@dataclass(frozen=True, slots=True, order=True)
class Case:
    """What is read: so many lines, in one form."""

    lines: int
    form: Form


def write_flows(case: Case, *, folder: Path, log_format: StreamFormat = "calico") -> list[Path]:
    """Write the flows of a case into a folder and return the files. Raises CannotMeasureError without the space."""
    needed = case.lines * _BYTES_PER_LINE
    if shutil.disk_usage(folder).free < needed:
        message = f"{case.lines:,} lines need {needed / 1e9:.1f} GB in '{folder}'; name a larger place with --scratch"
        raise CannotMeasureError(message)
    options = ["--seed", str(SEED), "--size", str(SIZE), "--lines", str(case.lines), "--format", log_format]
    command = [sys.executable, "-m", "ringfence_lab.stream", *options]
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


def listening_ports() -> frozenset[int]:
    """Return the ports that servers of the world keep open; one that is opened for a transfer is not among them."""
    return frozenset(edge.port for edge in draw_blueprint(seed=SEED, size=SIZE).edges if edge.port is not None)


def warm_cache(files: Sequence[Path]) -> None:
    """Read files once, so that the first turn finds them in memory like the others."""
    for file in files:
        with file.open("rb") as read:
            while read.read(_PIECE):
                pass
