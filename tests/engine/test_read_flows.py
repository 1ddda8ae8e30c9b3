"""Reading files as users have them: whole, cut, repeated, shuffled, broken."""

import gzip
import json
import os
import random
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from backports import zstd

from flow_lines import START, calico_line, encoded, lines
from ringfence.engine import read_flows as module
from ringfence.engine.read_flows import read_flows
from ringfence.engine.reading import FlowRequest, NothingToReadError, Progress, Reading
from ringfence.flows.evidence import EvidenceTable
from ringfence.flows.left_out import LeftOut

LINES = [
    encoded(calico_line(start_time=START + 60 * step, end_time=START + 60 * step + 60, host=f"node-{step % 3}"))
    for step in range(120)
]


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Path]:
    """Give a folder for one reading, and check that nothing is left in it but the store."""
    folder = tmp_path / "workspace"
    folder.mkdir()
    yield folder
    assert {file.name.split(".")[0] for file in folder.iterdir()} <= {"run", "spill", "identities"}


def read(workspace: Path, *inputs: Path | str, **request: object) -> Reading:
    """Read the inputs."""
    names = tuple(str(each) for each in inputs)
    settings: dict[str, object] = {"set_aside": workspace.parent / "aside", **request}
    return read_flows(FlowRequest(names, workspace, **settings), report=lambda _: None)  # type: ignore[arg-type]


def evidence(table: EvidenceTable) -> tuple[object, ...]:
    """Return what must not depend on how the input was stored."""
    return table.evidence, table.unplaced, table.labels, table.hours, table.window_ends, table.slots


def expected(tmp_path: Path) -> tuple[object, ...]:
    """Return the evidence of the plain file."""
    folder = tmp_path / "expected"
    folder.mkdir()
    (folder / "flows.jsonl").write_bytes(b"\n".join(LINES) + b"\n")
    (folder / "workspace").mkdir()
    reading = read(folder / "workspace", folder / "flows.jsonl")
    assert reading.table.records.read == len(LINES)
    return evidence(reading.table)


@pytest.mark.parametrize("form", ["plain", "gzip", "zstd", "wrapped", "split", "shuffled", "pieces", "no-end"])
def test_the_form_of_the_input_changes_nothing(
    tmp_path: Path, workspace: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    """Compressed, wrapped, split, shuffled or cut into many units: the same evidence."""
    text = b"\n".join(LINES) + b"\n"
    folder = tmp_path / "input"
    folder.mkdir()
    match form:
        case "plain":
            (folder / "a").write_bytes(text)
        case "gzip":
            (folder / "a").write_bytes(gzip.compress(text))
        case "zstd":
            (folder / "a").write_bytes(zstd.compress(text))
        case "wrapped":
            wrapped = [{"_index": "flows", "_source": json.loads(line)} for line in LINES]
            (folder / "a").write_bytes(lines(*wrapped))
        case "split":
            for number in range(4):
                (folder / f"[{number}]*.log").write_bytes(b"\n".join(LINES[number::4]) + b"\n")
        case "shuffled":
            (folder / "a").write_bytes(b"\n".join(random.Random(1).sample(LINES, len(LINES))) + b"\n")
        case "pieces":
            monkeypatch.setattr(module, "UNIT_RECORDS", 50)
            monkeypatch.setattr(module, "SPOOL_BYTES", 10_000)
            (folder / "a").write_bytes(text)
        case _:
            (folder / "a").write_bytes(text.rstrip())

    reading = read(workspace, folder)

    assert evidence(reading.table) == expected(tmp_path)
    assert not reading.corrupt


def test_a_second_copy_counts_once(tmp_path: Path, workspace: Path) -> None:
    """Doubled input is told as repeats and changes no evidence."""
    text = b"\n".join(LINES) + b"\n"
    (tmp_path / "a.jsonl").write_bytes(text)
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(text))

    reading = read(workspace, tmp_path / "a.jsonl", tmp_path / "b.jsonl.gz")

    assert evidence(reading.table) == expected(tmp_path)
    assert reading.table.records.repeats == {LeftOut.REPEATED: len(LINES)}
    assert reading.table.records.read == 2 * len(LINES)


def test_a_repeat_with_other_counters_keeps_the_largest(tmp_path: Path, workspace: Path) -> None:
    """The repeat is counted under its own name."""
    (tmp_path / "a.jsonl").write_bytes(lines(calico_line(bytes_in=5, bytes_out=50), calico_line(bytes_in=7)))

    reading = read(workspace, tmp_path / "a.jsonl")

    counters = reading.table.evidence[0].counters
    assert reading.table.records.repeats == {LeftOut.REPEATED_OTHER_COUNTERS: 1}
    assert (counters.bytes_in, counters.bytes_out) == (7, 50)


def test_the_same_file_named_twice_is_read_once(tmp_path: Path, workspace: Path) -> None:
    """By path, by link and by directory."""
    file = tmp_path / "flows" / "a.jsonl"
    file.parent.mkdir()
    file.write_bytes(lines(calico_line()))
    (tmp_path / "link.jsonl").symlink_to(file)

    reading = read(workspace, file, tmp_path / "link.jsonl", tmp_path / "flows")

    assert reading.table.records.read == 1
    assert len(reading.skipped) == 2


def test_a_stream_is_read_like_a_file(tmp_path: Path, workspace: Path) -> None:
    """A named pipe, as a shell's process substitution gives one."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(lines(calico_line(), calico_line()),))
    writer.start()

    reading = read(workspace, pipe)

    writer.join()
    for file in workspace.glob("*.stream"):
        file.unlink()
    assert reading.table.records.read == 2


def test_a_broken_gzip_gives_its_complete_records(tmp_path: Path, workspace: Path) -> None:
    """What ends early is one corrupt record, named by file and line."""
    file = tmp_path / "a.jsonl.gz"
    file.write_bytes(gzip.compress(b"\n".join(LINES) + b"\n")[:-200])

    reading = read(workspace, file)

    admitted = reading.table.records.read - reading.table.records.corrupt
    assert 0 < admitted < len(LINES)
    assert [(place.file, place.line, place.reason) for place in reading.corrupt] == [
        (str(file), admitted + 1, "stream ends early")
    ]


def test_a_200_mb_line_is_one_corrupt_record(tmp_path: Path, workspace: Path) -> None:
    """The records before and after it are read."""
    file = tmp_path / "a.jsonl"
    with file.open("wb") as out:
        out.write(b"\n".join(LINES[:60]) + b"\n" + b'{"host":"')
        for _ in range(200):
            out.write(b"x" * 1_000_000)
        out.write(b'"}\n' + b"\n".join(LINES[60:]) + b"\n")

    reading = read(workspace, file)

    assert evidence(reading.table) == expected(tmp_path)
    assert [(place.line, place.reason) for place in reading.corrupt] == [(61, "too long")]
    assert reading.set_aside is not None
    assert reading.set_aside.stat().st_size > 200_000_000


def test_nesting_that_stops_duckdb_costs_one_record(tmp_path: Path, workspace: Path) -> None:
    """A unit that stops is cut down to the line that stops it."""
    deep = b"[" * 3_000_000 + b"]" * 3_000_000
    bad = LINES[0].replace(b'"dest_labels":', b'"dest_labels":' + deep + b',"more":')
    file = tmp_path / "a.jsonl"
    file.write_bytes(b"\n".join([*LINES[:70], bad, *LINES[70:]]) + b"\n")

    reading = read(workspace, file)

    assert evidence(reading.table) == expected(tmp_path)
    assert [place.line for place in reading.corrupt] == [71]


@pytest.mark.parametrize("name", ["empty", "no-flows", "nothing.jsonl", "missing", "missing*"])
def test_nothing_to_read_says_why(tmp_path: Path, workspace: Path, name: str) -> None:
    """An empty directory, one without flows, an empty file, a path and a pattern that match nothing."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "no-flows").mkdir()
    (tmp_path / "no-flows" / "notes.txt").write_text("hello\n")
    (tmp_path / "nothing.jsonl").write_text("\n \n")

    with pytest.raises(NothingToReadError, match=name.replace("*", r"\*")):
        read(workspace, tmp_path / name)


@pytest.mark.parametrize("compress", [gzip.compress, zstd.compress], ids=["gzip", "zstd"])
@pytest.mark.parametrize("kept", [5, 15, 20])
@pytest.mark.parametrize("forced", [None, "calico"])
def test_a_stream_cut_before_any_content_ends_early(
    tmp_path: Path, workspace: Path, compress: Callable[[bytes], bytes], kept: int, forced: str | None
) -> None:
    """A damaged copy is not called empty, though nothing of it can be read."""
    file = tmp_path / "a.jsonl"
    file.write_bytes(compress(b"\n".join(LINES) + b"\n")[:kept])

    with pytest.raises(NothingToReadError, match=r"a\.jsonl stream ends early"):
        read(workspace, file, format=forced)


def test_a_stream_cut_before_any_content_costs_no_other_file(tmp_path: Path, workspace: Path) -> None:
    """It is named among the skipped ones."""
    cut, whole = tmp_path / "cut.gz", tmp_path / "whole.gz"
    cut.write_bytes(gzip.compress(b"\n".join(LINES))[:20])
    whole.write_bytes(gzip.compress(b"\n".join(LINES)))

    reading = read(workspace, cut, whole)

    assert reading.table.records.read == len(LINES)
    assert [(each.file, each.reason.split(":")[0]) for each in reading.skipped] == [(str(cut), "stream ends early")]


@pytest.mark.parametrize("compress", [gzip.compress, zstd.compress], ids=["gzip", "zstd"])
def test_a_compressed_file_of_nothing_is_empty_and_not_cut(
    tmp_path: Path, workspace: Path, compress: Callable[[bytes], bytes]
) -> None:
    """A whole stream without content is as good as an empty file."""
    file = tmp_path / "a.jsonl"
    file.write_bytes(compress(b""))

    with pytest.raises(NothingToReadError, match="holds no records"):
        read(workspace, file)


def test_what_can_be_read_is_read(tmp_path: Path, workspace: Path) -> None:
    """One good file among bad ones is enough; the others are named."""
    (tmp_path / "notes.txt").write_text("hello\n")
    (tmp_path / "a.jsonl").write_bytes(lines(calico_line()))

    reading = read(workspace, tmp_path / "missing", tmp_path / "notes.txt", tmp_path / "a.jsonl")

    assert reading.table.records.read == 1
    assert [Path(each.file).name for each in reading.skipped] == ["missing", "notes.txt"]


def test_bounds_leave_records_out_by_name(tmp_path: Path, workspace: Path) -> None:
    """Half-open: a record that starts at the upper bound is outside."""
    (tmp_path / "a.jsonl").write_bytes(b"\n".join(LINES) + b"\n")

    reading = read(workspace, tmp_path / "a.jsonl", since=START + 60, until=START + 120)

    counted = {each.left_out: each.records for each in reading.table.evidence}
    assert counted == {None: 1, LeftOut.OUTSIDE_TIME_RANGE: 119}


def test_a_folder_that_cannot_be_written_loses_no_count(tmp_path: Path, workspace: Path) -> None:
    """The problem is told instead."""
    (tmp_path / "a.jsonl").write_bytes(lines(calico_line()) + b"bad\n")
    (tmp_path / "aside").write_text("a file where the folder should be")

    reading = read(workspace, tmp_path / "a.jsonl")

    assert reading.table.records.corrupt == 1
    assert reading.set_aside is None
    assert "cannot write" in (reading.set_aside_problem or "")


def test_progress_reaches_the_whole(tmp_path: Path, workspace: Path) -> None:
    """The last word of a pass is all bytes and all records."""
    file = tmp_path / "a.jsonl.gz"
    file.write_bytes(gzip.compress(b"\n".join(LINES) + b"\n"))
    told: list[Progress] = []

    read_flows(FlowRequest((str(file),), workspace, tmp_path / "aside"), report=told.append)

    assert told[-1] == Progress("reading", file.stat().st_size, file.stat().st_size, len(LINES))
