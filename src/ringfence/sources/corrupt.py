"""Keep corrupt records aside and say why each is corrupt.

Promises: each corrupt record is named by file, 1-based line and reason, and its bytes are kept as they were, so that
they can be mended and read again. A folder that cannot be written loses no count: the problem is told.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Final

import msgspec
from msgspec import Struct

RECORDS_FILE: Final = "corrupt-records.jsonl"
INDEX_FILE: Final = "corrupt-records.index.jsonl"
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


class CorruptPlace(Struct, frozen=True, order=True):
    """Where a corrupt record stood and why it is one."""

    file: str
    line: int
    reason: str


class SetAside:
    """Writes corrupt records into a folder: the bytes, and an index with one JSON object per record in the same order.

    The folder is made with the first record. Files of an earlier run are replaced.
    """

    def __init__(self, folder: Path) -> None:
        """Remember where; nothing is written yet."""
        self._folder = folder
        self._records: BinaryIO | None = None
        self.places: list[CorruptPlace] = []
        self.problem: str | None = None

    @property
    def file(self) -> Path | None:
        """Return the file that holds the bytes, None when nothing was kept."""
        return self._folder / RECORDS_FILE if self.places and self.problem is None else None

    def begin(self, file: str, line: int, reason: str) -> None:
        """Begin a record."""
        first = not self.places
        self.places.append(CorruptPlace(file, line, reason))
        if first:
            self._open()
        elif self._records is not None:
            self._write(b"\n")

    def write(self, part: bytes) -> None:
        """Keep the next bytes of the record that was begun."""
        self._write(part)

    def close(self) -> None:
        """Finish both files."""
        if self._records is None:
            return
        self._write(b"\n")
        self._records.close()
        try:
            (self._folder / INDEX_FILE).write_bytes(
                b"".join(msgspec.json.encode(place) + b"\n" for place in self.places)
            )
        except OSError as error:
            self.problem = f"cannot write {self._folder / INDEX_FILE}: {error.strerror}"

    def _open(self) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._records = (self._folder / RECORDS_FILE).open("wb")
        except OSError as error:
            self.problem = f"cannot write into {self._folder}: {error.strerror}"

    def _write(self, part: bytes) -> None:
        if self._records is None:
            return
        try:
            self._records.write(part)
        except OSError as error:
            self.problem = f"cannot write {self._folder / RECORDS_FILE}: {error.strerror}"
            self._records = None


def numbered_records(file: Path, *, first_line: int) -> Iterator[tuple[int, bytes]]:
    """Give each record (non-blank line) of an uncompressed file with its line number."""
    with file.open("rb") as lines:
        for number, line in enumerate(lines, start=first_line):
            if line.strip():
                yield number, line.rstrip(b"\n")


def why_corrupt(record: bytes, required: Sequence[str]) -> str:
    """Say in words why a record that the projection counted corrupt is so."""
    if record.startswith(_BYTE_ORDER_MARK):
        return "byte-order mark before the record; save the file without one"
    try:
        record.decode()
    except UnicodeDecodeError as error:
        return f"invalid UTF-8 at byte {error.start}"
    if b"\x00" in record:
        return f"NUL byte at byte {record.index(0)}"
    try:
        value = msgspec.json.decode(record)
    except msgspec.DecodeError as error:
        if "trailing characters" in str(error):
            return "more than one JSON value on the line"
        return f"not JSON: {error}"
    except RecursionError:
        return "nested too deeply"
    if not isinstance(value, dict):
        return "not a JSON object"
    fields = _fields(value)
    missing = [name for name in required if fields.get(name) in (None, "")]
    if missing:
        return f"no {', '.join(missing)}"
    return f"{' or '.join(required)} is not of the expected type"


def _fields(value: dict[str, object]) -> dict[str, object]:
    """Return the fields of the record itself, out of whatever it is wrapped in."""
    for envelope in ("_source", "flow"):
        inner = value.get(envelope)
        if isinstance(inner, dict):
            return {str(key): held for key, held in inner.items()}
    return value
