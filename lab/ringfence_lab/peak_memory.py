"""Run a command and see how long it takes and how much memory it and its descendants hold at most.

Promises: memory is the resident set (RSS) summed over the process tree, sampled every 20 ms. Pages that processes
share count once for each, so the sum is never too low because of sharing; a peak shorter than 20 ms may be missed.
Needs Linux, whose ``/proc`` names the children of a process.
"""

import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

SAMPLE_SECONDS: Final = 0.02

_PAGE: Final = os.sysconf("SC_PAGE_SIZE")
_PROCESSES: Final = Path("/proc")


@dataclass(frozen=True, slots=True)
class Run:
    """A command that succeeded: wall time in seconds, peak memory in bytes."""

    seconds: float
    peak_bytes: int


class CommandFailedError(Exception):
    """A measured command did not succeed, so its time means nothing."""


def run(command: Sequence[str], *, folder: Path, output: Path) -> Run:
    """Run a command in a folder, its standard output to a file.

    Raises CommandFailedError with the last lines of its standard error, and OSError where there is no ``/proc``.
    """
    if not (_PROCESSES / "self/statm").exists():
        message = "memory of a process tree is read from /proc, which is not here; run this on Linux"
        raise OSError(message)
    errors = output.with_suffix(".errors")
    with output.open("wb") as out, errors.open("wb") as err:
        begin = time.perf_counter()
        process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=out, stderr=err)  # noqa: S603 - ours
        peak = 0
        while True:
            peak = max(peak, sum(_resident(each) for each in _tree(process.pid)))
            try:
                process.wait(SAMPLE_SECONDS)
            except subprocess.TimeoutExpired:
                continue
            seconds = time.perf_counter() - begin
            break
    if process.returncode != 0:
        last = errors.read_text(encoding="utf-8", errors="replace")[-2000:]
        message = f"'{' '.join(command)}' exited with {process.returncode}:\n{last}"
        raise CommandFailedError(message)
    return Run(seconds, peak)


def _tree(root: int) -> Iterator[int]:
    """Yield a process and its descendants, as far as they still are there. Any thread may have started a child."""
    yield root
    try:
        threads = list((_PROCESSES / str(root) / "task").iterdir())
    except OSError:
        return
    for thread in threads:
        try:
            children = (thread / "children").read_text(encoding="ascii").split()
        except OSError:  # the thread has ended
            continue
        for child in children:
            yield from _tree(int(child))


def _resident(process: int) -> int:
    try:
        return int((_PROCESSES / str(process) / "statm").read_text(encoding="ascii").split()[1]) * _PAGE
    except OSError:  # the process has ended
        return 0
