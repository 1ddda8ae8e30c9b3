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

CHUNK_BYTES: Final = 4 * 1024 * 1024
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
    """A unit on disk: complete lines, of which the first is ``first_line`` of the stream.
    """

    path: Path
    first_line: int
    lines: int
    size: int


class _Writer:
    """Writes units one after another."""

    def __init__(self, folder: Path, prefix: str) -> None:
        self._folder, self._prefix, self._count = folder, prefix, 0
        self._file: BinaryIO | None = None
        self.lines = self.size = 0
        self.first_line = 1

    def write(self, data: bytes | memoryview, *, line: int, lines: int) -> None:
        if self._file is None:
            self._count += 1
            self._file = self._path().open("wb", buffering=0)
            self.first_line, self.lines, self.size = line, 0, 0
        self._file.write(data)
        self.lines += lines
        self.size += len(data)

    def finish(self) -> Iterator[Spool]:
        if self._file is not None:
            self._file.close()
            self._file = None
            yield Spool(self._path(), self.first_line, self.lines, self.size)

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
    writer = _Writer(folder, prefix)
    line = first_line
    held = b""
    too_long = ended_early = False
    while True:
        try:
            chunk = reader.read(min(CHUNK_BYTES, max(1, unit_bytes)))
        except StreamEndsEarlyError:
            chunk, ended_early = b"", True
        if not chunk:
            break
        if too_long:
            end = chunk.find(b"\n")
            broken.write(chunk if end < 0 else chunk[:end])
            if end < 0:
                continue
            chunk, too_long, line = chunk[end + 1 :], False, line + 1
        data = held + chunk
        end = data.rfind(b"\n") + 1
        held = data[end:]
        start = 0
        if end and data.find(b"\n") > LONGEST_RECORD:
            yield from writer.finish()
            start = data.find(b"\n") + 1
            broken.begin(line, TOO_LONG)
            broken.write(data[: start - 1])
            line += 1
        if len(held) > LONGEST_RECORD:
            too_long = True
        if end > start:
            lines = data.count(b"\n", start, end)
            writer.write(memoryview(data)[start:end], line=line, lines=lines)
            line += lines
        if too_long:
            yield from writer.finish()
            broken.begin(line, TOO_LONG)
            broken.write(held)
            held = b""
        elif writer.size >= unit_bytes or writer.lines >= unit_records:
            yield from writer.finish()
    if held.strip() and ended_early:
        broken.begin(line, ENDS_EARLY)
        broken.write(held)
    elif held:
        writer.write(held + b"\n", line=line, lines=1)
    elif ended_early:
        broken.begin(line, ENDS_EARLY)
    yield from writer.finish()
