"""What DuckDB reads of a file is what a slow decoder reads of its lines, one by one, in every format.

Generated records are good, odd or broken. Both ways must give the same evidence, the same repeats, and the same lines
as corrupt.
"""

import copy
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from ringfence.engine.read_flows import read_flows
from ringfence.engine.reading import FlowRequest, Reading
from ringfence.flows.fold import fold
from tests.engine.flow_lines import START
from tests.engine.forms import FORMS, LINES, STEP, encoded, rfc3339
from tests.sources.plain_decoders import DECODERS


def fields(record: dict[str, Any], before: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield where each field of a record stands, and what it holds."""
    for key, value in record.items():
        yield (*before, key), value
        if isinstance(value, dict):
            yield from fields(value, (*before, key))


EXAMPLES: Final = max(5, settings.default.max_examples // 40)  # type: ignore[union-attr]
ABSENT: Final = "absent"
MARK: Final = "@raw@"
NUMBERS: Final = {
    path[-1]
    for form in LINES
    for path, value in fields(FORMS[form].record(0))
    if isinstance(value, int) and not isinstance(value, bool)
} | {"source_port", "num_flows"}

# Values that any field may hold instead of its own; what follows MARK stands in the line as it is. A truth value is not
# tried for a number, nor a number for a truth value: no format writes it, and DuckDB takes one for the other.
ODD: Final[tuple[Any, ...]] = (
    *(ABSENT, None, "", "-", "x", "shop", "web-7d9f-*", "tcp", "Src", "Deny", 0, 1, 2, 7, "3", 443, "443", 3.7, 8e1),
    *(True, False, [], ["app=web"], {}, {"labels": ["app=web"]}, {"name": "a", "TCP": {"destination_port": 80}}),
    *([None], [{"kind": 1, "action": 2}], [{"kind": "EndOfTier", "action": "Deny", "tier": "t"}], [[1]], [7]),
    *(2**63, -(2**63) - 1, 10**25, -5, "2026-03-02T01:00:00+02:00", "2026-03-02T00:30:00.75Z", "2026-03-02T00:45:00"),
    *(f"{MARK}NaN", f"{MARK}-Infinity", "a\u0000b", "a\tb", "é", "😀", "a|b", "PUBLIC NETWORK", "DROPPED", "10"),
)
BROKEN: Final = (
    *(b"null", b"[1]", b"7", b'"text"', b"hello", b"{}", b"{", b"}", b'{"a":}', b"\x00", b"\xef\xbb\xbf{}", b"\xff"),
    *(b'{"a":"\\ud800"}', b'{"a":"\x01"}', b"[" * 200, b'{"flow":null}', b'{"flow":{}}', b'{"Key":{}}', b"nul"),
)


def changed(record: dict[str, Any], path: tuple[str, ...], value: Any) -> dict[str, Any]:
    """Return a record with another value in a field, if that still is one."""
    within = copied = copy.deepcopy(record)
    for key in path[:-1]:
        within = within.get(key)  # type: ignore[assignment]
        if not isinstance(within, dict):
            return copied
    if value == ABSENT:
        within.pop(path[-1], None)
    else:
        within[path[-1]] = value
    return copied


@st.composite
def line(draw: st.DrawFn, form: str, number: int) -> bytes:
    """Draw the n-th line of a form: good mostly, with odd fields often, broken sometimes."""
    record = FORMS[form].record(number)
    places = sorted(path for path, _ in fields(record))
    kind = draw(st.sampled_from(["good", "odd", "odd", "odd", "more", "cut", "twice", "damaged", "broken", "sampled"]))
    if kind == "broken":
        return draw(st.sampled_from(BROKEN))
    for _ in range({"odd": 1, "more": 4}.get(kind, 0)):
        value = draw(st.sampled_from([*ODD, START + STEP * number + 0.2, f"{START + STEP * number}"]))
        place = draw(st.sampled_from(places))
        if not (isinstance(value, bool) and place[-1] in NUMBERS) and not (
            isinstance(value, int | float) and not isinstance(value, bool) and place[-1] == "is_reply"
        ):
            record = changed(record, place, value)
    if kind == "sampled":
        record["sample_rate"] = draw(st.sampled_from([1, "1", 10, "10", "0.5", None, "often"]))
    written = encoded(record)
    for raw in ("NaN", "-Infinity"):
        written = written.replace(f'"{MARK}{raw}"'.encode(), raw.encode())
    match kind:
        case "cut":
            return written[: draw(st.integers(1, len(written) - 1))]
        case "twice":
            name = encoded(draw(st.sampled_from(places))[-1])
            return b"{" + name + b":" + encoded(draw(st.sampled_from([7, "x", None]))) + b"," + written[1:]
        case "damaged":
            return draw(st.sampled_from([b"\xef\xbb\xbf" + written, written + b"\x00", written * 2, written + b"}"]))
    return written


@st.composite
def lines(draw: st.DrawFn, form: str) -> list[bytes]:
    """Draw a file's lines; the first is good, so that the form is told by content."""
    count = draw(st.integers(1, 40))
    found = [FORMS[form].good(1)[0], *(draw(line(form, number)) for number in range(1, count))]
    found += draw(st.lists(st.sampled_from(found), max_size=3))
    blank = draw(st.lists(st.tuples(st.integers(1, len(found)), st.sampled_from([b"", b" ", b"\t"])), max_size=2))
    for place, text in blank:
        found.insert(place, text)
    return found


def read(content: bytes) -> Reading:
    """Read one file of this content."""
    with tempfile.TemporaryDirectory() as folder:
        file, workspace = Path(folder) / "flows", Path(folder) / "workspace"
        workspace.mkdir()
        file.write_bytes(content)
        return read_flows(FlowRequest((str(file),), workspace, Path(folder) / "aside"), report=lambda _: None)


@pytest.mark.parametrize("form", LINES)
@settings(max_examples=EXAMPLES)
@given(data=st.data())
def test_the_slow_decoder_agrees(form: str, data: st.DataObject) -> None:
    """Evidence, records without a place, labels, hours, repeats, and which lines are corrupt."""
    written = data.draw(lines(form))
    numbered = [(number, text) for number, text in enumerate(written, start=1) if text.strip()]
    decoded = [(number, DECODERS[form](text)) for number, text in numbered]
    expected = fold([record for _, record in decoded if record is not None])
    corrupt = [number for number, record in decoded if record is None]

    reading = read(b"\n".join(written) + b"\n")

    note(str([(place.line, place.reason) for place in reading.corrupt]))
    assert [place.line for place in reading.corrupt] == corrupt
    counted = msgspec.structs.replace(expected.records, read=len(numbered), corrupt=len(corrupt))
    assert reading.table == msgspec.structs.replace(expected, records=counted)


def test_a_time_in_the_last_half_of_a_second_stays_in_its_second() -> None:
    """Rounded up, the last moment of an hour would stand in the next, and of a range outside."""
    flow = {**FORMS["hubble bare"].record(0), "time": "2026-03-02T00:59:59.999Z"}

    (evidence,) = read(encoded(flow) + b"\n").table.evidence

    assert rfc3339(evidence.first) == "2026-03-02T00:59:59Z"
