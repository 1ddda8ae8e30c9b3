"""Keep corrupt records aside and say why each is corrupt.

Promises: each corrupt record is named by file, 1-based line and reason, and its bytes are kept as they were, so that
they can be mended and read again. Where the folder cannot be written, the records are still named and counted, and
`SetAside.problem` says what went wrong.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Final

import msgspec
from msgspec import Struct

from ringfence.flows.unit_query import LAST_SECOND
from ringfence.sources.required_field import Holds, RequiredField

RECORDS_FILE: Final = "corrupt-records.jsonl"
INDEX_FILE: Final = "corrupt-records.index.jsonl"
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_LONGEST_SHOWN: Final = 40
_SPELT: Final = {"startTime": "start_time", "endTime": "end_time"}
"""Protobuf's JSON names of required fields."""


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


def why_corrupt(record: bytes, required: Sequence[RequiredField]) -> str:
    """Say in words why a record that the projection counted corrupt is so.

    Names the required fields that are absent or null, else those that do not hold what they must, with what they hold.
    """
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
    missing = [each.name for each in required if fields.get(each.name) is None and not each.absent]
    if missing:
        return f"no {', '.join(missing)}"
    typed = [each for each in required if each.holds is not Holds.TEXT and fields.get(each.name) is not None]
    faults = [each for each in typed if not _may_hold(each, fields[each.name])] or typed
    return "; ".join(f"{each.name} is {_shown(fields[each.name])}, not {each.holds}" for each in faults)


def _may_hold(field: RequiredField, value: object) -> bool:
    """Say whether a value is what a field must hold, as far as that can be told here: times are for DuckDB to read."""
    match field.holds:
        case Holds.SECONDS:
            return _is_seconds(value)
        case Holds.OBJECT:
            return isinstance(value, dict) and bool(value)
        case Holds.TIME | Holds.TEXT:
            return False


def _is_seconds(value: object) -> bool:
    """Say whether the projection reads a value as Unix seconds: it takes quoted numbers and rounds fractions."""
    if not isinstance(value, int | float | str):
        return False
    try:
        return 0 <= round(float(value)) <= LAST_SECOND
    except (ValueError, OverflowError):
        return False


def _shown(value: object) -> str:
    """Return a value as JSON, short enough for a message."""
    text = msgspec.json.encode(value).decode()
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"


def _fields(value: dict[str, object]) -> dict[str, object]:
    """Return the fields of the record itself, out of whatever it is wrapped in."""
    for envelope in ("_source", "flow"):
        inner = value.get(envelope)
        if isinstance(inner, dict):
            return {_SPELT.get(str(key), str(key)): held for key, held in inner.items()}
    return {_SPELT.get(key, key): held for key, held in value.items()}
