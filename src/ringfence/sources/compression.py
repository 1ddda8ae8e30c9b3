"""Open a file as the bytes it was before compression.

Promises: gzip and Zstandard are told by their first bytes, not by the name; concatenated streams are read on; memory is
bounded however far a stream expands; a stream that is cut off or damaged gives everything before that and then raises
StreamEndsEarlyError.
"""

import sys
import zlib
from pathlib import Path
from typing import BinaryIO, Final, Literal, Protocol

from msgspec import Struct

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

Compression = Literal["none", "gzip", "zstd"]

_GZIP_MAGIC: Final = b"\x1f\x8b"
_ZSTD_MAGIC: Final = b"\x28\xb5\x2f\xfd"
_MAGIC_BYTES: Final = 4
_INPUT_BYTES: Final = 256 * 1024
_GZIP_WINDOW: Final = 31


class StreamEndsEarlyError(Exception):
    """A compressed stream is cut off or damaged; what came before was read."""


class Start(Struct, frozen=True):
    """The first decompressed bytes of a file. ``early``: its stream ends early, within them or right after them."""

    data: bytes
    early: bool


class ByteReader(Protocol):
    """What gives bytes until it gives none."""

    def read(self, size: int = -1, /) -> bytes:
        """Return up to ``size`` bytes, empty at the end. Raises StreamEndsEarlyError."""
        ...


def compression_of(start: bytes) -> Compression:
    """Return how a file is compressed, told by its first bytes."""
    if start.startswith(_GZIP_MAGIC):
        return "gzip"
    return "zstd" if start.startswith(_ZSTD_MAGIC) else "none"


def decoded(raw: BinaryIO) -> ByteReader:
    """Return a reader of the decompressed bytes of a seekable file that is open at its start."""
    compression = compression_of(raw.read(_MAGIC_BYTES))
    raw.seek(0)
    match compression:
        case "none":
            return raw
        case "gzip":
            return _Expanding(raw, _GzipStream)
        case "zstd":
            return _Expanding(raw, _ZstdStream)


def first_bytes(file: Path, size: int) -> Start:
    """Return up to ``size`` decompressed bytes of a file's start. Raises OSError."""
    parts = bytearray()
    early = False
    with file.open("rb") as raw:
        reader = decoded(raw)
        try:
            while len(parts) < size and (part := reader.read(size - len(parts))):
                parts += part
        except StreamEndsEarlyError:
            early = True
    return Start(bytes(parts), early)


class _GzipStream:
    """One gzip member. ``rest`` are the bytes after it; ``hungry`` says that more input is needed."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(_GZIP_WINDOW)

    @property
    def ended(self) -> bool:
        return self._inner.eof

    @property
    def rest(self) -> bytes:
        return self._inner.unused_data

    def expand(self, data: bytes, size: int) -> bytes:
        return self._inner.decompress(self._inner.unconsumed_tail + data, size)

    @property
    def hungry(self) -> bool:
        return not self._inner.unconsumed_tail


class _ZstdStream:
    """One Zstandard frame, in the same terms."""

    def __init__(self) -> None:
        self._inner = zstd.ZstdDecompressor()

    @property
    def ended(self) -> bool:
        return self._inner.eof

    @property
    def rest(self) -> bytes:
        return self._inner.unused_data

    def expand(self, data: bytes, size: int) -> bytes:
        return self._inner.decompress(data, size)

    @property
    def hungry(self) -> bool:
        return self._inner.needs_input


class _Expanding:
    """Reads the streams of a file one after another."""

    def __init__(self, raw: BinaryIO, kind: type[_GzipStream] | type[_ZstdStream]) -> None:
        self._raw, self._kind = raw, kind
        self._stream = kind()
        self._waiting = b""
        self._begun = False

    def read(self, size: int = -1, /) -> bytes:
        """Return up to ``size`` bytes (``size`` must be positive), empty at the end of the last stream."""
        while True:
            data = b""
            if self._waiting or self._stream.hungry:
                data = self._waiting or self._raw.read(_INPUT_BYTES)
                self._waiting = b""
                if not data:
                    if self._begun:
                        raise StreamEndsEarlyError("the file ends within a compressed stream")
                    return b""
            try:
                part = self._stream.expand(data, size)
            except (zlib.error, zstd.ZstdError, EOFError) as error:
                if not self._begun and data.strip(b"\0") == b"":
                    return b""
                raise StreamEndsEarlyError(str(error)) from error
            self._begun = True
            if self._stream.ended:
                self._waiting = self._stream.rest
                self._stream = self._kind()
                self._begun = False
            if part:
                return part
