"""Measure how many edges the compiled evaluator judges in a second, beside the specification.

    python tools/judge_bench.py [--short] [--edges N] [--turns T] [--date DATE] [--write PAGE]

Promises: one verdict is both sides of one distinct edge in one scope, its trace included as a code. Compiling is timed
from policies and objects to the first question, the ends of all pods included. What the specification says of a sample
is compared with the compiled answers, outcomes and traces; a difference or a missed bar makes the exit code 1.
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from resource import RUSAGE_SELF, getrusage
from statistics import median
from typing import Final
from unittest.mock import patch

import msgspec
import numpy as np
from msgspec import Struct

from ringfence.model.address_set import Family
from ringfence.model.inventory import Inventory
from ringfence.model.labels import Labels
from ringfence.model.namespace import Namespace
from ringfence.model.network_set_object import NetworkSetObject
from ringfence.model.pod import ContainerPort, Pod, PodSpec, ServiceAccount
from ringfence.model.policy import Direction, Match, Policy, Rule, RuleAction, ServiceRef, Tier
from ringfence.model.policy_set import PolicySet
from ringfence.model.port import PortSet
from ringfence.model.selector import Equals, In, Selector
from ringfence.model.service import EndpointSlice, SliceEndpoint, SlicePort
from ringfence.semantics import reference
from ringfence.semantics.compiled.compiled import Compiled
from ringfence.semantics.compiled.questions import Questions
from ringfence.semantics.compiled.traffic_rows import Traffic
from ringfence.semantics.connection import Connection, End
from ringfence.semantics.effective import EffectiveRule, EffectiveTier
from ringfence.semantics.endpoints import Endpoints
from ringfence.semantics.matching import unknowns
from ringfence.semantics.resolve import resolve
from ringfence_lab.bench_page import spread, with_report
from ringfence_lab.machine import machine

MOST_COMPILE_SECONDS: Final = 5.0
LEAST_PER_SECOND: Final = 500_000
LEAST_WALKED: Final = 30
MOST_BYTES: Final = 1_000_000_000
_BOTH: Final[tuple[Direction, Direction]] = ("Ingress", "Egress")
_ZONES: Final = 10
_GROUPS: Final = 5
_OUTSIDE: Final = 2_000
_NEAR: Final = 0.6
_NEAR_OR_FAR: Final = 0.9
_FROM_OUTSIDE: Final = 0.95
_COMMON: Final = 0.9
"""Shares of the edges: within a namespace, and between any two; of those with an address outside, the half that come
from there; and those to one of the ports that policies speak of.
"""
_SAMPLE: Final = 300
_PORTS: Final = (80, 443, 5432, 6379, 8080, 8443, 9090, 9092)
_TIERS: Final = (Tier("security", 10, "Deny"), Tier("platform", 20, "Pass"), Tier("application", 30, "Deny"))


class Case(Struct, frozen=True):
    """A cluster: ``shared`` policies are global, the rest belong to namespaces."""

    name: str
    namespaces: int
    workloads: int
    pods: int
    shared: int
    policies: int

    @property
    def all_pods(self) -> int:
        """Return how many pods there are."""
        return self.namespaces * self.workloads * self.pods

    @property
    def all_policies(self) -> int:
        """Return how many policies there are."""
        return self.shared + self.namespaces * self.policies


FULL: Final = Case("the whole", 96, 52, 10, 120, 30)
CASES: Final = (
    Case("small", 24, 10, 10, 120, 5),
    Case("ten times the pods", 24, 10, 100, 120, 5),
    Case("ten times the workloads", 24, 100, 10, 120, 5),
    Case("more rules", 24, 10, 10, 120, 30),
    FULL,
)
SHORT: Final = (Case("short", 4, 5, 3, 20, 6), Case("short, ten times the pods", 4, 5, 30, 20, 6))


class Turn(Struct, frozen=True):
    """What one run of a case took. Seconds, except where the name says otherwise."""

    ends: float
    compile: float
    judge: float
    edges: int
    doubtful: int
    walked: float
    reference_per_second: float
    differences: int
    peak_bytes: int

    @property
    def per_second(self) -> float:
        """Return verdicts a second."""
        return self.edges / self.judge


# The cluster


def _workload(namespace: int, workload: int) -> dict[str, str]:
    return {
        "app": f"app-{workload}",
        "zone": f"z{(namespace + workload) % _ZONES}",
        "group": f"g{workload % _GROUPS}",
        "pod-template-hash": f"h{namespace}-{workload}",
    }


def _address(number: int) -> str:
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


def inventory(case: Case) -> Inventory:
    """Return the objects of a cluster: pods that serve a named port, Services, sets of outside networks."""
    pods: list[Pod] = []
    slices: list[EndpointSlice] = []
    for namespace in range(case.namespaces):
        for workload in range(case.workloads):
            ports = (ContainerPort("web", "TCP", _PORTS[workload % len(_PORTS)]),)
            spec = PodSpec(Labels.of(_workload(namespace, workload)), ports=ports)
            first = len(pods)
            pods += [
                Pod(f"ns-{namespace}", f"app-{workload}-{number}", spec, (_address(first + number),))
                for number in range(case.pods)
            ]
            if workload == 0:
                backends = tuple(SliceEndpoint(pod.addresses) for pod in pods[first:])
                slices.append(
                    EndpointSlice(f"ns-{namespace}", "front", "front", (SlicePort("", "TCP", 443),), backends)
                )
    return Inventory(
        namespaces=tuple(
            Namespace(f"ns-{number}", Labels.of({"team": f"t{number % _GROUPS}"})) for number in range(case.namespaces)
        ),
        service_accounts=tuple(ServiceAccount(f"ns-{number}", "default") for number in range(case.namespaces)),
        pods=tuple(pods),
        slices=tuple(slices),
        network_sets=tuple(
            NetworkSetObject(None, f"net-{number}", Labels.of({"net": f"n{number}"}), (f"203.0.{number}.0/24",))
            for number in range(10)
        ),
    )


def policies(case: Case, *, draw: Random) -> PolicySet:
    """Return policies of which an endpoint meets some dozens of rules, most of which are not about its connection."""
    shared = tuple(_shared(number, draw) for number in range(case.shared))
    own = tuple(
        _own(namespace, number, case, draw) for namespace in range(case.namespaces) for number in range(case.policies)
    )
    return PolicySet(_TIERS, shared + own)


def _shared(number: int, draw: Random) -> Policy:
    """Return a policy of the first tier: what is refused everywhere; the last of a zone's passes on."""
    zone = Equals("zone", f"z{number % _ZONES}")
    if number < _ZONES:
        return _policy("security", None, f"pass-{number}", 9_000.0, zone, [Rule("Pass")])
    refused = [
        Rule("Deny", "TCP", source=Match(nets=(f"198.51.{draw.randrange(256)}.0/24",))),
        Rule("Deny", "TCP", destination=Match(nets=(f"192.0.{draw.randrange(256)}.0/24",))),
        Rule("Deny", "TCP", destination=Match(ports=PortSet.of([draw.randrange(20_000, 30_000)]))),
        Rule("Deny", source=Match(selector=Equals("net", f"n{draw.randrange(10)}"), not_nets=("203.0.3.0/25",))),
    ]
    return _policy("security", None, f"refuse-{number}", float(number), zone, refused)


def _own(namespace: int, number: int, case: Case, draw: Random) -> Policy:
    """Return a policy of a namespace: a third in the tier that passes on, the rest for a few workloads."""
    name = f"ns-{namespace}"
    if number % 3 == 0:
        group = Equals("group", f"g{number // 3 % _GROUPS}")
        rules = [
            Rule("Allow", "UDP", destination=Match(ports=PortSet.of([53]))),
            _between("Allow", Equals("app", f"app-{draw.randrange(case.workloads)}"), 9_090, team=None),
            Rule("Deny", "TCP", destination=Match(ports=PortSet.of([draw.randrange(10_000, 20_000)]))),
        ]
        return _policy("platform", name, f"p-{number}", float(number), group, rules)
    apps = In("app", tuple(f"app-{draw.randrange(case.workloads)}" for _ in range(max(2, case.workloads // 10))))
    peers = [Equals("app", f"app-{draw.randrange(case.workloads)}") for _ in range(3)]
    rules = [
        *(_between("Allow", peer, draw.choice(_PORTS), team=None) for peer in peers),
        _between("Allow", Equals("group", f"g{draw.randrange(_GROUPS)}"), draw.choice(_PORTS), team=draw.randrange(5)),
        Rule("Allow", "TCP", source=Match(selector=peers[0]), destination=Match(named_ports=("web",))),
        Rule("Allow", "TCP", destination=Match(service=ServiceRef(name, "front"))),
    ]
    return _policy("application", name, f"a-{number}", float(number), apps, rules)


def _between(action: RuleAction, peer: Selector, port: int, *, team: int | None) -> Rule:
    """Return a rule for either end: who may be there is asked of the source and of the destination alike."""
    where = None if team is None else Equals("team", f"t{team}")
    return Rule(
        action,
        "TCP",
        source=Match(selector=peer, namespace_selector=where),
        destination=Match(ports=PortSet.of([port])),
    )


def _policy(
    tier: str, namespace: str | None, name: str, order: float, selector: Selector, rules: Sequence[Rule]
) -> Policy:
    egress = tuple(_turned(rule) for rule in rules)
    return Policy(tier, namespace, name, order, selector, _BOTH, tuple(rules), egress)


def _turned(rule: Rule) -> Rule:
    """Return the egress rule that says of the destination what a rule says of the source."""
    source, destination = rule.source, rule.destination
    if source.selector is None or destination.named_ports:
        return rule
    peer = msgspec.structs.replace(source, ports=destination.ports)
    return msgspec.structs.replace(rule, source=Match(), destination=peer)


# The edges


def questions(case: Case, ends: tuple[End, ...], *, edges: int, seed: int) -> Questions:
    """Return distinct edges: most within a namespace, some between any two, some with an address outside."""
    draw = np.random.default_rng(seed)
    pods, own = case.all_pods, case.workloads * case.pods
    source = draw.integers(pods, size=2 * edges)
    near = source // own * own + draw.integers(own, size=source.size)
    far, out = draw.integers(pods, size=source.size), pods + draw.integers(_OUTSIDE, size=source.size)
    share = draw.random(source.size)
    destination = np.where(share < _NEAR, near, np.where(share < _NEAR_OR_FAR, far, out))
    turned = share > _FROM_OUTSIDE
    source, destination = np.where(turned, destination, source), np.where(turned, source, destination)
    traffic = (*(Traffic("TCP", port) for port in (*_PORTS, *range(32_000, 32_040))), Traffic("UDP", 53))
    common = draw.random(source.size) < _COMMON
    kind = np.where(common, draw.integers(len(_PORTS), size=source.size), draw.integers(len(traffic), size=source.size))
    keys = np.unique((source * len(ends) + destination) * len(traffic) + kind)
    keys = draw.permutation(keys)[:edges]
    pair, kind = np.divmod(keys, len(traffic))
    source, destination = np.divmod(pair, len(ends))
    return Questions(ends, traffic, source, destination, kind)


# One turn


def turn(case: Case, *, edges: int, seed: int = 1) -> Turn:
    """Measure a case once, in this process."""
    objects, written = inventory(case), policies(case, draw=Random(seed))  # noqa: S311 - a seeded generator is what makes a case repeatable
    start = time.perf_counter()
    tiers = resolve(written, objects, "enforced")
    endpoints = Endpoints(objects)
    ends = (
        *(endpoints.pod(pod) for pod in objects.pods),
        *(endpoints.address(f"203.{number >> 8}.{number & 255}.7") for number in range(_OUTSIDE)),
    )
    known = time.perf_counter()
    compiled = Compiled(tiers, ends)
    ready = time.perf_counter()
    asked = questions(case, ends, edges=edges, seed=seed)
    began = time.perf_counter()
    answers = compiled.judge(asked)
    took = time.perf_counter() - began
    peak = getrusage(RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    sample = range(0, len(asked), max(1, len(asked) // _SAMPLE))
    found = [answers.judgement(number) for number in sample]
    began = time.perf_counter()
    wanted = [reference.judge(tiers, asked.connection(number)) for number in sample]
    slow = time.perf_counter() - began
    return Turn(
        ends=known - start,
        compile=ready - known,
        judge=took,
        edges=len(asked),
        doubtful=len(answers.doubts),
        walked=sum(_walked(tiers, asked, number) for number in sample) / len(sample),
        reference_per_second=len(sample) / slow,
        differences=sum(ours != theirs for ours, theirs in zip(found, wanted, strict=True)),
        peak_bytes=peak,
    )


def _walked(tiers: Sequence[EffectiveTier], asked: Questions, number: int) -> float:
    """Return how many rules the specification asks of an edge, at each side that is asked."""
    count = 0

    def counted(rule: EffectiveRule, connection: Connection, family: Family) -> tuple[str, ...] | None:
        nonlocal count
        count += 1
        return unknowns(rule, connection, family)

    with patch.object(reference, "unknowns", counted):
        judgement = reference.judge(tiers, asked.connection(number))
    return count / sum(side is not None for side in (judgement.egress, judgement.ingress))


def measure(case: Case, *, edges: int, turns: int) -> list[Turn]:
    """Return what some runs of a case took, each in a process of its own. Raises CalledProcessError."""
    asked = msgspec.json.encode(case).decode()
    command = [sys.executable, __file__, "--turn", asked, "--edges", str(edges)]
    return [
        msgspec.json.decode(subprocess.run(command, check=True, capture_output=True).stdout, type=Turn)  # noqa: S603 - ourselves
        for _ in range(turns)
    ]


# The report


def report(measured: Sequence[tuple[Case, Sequence[Turn]]], *, day: date, on: str) -> str:
    """Return the table with its date and machine, as Markdown."""
    rows = "".join(
        f"| {case.name} | {case.all_pods:,} | {case.namespaces * case.workloads:,} | {case.all_policies:,} "
        f"| {turns[0].edges:,} | {turns[0].walked:.0f} | {spread([each.ends for each in turns])} "
        f"| {spread([each.compile for each in turns])} | {median(each.per_second for each in turns):,.0f} "
        f"({min(each.per_second for each in turns):,.0f}–{max(each.per_second for each in turns):,.0f}) "
        f"| {median(each.reference_per_second for each in turns):,.0f} "
        f"| {max(each.peak_bytes for each in turns) / 1e6:.0f} | {turns[0].doubtful} |\n"
        for case, turns in measured
    )
    bars = "".join(f"- {'pass' if holds else 'FAIL'}: {words}\n" for words, holds in verdicts(measured))
    return (
        f"Measured on {day.isoformat()}: {on}. Median of the turns (lowest–highest).\n\n"
        "| case | pods | workloads | policies | edges | rules walked a side | ends, s | compile, s | verdicts/s "
        "| specification/s | peak, MB | in doubt |\n"
        f"|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n{rows}\n{bars}"
    )


def verdicts(measured: Sequence[tuple[Case, Sequence[Turn]]]) -> Iterator[tuple[str, bool]]:
    """Yield each bar in words, and whether it is held: speed and memory by the whole case only."""
    for case, turns in measured:
        differences = sum(each.differences for each in turns)
        yield f"{case.name}: {differences} differences from the specification in the sample", differences == 0
        if case != FULL:
            continue
        compiling = median(each.ends + each.compile for each in turns)
        rate, peak = median(each.per_second for each in turns), max(each.peak_bytes for each in turns)
        walked = min(each.walked for each in turns)
        yield (
            f"ends and compiling take {compiling:.1f} s, under {MOST_COMPILE_SECONDS:.0f}",
            (compiling < MOST_COMPILE_SECONDS),
        )
        yield f"{rate:,.0f} verdicts a second, at least {LEAST_PER_SECOND:,}", rate >= LEAST_PER_SECOND
        yield f"{walked:.0f} rules walked a side, at least {LEAST_WALKED}", walked >= LEAST_WALKED
        yield f"peak memory {peak / 1e6:.0f} MB, under {MOST_BYTES / 1e6:.0f}", peak < MOST_BYTES


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tools/judge_bench.py", description="Measure the compiled evaluator.")
    parser.add_argument("--short", action="store_true", help="two small cases, to see that everything runs")
    parser.add_argument("--edges", type=int, default=1_000_000, help="how many distinct edges (1000000)")
    parser.add_argument("--turns", type=int, default=3, help="how often each case is run (3)")
    parser.add_argument("--date", type=date.fromisoformat, help="the date that the report names (today)")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="also write the report into this page")
    parser.add_argument("--turn", metavar="CASE", help=argparse.SUPPRESS)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    given = _parser().parse_args(arguments)
    if given.turn is not None:
        case = msgspec.json.decode(given.turn, type=Case)
        sys.stdout.write(msgspec.json.encode(turn(case, edges=given.edges)).decode())
        return 0
    edges = min(given.edges, 2_000) if given.short else given.edges
    cases = SHORT if given.short else CASES
    measured = [(case, measure(case, edges=edges, turns=given.turns)) for case in cases]
    day: date = given.date or datetime.now(UTC).date()  # noqa: TID251 - a report has a date
    text = report(measured, day=day, on=machine())
    sys.stdout.write(text)
    if given.write is not None:
        page = given.write.read_text(encoding="utf-8")
        given.write.write_text(with_report(page, text, name="judge"), encoding="utf-8")
    return 0 if all(holds for _, holds in verdicts(measured)) else 1


if __name__ == "__main__":
    sys.exit(main())
