"""Tables as kubectl writes them: columns three spaces apart, titles in capitals, no lines.

Promises: where a table is wider than the terminal, each row becomes a block of its own, so nothing is cut. Without a
terminal the columns always stand, so that scripts can cut them.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from ringfence.cli.terminal import Terminal, heading, safe_text

NONE: Final = "<none>"
UNKNOWN: Final = "<unknown>"
_GAP: Final = 3
_INDENT: Final = 2


def columns(titles: Sequence[str], *, rows: Sequence[Sequence[str]], terminal: Terminal) -> Iterator[str]:
    """Yield the lines of a table. An empty cell is written ``<none>``."""
    cells = [[safe_text(cell) or NONE for cell in row] for row in rows]
    widths = [max(len(cell) for cell in column) for column in zip(titles, *cells, strict=True)]
    if terminal.width is not None and sum(widths) + _GAP * (len(titles) - 1) > terminal.width:
        for row in cells:
            yield from _block(titles, row=row, terminal=terminal)
        return
    for line in (titles, *cells):
        yield (" " * _GAP).join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()


def _block(titles: Sequence[str], *, row: Sequence[str], terminal: Terminal) -> Iterator[str]:
    """Yield a row as its first cell and, below it, the other cells with their titles in small letters."""
    yield from heading(row[0], terminal=terminal)
    line = ""
    for title, cell in zip(titles[1:], row[1:], strict=True):
        pair = f"{title.lower()} {cell}"
        if line and terminal.width is not None and len(line) + len(f", {pair},") + _INDENT > terminal.width:
            yield f"{' ' * _INDENT}{line},"
            line = pair
        else:
            line = f"{line}, {pair}" if line else pair
    yield " " * _INDENT + line
