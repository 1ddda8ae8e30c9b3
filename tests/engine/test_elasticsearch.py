"""Calico flow logs in the documents that Elasticsearch answers with and exports."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flow_lines import START, calico_line, lines
from ringfence.engine.read_flows import read_flows
from ringfence.engine.reading import FlowRequest, NothingToReadError, Reading

RECORDS = [calico_line(start_time=START + 60 * minute, dest_port=5432 + minute % 3) for minute in range(40)]


def hits(records: list[Any], indent: int | None = None) -> str:
    """Return the answer of a search."""
    found = [{"_index": "flows", "_id": str(number), "_source": each} for number, each in enumerate(records)]
    answer = {"took": 4, "hits": {"total": {"value": len(records)}, "hits": found}, "aggregations": {"a": [1]}}
    return json.dumps(answer, indent=indent)


def wrapped(records: list[Any]) -> str:
    """Return the hits alone."""
    return json.dumps([{"_source": each} for each in records])


FORMS: dict[str, Callable[[list[Any]], str]] = {
    "hits": hits,
    "pretty hits": lambda records: hits(records, indent=2),
    "list of hits": wrapped,
    "list": json.dumps,
    "pretty list": lambda records: json.dumps(records, indent=4),
}


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Reading]:
    """Return what reads a file of some content."""

    def reading(content: str | bytes, **words: Any) -> Reading:
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        (folder / "workspace").mkdir(parents=True)
        file = folder / "flows.json"
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        request = FlowRequest((str(file),), folder / "workspace", folder / "aside", **words)
        return read_flows(request, report=lambda _: None)

    return reading


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("forced", [None, "elasticsearch", "calico"])
def test_a_document_says_what_its_lines_say(read: Callable[..., Reading], form: str, forced: str | None) -> None:
    """A search answer, its hits, and one array of flow logs, told by content or forced."""
    reading = read(FORMS[form](RECORDS), format=forced)

    expected = read(lines(*RECORDS))
    assert reading.table.evidence == expected.table.evidence
    assert reading.table.records == expected.table.records
    assert not reading.corrupt


@pytest.mark.parametrize("form", FORMS)
def test_corrupt_elements_are_named_by_number(read: Callable[..., Reading], form: str) -> None:
    """A document without a required field, and one that is no object."""
    incomplete = calico_line()
    del incomplete["reporter"]

    reading = read(FORMS[form]([RECORDS[0], incomplete, RECORDS[1], 7]))

    assert [place.line for place in reading.corrupt] == [2, 4]
    assert reading.corrupt[0].reason == "no reporter"
    assert (reading.table.records.read, reading.table.records.corrupt) == (4, 2)


def test_an_answer_without_hits_holds_no_records(read: Callable[..., Reading]) -> None:
    """Which is said."""
    with pytest.raises(NothingToReadError, match="holds no records"):
        read(hits([]))


def test_an_error_answer_is_no_flow_log(read: Callable[..., Reading]) -> None:
    """What Elasticsearch says when a search fails."""
    with pytest.raises(NothingToReadError, match="is not a flow log we know"):
        read('{"error":{"root_cause":[{"type":"index_not_found_exception"}]},"status":404}')


def test_a_list_that_turns_into_lines_loses_nothing(read: Callable[..., Reading]) -> None:
    """Each line after the list is a record of its own."""
    reading = read(json.dumps(RECORDS[:10]).encode() + b"\n" + lines(*RECORDS[10:]))

    assert (reading.table.records.read, reading.table.records.corrupt) == (40, 0)
