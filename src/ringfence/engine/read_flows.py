"""Read flow logs into evidence: find the files, cut them into units, scan each, settle repeats, fold.

What flows where:

    inputs ─ find ─▶ files ─ layout ─▶ units ─ relation ─▶ store ─ fold ─▶ evidence table
                       │                 ▲  │
                       └─ cut, decode ───┘  └─ stopped or too wide: cut smaller ─▶ units

Promises: what can be read is read; what cannot is named. Only when no input gives a record does it raise.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from secrets import randbits
from typing import BinaryIO, Final

from msgspec import Struct

from ringfence.engine.prefetch import prefetched
from ringfence.engine.reading import (
    CorruptRecord,
    FileSkipped,
    FlowRequest,
    NothingToReadError,
    Progress,
    Reading,
    ReportProgress,
)
from ringfence.sources.compression import Start, compression_of, decoded, first_bytes
from ringfence.sources.corrupt import SetAside, numbered_records, why_corrupt
from ringfence.sources.cutting import CHUNK_BYTES, ENDS_EARLY, SPOOL_BYTES, UNIT_BYTES, UNIT_RECORDS, Spool, cut
from ringfence.sources.framing import Framing, first_records, framing_of, record_lines
from ringfence.sources.inputs import STANDARD_INPUT, find_inputs
from ringfence.sources.layout import LONG_START_BYTES, START_BYTES, Layout, layout_of, relation
from ringfence.store.temporary import TemporaryStore, UnitStoppedError, UnitTooWideError

_UNREADABLE: Final = "holds something that DuckDB cannot read"
_FEW_LINES: Final = 64
_PIECES: Final = 16
_LEAST_RECORD_BYTES: Final = 200


class _Input(Struct, frozen=True):
    """A file whose layout is known. ``plain`` means it can be scanned where it is."""

    name: str
    path: Path
    framing: Framing
    layout: Layout
    size: int
    records: int
    plain: bool


class _Part(Struct, frozen=True):
    """An uncompressed file of a unit: where its lines stand in the input."""

    name: str
    path: Path
    first_line: int
    lines: int | None
    size: int


class _Unit(Struct, frozen=True):
    """What one scan takes. ``read_bytes`` is how much of the inputs is done when it is."""

    layout: Layout
    parts: tuple[_Part, ...]
    temporary: bool


_Action = Callable[[_Unit, str, Sequence[Path]], None]


def read_flows(request: FlowRequest, *, report: ReportProgress) -> Reading:
    """Read what the request names. Raises NothingToReadError when there is nothing that could be read."""
    return _Run(request, report).read()


class _Run:
    """One reading: the store, the files and what happened on the way."""

    def __init__(self, request: FlowRequest, report: ReportProgress) -> None:
        self._request, self._report = request, report
        self._set_aside = SetAside(request.set_aside)
        self._skipped: list[FileSkipped] = []
        self._done_bytes = self._done_records = 0
        self._total_bytes: int | None = None
        self._first_pass = True
        self._links = 0
        self._cut_away: list[_Broken] = []

    def read(self) -> Reading:
        inputs = self._inputs()
        if not inputs:
            raise NothingToReadError(self._nothing())
        with ExitStack() as stack:
            store = TemporaryStore(
                self._request.workspace,
                salt=randbits(48),
                since=self._request.since,
                until=self._request.until,
                directory=self._request.directory,
            )
            stack.callback(store.close)
            stack.callback(self._set_aside.close)
            self._store = store
            self._pass("reading", inputs, self._scan)
            if store.find_repeats():
                self._first_pass = False
                self._pass("settling repeats", inputs, self._recount)
                store.settle_repeats()
            table = store.table()
        places = sorted(CorruptRecord(place.file, place.line, place.reason) for place in self._set_aside.places)
        return Reading(
            table=table,
            files=tuple(each.name for each in inputs),
            skipped=tuple(self._skipped),
            corrupt=tuple(places),
            set_aside=self._set_aside.file,
            set_aside_problem=self._set_aside.problem,
            formats=tuple(sorted({each.layout.families[0] for each in inputs})),
        )

    # Inputs

    def _inputs(self) -> list[_Input]:
        found = find_inputs(self._request.inputs)
        self._skipped += [FileSkipped(problem.name, problem.reason) for problem in found.problems]
        inputs = [each for file in found.files if (each := self._known(str(file), file)) is not None]
        if found.standard_input:
            known = self._known(STANDARD_INPUT, self._spooled(sys.stdin.buffer))
            inputs += [] if known is None else [known]
        self._total_bytes = sum(each.size for each in inputs)
        return inputs

    def _spooled(self, stream: BinaryIO) -> Path:
        """Keep a stream on disk: it is read a second time when records repeat or are corrupt."""
        path = self._request.workspace / f"{self._prefix()}.stream"
        done = 0
        with path.open("wb") as spool:
            while chunk := stream.read(CHUNK_BYTES):
                spool.write(chunk)
                done += len(chunk)
                self._report(Progress("spooling", done, None, 0))
        return path

    def _known(self, name: str, path: Path) -> _Input | None:
        """Return the input with its layout, or None after naming why it is skipped."""
        try:
            if not path.is_file():
                with path.open("rb") as stream:
                    path = self._spooled(stream)
            with path.open("rb") as raw:
                plain = compression_of(raw.read(4)) == "none"
            start = first_bytes(path, START_BYTES)
            framing = framing_of(start.data)
            if framing is Framing.LINES and b"\n" not in start.data:
                start = first_bytes(path, LONG_START_BYTES)
            size = path.stat().st_size
        except OSError as error:
            self._skipped.append(FileSkipped(name, f"cannot be read: {error.strerror}; check its permissions"))
            return None
        start = first_records(framing, start, whole=len(start.data) < START_BYTES)
        layout = layout_of(start.data, forced=self._request.format) if start.data.strip() else None
        if layout is None:
            self._skipped.append(FileSkipped(name, _why_no_layout(start)))
            return None
        usual = len(start.data) // max(1, start.data.count(b"\n"))
        plain = plain and framing is Framing.LINES
        return _Input(name, path, framing, layout, size, size // max(_LEAST_RECORD_BYTES, usual), plain)

    def _nothing(self) -> str:
        reasons = "\n".join(f"  {each.file} {each.reason}" for each in self._skipped)
        return f"no flow records to read:\n{reasons}"

    # Units

    def _pass(self, stage: str, inputs: Sequence[_Input], action: _Action) -> None:
        """Apply an action to every unit of the inputs."""
        self._done_bytes = self._done_records = 0
        self._stage = stage
        for unit in prefetched(self._units(inputs)):
            self._tell()
            self._apply(unit, action)
            self._done_bytes += sum(part.size for part in unit.parts)
            self._tell()
        for broken in self._cut_away:
            self._drain(broken)
        self._cut_away.clear()

    def _tell(self) -> None:
        self._report(Progress(self._stage, self._done_bytes, self._total_bytes, self._done_records))

    def _units(self, inputs: Sequence[_Input]) -> Iterator[_Unit]:
        """Give small plain files together, in place, and cut everything else."""
        together: list[_Input] = []
        for each in inputs:
            if not each.plain or each.size > UNIT_BYTES or each.records > UNIT_RECORDS:
                yield from self._cut_input(each)
                continue
            full = together and (
                each.layout is not together[0].layout
                or each.size + sum(other.size for other in together) > UNIT_BYTES
                or each.records + sum(other.records for other in together) > UNIT_RECORDS
            )
            if full:
                yield _in_place(together)
                together = []
            together.append(each)
        if together:
            yield _in_place(together)

    def _cut_input(self, each: _Input) -> Iterator[_Unit]:
        """Cut a file while it is read. Progress counts the input's own bytes, so a part has its share of them."""
        with each.path.open("rb") as raw:
            reader = record_lines(each.framing, decoded(raw))
            told = 0
            broken = self._broken(each.name)
            for spool in cut(reader, folder=self._request.workspace, prefix=self._prefix(), broken=broken):
                position = raw.tell()
                part = _Part(each.name, spool.path, spool.first_line, spool.lines, position - told)
                told = position
                yield _Unit(each.layout, (part,), temporary=True)

    def _prefix(self) -> str:
        self._links += 1
        return f"unit-{self._links:06d}"

    def _broken(self, name: str) -> "_Broken":
        broken = _Broken(name, self._request.workspace, self._prefix())
        self._cut_away.append(broken)
        return broken

    def _drain(self, broken: "_Broken") -> None:
        """Count the records that could not stand in a unit, and keep their bytes, once."""
        for line, reason, path in broken.taken():
            if self._first_pass:
                self._set_aside.begin(broken.name, line, reason)
                self._store.count_corrupt(1)
                with path.open("rb") as kept:
                    while part := kept.read(CHUNK_BYTES):
                        self._set_aside.write(part)
            path.unlink()

    def _apply(self, unit: _Unit, action: _Action) -> None:
        """Apply an action to a unit, cutting it smaller when DuckDB gives up on it."""
        links = [self._link(part) for part in unit.parts]
        try:
            action(unit, relation(unit.layout, [str(link) for link in links]), links)
        except (UnitStoppedError, UnitTooWideError):
            for smaller in self._smaller(unit):
                self._apply(smaller, action)
        finally:
            for link in links:
                link.unlink()
            if unit.temporary:
                for part in unit.parts:
                    part.path.unlink()

    def _link(self, part: _Part) -> Path:
        """Give a file a name of ours: DuckDB takes a name with ``*`` or ``[`` for a pattern."""
        link = self._request.workspace / f"{self._prefix()}.link"
        link.symlink_to(part.path.resolve())
        return link

    def _smaller(self, unit: _Unit) -> Iterator[_Unit]:
        """Cut a unit that DuckDB gave up on, down to single lines, of which one that still stops it is corrupt."""
        for part in unit.parts:
            if part.lines == 1:
                _, record = next(numbered_records(part.path, first_line=part.first_line), (0, b""))
                if self._first_pass:
                    self._set_aside.begin(part.name, part.first_line, _UNREADABLE)
                    self._set_aside.write(record)
                    self._store.count_corrupt(1)
                continue
            for spool in self._pieces(part):
                smaller = _Part(part.name, spool.path, spool.first_line, spool.lines, 0)
                yield _Unit(unit.layout, (smaller,), temporary=True)

    def _pieces(self, part: _Part) -> Iterator[Spool]:
        if part.lines is not None and part.lines <= _FEW_LINES:
            for number, record in numbered_records(part.path, first_line=part.first_line):
                path = self._request.workspace / self._prefix()
                path.write_bytes(record + b"\n")
                yield Spool(path, number, 1, len(record) + 1)
            return
        with part.path.open("rb") as raw:
            yield from cut(
                raw,
                folder=self._request.workspace,
                prefix=self._prefix(),
                broken=self._broken(part.name),
                first_line=part.first_line,
                unit_bytes=SPOOL_BYTES if part.lines is None else max(1, part.path.stat().st_size // _PIECES),
                unit_records=UNIT_RECORDS if part.lines is None else part.lines // _PIECES,
            )

    # What is done with a unit

    def _scan(self, unit: _Unit, text: str, links: Sequence[Path]) -> None:
        counted = self._store.scan(text)
        self._done_records += counted.read
        if not counted.corrupt:
            return
        parts = dict(zip((str(link) for link in links), unit.parts, strict=True))
        places = self._store.corrupt_places(text)
        for file, expected in counted.corrupt.items():
            numbers = {number for name, number in places if name == file}
            found = self._locate(parts[file], numbers, unit.layout)
            if found != expected:
                raise RuntimeError(f"{parts[file].name}: {expected} corrupt records were counted, {found} located")

    def _locate(self, part: _Part, numbers: set[int], layout: Layout) -> int:
        """Set the corrupt records of a part aside and return how many were found."""
        found = 0
        for index, (line, record) in enumerate(numbered_records(part.path, first_line=part.first_line)):
            if index in numbers:
                found += 1
                self._set_aside.begin(part.name, line, why_corrupt(record, layout.required))
                self._set_aside.write(record)
        return found

    def _recount(self, _unit: _Unit, text: str, _links: Sequence[Path]) -> None:
        self._store.recount(text)


class _Broken:
    """Takes broken records of one input while it is cut, in the cutting thread, until the reading thread asks."""

    def __init__(self, name: str, folder: Path, prefix: str) -> None:
        self.name = name
        self._folder, self._prefix, self._count = folder, prefix, 0
        self._records: list[tuple[int, str, Path]] = []

    def begin(self, line: int, reason: str) -> None:
        self._count += 1
        path = self._folder / f"{self._prefix}-broken-{self._count:05d}"
        path.touch()
        self._records.append((line, reason, path))

    def write(self, part: bytes) -> None:
        with self._records[-1][2].open("ab") as kept:
            kept.write(part)

    def taken(self) -> Iterator[tuple[int, str, Path]]:
        """Give what was taken and forget it. Ask only when the cutting has ended."""
        records, self._records = self._records, []
        yield from records


def _why_no_layout(start: Start) -> str:
    content = start.data.strip()
    if start.early and b"\n" not in content:
        return f"{ENDS_EARLY}: it is cut off or damaged before the end of its first record; copy it again"
    if not content:
        return "holds no records"
    return "is not a flow log we know (Calico, Elasticsearch, Goldmane, Whisker or Hubble); --format forces a format"


def _in_place(inputs: Sequence[_Input]) -> _Unit:
    parts = tuple(_Part(each.name, each.path, 1, None, each.size) for each in inputs)
    return _Unit(inputs[0].layout, parts, temporary=False)
