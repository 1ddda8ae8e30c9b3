"""Which layout a file's first records tell."""

import json
from typing import Any

import pytest

from ringfence.sources.compression import Start
from ringfence.sources.framing import Framing, first_records, framing_of
from ringfence.sources.layout import Layout, layout_of

CALICO: dict[str, Any] = {"source_type": "wep", "dest_type": "net", "reporter": "src", "source_name_aggr": "a-*"}
KEY = {"source_name": "a-*", "source_namespace": "shop", "source_type": 1, "dest_type": 4, "reporter": 1}
CAMEL = {"sourceName": "a-*", "sourceNamespace": "shop", "sourceType": 1, "destName": "pub", "reporter": "Src"}
WHISKER = {"start_time": "2026-03-01T09:15:00Z", "source_name": "a-*", "dest_name": "b", "protocol": "tcp"}
HUBBLE = {"verdict": "FORWARDED", "IP": {}, "l7": {"http": {"headers": [{"key": "source_name", "value": "policies"}]}}}

LAYOUTS: dict[str, tuple[Any, Framing, Layout]] = {
    "calico": (CALICO, Framing.LINES, Layout.CALICO),
    "calico with a field named key": (CALICO | {"key": "a"}, Framing.LINES, Layout.CALICO),
    "calico in _source": ({"_source": CALICO}, Framing.LINES, Layout.CALICO_WRAPPED),
    "a list of flow logs": ([CALICO], Framing.LIST, Layout.CALICO),
    "a search answer": ({"hits": {"hits": [{"_source": CALICO}]}}, Framing.LIST, Layout.CALICO_WRAPPED),
    "pushed": ({"Key": KEY, "start_time": 5}, Framing.LINES, Layout.GOLDMANE),
    "pushed, lower case": ({"key": CAMEL, "startTime": 5}, Framing.LINES, Layout.GOLDMANE_LOWER),
    "results": ({"id": "3", "flow": {"Key": KEY}}, Framing.LINES, Layout.GOLDMANE_RESULT),
    "results, lower case": ({"flow": {"key": CAMEL}}, Framing.LINES, Layout.GOLDMANE_RESULT_LOWER),
    "a list answer": ({"meta": {}, "flows": [{"flow": {"Key": KEY}}]}, Framing.LIST, Layout.GOLDMANE_RESULT),
    "whisker": (WHISKER, Framing.LINES, Layout.WHISKER),
    "whisker's answer": ({"total": {"totalPages": 1}, "items": [WHISKER]}, Framing.LIST, Layout.WHISKER),
    "hubble": ({"flow": HUBBLE, "node_name": "a"}, Framing.LINES, Layout.HUBBLE),
    "hubble without envelope": (HUBBLE, Framing.LINES, Layout.HUBBLE_BARE),
}


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("title", LAYOUTS)
def test_a_layout_is_told_by_its_records(title: str, indent: int | None) -> None:
    """By the names of fields; a document may be written over many lines."""
    value, framing, layout = LAYOUTS[title]
    start = json.dumps(value, indent=indent if framing is Framing.LIST else None).encode() + b"\n"

    assert framing_of(start) is framing
    assert layout_of(first_records(framing, Start(start, early=False), whole=True).data) is layout


def test_an_event_stream_is_told_by_its_first_event() -> None:
    """Whatever comments come before."""
    start = b": connected\n\ndata: " + json.dumps(WHISKER).encode() + b"\n\n"

    assert framing_of(start) is Framing.EVENTS
    assert layout_of(first_records(Framing.EVENTS, Start(start, early=False), whole=True).data) is Layout.WHISKER


def test_a_forced_format_passes_over_records_of_others() -> None:
    """And is taken at its word where no record tells a form of it."""
    lines = b"".join(json.dumps(each).encode() + b"\n" for each in (WHISKER, {"key": CAMEL}))

    assert layout_of(lines) is Layout.WHISKER
    assert layout_of(lines, forced="goldmane") is Layout.GOLDMANE_LOWER
    assert layout_of(lines, forced="elasticsearch") is Layout.CALICO_WRAPPED
    assert layout_of(json.dumps(CALICO).encode(), forced="elasticsearch") is Layout.CALICO


@pytest.mark.parametrize("line", [b"hello", b'{"a": 1}', b'{"items": [1, 2]}', b"[1]", b""])
def test_what_tells_nothing_has_no_layout(line: bytes) -> None:
    """None rather than a guess."""
    assert layout_of(line) is None
