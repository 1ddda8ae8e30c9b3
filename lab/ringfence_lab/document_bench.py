"""Measure how much memory it costs to read one document as large as people export.

``python -m ringfence_lab.document_bench [--megabytes N] [--form FORM]... [--scratch DIR]``

Promises: each form is a single document of at least so many bytes of one world's flows; the whole command is measured,
from starting Python to the last byte of its answer, and memory is the resident set of its process tree. A missed bar
makes the exit code 1. Time is printed and judged by nobody.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import msgspec

from ringfence_lab.clock import DEFAULT_START, Clock
from ringfence_lab.draw import draw_blueprint
from ringfence_lab.formats import FormatName, flow_format
from ringfence_lab.machine import machine
from ringfence_lab.moment import unix_seconds
from ringfence_lab.pace import FULL_PACE
from ringfence_lab.peak_memory import CommandFailedError, Run, run
from ringfence_lab.simulation import Simulation

MOST_BYTES: Final = 400_000_000
"""The most that reading a document may hold, however large the document is."""

Form = Literal["goldmane", "whisker", "elasticsearch"]
FORMS: Final[tuple[Form, ...]] = ("goldmane", "whisker", "elasticsearch")
_WORLD_SIZE: Final = 12


@dataclass(frozen=True, slots=True)
class Document:
    """A document on disk: its form, its flows and its bytes."""

    form: Form
    flows: int
    size: int


def write_document(path: Path, *, form: Form, size: int) -> Document:
    """Write one document of at least ``size`` bytes: a ``FlowListResult``, Whisker's list or a ``hits.hits`` answer."""
    name: FormatName = form
    written = flow_format(name)
    prologue, epilogue = written.prologue, written.epilogue
    if form == "goldmane":
        prologue, epilogue = b'{"meta":{"totalPages":"1"},"flows":[', b"]}\n"
    clock = Clock(unix_seconds(DEFAULT_START))
    blueprint = draw_blueprint(seed=1, size=_WORLD_SIZE)
    simulation = Simulation(blueprint, seed=1, clock=clock, log_format="everything", pace=FULL_PACE)
    flows = 0
    with path.open("wb") as file:
        file.write(prologue)
        while file.tell() < size:
            records = [msgspec.json.decode(line) for line in b"".join(simulation.next_window()).splitlines()]
            elements = [written.encode(line) for line in written.lines(records)]
            file.write((b"," if flows and elements else b"") + b",".join(elements))
            flows += len(elements)
        file.write(epilogue)
        return Document(form, flows, file.tell())


def measure(form: Form, *, size: int, scratch: Path) -> tuple[Document, Run]:
    """Write a document of a form and read it by the command line. Raises CommandFailedError and OSError."""
    with tempfile.TemporaryDirectory(dir=scratch, prefix="document-") as place:
        folder = Path(place)
        document = write_document(folder / "flows.json", form=form, size=size)
        command = [str(Path(sys.executable).parent / "ringfence"), "get", "edges", "flows.json", "-o", "json"]
        return document, run(command, folder=folder, output=folder / "answer")


def report(measured: Sequence[tuple[Document, Run]], *, on: str) -> str:
    """Return the table, as Markdown, with a verdict for each document."""
    rows = "".join(
        f"| {document.form} | {document.size / 1e6:.0f} | {document.flows:,} | {took.seconds:.1f} "
        f"| {took.peak_bytes / 1e6:.0f} | {'held' if holds(took) else 'missed'} |\n"
        for document, took in measured
    )
    return (
        f"Measured on: {on}. Bar: {MOST_BYTES / 1e6:.0f} MB.\n\n"
        f"| document | size, MB | flows | seconds | peak, MB | bar |\n|---|---:|---:|---:|---:|---|\n{rows}"
    )


def holds(took: Run) -> bool:
    """Say whether the bar is held."""
    return took.peak_bytes < MOST_BYTES


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ringfence_lab.document_bench", description="Measure reading large documents."
    )
    parser.add_argument("--megabytes", type=int, default=1_000, help="how large each document is (1000)")
    parser.add_argument("--form", action="append", choices=FORMS, help="one of the documents; may be repeated (all)")
    parser.add_argument("--scratch", type=Path, default=Path(tempfile.gettempdir()), help="where documents are written")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    given = _parser().parse_args(arguments)
    forms: Sequence[Form] = given.form or FORMS
    try:
        measured = [measure(form, size=given.megabytes * 1_000_000, scratch=given.scratch) for form in forms]
    except (CommandFailedError, OSError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    sys.stdout.write(report(measured, on=machine()))
    return 0 if all(holds(took) for _, took in measured) else 1


if __name__ == "__main__":
    sys.exit(main())
