"""Compressed files, whole and broken."""

import gzip
from pathlib import Path

import pytest
from backports import zstd

from ringfence.sources.compression import Start, StreamEndsEarlyError, compression_of, decoded, first_bytes

TEXT = b"".join(b'{"n":%d}\n' % number for number in range(20000))
COMPRESS = {"gzip": lambda data: gzip.compress(data, mtime=0), "zstd": zstd.compress}


def read_all(file: Path, size: int = 1000) -> tuple[bytes, bool]:
    """Return everything a file gives, and whether it ended early."""
    parts = bytearray()
    with file.open("rb") as raw:
        reader = decoded(raw)
        try:
            while part := reader.read(size):
                assert len(part) <= size
                parts += part
        except StreamEndsEarlyError:
            return bytes(parts), True
    return bytes(parts), False


@pytest.mark.parametrize("kind", COMPRESS)
def test_streams_one_after_another_are_one_text(tmp_path: Path, kind: str) -> None:
    """Concatenated members and frames are read on; the name of the file says nothing."""
    file = tmp_path / "flows.txt"
    file.write_bytes(COMPRESS[kind](TEXT) + COMPRESS[kind](TEXT))

    assert compression_of(file.read_bytes()[:4]) == kind
    assert read_all(file) == (TEXT + TEXT, False)


@pytest.mark.parametrize("kind", COMPRESS)
def test_a_cut_stream_gives_what_came_before(tmp_path: Path, kind: str) -> None:
    """Everything before the cut is read, then it is told."""
    file = tmp_path / "cut"
    file.write_bytes(COMPRESS[kind](TEXT)[:-100])

    text, early = read_all(file)

    assert early
    assert TEXT.startswith(text)
    assert len(text) > len(TEXT) // 4


def test_zeros_after_gzip_are_padding(tmp_path: Path) -> None:
    """Block-padded archives are no damage."""
    file = tmp_path / "padded"
    file.write_bytes(gzip.compress(TEXT) + bytes(512))

    assert read_all(file) == (TEXT, False)


def test_a_plain_file_is_itself(tmp_path: Path) -> None:
    """No magic, no decoding."""
    file = tmp_path / "plain"
    file.write_bytes(TEXT)

    assert read_all(file) == (TEXT, False)
    assert first_bytes(file, 8) == Start(TEXT[:8], early=False)


@pytest.mark.parametrize("kind", COMPRESS)
def test_the_start_of_a_cut_stream_says_that_it_is_cut(tmp_path: Path, kind: str) -> None:
    """Nothing in a file is not the same as nothing left of it."""
    cut, empty = tmp_path / "cut", tmp_path / "empty"
    cut.write_bytes(COMPRESS[kind](TEXT)[:10])
    empty.write_bytes(COMPRESS[kind](b""))

    assert first_bytes(cut, 8) == Start(b"", early=True)
    assert first_bytes(empty, 8) == Start(b"", early=False)
