"""Read an event stream that was saved to a file: ``data: {...}`` lines with blank lines between.

Promises: each ``data:`` line becomes its record at the same line number; comments and the other fields of the format
become blank lines; any other line stays as it is, to be counted as corrupt. Source: the HTML standard, server-sent
events; Whisker writes each event as one line.
"""

import re
from typing import Final

from ringfence.sources.compression import ByteReader

_LONGEST_HELD: Final = 64 * 1024
_FIELD: Final = re.compile(rb"^(?:data:[ ]?|(?:event|id|retry)?:[^\n]*)", re.MULTILINE)
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


class EventStream:
    """Gives a stream's events as JSON lines."""

    def __init__(self, reader: ByteReader) -> None:
        """Read from a reader of the stream's bytes."""
        self._reader = reader
        self._held = b""
        self._at_line_start = True
        self._first = True

    def read(self, size: int = -1, /) -> bytes:
        """Return the next bytes, empty at the end. Raises StreamEndsEarlyError."""
        while chunk := self._reader.read(size):
            if self._first:
                self._first, chunk = False, chunk.removeprefix(_BYTE_ORDER_MARK)
            if lines := self._take(chunk):
                return lines
        rest, self._held = self._held, b""
        return self._stripped(rest)

    def _take(self, chunk: bytes) -> bytes:
        """Return what is complete enough to be told: whole lines, or a line that is longer than any field's name."""
        data = self._held + chunk
        end = data.rfind(b"\n") + 1
        if len(data) - end > _LONGEST_HELD:
            end = len(data)
        self._held = data[end:]
        return self._stripped(data[:end])

    def _stripped(self, data: bytes) -> bytes:
        if not data:
            return b""
        within = 0 if self._at_line_start else data.find(b"\n") + 1
        if not self._at_line_start and not within:
            return data
        self._at_line_start = data.endswith(b"\n")
        return data[:within] + _FIELD.sub(b"", data[within:])
