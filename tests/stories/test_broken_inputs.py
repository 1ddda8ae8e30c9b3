"""Broken inputs on the whole command line: each is named, the rest is read, and nothing is dropped without a word."""

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from ringfence.cli.main import main
from tests.engine.flow_lines import START, calico_line, encoded

GOOD: Final = [encoded(calico_line(start_time=START + late, end_time=START + late + 300)) for late in (0, 300)]
LATER: Final = encoded(calico_line(start_time=START + 600, end_time=START + 900))
KEPT: Final = "1 corrupt; all kept in ringfence-set-aside/corrupt-records.jsonl\n"

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run ended with."""

    code: int
    out: str
    err: str


def recommend(capsys: Captured, *arguments: str) -> Outcome:
    """Run ``recommend`` and return what it ended with."""
    code = main(["recommend", *arguments])
    printed = capsys.readouterr()
    return Outcome(code, printed.out, printed.err)


def with_third_line(line: bytes) -> bytes:
    """Return two good lines, this one, and a good one after it."""
    return b"\n".join([*GOOD, line, LATER]) + b"\n"


def cut_stream(content: bytes) -> bytes:
    """Return a gzip stream that ends early, with this content before its end."""
    stream = zlib.compressobj(wbits=31)
    return stream.compress(content) + stream.flush(zlib.Z_FULL_FLUSH)


def cut_within_a_line() -> bytes:
    """Return a stream of two whole lines and a half."""
    return cut_stream(b"\n".join([*GOOD, GOOD[0][:200]]))


def cut_at_a_line_end() -> bytes:
    """Return a stream of two whole lines."""
    return cut_stream(b"\n".join(GOOD) + b"\n")


BROKEN: Final[dict[str, tuple[bytes, str]]] = {
    "invalid UTF-8": (GOOD[0].replace(b"node-a", b"node-\xff"), "invalid UTF-8 at byte"),
    "NUL bytes": (GOOD[0] + b"\0\0", "NUL byte at byte"),
    "a text for a time": (GOOD[0].replace(str(START).encode(), b'"noon"', 1), "start_time"),
    "nothing for a reporter": (GOOD[0].replace(b'"reporter":"src"', b'"reporter":null'), "no reporter"),
    "two objects on a line": (GOOD[0] + GOOD[1], "more than one JSON value on the line"),
    "half an object": (GOOD[0][:50], "not JSON"),
}


@pytest.mark.parametrize("title", BROKEN)
def test_a_broken_line_is_named_kept_and_costs_no_other(title: str, capsys: Captured) -> None:
    """By file and line, with where it was put, and the sum adds up."""
    line, reason = BROKEN[title]
    Path("flows.jsonl").write_bytes(with_third_line(line))

    ran = recommend(capsys, "flows.jsonl", "-o", "name")

    assert ran.code == 0
    assert ran.err.startswith("flows.jsonl:3 ")
    assert reason in ran.err.splitlines()[0]
    assert KEPT in ran.err
    assert ran.err.endswith("read 4 = admitted 3 + left out 0 + corrupt 1\n")
    assert "stagednetworkpolicy.projectcalico.org/namespace-isolation.shop\n" in ran.out
    assert Path("ringfence-set-aside/corrupt-records.jsonl").read_bytes() == line + b"\n"


@pytest.mark.parametrize(("field", "reason"), [("proto", "unknown-protocol"), ("dest_type", "unknown-endpoint-type")])
def test_an_object_in_the_place_of_a_word_is_left_out_by_name(field: str, reason: str, capsys: Captured) -> None:
    """It is a record, so it is not corrupt; it says nothing that we know, so it teaches nothing."""
    Path("flows.jsonl").write_bytes(with_third_line(encoded(calico_line(**{field: {}}))))

    ran = recommend(capsys, "flows.jsonl", "-o", "name")

    assert (ran.code, ran.err) == (0, f"read 4 = admitted 3 + left out 1 ({reason} 1) + corrupt 0\n")


@pytest.mark.parametrize("cut", [cut_within_a_line, cut_at_a_line_end])
def test_a_compressed_file_that_ends_early_is_read_as_far_as_it_goes(
    cut: Callable[[], bytes], capsys: Captured
) -> None:
    """Within a line or between two, the end is told, and the records before it count."""
    Path("flows.jsonl.gz").write_bytes(cut())

    ran = recommend(capsys, "flows.jsonl.gz", "-o", "name")

    assert ran.code == 0
    assert ran.err == (f"flows.jsonl.gz:3 stream ends early\n{KEPT}read 3 = admitted 2 + left out 0 + corrupt 1\n")
    assert "namespace-isolation.shop" in ran.out


def empty_directory() -> str:
    """Make a directory with nothing in it."""
    Path("empty").mkdir()
    return "empty"


def no_flows() -> str:
    """Make a directory without flows."""
    Path("notes").mkdir()
    Path("notes/readme.txt").write_text("hello\n")
    return "notes"


def missing() -> str:
    """Make nothing."""
    return "missing.jsonl"


def nothing_in_it() -> str:
    """Make a file without a byte."""
    Path("nothing.jsonl").touch()
    return "nothing.jsonl"


def no_match() -> str:
    """Make nothing that the pattern finds."""
    return "*.none"


UNREADABLE: Final[dict[Callable[[], str], str]] = {
    empty_directory: "empty is an empty directory; give one that holds flow logs\n",
    no_flows: "notes/readme.txt is not a flow log we know (Calico, Elasticsearch, Goldmane, Whisker or Hubble); "
    "--format forces a format\n",
    missing: "missing.jsonl does not exist; check the path\n",
    nothing_in_it: "nothing.jsonl holds no records\n",
    no_match: "*.none matches no file; quote the pattern and check the directory\n",
}
each_unreadable: Final = pytest.mark.parametrize("make", UNREADABLE, ids=lambda make: make.__name__)


@each_unreadable
def test_where_nothing_can_be_read_the_run_is_an_error_that_says_what_to_do(
    make: Callable[[], str], capsys: Captured
) -> None:
    """Exit code 2, nothing on standard output, nothing written."""
    path = make()

    ran = recommend(capsys, path, "--output-dir", "out")

    assert ran == Outcome(2, "", f"Error: no flow records to read:\n  {UNREADABLE[make]}")
    assert not Path("out").exists()


@each_unreadable
def test_beside_a_good_file_it_is_skipped_by_name(make: Callable[[], str], capsys: Captured) -> None:
    """The rest is processed and counted."""
    path = make()
    Path("good.jsonl").write_bytes(b"\n".join(GOOD) + b"\n")

    ran = recommend(capsys, "good.jsonl", path, "-o", "name")

    assert ran.code == 0
    assert ran.err == f"skipped: {UNREADABLE[make]}read 2 = admitted 2 + left out 0 + corrupt 0\n"
    assert "namespace-isolation.shop" in ran.out


def test_a_file_of_broken_lines_alone_gives_no_policy_and_says_why(capsys: Captured) -> None:
    """It was read, so the sum is printed; ``--fail-on corrupt`` makes it a failure."""
    Path("flows.jsonl").write_bytes(GOOD[0] + GOOD[1] + b"\n")

    ran = recommend(capsys, "flows.jsonl", "-o", "name", "--fail-on", "corrupt")

    assert (ran.code, ran.out) == (1, "")
    assert ran.err == (
        f"flows.jsonl:1 more than one JSON value on the line\n{KEPT}read 1 = admitted 0 + left out 0 + corrupt 1\n"
    )
