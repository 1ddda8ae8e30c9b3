"""Every way an input can be bad, in every form that records come in.

Each cell of the two tables is a test. Whatever is wrong, the sum adds up, each corrupt record is named by its place and
kept byte for byte, and the records around it say what they would have said alone.
"""

import gzip
import json
import os
import random
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any, Final

import pytest
from backports import zstd

from ringfence.engine.read_flows import read_flows
from ringfence.engine.reading import FlowFormat, FlowRequest, NothingToReadError, Reading
from ringfence.flows.left_out import LeftOut
from ringfence.sources import cutting, json_lines, record_list
from tests.engine.forms import FORMS, Form, encoded

COUNT: Final = 6
BAD_INDEX: Final = 2
SCALED_LIMIT: Final = 600_000
each_form: Final = pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Give a folder with a workspace, in which the reading leaves nothing but its store."""
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    yield tmp_path
    assert {file.name.split(".")[0] for file in workspace.iterdir()} <= {"run", "spill", "identities"}


def read(folder: Path, *inputs: Path | str, force: FlowFormat | None = None) -> Reading:
    """Read inputs."""
    request = FlowRequest(tuple(map(str, inputs)), folder / "workspace", folder / "aside", format=force)
    return read_flows(request, report=lambda _: None)


def read_content(folder: Path, content: bytes, **words: Any) -> Reading:
    """Read one file of this content."""
    (folder / "flows").write_bytes(content)
    return read(folder, folder / "flows", **words)


def adds_up(reading: Reading) -> bool:
    """Say whether every record is counted once, and every corrupt one named."""
    table = reading.table
    counted = sum(each.records for each in (*table.evidence, *table.unplaced))
    counted += sum(table.records.repeats.values()) + table.records.corrupt
    return counted == table.records.read and len(reading.corrupt) == table.records.corrupt


def admitted(reading: Reading) -> int:
    """Return how many records are evidence of the one edge that all forms show."""
    rows = [each for each in reading.table.evidence if each.left_out is None]
    assert {(each.edge.protocol, each.edge.port, each.reporter, each.outcome) for each in rows} <= {
        ("TCP", 5432, "Source", "Allowed")
    }
    return sum(each.records for each in rows)


def places(reading: Reading) -> list[int]:
    """Return the numbers of the corrupt records."""
    return [place.line for place in reading.corrupt]


# A bad record among good ones


def with_time(form: Form, value: bytes) -> bytes:
    """Return a record whose required time is this JSON."""
    record: Any = form.record(BAD_INDEX)
    within = record
    for key in form.required[:-1]:
        within = within[key]
    within[form.required[-1]] = "@time@"
    return encoded(record).replace(b'"@time@"', value)


def good(form: Form) -> bytes:
    """Return the good record that the bad one is made of."""
    return form.good(BAD_INDEX + 1)[-1]


def other(form: Form) -> bytes:
    """Return a good record of another format."""
    name = "goldmane push" if form.family in {"calico", "elasticsearch"} else "calico"
    return FORMS[name].good(1)[0]


BAD: Final[Mapping[str, tuple[Callable[[Form], bytes], str]]] = {
    "invalid UTF-8": (lambda form: good(form).replace(b"shop", b"sh\xffop", 1), "invalid UTF-8 at byte"),
    "half a character": (lambda form: good(form).replace(b"shop", b"sh\xc3", 1), "invalid UTF-8 at byte"),
    "a NUL byte": (lambda form: good(form).replace(b"shop", b"s\0op", 1), "NUL byte at byte"),
    "a control character": (lambda form: good(form).replace(b"shop", b"s\x01op", 1), "not JSON"),
    "a lone surrogate": (lambda form: good(form).replace(b"shop", b"s\\ud800", 1), "surrogate"),
    "no time": (lambda form: encoded(form.without_time(BAD_INDEX)), "no "),
    "null for a time": (lambda form: with_time(form, b"null"), "no "),
    "a text for a time": (lambda form: with_time(form, b'"soon"'), ' is "soon", not '),
    "an object for a time": (lambda form: with_time(form, b'{"s":1}'), ' is {"s":1}, not '),
    "a number past 64 bits for a time": (lambda form: with_time(form, b"9" * 30), ", not "),
    "NaN for a time": (lambda form: with_time(form, b"NaN"), "not JSON"),
    "two objects": (lambda form: good(form) * 2, "more than one JSON value"),
    "null": (lambda _: b"null", "not a JSON object"),
    "a number": (lambda _: b"7", "not a JSON object"),
    "a text": (lambda _: b'"a, b"', "not a JSON object"),
    "a list": (lambda form: b"[" + good(form) + b"]", "not a JSON object"),
    "an empty object": (lambda _: b"{}", "no "),
    "no JSON": (lambda _: b"hello", "not JSON"),
    "a byte-order mark": (lambda form: b"\xef\xbb\xbf" + good(form), "byte-order mark"),
    "another format": (other, "no "),
}


@each_form
def test_bad_records_cost_only_themselves(folder: Path, form: Form) -> None:
    """Each is named by its line or its place in the list, and why; its bytes are kept; those between say the same."""
    records = form.good(len(BAD) + 1)
    bad = {title: make(form) for title, (make, _) in BAD.items()}
    mixed = [each for pair in zip(records, bad.values(), strict=False) for each in pair] + records[-1:]

    reading = read_content(folder, form.file(mixed))

    assert adds_up(reading)
    assert (reading.table.records.read, admitted(reading)) == (len(mixed), len(records))
    reasons = {place.line: place.reason for place in reading.corrupt}
    for index, (title, (_, reason)) in enumerate(BAD.items()):
        assert reason in reasons.pop(form.line(2 * index + 1), "not named"), title
    assert reasons == {}
    assert reading.set_aside is not None
    assert reading.set_aside.read_bytes() == b"".join(each + b"\n" for each in bad.values())


@pytest.mark.parametrize("bad", [b"7", b'"a, b"', b"[1]", b"null"])
@pytest.mark.parametrize("first", [False, True], ids=["later", "first"])
@pytest.mark.parametrize("title", ["calico in _source", "calico"])
def test_one_value_that_is_no_object_does_not_decide_what_lines_are(
    folder: Path, title: str, bad: bytes, *, first: bool
) -> None:
    """Alone among good records, which are of one column in Elasticsearch's form."""
    form = FORMS[title]
    records = form.good(COUNT)

    reading = read_content(folder, form.file([bad, *records] if first else [*records, bad]))

    assert adds_up(reading)
    assert (admitted(reading), places(reading)) == (COUNT, [1 if first else COUNT + 1])


@each_form
def test_a_record_that_is_too_long(folder: Path, monkeypatch: pytest.MonkeyPatch, form: Form) -> None:
    """A smaller limit stands for that of 16 MiB, in a compressed file: that is where the program itself cuts lines."""
    for module in (cutting, json_lines, record_list):
        monkeypatch.setattr(module, "LONGEST_RECORD", SCALED_LIMIT)
    records = form.good(COUNT)
    bad = _more(records[BAD_INDEX], b'"' + b"x" * (3 * SCALED_LIMIT) + b'"')

    content = form.file([*records[:BAD_INDEX], bad, *records[BAD_INDEX:]])
    reading = read_content(folder, gzip.compress(content))

    assert adds_up(reading)
    assert (reading.table.records.read, admitted(reading)) == (COUNT + 1, COUNT)
    assert [(place.line, place.reason) for place in reading.corrupt] == [(form.line(BAD_INDEX), "too long")]
    assert reading.set_aside is not None
    assert reading.set_aside.read_bytes().removeprefix(form.lead) == bad + b"\n"


@each_form
def test_half_an_object(folder: Path, form: Form) -> None:
    """On a line it costs itself; in a document nobody can say where it ends, so it takes the rest along."""
    records = form.good(COUNT)
    bad = records[BAD_INDEX][:60]

    reading = read_content(folder, form.file([*records[:BAD_INDEX], bad, *records[BAD_INDEX:]]))

    lost = COUNT - BAD_INDEX if form.is_document else 0
    assert adds_up(reading)
    assert (reading.table.records.read, admitted(reading)) == (COUNT + 1 - lost, COUNT - lost)
    assert places(reading) == [form.line(BAD_INDEX)]
    assert reading.set_aside is not None
    assert reading.set_aside.read_bytes().startswith(bad)


# A whole file that is odd, and loses nothing


def plain(form: Form) -> bytes:
    """Return a file as its source writes it."""
    return form.file(form.good(COUNT))


def other_lines(form: Form) -> bytes:
    """Return a file with a byte-order mark, Windows line ends, and blank lines around records."""
    blank = b"\n \n\t\n" * (not form.lead)
    return b"\xef\xbb\xbf" + form.file([blank + record for record in form.good(COUNT)]).replace(b"\n", b"\r\n")


def more_fields(form: Form) -> bytes:
    """Return a file whose records have fields of a later version, one nested deep, and a comma too many at the end."""
    deep = b"[" * 500 + b"]" * 500
    return form.file([_more(record, b'[[1],{}],"deep":' + deep)[:-1] + b",}" for record in form.good(COUNT)])


def two_streams(form: Form) -> bytes:
    """Return two gzip streams in one file, parted within a record, without an end of the last line."""
    content = form.file(form.good(COUNT)).rstrip()
    return gzip.compress(content[: len(content) // 2]) + gzip.compress(content[len(content) // 2 :])


def shuffled(form: Form) -> bytes:
    """Return the records in another order, compressed by Zstandard."""
    return zstd.compress(form.file(random.Random(1).sample(form.good(COUNT), COUNT)))


def _more(record: bytes, value: bytes) -> bytes:
    return record[:-1] + b',"later":' + value + b"}"


@each_form
def test_odd_files_are_read_whole(folder: Path, form: Form) -> None:
    """The same evidence as of the plain file, and no record is lost."""
    tables = {}
    for make in (plain, other_lines, more_fields, two_streams, shuffled):
        below = folder / make.__name__
        (below / "workspace").mkdir(parents=True)
        reading = read_content(below, make(form))
        assert (admitted(reading), reading.corrupt, reading.skipped) == (COUNT, (), ()), make.__name__
        tables[make.__name__] = reading.table

    assert {name for name, table in tables.items() if table != tables["plain"]} == set()


@each_form
def test_what_stands_twice_counts_once(folder: Path, form: Form) -> None:
    """In one file, and in a compressed copy beside it."""
    records = form.good(COUNT)
    (folder / "a").write_bytes(form.file([*records, records[0]]))
    (folder / "b").write_bytes(gzip.compress(form.file(records)))

    reading = read(folder, folder / "a", folder / "b")

    assert adds_up(reading)
    assert admitted(reading) == COUNT
    assert reading.table.records.repeats == {LeftOut.REPEATED: COUNT + 1}


# A file that ends early


@each_form
@pytest.mark.parametrize("compress", [gzip.compress, zstd.compress], ids=["gzip", "zstd"])
def test_a_compressed_file_that_ends_early(folder: Path, form: Form, compress: Callable[[bytes], bytes]) -> None:
    """What is whole is read, and the end is one corrupt record."""
    noisy = [_more(record, encoded(random.Random(index).random())) for index, record in enumerate(form.good(400))]
    content = compress(form.file(noisy))

    reading = read_content(folder, content[: len(content) * 2 // 3])

    assert adds_up(reading)
    assert 0 < admitted(reading) < len(noisy)
    assert [place.reason for place in reading.corrupt] == ["stream ends early"]
    assert places(reading) == [form.line(admitted(reading))]


@each_form
def test_a_plain_file_that_ends_early(folder: Path, form: Form) -> None:
    """The half record at its end is corrupt, and named."""
    whole = form.file(form.good(COUNT)).rstrip()
    short = whole[: whole.rindex(form.good(COUNT)[-1]) + 40]

    reading = read_content(folder, short)

    assert adds_up(reading)
    assert admitted(reading) == COUNT - 1
    assert places(reading) == [form.line(COUNT - 1)]
    assert reading.set_aside is not None
    assert reading.set_aside.read_bytes().strip() == form.good(COUNT)[-1][:40]


# A file that gives nothing


NOTHING: Final[Mapping[str, tuple[bytes, str]]] = {
    "no byte": (b"", "holds no records"),
    "blank lines": (b"\n \n\t\r\n", "holds no records"),
    "a byte-order mark": (b"\xef\xbb\xbf", "holds no records"),
    "gzip of nothing": (gzip.compress(b""), "holds no records"),
    "gzip of blank lines": (gzip.compress(b"\n\n"), "holds no records"),
    "zstd of nothing": (zstd.compress(b""), "holds no records"),
    "the start of a gzip": (gzip.compress(b"flows" * 100)[:10], "stream ends early"),
}


@pytest.mark.parametrize("force", sorted({form.family for form in FORMS.values()}))
@pytest.mark.parametrize("title", NOTHING)
def test_a_file_that_holds_nothing_is_named(folder: Path, force: FlowFormat, title: str) -> None:
    """Whatever format is forced; beside a good file it is skipped by name."""
    content, reason = NOTHING[title]
    (folder / "bad").write_bytes(content)
    form = next(form for form in FORMS.values() if form.family == force)
    (folder / "good").write_bytes(form.file(form.good(COUNT)))

    with pytest.raises(NothingToReadError, match=rf"bad {reason}"):
        read(folder, folder / "bad", force=force)
    for file in (folder / "workspace").iterdir():
        file.unlink()
    reading = read(folder, folder / "bad", folder / "good", force=force)

    assert admitted(reading) == COUNT
    assert [(Path(each.file).name, each.reason.split(":")[0]) for each in reading.skipped] == [("bad", reason)]


@each_form
def test_a_wrong_format_makes_every_record_corrupt(folder: Path, form: Form) -> None:
    """Each is counted and kept; nothing is guessed."""
    wrong: FlowFormat = "calico" if form.family == "hubble" else "hubble"
    records = form.good(COUNT)

    reading = read_content(folder, form.file(records), force=wrong)

    assert adds_up(reading)
    assert (reading.table.records.read, reading.table.records.corrupt) == (COUNT, COUNT)
    assert places(reading) == [form.line(index) for index in range(COUNT)]
    assert reading.set_aside is not None
    assert reading.set_aside.read_bytes() == b"\n".join(records) + b"\n"


# Where the bytes come from


@each_form
def test_a_pipe_and_standard_input_are_read_as_files(folder: Path, monkeypatch: pytest.MonkeyPatch, form: Form) -> None:
    """A named pipe, standard input, and the same compressed."""
    content = form.file([*form.good(COUNT), b"hello"])
    os.mkfifo(folder / "pipe")
    writer = threading.Thread(target=(folder / "pipe").write_bytes, args=(content,))
    writer.start()
    monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(gzip.compress(content))))

    reading = read(folder, folder / "pipe", "-")

    writer.join()
    for file in (folder / "workspace").glob("*.stream"):
        file.unlink()
    assert adds_up(reading)
    assert (admitted(reading), reading.table.records.repeats) == (COUNT, {LeftOut.REPEATED: COUNT})
    assert sorted((place.file, place.line) for place in reading.corrupt) == [
        ("-", form.line(COUNT)),
        (str(folder / "pipe"), form.line(COUNT)),
    ]


def test_a_directory_of_every_form_is_read_file_by_file(folder: Path) -> None:
    """Each file has its own format; what is no flow log and what cannot be opened is named; hidden files are left."""
    (folder / "flows/deep").mkdir(parents=True)
    for number, form in enumerate(FORMS.values()):
        (folder / "flows/deep" / f"{number}").write_bytes(form.file(form.good(COUNT)))
    (folder / "flows/.hidden").write_text("hello\n", encoding="utf-8")
    (folder / "flows/notes").write_text("hello\n", encoding="utf-8")
    (folder / "flows/link").symlink_to(folder / "flows/deep/0")
    (folder / "flows/loop").symlink_to(folder / "flows")

    reading = read(folder, folder / "flows")

    assert adds_up(reading)
    assert len(reading.files) == len(FORMS)
    assert {Path(each.file).name for each in reading.skipped} == {"notes", "link"}


@each_form
def test_a_file_that_cannot_be_opened_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch, form: Form) -> None:
    """Its neighbour is read."""
    for name in ("closed", "open"):
        (folder / name).write_bytes(form.file(form.good(COUNT)))
    opened = Path.open

    def refuse(path: Path, *arguments: Any, **words: Any) -> Any:
        if path.name == "closed":
            raise PermissionError(13, "Permission denied")
        return opened(path, *arguments, **words)

    monkeypatch.setattr(Path, "open", refuse)

    reading = read(folder, folder / "closed", folder / "open")

    assert admitted(reading) == COUNT
    assert [(Path(each.file).name, each.reason) for each in reading.skipped] == [
        ("closed", "cannot be read: Permission denied; check its permissions")
    ]


def test_the_forms_are_what_their_readers_expect() -> None:
    """The documents are JSON, and every form's records are."""
    for form in FORMS.values():
        content = form.file(form.good(COUNT))
        if form.is_document:
            assert json.loads(content)
        else:
            assert all(json.loads(line.removeprefix(form.lead)) for line in content.splitlines() if line)
