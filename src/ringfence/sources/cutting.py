"""Cut a stream of JSON lines into units of complete lines.

Promises: every line of the stream is in exactly one unit or is one broken record, in the order of the stream. A broken
record is a line longer than LONGEST_RECORD, or what is left of a line where a compressed stream ends early; its reason
says which. A unit ends before a broken record, so that its lines follow each other. Memory is bounded by the longest
record, and lines are not looked into.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final, Protocol

from msgspec import Struct

from ringfence.sources.compression import ByteReader, StreamEndsEarlyError
from ringfence.sources.json_lines import LONGEST_RECORD

CHUNK_BYTES: Final = 256 * 1024
"""Bytes taken from a stream at a time."""
UNIT_RECORDS: Final = 2_000_000
"""Records of the largest unit."""
UNIT_BYTES: Final = 2 * 1024 * 1024 * 1024
"""Bytes of the largest unit that is read in place."""
SPOOL_BYTES: Final = 512 * 1024 * 1024
"""Bytes at which a cut unit (a spool) is full. It is less than UNIT_BYTES because scanning begins only when the first
is cut; from then on the next is cut while one is scanned.
"""

TOO_LONG: Final = "too long"
ENDS_EARLY: Final = "stream ends early"


class BrokenRecords(Protocol):
    """Takes records that cannot stand in a unit, in parts."""

    def begin(self, line: int, reason: str) -> None:
        """Begin a broken record at a 1-based line."""
        ...

    def write(self, part: bytes) -> None:
        """Take the next part of it."""
        ...


class Spool(Struct, frozen=True):
    """A unit on disk: complete lines, of which the first is ``first_line`` of the stream."""

    path: Path
    first_line: int
    lines: int
    size: int


class _Cutter:
    """Takes chunks and gives full units; knows the line it stands at."""

    def __init__(self, folder: Path, prefix: str, broken: BrokenRecords, first_line: int) -> None:
        self._folder, self._prefix, self._broken = folder, prefix, broken
        self._line = self._first_line = first_line
        self._file: BinaryIO | None = None
        self._count = self.size = 0
        self._held = bytearray()
        self._too_long = False

    @property
    def lines(self) -> int:
        """Return the lines of the unit being written."""
        return self._line - self._first_line if self._file is not None else 0

    def take(self, chunk: bytes) -> Iterator[Spool]:
        """Write the complete lines of what came so far; give the unit that a broken record ends."""
        if self._too_long:
            chunk = self._pass_over(chunk)
            if self._too_long:
                return
        first, start, end = chunk.find(b"\n"), 0, chunk.rfind(b"\n") + 1
        if end and len(self._held) + first > LONGEST_RECORD:
            yield from self.finish()
            self._break(TOO_LONG, self._held, chunk[:first])
            self._held.clear()
            self._line += 1
            start = first + 1
        if start < end:
            self._write(self._held, memoryview(chunk)[start:end], lines=chunk.count(b"\n", start, end))
            self._held.clear()
        self._held += memoryview(chunk)[end:]
        if len(self._held) > LONGEST_RECORD:
            yield from self.finish()
            self._break(TOO_LONG, self._held)
            self._held.clear()
            self._too_long = True

    def end(self, *, early: bool) -> Iterator[Spool]:
        """Give the last unit. A line without an end is a line, unless the stream ends early."""
        if early:
            yield from self.finish()
            if not self._too_long:
                self._break(ENDS_EARLY, self._held)
        elif self._held:
            self._write(self._held, b"\n", lines=1)
        yield from self.finish()

    def finish(self) -> Iterator[Spool]:
        """Give the unit being written, if there is one."""
        if self._file is not None:
            self._file.close()
            self._file = None
            yield Spool(self._path(), self._first_line, self._line - self._first_line, self.size)

    def _pass_over(self, chunk: bytes) -> bytes:
        """Keep the rest of a line that is too long aside, and return what follows it."""
        end = chunk.find(b"\n")
        self._broken.write(chunk if end < 0 else chunk[:end])
        if end < 0:
            return b""
        self._too_long = False
        self._line += 1
        return chunk[end + 1 :]

    def _break(self, reason: str, *parts: bytes | bytearray) -> None:
        self._broken.begin(self._line, reason)
        for part in parts:
            self._broken.write(bytes(part))

    def _write(self, *parts: bytes | bytearray | memoryview, lines: int) -> None:
        if self._file is None:
            self._count += 1
            self._file = self._path().open("wb")
            self._first_line, self.size = self._line, 0
        for part in parts:
            self._file.write(part)
            self.size += len(part)
        self._line += lines

    def _path(self) -> Path:
        return self._folder / f"{self._prefix}-{self._count:05d}"


def cut(
    reader: ByteReader,
    *,
    folder: Path,
    prefix: str,
    broken: BrokenRecords,
    first_line: int = 1,
    unit_bytes: int = SPOOL_BYTES,
    unit_records: int = UNIT_RECORDS,
) -> Iterator[Spool]:
    """Write the stream's complete lines as files in ``folder`` and give each when it is full. The caller removes them.

    ``first_line`` is the number of the stream's first line in its file.
    """
    cutter = _Cutter(folder, prefix, broken, first_line)
    early = False
    while True:
        try:
            chunk = reader.read(min(CHUNK_BYTES, unit_bytes))
        except StreamEndsEarlyError:
            chunk, early = b"", True
        if not chunk:
            break
        yield from cutter.take(chunk)
        if cutter.size >= unit_bytes or cutter.lines >= unit_records:
            yield from cutter.finish()
    yield from cutter.end(early=early)
