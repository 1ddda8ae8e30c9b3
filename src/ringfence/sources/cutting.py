"""Cut a stream of JSON lines into units of complete lines.

Promises: every byte of the stream is in exactly one unit or in one broken record; a unit holds whole lines that follow
each other in the stream. Lines
longer than LONGEST_RECORD and a last line without an end in a stream that ends early are broken records, told apart by
reason. Does not look into lines.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final, Protocol

from msgspec import Struct

from ringfence.sources.compression import ByteReader, StreamEndsEarlyError
from ringfence.sources.json_lines import LONGEST_RECORD

CHUNK_BYTES: Final = 1024 * 1024
UNIT_RECORDS: Final = 2_000_000
UNIT_BYTES: Final = 2 * 1024 * 1024 * 1024
SPOOL_BYTES: Final = 512 * 1024 * 1024
"""A spooled unit is smaller than a unit read in place, so that the next is cut while this one is read."""

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
        self._held = b""
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
        data = self._held + chunk
        start, end = 0, data.rfind(b"\n") + 1
        self._held = data[end:]
        first = data.find(b"\n")
        if first > LONGEST_RECORD:
            yield from self.finish()
            self._break(TOO_LONG, data[:first])
            self._line += 1
            start = first + 1
        self._write(data, start, end)
        if len(self._held) > LONGEST_RECORD:
            yield from self.finish()
            self._break(TOO_LONG, self._held)
            self._held, self._too_long = b"", True

    def end(self, *, early: bool) -> Iterator[Spool]:
        """Give the last unit. A line without an end is a line, unless the stream ends early."""
        if early:
            yield from self.finish()
            if not self._too_long:
                self._break(ENDS_EARLY, self._held)
        elif self._held:
            self._write(self._held + b"\n", 0, len(self._held) + 1)
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

    def _break(self, reason: str, data: bytes) -> None:
        self._broken.begin(self._line, reason)
        self._broken.write(data)

    def _write(self, data: bytes, start: int, end: int) -> None:
        if start >= end:
            return
        if self._file is None:
            self._count += 1
            self._file = self._path().open("wb", buffering=0)
            self._first_line, self.size = self._line, 0
        self._file.write(memoryview(data)[start:end])
        self._line += data.count(b"\n", start, end)
        self.size += end - start

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
