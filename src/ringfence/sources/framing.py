"""How records stand in a file: one a line, in the list of a document, or as events of a stream.

Promises: whatever the framing, the records come out as JSON lines, so that one projection per format reads them all.
Lines and events keep their line numbers; the n-th record of a document's list becomes line n. Memory is bounded however
large the file is.
"""

import re
from enum import StrEnum
from io import BytesIO
from typing import Final

from ringfence.sources.compression import ByteReader, Start, StreamEndsEarlyError
from ringfence.sources.event_stream import EventStream
from ringfence.sources.record_list import BYTE_ORDER_MARK, RecordList

_EVENT: Final = re.compile(rb"^data:[ \t]*\{", re.MULTILINE)


class Framing(StrEnum):
    """Where a file keeps its records."""

    LINES = "lines"
    LIST = "list"
    EVENTS = "events"


def framing_of(start: bytes) -> Framing:
    """Return how records stand in a file that begins with these bytes."""
    if _EVENT.search(start):
        return Framing.EVENTS
    return Framing.LIST if RecordList(BytesIO(start)).begins_with_list() else Framing.LINES


def record_lines(framing: Framing, reader: ByteReader) -> ByteReader:
    """Return a reader of the records as JSON lines.

    It raises StreamEndsEarlyError where the stream under it does, or where a document is not closed at its end.
    """
    match framing:
        case Framing.LINES:
            return reader
        case Framing.LIST:
            return RecordList(reader)
        case Framing.EVENTS:
            return EventStream(reader)


def first_records(framing: Framing, start: Start, *, whole: bool) -> Start:
    """Return the records at a file's start as JSON lines, without a byte-order mark.

    ``whole``: the file has no more bytes than these.
    """
    if framing is Framing.LINES:
        return Start(start.data.removeprefix(BYTE_ORDER_MARK), start.early)
    reader = record_lines(framing, BytesIO(start.data))
    parts = bytearray()
    early = start.early
    try:
        while part := reader.read(len(start.data)):
            parts += part
    except StreamEndsEarlyError:
        early = early or whole
    return Start(bytes(parts), early)
