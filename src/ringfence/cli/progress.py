"""Show on a terminal how far a reading has come.

Promises: writes to standard error only, and only where it is a terminal that can redraw a line; nothing elsewhere.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeElapsedColumn, TransferSpeedColumn
from rich.progress import Progress as ProgressBar

from ringfence.engine.reading import Progress, ReportProgress


@contextmanager
def shown_progress(stream: TextIO, *, environment: Mapping[str, str]) -> Iterator[ReportProgress]:
    """Yield what a reading reports its progress to; the line disappears when the reading is over."""
    if not stream.isatty() or environment.get("TERM") == "dumb":
        yield _shown_nowhere
        return
    console = Console(file=stream, no_color=bool(environment.get("NO_COLOR")))
    bar = ProgressBar(
        TextColumn("{task.description}"),
        BarColumn(bar_width=None),
        DownloadColumn(),
        TransferSpeedColumn(),
        TextColumn("{task.fields[records]} records"),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        expand=True,
    )
    with bar:
        task = bar.add_task("reading", total=None, records=0)

        def show(progress: Progress) -> None:
            bar.update(
                task,
                description=progress.stage,
                total=progress.bytes_total,
                completed=progress.bytes_done,
                records=progress.records,
            )

        yield show


def _shown_nowhere(_progress: Progress) -> None:
    return
