"""What the place that a report goes to can show: how wide it is and whether it has colour.

Promises: no colour without a terminal, with NO_COLOR set or on a dumb terminal; text from flow logs never reaches a
terminal with a control character in it. What a report says is the reports' own.
"""

import os
import textwrap
from collections.abc import Iterator, Mapping
from typing import Final, TextIO

import click
from msgspec import Struct

_NARROWEST: Final = 20


class Terminal(Struct, frozen=True):
    """``width`` in columns, None where nothing limits it (a file, a pipe)."""

    width: int | None = None
    colour: bool = False


def terminal_of(stream: TextIO, *, environment: Mapping[str, str]) -> Terminal:
    """Return what a stream can show. COLUMNS wins over the terminal's own width, as everywhere."""
    interactive = stream.isatty()
    columns = environment.get("COLUMNS", "")
    width = int(columns) if columns.isascii() and columns.isdigit() else None
    if width is None and interactive:
        width = os.get_terminal_size(stream.fileno()).columns
    plain = bool(environment.get("NO_COLOR")) or environment.get("TERM") == "dumb"
    return Terminal(max(width, _NARROWEST) if width else None, interactive and not plain)


def safe_text(text: str) -> str:
    """Return a text without control characters, line ends or invisible marks; they are written as escapes."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)


def sentence(text: str, *, terminal: Terminal, indent: int = 0, mark: str = "") -> Iterator[str]:
    """Yield the lines of a sentence, broken between words where it is wider than the terminal; a mark such as ``- ``
    hangs out on the first line.
    """
    first = " " * indent + mark
    if terminal.width is None:
        yield first + safe_text(text)
        return
    yield from textwrap.wrap(
        safe_text(text),
        width=terminal.width,
        initial_indent=first,
        subsequent_indent=" " * len(first),
        break_long_words=False,
        break_on_hyphens=False,
    )


def heading(text: str, *, terminal: Terminal, indent: int = 0) -> Iterator[str]:
    """Yield the lines of a heading: bold where there is colour."""
    for line in sentence(text, terminal=terminal, indent=indent):
        yield click.style(line, bold=True) if terminal.colour else line


def warning(text: str, *, terminal: Terminal, indent: int = 0, mark: str = "") -> Iterator[str]:
    """Yield the lines of a sentence that wants a second look: yellow where there is colour."""
    for line in sentence(text, terminal=terminal, indent=indent, mark=mark):
        yield click.style(line, fg="yellow") if terminal.colour else line


def command_line(text: str, *, indent: int) -> str:
    """Return a command to paste: never broken, whatever the width."""
    return " " * indent + safe_text(text)
