"""Lists of records cut out of documents while these are read."""

import json
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.sources.compression import StreamEndsEarlyError
from ringfence.sources.record_list import RecordList

TEXTS = st.text(alphabet='a{}[],:"\\\n\té ', max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=12,
)
RECORDS = st.dictionaries(TEXTS, VALUES, min_size=1, max_size=4)
WRAPPINGS = {
    "at the top": "{}",
    "flows": '{{"meta": {{"totalPages": "1"}}, "flows": {}}}',
    "items": '{{"items": {}, "total": {{"totalPages": 1}}}}',
    "hits": '{{"took": 3, "hits": {{"total": {{"value": 2}}, "max_score": [1, {{}}], "hits": {}}}}}',
}
INDENTS = st.sampled_from([None, 0, 2, "\t"])
SEPARATORS = st.sampled_from([(",", ":"), (", ", ": "), (" ,", " :")])


class Pieces:
    """Gives bytes in pieces of one size, whatever is asked."""

    def __init__(self, data: bytes, size: int) -> None:
        """Give ``data`` in pieces."""
        self._data = BytesIO(data)
        self._size = size

    def read(self, _size: int = -1, /) -> bytes:
        """Return the next piece."""
        return self._data.read(self._size)


def cut(document: bytes, size: int = 1_000_000) -> tuple[list[bytes], bool]:
    """Return the lines of a document and whether it ended early."""
    reader = RecordList(Pieces(document, size))
    parts = []
    try:
        while part := reader.read(size):
            parts.append(part)
    except StreamEndsEarlyError:
        return b"".join(parts).split(b"\n"), True
    lines = b"".join(parts).split(b"\n")
    assert not lines.pop().strip()
    return lines, False


@pytest.mark.parametrize("wrapping", WRAPPINGS)
@given(
    elements=st.lists(VALUES, max_size=5) | st.lists(RECORDS, min_size=1, max_size=5),
    indent=INDENTS,
    separators=SEPARATORS,
    size=st.integers(1, 300),
)
def test_the_elements_come_out_as_lines(
    wrapping: str, elements: list[object], indent: int | None, separators: tuple[str, str], size: int
) -> None:
    """The n-th element is line n, however the document is written, nested or read in pieces."""
    text = json.dumps(elements, indent=indent, separators=separators, ensure_ascii=False)

    lines, early = cut(WRAPPINGS[wrapping].format(text).encode(), size)

    assert not early
    assert [json.loads(line) for line in lines] == elements


@given(
    elements=st.lists(RECORDS, min_size=1, max_size=4),
    kept=st.floats(0, 0.999),
    size=st.integers(1, 100),
    indent=INDENTS,
)
def test_a_truncated_document_gives_its_complete_elements(
    elements: list[object], kept: float, size: int, indent: int | None
) -> None:
    """What is complete comes out, and the end is told as early."""
    document = json.dumps({"flows": elements}, indent=indent).encode()

    lines, early = cut(document[: max(1, int(len(document) * kept))], size)

    assert early
    complete = [line for line in lines[:-1] if line.strip()]
    assert [json.loads(line) for line in complete] == elements[: len(complete)]


@given(size=st.integers(1, 40))
def test_what_is_no_record_becomes_a_line_of_its_own(size: int) -> None:
    """A missing element, a scalar, an error answer, text, and a value beside the document: nothing is dropped."""
    document = b'{"flows":[{"a":1},,7]}\n{"error":"it {broke"}\nhello\n{"b":2}{"flows":[{"c":3}]}'

    lines, early = cut(document, size)

    assert [line.strip() for line in lines] == [
        b'{"a":1}',
        b",",
        b"7",
        b'{"error":"it {broke"}',
        b"hello",
        b'{"b":2}',
        b'{"c":3}',
    ]
    assert not early


@given(size=st.integers(1, 40))
def test_a_line_end_within_a_text_stays_forbidden(size: int) -> None:
    """JSON forbids it, so the element stays one line that is no JSON, and the next is read."""
    lines, _ = cut(b'[\n{"a": "x\ny"},\n{"a": "x\\\ny"},\n{"b":\n2}\n]', size)

    assert len(lines) == 3
    for line in lines[:2]:
        with pytest.raises(json.JSONDecodeError, match=r"control character|escape"):
            json.loads(line)
    assert json.loads(lines[2]) == {"b": 2}


@pytest.mark.parametrize("document", ["[]", '{"items":null,"total":{"totalPages":0}}', '{"meta":{}}', '{"flows":[]}'])
def test_an_empty_document_has_no_lines(document: str) -> None:
    """Protobuf leaves an empty list out, and Whisker writes null."""
    assert cut(document.encode()) == ([], False)
    assert RecordList(BytesIO(document.encode())).begins_with_list()


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        (b'\xef\xbb\xbf {"meta": {}, "flows": [', True),
        (b'[\n  {"start_time"', True),
        (b'{"hits":{"hits":[{', True),
        (b'{"flow":{"hits":[1]},"items_seen":[2]}\n{"flows":[', False),
        (b"[garbage\n", False),
        (b'{"dest_labels":{"labels":["a=b"]}', False),
        (b"hello\n[{}]", False),
        (b"", False),
    ],
)
def test_a_document_is_told_by_its_first_value(start: bytes, *, expected: bool) -> None:
    """A list elsewhere in a record is none of its records."""
    assert RecordList(BytesIO(start)).begins_with_list() is expected


def test_nesting_costs_no_more_than_its_length() -> None:
    """Two hundred thousand brackets, within the list and around it, are passed on as what they are."""
    deep = b'{"a":' + b"[" * 200_000 + b"]" * 200_000 + b"}"

    lines, early = cut(deep + b'\n{"flows":[' + deep + b',{"b":1}]}')

    assert lines == [deep, deep, b'{"b":1}']
    assert not early
