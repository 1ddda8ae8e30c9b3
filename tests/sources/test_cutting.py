"""Units hold every complete line exactly once."""

import io
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from ringfence.sources.compression import StreamEndsEarlyError
from ringfence.sources.cutting import CHUNK_BYTES, ENDS_EARLY, TOO_LONG, Spool, cut
from ringfence.sources.json_lines import LONGEST_RECORD


class Kept:
    """Broken records as they come."""

    def __init__(self) -> None:
        self.records: list[tuple[int, str, bytearray]] = []

    def begin(self, line: int, reason: str) -> None:
        self.records.append((line, reason, bytearray()))

    def write(self, part: bytes) -> None:
        self.records[-1][2].extend(part)


class Cut(io.BytesIO):
    """A stream that ends early."""

    def read(self, size: int | None = -1, /) -> bytes:
        part = super().read(size)
        if not part:
            raise StreamEndsEarlyError("cut")
        return part


class Slow(io.BytesIO):
    """A stream that gives few bytes at a time."""

    def __init__(self, text: bytes, chunk: int) -> None:
        super().__init__(text)
        self._chunk = chunk

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(self._chunk if size is None or size < 0 else min(size, self._chunk))


def units(stream: io.BytesIO, **limits: int) -> tuple[list[tuple[Spool, bytes]], Kept]:
    """Return all units with their bytes, and the broken records."""
    broken = Kept()
    with TemporaryDirectory() as folder:
        spools = cut(stream, folder=Path(folder), prefix="u", broken=broken, **limits)
        return [(spool, spool.path.read_bytes()) for spool in spools], broken


@given(st.lists(st.binary(max_size=30).filter(lambda line: b"\n" not in line), max_size=30), st.integers(1, 200))
def test_units_together_are_the_stream(lines: list[bytes], unit_bytes: int) -> None:
    """Nothing is lost, doubled or moved, and each unit knows its first line."""
    text = b"".join(line + b"\n" for line in lines)

    found, broken = units(io.BytesIO(text), unit_bytes=unit_bytes)

    assert b"".join(data for _, data in found) == text
    assert not broken.records
    assert [spool.first_line for spool, _ in found] == [
        1 + sum(before.lines for before, _ in found[:number]) for number in range(len(found))
    ]


def test_a_last_line_without_an_end_is_a_line() -> None:
    """Files often lack the last line end."""
    found, broken = units(io.BytesIO(b"a\nb"))

    assert [data for _, data in found] == [b"a\nb\n"]
    assert not broken.records


def test_a_line_that_is_too_long_is_kept_aside_and_the_rest_goes_on() -> None:
    """The lines around it keep their numbers."""
    for size in (LONGEST_RECORD + 1, LONGEST_RECORD + CHUNK_BYTES - 2, LONGEST_RECORD + 3 * CHUNK_BYTES):
        long = b"x" * size

        found, broken = units(io.BytesIO(b"a\n" + long + b"\nb\nc\n"))

        assert [(spool.first_line, data) for spool, data in found] == [(1, b"a\n"), (3, b"b\nc\n")]
        assert [(line, reason, len(kept)) for line, reason, kept in broken.records] == [(2, TOO_LONG, size)]


@given(st.lists(st.binary(max_size=30).filter(lambda line: b"\n" not in line), min_size=1), st.integers(1, 40))
def test_how_the_stream_arrives_changes_no_line(lines: list[bytes], chunk: int) -> None:
    """A line that comes in many parts is the line."""
    text = b"\n".join(lines)

    found, broken = units(Slow(text, chunk))

    whole = text if text.endswith(b"\n") or not text else text + b"\n"
    assert b"".join(data for _, data in found) == whole
    assert sum(spool.lines for spool, _ in found) == whole.count(b"\n")
    assert sum(spool.size for spool, _ in found) == len(whole)
    assert not broken.records


def test_the_longest_record_is_no_broken_one() -> None:
    """The limit itself is read."""
    found, broken = units(io.BytesIO(b"x" * LONGEST_RECORD + b"\n" + b"y" * LONGEST_RECORD))

    assert [len(data) for _, data in found] == [2 * LONGEST_RECORD + 2]
    assert not broken.records


def test_a_stream_that_ends_early_loses_only_its_last_line() -> None:
    """The incomplete line is a broken record."""
    found, broken = units(Cut(b"a\nb\nhalf"))

    assert [data for _, data in found] == [b"a\nb\n"]
    assert broken.records == [(3, ENDS_EARLY, bytearray(b"half"))]
