"""The evaluation counts what it says, its bars can be missed, and simpler recommenders do what is told of them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, Final

import pytest

from ringfence_lab import contestants
from ringfence_lab.bench_page import with_report
from ringfence_lab.case import Case, JudgedEdge, read_case
from ringfence_lab.enforcement import Enforcement
from ringfence_lab.evaluate import Told, judged, main
from ringfence_lab.evaluation import (
    BY_NAMESPACE,
    BY_WORKLOAD,
    ENOUGH_DAYS,
    KINDS,
    NAIVE,
    Attacks,
    Judged,
    misses,
    report,
    verdicts,
)
from ringfence_lab.policies import PolicyFolder, read_policies
from tests.architecture.repository import ROOT

Json = dict[str, Any]

EDGE: Final[Json] = {
    "id": "e7",
    "client": {"kind": "Workload", "namespace": "shop", "workloadKind": "Deployment", "name": "web"},
    "server": {"kind": "Public", "name": "internet"},
    "sides": ["Egress"],
    "actions": ["Allow"],
}
NOTHING: Final = PolicyFolder((), (), 0)


def found(name: str = BY_NAMESPACE, *, said: Json | None = None, **fields: Any) -> Judged:
    """Return what was found of a contestant that did everything right."""
    spotless: Json = {
        "cut": [],
        "opened": [],
        "ephemeral": 0,
        "hashLabels": 0,
        "recallAll": 0.98765,
        "overPermission": 2.0,
        "rules": 10,
        "bytes": 4_000,
    }
    attacks = {kind: Attacks(seen=12, passing=2, told=10) for kind in KINDS}
    right = Judged(name, 3, "small", ENOUGH_DAYS, spotless | (said or {}), observed=10_000, attacks=attacks)
    return replace(right, **fields)


def missed(*those: Judged) -> list[str]:
    """Return the bars that are missed, without what was found."""
    return [each.text.partition(":")[0] for each in verdicts(those) if each.holds is False]


def test_who_does_everything_right_misses_no_bar() -> None:
    """And every bar is judged."""
    both = (found(BY_NAMESPACE), found(BY_WORKLOAD))

    assert missed(*both) == []
    assert all(each.holds for each in verdicts(both))
    assert list(misses(both)) == []


@pytest.mark.parametrize("name", [BY_NAMESPACE, BY_WORKLOAD])
@pytest.mark.parametrize(
    ("said", "fields", "bar"),
    [
        ({"cut": [EDGE]}, {}, "observed legitimate edges cut"),
        ({}, {"held": ("e7",)}, "observed legitimate edges held"),
        ({"opened": [EDGE]}, {}, "denied edges opened"),
        ({"ephemeral": 1}, {}, "ephemeral ports in rules"),
        ({"hashLabels": 1}, {}, "hash labels in rules"),
        ({}, {"idle": ("archive",)}, "policies for idle namespaces"),
        ({}, {"platform": ("kube-system",)}, "policies for the platform's namespaces"),
        ({}, {"metadata": ("shop/Deployment/web",)}, "workloads whose rules reach the metadata address"),
        ({}, {"met": ("0123",)}, "new peers of a scanning workload behind a rule"),
    ],
)
def test_each_bar_of_none_is_missed_by_one(name: str, said: Json, fields: Json, bar: str) -> None:
    """At either granularity; what missed it is named with its world, unless it is a count alone."""
    bad = found(name, said=said, **fields)

    assert missed(found(BY_NAMESPACE), found(BY_WORKLOAD), bad) == [bar]
    named = list(misses([bad]))
    assert all(each.startswith(f"seed 3, size small, {name}: ") for each in named)
    assert len(named) == (0 if bar.endswith("in rules") else 1)
    assert list(misses([replace(bad, contestant=NAIVE)])) == []


@pytest.mark.parametrize(("entered", "kinds"), [(1, ["scan", "metadata"]), (2, list(KINDS))])
def test_a_share_of_the_doubtful_attacks_may_enter_and_none_of_the_sure_ones(entered: int, kinds: list[str]) -> None:
    """A tenth of each kind, counted over all worlds by namespace."""
    attacks = {kind: Attacks(seen=10, told=10, entered=entered) for kind in KINDS}

    assert missed(found(attacks=attacks)) == [f"distinguishable {kind} edges behind a rule" for kind in kinds]
    assert missed(found(attacks=attacks), found()) == [
        f"distinguishable {kind} edges behind a rule" for kind in KINDS if kind in {"scan", "metadata"}
    ]


@pytest.mark.parametrize(("passing", "bars"), [(1, 0), (2, 1)])
def test_of_a_hundred_attack_edges_one_may_pass_by_workload(passing: int, bars: int) -> None:
    """Those that nobody can tell from a legitimate edge are not counted."""
    attacks = {"lateral": Attacks(seen=150, passing=50, told=100, told_passing=passing)}

    assert len(missed(found(BY_WORKLOAD, attacks=attacks))) == bars


def test_a_few_days_are_not_judged_by_what_only_weeks_tell() -> None:
    """Scans and the metadata service are told in any hour."""
    attacks = {kind: Attacks(seen=9, told=9, entered=9, told_passing=9) for kind in KINDS}
    short = [found(name, attacks=attacks, learn_days=ENOUGH_DAYS - 1) for name in (BY_NAMESPACE, BY_WORKLOAD)]

    assert len(missed(*short)) == 2
    assert [each.text.partition(":")[0] for each in verdicts(short) if each.holds is None] == [
        "distinguishable exfiltration edges behind a rule",
        "distinguishable beacon edges behind a rule",
        "distinguishable lateral edges behind a rule",
        "distinguishable attack edges that pass, by workload",
    ]


def test_an_edge_that_is_cut_and_held_is_lost_once() -> None:
    """Recall counts edges, not faults."""
    assert found(said={"cut": [EDGE]}, held=("e7", "e8")).recall == pytest.approx(1 - 2 / 10_000)
    assert found(observed=0).recall == 1.0


def test_a_report_names_what_it_is_of_and_never_rounds_up_to_all() -> None:
    """One edge of ten thousand is not nothing."""
    worlds = [found(NAIVE), found(), found(said={"cut": [EDGE]})]

    text = report(worlds, day=date(2026, 3, 2), story="two worlds.")

    assert text.startswith("Measured on 2026-03-02: two worlds.\n")
    assert "| naive namespace allow | 1.000 (1.000–1.000) | 0 |  | 0 | 0.987 (0.987–0.987) | 2.0 | 0 | 10 | 4 |" in text
    assert "| ours, by namespace | 0.999 (0.999–1.000) | 1 | 0 | 0 |" in text
    assert "| ours, by namespace | 4 of 24 (4) |" in text
    assert "- FAIL: observed legitimate edges cut: 1, must be 0\n" in text
    assert "- pass: denied edges opened: 0, must be 0\n" in text
    assert "by workload |" not in text


def test_a_report_of_ours_tells_what_is_behind_rules_and_what_is_held_by_address() -> None:
    """An edge of which one address is held is behind a rule for the others."""
    part: Json = {"protocol": "TCP", "port": "443", "client": EDGE["client"]}
    whole = part | {"id": "a", "server": {"kind": "Public"}}
    held = part | {"id": "a@198.19.66.10", "server": {"kind": "Public", "address": "198.19.66.10"}}
    unused = part | {"id": "b", "server": {"kind": "Private"}}
    item = {"edges": [whole, held, unused], "held": [{"edge": held["id"]}], "permits": [{"edges": ["a"]}]}

    told = Told.of({"items": [item]})

    assert (told.behind, told.held) == ((whole,), (held,))
    assert told.entered(_outer("198.51.100.7"))
    assert told.holds(_outer("198.19.66.10"))
    assert not told.entered(_outer("198.19.66.10"))


def _outer(address: str) -> JudgedEdge:
    server = {"kind": "Public", "name": "x", "addresses": [address]}
    written = {"client": EDGE["client"], "server": server}
    client = ("shop", "Deployment", "web")
    return JudgedEdge(written, "TCP", 443, None, None, client, None, ((), ()), ((), ()), observed=True)


@pytest.fixture(scope="module")
def case(world: Path) -> Case:
    """The small world as the judge reads it."""
    return read_case(world)


@pytest.fixture(scope="module")
def before(case: Case) -> Enforcement:
    """Its own policies alone."""
    return Enforcement(case, NOTHING)


Write = Callable[[list[Json]], PolicyFolder]


@pytest.fixture
def written(tmp_path: Path) -> Write:
    """Write what a contestant made, and read it back as the judge does."""

    def write(documents: list[Json]) -> PolicyFolder:
        contestants.write(documents, tmp_path / "policies")
        return read_policies(tmp_path / "policies")

    return write


def test_the_naive_policies_cut_nothing_and_open_every_port(case: Case, before: Enforcement, written: Write) -> None:
    """Whoever spoke to a namespace may speak to it."""
    after = Enforcement(case, written(contestants.naive(case, before)))
    observed = _observed(case, before)

    assert [edge.written for edge in observed if after.denying(edge, edge.learn)] == []
    foreign = [edge for edge in observed if not _within(edge)]
    assert foreign
    assert all(after.covers(replace(edge, port=7)) for edge in foreign if edge.protocol == "TCP")


def test_the_documented_policies_hold_to_ports_and_lose_what_policies_decide(
    case: Case, before: Enforcement, written: Write
) -> None:
    """A side that a policy decides is not learnt, and both directions are restricted all the same."""
    after = Enforcement(case, written(contestants.vendor(case, before)))
    observed = _observed(case, before)
    losses = [(edge, sides) for edge in observed if (sides := after.denying(edge, edge.learn))]

    assert losses
    assert all(set(sides) <= before.decided_before(edge, edge.learn) for edge, sides in losses)
    learnt = [edge for edge in observed if not before.decided_before(edge, edge.learn) and edge.protocol == "TCP"]
    assert {_within(edge) for edge in learnt} == {True, False}
    assert all(after.covers(replace(edge, port=7)) == _within(edge) for edge in learnt)


def test_what_was_denied_or_not_seen_is_not_learnt(case: Case, before: Enforcement) -> None:
    """By neither."""
    unseen = replace(case, legitimate=tuple(replace(each, observed=False) for each in case.legitimate), attack=None)
    denied = replace(case, legitimate=tuple(each for each in case.denied if each.observed), attack=None)

    assert denied.legitimate
    for learn in (contestants.naive, contestants.vendor):
        assert learn(unseen, before) == learn(denied, before) == []


def _observed(case: Case, before: Enforcement) -> list[JudgedEdge]:
    """Return the edges between namespaces' workloads that were seen, are allowed and may be governed at both ends."""
    edges = [edge for edge in case.legitimate if edge.client is not None and edge.server is not None]
    seen = [edge for edge in edges if edge.observed and not before.denied_before(edge, edge.ends)]
    return [edge for edge in seen if not any(name.startswith("kube-") for name in _namespaces(edge))]


def _namespaces(edge: JudgedEdge) -> list[str]:
    return [end["namespace"] for end in (edge.written["client"], edge.written["server"])]


def _within(edge: JudgedEdge) -> bool:
    return len(set(_namespaces(edge))) == 1


@pytest.mark.parametrize(
    ("nets", "reaches"),
    [(["0.0.0.0/0"], True), (["169.254.169.254/32"], True), (["10.0.0.0/8"], False)],
)
def test_a_rule_that_reaches_the_metadata_address_is_found(
    case: Case, before: Enforcement, tmp_path: Path, nets: list[str], *, reaches: bool
) -> None:
    """By what it means; a workload that nothing restricts has no rule at all."""
    rule = {"action": "Pass", "protocol": "TCP", "destination": {"nets": nets}}
    spec = {"tier": "namespace-isolation", "selector": "all()", "types": ["Egress"], "egress": [rule]}
    policy = {
        "apiVersion": "projectcalico.org/v3",
        "kind": "StagedNetworkPolicy",
        "metadata": {"name": "namespace-isolation.archive", "namespace": "archive"},
        "spec": spec,
    }
    contestants.write([policy], tmp_path / "out")

    found = judged(case, before, read_policies(tmp_path / "out"), Told(), contestant=BY_NAMESPACE, seed=5, size="small")

    assert {each.split("/")[0] for each in found.metadata} == ({"archive"} if reaches else set())
    assert found.idle == ("archive",)
    assert found.platform == ()


@pytest.mark.parametrize(
    ("first", "met"), [("05:59:00", True), ("06:00:00", True), ("04:59:00", False), ("07:00:00", False)]
)
def test_what_a_scanner_met_in_the_hours_of_its_scan_is_found(
    case: Case, before: Enforcement, first: str, *, met: bool
) -> None:
    """By the times of the evidence; nobody else's new edges count."""
    probe = next(edge for edge in case.attack or () if edge.written["attack"] == "scan" and edge.observed)
    written = {"protocol": probe.protocol, "port": str(probe.port), "server": probe.written["server"]}
    seen = {"firstSeen": "2026-03-02T05:10:00Z", "lastSeen": "2026-03-02T06:20:00Z"}
    new = {"firstSeen": f"2026-03-02T{first}Z", "lastSeen": "2026-03-04T00:00:00Z"}
    scan = written | {"id": "scan", "client": probe.written["client"], "evidence": seen}
    own = scan | {"id": "own", "port": "1", "evidence": new}
    other = own | {"id": "other", "client": probe.written["server"]}

    habit = next(
        edge for edge in case.legitimate if edge.written["rhythm"] == "constant" and edge.client == probe.client
    )
    usual = own | {"id": "usual", "server": habit.written["server"], "port": str(habit.port)}

    told = Told(behind=(own, other, usual | {"protocol": habit.protocol}), held=(scan,))
    found = judged(case, before, NOTHING, told, contestant=BY_NAMESPACE, seed=5, size="small")

    assert found.met == (("own",) if met else ())
    assert found.attacks["scan"].entered == 0
    entered = replace(told, behind=(scan,), held=())
    assert (
        judged(case, before, NOTHING, entered, contestant=BY_NAMESPACE, seed=5, size="small").attacks["scan"].entered
        == 1
    )


def test_a_page_without_a_place_is_told_before_anything_is_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not an hour later."""
    page = tmp_path / "page.md"
    page.write_text("# Title\n", encoding="utf-8")

    assert main(["--write", str(page)]) == 2
    assert "generated: begin evaluation" in capsys.readouterr().err
    assert page.read_text(encoding="utf-8") == "# Title\n"


def test_the_page_has_a_place_for_the_report() -> None:
    """``--write docs/evaluation.md`` finds it."""
    page = (ROOT / "docs/evaluation.md").read_text(encoding="utf-8")

    assert with_report(page, "new\n", name="evaluation") != page
