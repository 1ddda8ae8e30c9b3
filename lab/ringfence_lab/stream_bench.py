"""Measure that a longer world takes more time and no more memory to make.

``python -m ringfence_lab.stream_bench [--lines N]... [--size S]``

Promises: each length is written by ``ringfence_lab.stream`` in a process of its own and thrown away while it is
written; memory is that process's resident set. The longest may hold at most MOST_GROWTH times what the shortest does; a
missed bar makes the exit code 1. Time is printed and judged by nobody.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from os import devnull
from pathlib import Path
from typing import Final

from ringfence_lab.machine import machine
from ringfence_lab.peak_memory import CommandFailedError, Run, run

MOST_GROWTH: Final = 1.2
"""How much more the longest stream may hold than the shortest."""
_LENGTHS: Final = (1_000_000, 10_000_000)


def measure(lines: int, *, size: int) -> Run:
    """Return what it takes to make a stream of so many lines. Raises CommandFailedError and OSError."""
    command = [sys.executable, "-m", "ringfence_lab.stream", "--seed", "1", "--size", str(size), "--out", devnull]
    with tempfile.TemporaryDirectory(prefix="stream-") as place:
        return run([*command, "--lines", str(lines)], folder=Path(place), output=Path(place) / "out")


def holds(measured: Sequence[tuple[int, Run]]) -> bool:
    """Say whether the longest stream holds hardly more than the shortest."""
    _, shortest = min(measured, key=lambda each: each[0])
    _, longest = max(measured, key=lambda each: each[0])
    return longest.peak_bytes <= MOST_GROWTH * shortest.peak_bytes


def report(measured: Sequence[tuple[int, Run]], *, on: str) -> str:
    """Return the table, as Markdown, with the verdict."""
    rows = "".join(f"| {lines:,} | {took.seconds:.1f} | {took.peak_bytes / 1e6:.1f} |\n" for lines, took in measured)
    verdict = "held" if holds(measured) else "missed"
    return (
        f"Measured on: {on}. Bar: the longest holds at most {MOST_GROWTH} times what the shortest does: {verdict}.\n\n"
        f"| lines | seconds | peak, MB |\n|---:|---:|---:|\n{rows}"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(prog="ringfence_lab.stream_bench", description="Measure making long streams.")
    parser.add_argument("--lines", type=int, action="append", help="a length; give two or more (1000000, 10000000)")
    parser.add_argument("--size", type=int, default=50, help="application namespaces, about 20 workloads each (50)")
    given = parser.parse_args(arguments)
    try:
        measured = [(lines, measure(lines, size=given.size)) for lines in given.lines or _LENGTHS]
    except (CommandFailedError, OSError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    sys.stdout.write(report(measured, on=machine()))
    return 0 if holds(measured) else 1


if __name__ == "__main__":
    sys.exit(main())
