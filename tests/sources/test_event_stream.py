"""Event streams saved to files."""

from io import BytesIO

from hypothesis import given
from hypothesis import strategies as st

from ringfence.sources.event_stream import EventStream

STREAM = b"""\xef\xbb\xbfdata: {"a": "data: 1"}

: a comment
event: flow
id: 3
retry:5
data:{"b":2}\r

stray
data: {"c": \
"""


@given(size=st.integers(1, 80))
def test_each_event_is_a_line_where_it_stood(size: int) -> None:
    """Fields of the format become blank lines, and what is none of it stays to be counted."""
    source = BytesIO(STREAM)

    class Pieces:
        def read(self, _size: int = -1, /) -> bytes:
            return source.read(max(3, size))

    reader = EventStream(Pieces())
    parts = []
    while part := reader.read():
        parts.append(part)

    assert b"".join(parts).split(b"\n") == [
        b'{"a": "data: 1"}',
        b"",
        b"",
        b"",
        b"",
        b"",
        b'{"b":2}\r',
        b"",
        b"stray",
        b'{"c": ',
    ]
