"""Measure the whole command beside another generator of policies, on the same lines of Hubble.

Promises: both read one file of the stream that the rest of the benchmark reads, as Hubble's exporter would write it,
and take turns on a warm cache; both are timed from the start of the process to the last byte of YAML. What each wrote
is counted as well, because speed alone says nothing. No bar: it is a comparison. The peer runs as its own program in a
venv of its own, so neither its code nor its dependencies become ours.
"""

import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from ringfence_lab.bench_flows import CannotMeasureError, Case, listening_ports, warm_cache, write_flows
from ringfence_lab.bench_page import megabytes, spread
from ringfence_lab.peak_memory import Run, run
from ringfence_lab.written_policies import WrittenPolicies, written_policies

PEER: Final = Path(sys.prefix) / "peers" / "bin" / "hubble-audit2policy"
"""Where ``make bench BENCH=--peer`` installs it."""


@dataclass(frozen=True, slots=True)
class PeerTurn:
    """One run of our command, and one of the peer right after it."""

    ours: Run
    peer: Run

    @property
    def ratio(self) -> float:
        """Return peer / ours: how many times as long the peer takes."""
        return self.peer.seconds / self.ours.seconds


@dataclass(frozen=True, slots=True)
class PeerResult:
    """The turns over so many lines, and what the last of them wrote."""

    lines: int
    turns: tuple[PeerTurn, ...]
    ours: WrittenPolicies
    peer: WrittenPolicies


def peer_name() -> str:
    """Return the peer's name and version. Raises CannotMeasureError where it is not installed."""
    try:
        asked = subprocess.run([PEER, "--version"], capture_output=True, text=True, check=True)  # noqa: S603 - a constant
    except (OSError, subprocess.CalledProcessError) as error:
        message = f"the peer does not start ({error}); `make bench BENCH=--peer` installs it"
        raise CannotMeasureError(message) from error
    return asked.stdout.strip()


def measure_peer(lines: int, *, turns: int, scratch: Path, tell: Callable[[str], None]) -> PeerResult:
    """Write the lines, let our command and the peer take turns on them, and delete them.

    Raises CannotMeasureError where either prints no policy, CommandFailedError and OSError.
    """
    with tempfile.TemporaryDirectory(dir=scratch, prefix="bench-") as place:
        folder = Path(place)
        tell(f"{lines:,} lines of Hubble: writing")
        (flows,) = write_flows(Case(lines, "plain"), folder=folder, log_format="hubble")
        warm_cache([flows])
        our_output, peer_output = folder / "ours.yaml", folder / "peer.yaml"
        ringfence = str(Path(sys.executable).parent / "ringfence")
        ran: list[PeerTurn] = []
        for number in range(turns):
            ours = run([ringfence, "recommend", str(flows), "-o", "yaml"], folder=folder, output=our_output)
            peer = run([str(PEER), str(flows), "--no-enrich", "--dry-run"], folder=folder, output=peer_output)
            ran.append(PeerTurn(ours, peer))
            took = f"{ours.seconds:.2f} s, peer {peer.seconds:.2f} s"
            tell(f"{lines:,} lines of Hubble: turn {number + 1} of {turns}, {took}")
        listening = listening_ports()
        our_policies, peer_policies = (
            written_policies(file.read_bytes(), listening=listening) for file in (our_output, peer_output)
        )
    if not (our_policies.policies and peer_policies.policies):
        message = "a program printed no policy, so it was not the work that is measured"
        raise CannotMeasureError(message)
    return PeerResult(lines, tuple(ran), our_policies, peer_policies)


def peer_report(results: Sequence[PeerResult], *, name: str, day: date, machine: str) -> str:
    """Return the table with its date and machine, as Markdown: two rows for each number of lines."""
    rows = "".join(_rows(result, name) for result in results)
    ratios = "".join(
        f"- at {result.lines:,} lines {name} takes {spread([turn.ratio for turn in result.turns])} times as long\n"
        for result in results
    )
    return (
        f"Measured on {day.isoformat()}: {machine}. Median of the turns (lowest–highest).\n\n"
        "| lines | program | turns | seconds | peak, MB | policies | rules | dynamic ports in rules |\n"
        f"|---:|---|---:|---:|---:|---:|---:|---:|\n{rows}\n{ratios}"
    )


def _rows(result: PeerResult, name: str) -> str:
    ours, peer = [turn.ours for turn in result.turns], [turn.peer for turn in result.turns]
    return _row(result.lines, "ringfence", ours, result.ours) + _row(result.lines, name, peer, result.peer)


def _row(lines: int, program: str, runs: Sequence[Run], written: WrittenPolicies) -> str:
    cells = [
        f"{lines:,}",
        program,
        str(len(runs)),
        spread([each.seconds for each in runs]),
        megabytes(max(each.peak_bytes for each in runs)),
        f"{written.policies:,}",
        f"{written.rules:,}",
        f"{written.dynamic_ports:,}",
    ]
    return f"| {' | '.join(cells)} |\n"
