"""What an evaluation found, its bars, and its tables.

Promises: the same findings give the same text. A bar that what was learnt cannot carry is named as not judged.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import Any, Final, Literal

NAIVE: Final = "naive namespace allow"
VENDOR: Final = "vendor's documented rule"
BY_NAMESPACE: Final = "ours, by namespace"
BY_WORKLOAD: Final = "ours, by workload"
OURS: Final = (BY_NAMESPACE, BY_WORKLOAD)
NAMES: Final = (NAIVE, VENDOR, *OURS)
KINDS: Final = ("scan", "metadata", "exfiltration", "beacon", "lateral")
SURE_KINDS: Final = frozenset({"scan", "metadata"})
"""Attacks that leave no doubt; of the others a share may enter the evidence."""

ENOUGH_DAYS: Final = 7
"""Below these learning days nothing tells a habit from a visit."""

_MAY_ENTER: Final = 0.1
_MAY_PASS: Final = 0.01


@dataclass(frozen=True, slots=True)
class Attacks:
    """Edges of one kind of attack in the evidence of the learning days, and those that every policy lets pass.

    ``told`` are those that the format tells from legitimate ones, ``entered`` and ``told_passing`` those of them that
    are behind a rule, and that pass.
    """

    seen: int = 0
    passing: int = 0
    told: int = 0
    entered: int = 0
    told_passing: int = 0


@dataclass(frozen=True, slots=True)
class Judged:
    """What was found of one contestant on one world.

    ``said`` is the judge's document; ``observed`` counts the legitimate edges of the learning days, ``held`` are the
    ids of those that a report holds. ``idle`` and ``platform`` are namespaces with a policy that should have none,
    ``metadata`` workloads whose rules reach the metadata address, ``met`` the ids of edges behind a rule that a scanner
    used for the first time while it scanned.
    """

    contestant: str
    seed: int
    size: str
    learn_days: int
    said: Mapping[str, Any]
    observed: int
    attacks: Mapping[str, Attacks]
    held: tuple[str, ...] = ()
    idle: tuple[str, ...] = ()
    platform: tuple[str, ...] = ()
    metadata: tuple[str, ...] = ()
    met: tuple[str, ...] = ()

    @property
    def recall(self) -> float:
        """The share of observed legitimate edges that are neither cut nor held."""
        lost = {edge["id"] for edge in self.said["cut"]}.union(self.held)
        return 1.0 - len(lost) / self.observed if self.observed else 1.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """A bar in words with what was found; ``holds`` is None where it cannot be judged."""

    text: str
    holds: bool | None


def verdicts(found: Sequence[Judged]) -> Iterator[Verdict]:
    """Judge ours by its bars."""
    ours = [each for each in found if each.contestant in OURS]
    yield _none("observed legitimate edges cut", sum(len(each.said["cut"]) for each in ours))
    yield _none("observed legitimate edges held", sum(len(each.held) for each in ours))
    yield _none("denied edges opened", sum(len(each.said["opened"]) for each in ours))
    yield _none("ephemeral ports in rules", sum(each.said["ephemeral"] for each in ours))
    yield _none("hash labels in rules", sum(each.said["hashLabels"] for each in ours))
    yield _none("policies for idle namespaces", sum(len(each.idle) for each in ours))
    yield _none("policies for the platform's namespaces", sum(len(each.platform) for each in ours))
    yield _none("workloads whose rules reach the metadata address", sum(len(each.metadata) for each in ours))
    yield _none("new peers of a scanning workload behind a rule", sum(len(each.met) for each in ours))
    by_namespace = [each for each in ours if each.contestant == BY_NAMESPACE]
    enough = all(each.learn_days >= ENOUGH_DAYS for each in ours)
    for kind in KINDS:
        entered, told = _sum(by_namespace, kind, "entered"), _sum(by_namespace, kind, "told")
        sure = kind in SURE_KINDS
        text = f"distinguishable {kind} edges behind a rule"
        yield _share(text, entered, told, limit=0.0 if sure else _MAY_ENTER, judged=sure or enough)
    by_workload = [each for each in ours if each.contestant == BY_WORKLOAD]
    passing, told = (sum(_sum(by_workload, kind, name) for kind in KINDS) for name in ("told_passing", "told"))
    yield _share("distinguishable attack edges that pass, by workload", passing, told, limit=_MAY_PASS, judged=enough)


def misses(found: Sequence[Judged]) -> Iterator[str]:
    """Name every edge and every name by which ours misses a bar of zero."""
    for each in found:
        if each.contestant not in OURS:
            continue
        where = f"seed {each.seed}, size {each.size}, {each.contestant}"
        for kind in ("cut", "opened"):
            for edge in each.said[kind]:
                more = edge.get("sides") or edge.get("actions")
                yield f"{where}: {kind} {edge['id']} {_end(edge['client'])} -> {_end(edge['server'])} {more}"
        for name in ("held", "idle", "platform", "metadata", "met"):
            values: tuple[str, ...] = getattr(each, name)
            yield from (f"{where}: {name} {value}" for value in values)


def report(found: Sequence[Judged], *, day: date, story: str) -> str:
    """Return the tables and the verdicts, as Markdown."""
    names = [name for name in NAMES if any(each.contestant == name for each in found)]
    of = {name: [each for each in found if each.contestant == name] for name in names}
    rows = "".join(_row(name, of[name]) for name in names)
    attacks = "".join(_attack_row(name, of[name]) for name in names)
    words = {True: "pass", False: "FAIL", None: "not judged"}
    bars = "".join(f"- {words[each.holds]}: {each.text}\n" for each in verdicts(found))
    return (
        f"Measured on {day.isoformat()}: {story}\n\n"
        "| recommender | recall, seen | cut | held | opened | recall, all | over-permission "
        "| ephemeral ports | rules | YAML, kB |\n"
        f"|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n{rows}\n"
        f"| attack edges that pass | {' | '.join(KINDS)} |\n|---|{'---:|' * len(KINDS)}\n{attacks}\n{bars}"
    )


def _none(text: str, count: int) -> Verdict:
    return Verdict(f"{text}: {count}, must be 0", count == 0)


def _share(text: str, part: int, whole: int, *, limit: float, judged: bool) -> Verdict:
    if not judged:
        return Verdict(f"{text}: {part} of {whole}; at least {ENOUGH_DAYS} learning days would tell", None)
    return Verdict(f"{text}: {part} of {whole}, at most {limit:.0%}", part <= limit * whole)


def _sum(
    those: Sequence[Judged], kind: str, name: Literal["seen", "passing", "told", "entered", "told_passing"]
) -> int:
    return sum(getattr(each.attacks.get(kind, Attacks()), name) for each in those)


def _row(name: str, those: Sequence[Judged]) -> str:
    over = [each.said["overPermission"] for each in those if each.said["overPermission"] is not None]
    cells = (
        name,
        _range([each.recall for each in those]),
        str(sum(len(each.said["cut"]) for each in those)),
        str(sum(len(each.held) for each in those)) if name in OURS else "",
        str(sum(len(each.said["opened"]) for each in those)),
        _range([each.said["recallAll"] for each in those]),
        f"{median(over):.1f}" if over else "",
        str(sum(each.said["ephemeral"] for each in those)),
        f"{median(each.said['rules'] for each in those):.0f}",
        f"{median(each.said['bytes'] for each in those) / 1e3:.0f}",
    )
    return f"| {' | '.join(cells)} |\n"


def _range(values: Sequence[float]) -> str:
    """Return the median with the lowest and the highest, cut off and never rounded up: 1.000 is all."""
    middle, low, high = (int(value * 1000) / 1000 for value in (median(values), min(values), max(values)))
    return f"{middle:.3f} ({low:.3f}–{high:.3f})"


def _attack_row(name: str, those: Sequence[Judged]) -> str:
    cells = [name]
    for kind in KINDS:
        seen, passing, told = (_sum(those, kind, field) for field in ("seen", "passing", "told"))
        cells.append(f"{passing} of {seen} ({seen - told})")
    return f"| {' | '.join(cells)} |\n"


def _end(end: Mapping[str, Any]) -> str:
    return "/".join(str(end[key]) for key in ("namespace", "workloadKind", "name") if key in end)
