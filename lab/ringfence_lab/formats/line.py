"""One line of a flow log before its time is written, and what a format must be able to do.

Promises: a line knows its window and the node that wrote it, so that lateness and clock skew can be made up without
knowing the format.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

Record = Mapping[str, Any]
"""A line of the simulation in format ``everything``."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line. ``data`` is all but the times; ``node`` is empty where the format merges nodes."""

    start: int
    end: int
    node: str
    data: Mapping[str, Any]


class FlowFormat(Protocol):
    """A way to write a window's records."""

    suffix: str
    """What a day's file is called after its number."""
    prologue: bytes
    """What a day's file starts with."""
    separator: bytes
    """What stands between two lines."""
    epilogue: bytes
    """What a day's file ends with."""
    windowed: bool
    """Whether a line covers a window; else it is an event."""
    names_nodes: bool
    """Whether lines say who wrote them."""
    shows_addresses: bool
    """Whether allowed lines show addresses."""
    has_ghosts: bool
    """Whether unfinished windows come out as ghosts."""

    def lines(self, records: Iterable[Record]) -> list[Line]:
        """Return a window's lines in order of their start, merged where the format cannot tell records apart."""
        ...

    def encode(self, line: Line) -> bytes:
        """Return a line as it stands in the file."""
        ...

    def ghost(self, line: Line, /) -> bytes | None:
        """Return the line as a ghost, of a window that is not finished, or None without ``has_ghosts``."""
        ...


def compact(document: object) -> bytes:
    """Return a document as compact JSON."""
    return msgspec.json.encode(document)


def merge(into: dict[str, Any], other: Mapping[str, Any], *, keys: Sequence[str]) -> None:
    """Add the counters of a record to those of another."""
    for key in keys:
        into[key] = into.get(key, 0) + other.get(key, 0)


def address(record: Record, side: str) -> str:
    """Return an end's address in the family that the record is of."""
    if record.get("family") == 6:  # noqa: PLR2004 - the version
        return str(record.get(f"{side}_ip6") or record[f"{side}_ip"])
    return str(record[f"{side}_ip"])


def pod_port(record: Record) -> int:
    """Return the client's port of a record."""
    return int(record["source_port"] or 0)
