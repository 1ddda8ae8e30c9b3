"""The table of oddities of docs/design/reading.md, each row a test."""

from collections.abc import Callable
from pathlib import Path

import pytest

from flow_lines import START, calico_line, encoded, lines
from ringfence.engine.read_flows import read_flows
from ringfence.engine.reading import FlowRequest, Reading
from ringfence.flows.evidence import Evidence

PLAIN = encoded(calico_line())


def with_field(name: str, raw: bytes) -> bytes:
    """Return the plain record with one more field of raw JSON, before the others, so it is the first of its name."""
    return b'{"' + name.encode() + b'":' + raw + b"," + PLAIN[1:]


def without(name: str) -> bytes:
    """Return the plain record without a field."""
    record = calico_line()
    del record[name]
    return encoded(record)


def replaced(name: str, raw: bytes) -> bytes:
    """Return the plain record with raw JSON as the value of a field."""
    marked = encoded(calico_line(**{name: "\x7fMARK"}))
    return marked.replace(b'"\x7fMARK"', raw).replace(b'"\\u007fMARK"', raw)


Sees = Callable[[Evidence], object]

READ: dict[str, tuple[bytes, Sees, object]] = {
    "a fraction in a whole-number field": (replaced("dest_port", b"3.7"), lambda each: each.edge.port, 4),
    "a quoted number": (replaced("dest_port", b'"443"'), lambda each: each.edge.port, 443),
    "a number with an exponent": (replaced("dest_port", b"8e1"), lambda each: each.edge.port, 80),
    "the same key twice": (with_field("dest_port", b"81"), lambda each: each.edge.port, 81),
    "an object in a text field": (replaced("dest_labels", b'{"x": 1}'), lambda each: each.records, 1),
    "a number in a text field": (replaced("dest_service_port", b"80"), lambda each: each.service_port, "80"),
    "a text in an optional number field": (
        replaced("bytes_in", b'"many"'),
        lambda each: each.counters.bytes_in,
        None,
    ),
    "a comma before the closing brace": (PLAIN[:-1] + b",}", lambda each: each.records, 1),
    "NaN in an optional number field": (replaced("bytes_in", b"NaN"), lambda each: each.counters.bytes_in, None),
    "a byte-order mark at the start of the file": (b"\xef\xbb\xbf" + PLAIN, lambda each: each.records, 1),
    "a carriage return at the line end": (PLAIN + b"\r", lambda each: each.records, 1),
    "an escaped NUL in a text field": (
        replaced("dest_service_name", b'"d\\u0000b"'),
        lambda each: each.service,
        None,
    ),
    "a field we do not know": (with_field("later_version", b"[[1],{}]"), lambda each: each.records, 1),
}
CORRUPT: dict[str, tuple[bytes, str]] = {
    "a text in a required number field": (replaced("start_time", b'"soon"'), "start_time"),
    "a number too large for 64 bits in a required field": (replaced("start_time", b"99999999999999999999"), "start_"),
    "a required field missing": (without("reporter"), "no reporter"),
    "a required field null": (replaced("proto", b"null"), "no proto"),
    "times in milliseconds": (replaced("start_time", str(START * 10**9).encode()), "start_time"),
    "a byte-order mark within the file": (b"\n" + PLAIN + b"\n\xef\xbb\xbf" + PLAIN, "byte-order mark"),
    "invalid UTF-8": (PLAIN.replace(b"node-a", b"node-\xff"), "invalid UTF-8 at byte"),
    "a lone surrogate": (replaced("host", b'"\\ud800"'), "surrogate"),
    "a NUL byte": (PLAIN + b"\x00", "NUL byte"),
    "a control character in a text": (PLAIN.replace(b"node-a", b"node\x01"), "not JSON"),
    "a line that says null": (b"null", "not a JSON object"),
    "a list on a line": (b"[" + PLAIN + b"]", "not a JSON object"),
    "two objects on a line": (PLAIN + PLAIN, "more than one JSON value"),
    "text that is no JSON": (b"hello", "not JSON"),
    "a line that ends early": (PLAIN[:100], "not JSON"),
}


def read(file: Path, content: bytes) -> Reading:
    """Read one file."""
    file.write_bytes(content)
    workspace = file.parent / "workspace"
    workspace.mkdir()
    return read_flows(FlowRequest((str(file),), workspace, file.parent / "aside"), report=lambda _: None)


@pytest.mark.parametrize("title", READ)
def test_an_oddity_that_is_read(tmp_path: Path, title: str) -> None:
    """Admitted, with the meaning the table gives."""
    line, sees, expected = READ[title]

    reading = read(tmp_path / "flows.jsonl", line + b"\n")

    assert (reading.table.records.read, reading.table.records.corrupt) == (1, 0)
    assert [sees(each) for each in reading.table.evidence] == [expected]


@pytest.mark.parametrize("title", CORRUPT)
def test_an_oddity_that_is_corrupt(tmp_path: Path, title: str) -> None:
    """Counted, named by file, line and reason, kept aside byte for byte, and the records around it are read."""
    line, reason = CORRUPT[title]
    before, after = lines(calico_line()), lines(calico_line(start_time=START + 300))
    bad = line.split(b"\n")[-1]

    reading = read(tmp_path / "flows.jsonl", before + bad + b"\n" + after)

    assert (reading.table.records.read, reading.table.records.corrupt) == (3, 1)
    assert [(place.file, place.line) for place in reading.corrupt] == [(str(tmp_path / "flows.jsonl"), 2)]
    assert reason in reading.corrupt[0].reason
    assert reading.set_aside is not None
    assert reading.set_aside.read_bytes() == bad + b"\n"


def test_every_row_of_the_table_is_written_down() -> None:
    """The document and the tests name the same oddities."""
    table = (Path(__file__).parents[2] / "docs" / "design" / "reading.md").read_text(encoding="utf-8")
    rows = {row.split("|")[1].strip() for row in table.splitlines() if row.startswith("| ") and row.count("|") == 4}

    assert rows - {"oddity"} == {*READ, *CORRUPT}
