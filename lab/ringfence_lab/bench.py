"""Measure the whole command beside what DuckDB alone needs for the same lines, and judge both by bars.

``python -m ringfence_lab.bench [--short] [--lines L …] [--forms F …] [--pods P] [--pairs N] [--peer] [--write PAGE]``

Promises: ``ringfence recommend … -o yaml`` and its floors take turns on a warm cache, over flows of `bench_flows`, and
again with a snapshot of their cluster (`bench_snapshot`); with ``--peer`` another generator of policies takes turns
with it as well (`peer`). The tables go to standard output and to the page that is named, progress to standard error.
Exit code 1 says that a bar is missed. Flows and snapshots are deleted after use.
"""

import argparse
import gzip
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from typing import Final

from ringfence_lab.bench_flows import FORMS, WARM_UP_LINES, CannotMeasureError, Case, Form, warm_cache, write_flows
from ringfence_lab.bench_page import with_report
from ringfence_lab.bench_report import FLOORS, LONG, REFERENCE, Result, Turn, report, verdicts
from ringfence_lab.bench_runs import floor_seconds, recommend
from ringfence_lab.bench_snapshot import SMALL, WHOLE, ClusterSize, measure_snapshot, snapshot_table, snapshot_verdicts
from ringfence_lab.floor import THREADS
from ringfence_lab.machine import machine
from ringfence_lab.peak_memory import CommandFailedError
from ringfence_lab.peer import measure_peer, peer_name, peer_report

_SHORT: Final = 100_000


def measure(case: Case, *, pairs: int, scratch: Path) -> Result:
    """Write the flows of a case, let the command and its floors take turns on them, and delete them."""
    with tempfile.TemporaryDirectory(dir=scratch, prefix="bench-") as place:
        folder = Path(place)
        _tell(f"{case.lines:,} lines, {case.form}: writing")
        files = write_flows(case, folder=folder)
        warm_up = folder / "warm-up.jsonl"
        with gzip.open(files[0]) if case.form == "gzip" else files[0].open("rb") as lines:
            warm_up.write_bytes(b"".join(islice(lines, WARM_UP_LINES)))
        warm_cache(files)
        turns: list[Turn] = []
        for number in range(pairs):
            turns.append(_turn(files, warm_up=warm_up, folder=folder))
            _tell(
                f"{case.lines:,} lines, {case.form}: turn {number + 1} of {pairs}, "
                f"{turns[-1].ours.seconds:.2f} s, ratio {turns[-1].ratio('all'):.2f}"
            )
    return Result(case, tuple(turns))


def _turn(files: Sequence[Path], *, warm_up: Path, folder: Path) -> Turn:
    ours = recommend(files, folder=folder)
    floors = {columns: floor_seconds(files, columns=columns, warm_up=warm_up, folder=folder) for columns in FLOORS}
    return Turn(ours, floors)


def _tell(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def _cases(*, short: bool, lines: Sequence[int] | None, forms: Sequence[Form] | None) -> list[Case]:
    if short:
        return [Case(_SHORT, "plain")]
    return [
        Case(count, form)
        for count in lines or (_SHORT, REFERENCE, LONG)
        for form in forms or (FORMS if count == LONG else FORMS[:1])
    ]


def _snapshot_cases(
    *, short: bool, lines: Sequence[int] | None, forms: Sequence[Form] | None, pods: int | None
) -> list[tuple[int, ClusterSize]]:
    """Return what is read with a snapshot: plain files of up to a million lines."""
    if pods == 0 or (forms and "plain" not in forms):
        return []
    whole = SMALL if short else WHOLE
    cluster = whole if pods is None else ClusterSize(pods, whole.policies)
    return [(count, cluster) for count in ([_SHORT] if short else lines or [REFERENCE]) if count <= REFERENCE]


def _peer_cases(*, short: bool, lines: Sequence[int] | None) -> list[Case]:
    """Return what the peer reads: plain files of up to a million lines, past which a turn of its takes too long."""
    cases = _cases(short=short, lines=lines or (_SHORT, REFERENCE), forms=("plain",))
    return [case for case in cases if case.lines <= REFERENCE]


def _turns(case: Case, *, short: bool) -> int:
    """Return how many turns a row gets by default: a turn at 10M lines takes minutes and is itself an average."""
    return 2 if short else 3 if case.lines >= LONG else 5


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ringfence_lab.bench", description=f"Measure ringfence beside DuckDB alone on {THREADS} threads."
    )
    parser.add_argument(
        "--short", action="store_true", help="100,000 lines, a small snapshot, two turns, no bar on speed"
    )
    parser.add_argument("--lines", type=int, nargs="+", help="how many lines (100000 1000000 10000000)")
    parser.add_argument("--forms", choices=FORMS, nargs="+", help="how they are kept (plain; at 10000000 all)")
    parser.add_argument("--pods", type=int, help="pods of the snapshot (10000; 0 leaves it out)")
    parser.add_argument("--pairs", type=int, help="turns for each row (5; 3 at 10000000 lines)")
    parser.add_argument("--peer", action="store_true", help="also beside another generator, up to 1000000 lines")
    parser.add_argument("--scratch", type=Path, help="where flows are written (the temporary directory)")
    parser.add_argument("--date", type=date.fromisoformat, help="the date that the report names (today)")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="also write the report into this page")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = _parser()
    given = parser.parse_args(arguments)
    if given.short and (given.lines or given.forms):
        parser.error("--short says what is measured; leave out --lines and --forms")
    if given.pods is not None and given.pods < 0:
        parser.error(f"--pods {given.pods} is no number of pods; give 0 or more")
    if given.pairs is not None and given.pairs < 1:
        parser.error(f"--pairs {given.pairs} measures nothing; give 1 or more")
    scratch: Path = given.scratch or Path(tempfile.gettempdir())
    day: date = given.date or datetime.now(UTC).date()
    try:
        peer = peer_name() if given.peer else None
        results = [
            measure(case, pairs=given.pairs or _turns(case, short=given.short), scratch=scratch)
            for case in _cases(short=given.short, lines=given.lines, forms=given.forms)
        ]
        with_snapshot = [
            measure_snapshot(
                lines,
                cluster,
                turns=given.pairs or _turns(Case(lines, "plain"), short=given.short),
                scratch=scratch,
                tell=_tell,
            )
            for lines, cluster in _snapshot_cases(
                short=given.short, lines=given.lines, forms=given.forms, pods=given.pods
            )
        ]
        judged = [
            *verdicts(results, judge_speed=not given.short),
            *snapshot_verdicts(with_snapshot, judge_speed=not given.short),
        ]
        text = report(results, judged=judged, day=day, machine=machine(), with_snapshot=snapshot_table(with_snapshot))
        _tell_report(text, name="benchmark", page=given.write)
        if peer is not None:
            compared = [
                measure_peer(
                    case.lines, turns=given.pairs or _turns(case, short=given.short), scratch=scratch, tell=_tell
                )
                for case in _peer_cases(short=given.short, lines=given.lines)
            ]
            _tell_report(peer_report(compared, name=peer, day=day, machine=machine()), name="peer", page=given.write)
    except (CannotMeasureError, CommandFailedError, OSError) as error:
        _tell(f"error: {error}")
        return 2
    return 0 if all(each.holds for each in judged) else 1


def _tell_report(text: str, *, name: str, page: Path | None) -> None:
    sys.stdout.write(text)
    if page is not None:
        page.write_text(with_report(page.read_text(encoding="utf-8"), text, name=name), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
