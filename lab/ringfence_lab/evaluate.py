"""Judge recommendations on worlds whose truth is known, beside two simpler recommenders.

``python -m ringfence_lab.evaluate [--short] [--seeds S …] [--sizes Z …] [--days D] [--learn-days K] [--write PAGE]``

Promises: every contestant sees the learning days only and is judged on all days by the laboratory's own judge; ours is
the command as people run it, with a snapshot, at both granularities. The table goes to standard output and into the
page that is named; progress, and each edge by which a bar is missed, to standard error. Exit code 0 says that no bar is
missed, 1 that one is, 2 that something could not be measured.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

from ringfence_lab import contestants
from ringfence_lab.bench_flows import CannotMeasureError
from ringfence_lab.bench_page import with_report
from ringfence_lab.case import Case, JudgedEdge, attack_kind, read_case
from ringfence_lab.enforcement import Enforcement
from ringfence_lab.evaluation import BY_WORKLOAD, KINDS, NAIVE, NAMES, OURS, Attacks, Judged, misses, report, verdicts
from ringfence_lab.evaluator.policies import policy_kind
from ringfence_lab.formats import FORMAT_NAMES
from ringfence_lab.held_edges import holds
from ringfence_lab.judge import judgement
from ringfence_lab.peak_memory import CommandFailedError
from ringfence_lab.policies import PolicyFolder, read_policies
from ringfence_lab.world import main as make_world

_SEEDS: Final = (1, 2, 3, 4, 5, 6)
_SIZES: Final = ("small", "default")
_PLATFORM: Final = frozenset({"kube-system", "ingress-nginx", "platform-system"})
_METADATA: Final = (("169.254.169.254", "TCP", 80), ("169.254.169.254", "TCP", 443), ("fd00:ec2::254", "TCP", 80))
_TIMES: Final = ("firstSeen", "lastSeen")
_HOUR: Final = len("2026-03-02T05")


@dataclass(frozen=True, slots=True)
class Told:
    """What a report of ours says: each edge behind a rule, and what is held, every address of it apart."""

    behind: tuple[Mapping[str, Any], ...] = ()
    held: tuple[Mapping[str, Any], ...] = ()

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "Told":
        """Read a ``RecommendationList``."""
        items = document["items"]
        edges = {edge["id"]: edge for item in items for edge in item["edges"]}
        held = {each["edge"] for item in items for each in item["held"]}
        behind = {each for item in items for permit in item["permits"] for each in permit["edges"]}
        return cls(tuple(edges[each] for each in sorted(behind)), tuple(edges[each] for each in sorted(held)))

    def holds(self, edge: JudgedEdge) -> bool:
        """Say whether an edge of truth is held."""
        return any(holds(each, edge) for each in self.held)

    def entered(self, edge: JudgedEdge) -> bool:
        """Say whether an edge of truth is behind a rule."""
        return any(holds(each, edge) for each in self.behind) and not self.holds(edge)


def evaluate(world: Path, *, seed: int, size: str, scratch: Path, names: Sequence[str] = NAMES) -> Iterator[Judged]:
    """Yield what each contestant makes of a world. Raises CommandFailedError where ours fails."""
    case = read_case(world)
    learn_days = int(case.truth["learnDays"])
    flows = sorted((world / "flows").iterdir())[:learn_days]
    before = Enforcement(case, PolicyFolder((), (), 0))
    for name in names:
        out = scratch / "policies"
        shutil.rmtree(out, ignore_errors=True)
        told = Told()
        if name in OURS:
            grain = "workload" if name == BY_WORKLOAD else "namespace"
            told = Told.of(recommended(flows, world / "cluster", out, grain=grain))
        else:
            learn = contestants.naive if name == NAIVE else contestants.vendor
            contestants.write(learn(case, before), out)
        yield judged(case, before, read_policies(out), told, contestant=name, seed=seed, size=size)


def judged(
    case: Case, before: Enforcement, folder: PolicyFolder, told: Told, *, contestant: str, seed: int, size: str
) -> Judged:
    """Return what is true of policies, and of the report that came with them."""
    after = Enforcement(case, folder)
    observed = [edge for edge in case.legitimate if edge.observed and not before.denied_before(edge, edge.ends)]
    governed = {str(each["metadata"]["namespace"]) for each in folder.objects if policy_kind(each) is not None}
    return Judged(
        contestant=contestant,
        seed=seed,
        size=size,
        learn_days=int(case.truth["learnDays"]),
        said=judgement(case, folder),
        observed=len(observed),
        attacks={kind: _attacks(case, kind, after, told) for kind in KINDS},
        held=tuple(str(edge.written["id"]) for edge in observed if told.holds(edge)),
        idle=tuple(sorted(governed - _speaking(case, before))),
        platform=tuple(sorted(governed & _PLATFORM)),
        metadata=tuple(_reaching_metadata(case, after)),
        met=tuple(_met_while_scanning(case, told)),
    )


def recommended(flows: Sequence[Path], cluster: Path, out: Path, *, grain: str) -> Mapping[str, Any]:
    """Let the command write policies for flows and a snapshot; return its report. Raises CommandFailedError."""
    command = [
        str(Path(sys.executable).parent / "ringfence"),
        "recommend",
        *(str(file) for file in flows),
        *("--snapshot", str(cluster), "--output-dir", str(out), "--by", grain, "-o", "json"),
        *("--set-aside", str(out.parent / "set-aside")),
    ]
    done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - our own command
    if done.returncode:
        message = f"'{' '.join(command)}' exited with {done.returncode}: {done.stderr.decode()[-2000:]}"
        raise CommandFailedError(message)
    document: Mapping[str, Any] = json.loads(done.stdout)
    return document


def _attacks(case: Case, kind: str, after: Enforcement, told: Told) -> Attacks:
    seen = [edge for edge in case.attack or () if attack_kind(edge) == kind and edge.observed]
    passing = [edge for edge in seen if not after.denying(edge, edge.ends)]
    plain = [edge for edge in seen if not edge.written["indistinguishable"]]
    return Attacks(
        seen=len(seen),
        passing=len(passing),
        told=len(plain),
        entered=sum(told.entered(edge) for edge in plain),
        told_passing=sum(not edge.written["indistinguishable"] for edge in passing),
    )


def _speaking(case: Case, before: Enforcement) -> set[str]:
    """Return the namespaces of which the learning days show something that is not denied."""
    edges = [edge for edge in (*case.legitimate, *(case.attack or ())) if edge.observed]
    heard = [edge for edge in edges if not before.denied_before(edge, edge.learn)]
    return {end["namespace"] for edge in heard for end in _ends(edge) if end["kind"] == "Workload"}


def _ends(edge: JudgedEdge) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    return edge.written["client"], edge.written["server"]


def _reaching_metadata(case: Case, after: Enforcement) -> Iterator[str]:
    """Yield the workloads of which a rule of the judged policies, not the lack of one, lets the metadata address."""
    for workload in case.workloads:
        if any(after.reaches(workload, *service) for service in _METADATA):
            yield "/".join(workload)


def _met_while_scanning(case: Case, told: Told) -> Iterator[str]:
    """Yield the edges behind a rule that a scanner used first in an hour of its scan, by the times of the evidence.

    What truth calls legitimate and constant is no new peer, whenever a thin log shows it first.
    """
    probes = [edge for edge in case.attack or () if attack_kind(edge) == "scan" and edge.observed]
    seen = [each for each in (*told.behind, *told.held) if any(holds(each, probe) for probe in probes)]
    hours = {(_name(each["client"]), each["evidence"][field][:_HOUR]) for each in seen for field in _TIMES}
    usual = [edge for edge in case.legitimate if edge.written["rhythm"] == "constant"]
    for each in told.behind:
        first = _name(each["client"]), each["evidence"]["firstSeen"][:_HOUR]
        if first in hours and not any(holds(each, edge) for edge in usual):
            yield each["id"]


def _name(end: Mapping[str, Any]) -> tuple[object, ...]:
    return end.get("namespace"), end.get("workloadKind"), end.get("name")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ringfence_lab.evaluate", description="Judge recommendations on worlds.")
    parser.add_argument("--short", action="store_true", help="one small thin world of few days, as in CI")
    parser.add_argument("--seeds", type=int, nargs="+", default=_SEEDS, help="seeds of the worlds")
    parser.add_argument("--sizes", nargs="+", default=_SIZES, help="sizes of the worlds")
    parser.add_argument("--days", type=int, default=14, help="days of a world (14)")
    parser.add_argument("--learn-days", type=int, default=10, help="days that are learnt (10)")
    parser.add_argument("--lines-per-day", type=int, default=8_000, help="about how many lines a day (8000)")
    parser.add_argument(
        "--format", choices=FORMAT_NAMES, default="calico-addresses", help="format of the flows (calico-addresses)"
    )
    parser.add_argument("--ours", action="store_true", help="leave out the simpler recommenders")
    parser.add_argument("--scratch", type=Path, default=Path(tempfile.gettempdir()), help="where worlds are written")
    parser.add_argument("--date", type=date.fromisoformat, help="the date that the report names (today)")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="also write the report into this page")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    given = _parser().parse_args(arguments)
    if given.short:
        given.seeds, given.sizes, given.days, given.learn_days, given.lines_per_day = (1,), ("small",), 3, 2, 2_500
    found: list[Judged] = []
    try:
        if given.write is not None:
            with_report(given.write.read_text(encoding="utf-8"), "", name="evaluation")
        for size in given.sizes:
            for seed in given.seeds:
                found += _of_world(seed, size, given)
        text = report(found, day=given.date or datetime.now(UTC).date(), story=_story(given))
        if given.write is not None:
            page = given.write.read_text(encoding="utf-8")
            given.write.write_text(with_report(page, text, name="evaluation"), encoding="utf-8")
    except (CannotMeasureError, CommandFailedError, OSError, ValueError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    sys.stdout.write(text)
    sys.stderr.write("".join(f"{line}\n" for line in misses(found)))
    return 1 if any(each.holds is False for each in verdicts(found)) else 0


def _of_world(seed: int, size: str, given: argparse.Namespace) -> list[Judged]:
    with tempfile.TemporaryDirectory(dir=given.scratch, prefix="evaluate-") as place:
        world = Path(place) / "world"
        words = ("--seed", seed, "--size", size, "--days", given.days, "--learn-days", given.learn_days)
        rest = ("--format", given.format, "--lines-per-day", given.lines_per_day)
        make_world([str(world), *map(str, (*words, *rest))])
        found = []
        names = OURS if given.ours else NAMES
        for each in evaluate(world, seed=seed, size=size, scratch=Path(place), names=names):
            sys.stderr.write(
                f"seed {seed}, size {size}, {each.contestant}: recall {each.recall:.3f}, cut {len(each.said['cut'])}, "
                f"held {len(each.held)}, opened {len(each.said['opened'])}\n"
            )
            found.append(each)
        return found


def _story(given: argparse.Namespace) -> str:
    count = len(given.seeds) * len(given.sizes)
    return (
        f"{count} {'world' if count == 1 else 'worlds'} (seeds {', '.join(map(str, given.seeds))}; sizes "
        f"{', '.join(given.sizes)}), {given.learn_days} of {given.days} days learnt, thinned to about "
        f"{given.lines_per_day:,} lines a day, format {given.format}."
    )


if __name__ == "__main__":
    sys.exit(main())
