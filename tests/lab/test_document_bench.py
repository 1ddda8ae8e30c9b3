"""Large documents and long streams: the short forms of two measurements, and that their bars can be missed."""

import json
import sys
from pathlib import Path

import pytest

from ringfence_lab import document_bench, stream_bench
from ringfence_lab.document_bench import FORMS, MOST_BYTES, Form, write_document
from ringfence_lab.peak_memory import Run

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
KEYS = {"goldmane": ("flows",), "whisker": ("items",), "elasticsearch": ("hits", "hits")}


@pytest.mark.parametrize("form", FORMS)
def test_a_document_is_one_json_value_with_its_flows(tmp_path: Path, form: Form) -> None:
    """Of the size asked for, and the list stands where the format has it."""
    document = write_document(tmp_path / "flows.json", form=form, size=300_000)

    found = json.loads((tmp_path / "flows.json").read_bytes())
    for key in KEYS[form]:
        found = found[key]
    assert len(found) == document.flows > 100
    assert document.size == (tmp_path / "flows.json").stat().st_size >= 300_000


@on_linux
def test_documents_are_read_within_the_bar(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The short form of the measurement, by the same bar."""
    code = document_bench.main(["--megabytes", "30", "--scratch", str(tmp_path)])

    printed = capsys.readouterr().out
    assert code == 0, printed
    assert printed.count("| held |") == len(FORMS)
    assert not list(tmp_path.iterdir())


@on_linux
def test_ten_times_more_lines_take_no_more_memory(capsys: pytest.CaptureFixture[str]) -> None:
    """The short form of the measurement, by the same bar."""
    code = stream_bench.main(["--lines", "20000", "--lines", "200000", "--size", "3"])

    printed = capsys.readouterr().out
    assert code == 0, printed
    assert ": held." in printed


@pytest.mark.parametrize(("peak", "held"), [(MOST_BYTES - 1, True), (MOST_BYTES, False)])
def test_the_bar_of_documents_can_be_missed(peak: int, *, held: bool) -> None:
    """One byte less than the bar holds it."""
    assert document_bench.holds(Run(1.0, peak)) is held


@pytest.mark.parametrize(("peak", "held"), [(120, True), (121, False)])
def test_the_bar_of_streams_can_be_missed(peak: int, *, held: bool) -> None:
    """Judged between the shortest and the longest, in whatever order they ran."""
    assert stream_bench.holds([(500, Run(1.0, 90)), (1_000, Run(2.0, peak)), (100, Run(1.0, 100))]) is held
