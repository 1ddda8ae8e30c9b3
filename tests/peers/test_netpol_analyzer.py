"""The reference evaluator against a peer: admin policies as Calico up to 3.31 has them, and Kubernetes' own."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from ringfence.model.policy_set import Regime
from tests.peers.netpol_analyzer import Case, Question, World, answers, cases, world

# Folder, Calico's regime, cases, and how many questions they are at least.
FOLDERS: Mapping[str, tuple[str, Regime, int, int]] = {
    "anp": ("data/peers/netpol-analyzer/anp", "<=3.31", 45, 7_000),
    "kubernetes": ("data/peers/netpol-analyzer", ">=3.32", 38, 10_000),
}
DIFFERENCES: Mapping[str, str] = {}
"""Cases whose answer differs, each with the section of calico-semantics that says why."""


def wrong(questions: Iterator[Question]) -> tuple[int, list[Question]]:
    """Return how many were asked, and those answered wrongly."""
    asked, bad = 0, []
    for question in questions:
        asked += 1
        if question.got != ("Allow" if question.wanted else "Deny"):
            bad.append(question)
    return asked, bad


def connectivity(case: Case, at: World) -> Iterator[Question]:
    """Yield the questions of a connectivity case."""
    expect = case["expect"]
    unjudged = set(expect.get("unjudged", []))
    judged = [each for each in expect["workloads"] if each["name"] not in unjudged]
    ends = {
        each["name"]: [end for pod in each["pods"] for end in at.ends[pod]] if "pods" in each else at.ends[each["name"]]
        for each in judged
    }
    yield from answers(at._replace(ends=ends), expect["connections"], list(ends), expect["protocols"])


@pytest.mark.shared
@pytest.mark.parametrize("name", FOLDERS)
def test_every_pair_is_answered_as_the_peer_answers(name: str, shared: Path, tmp_path: Path) -> None:
    """All connectivity cases: each pair, protocol, and a port and address of each interval."""
    place, regime, total, questions = FOLDERS[name]
    folder = shared / place
    every = cases(folder)
    assert len(every) == total
    failures: dict[str, Sequence[Question]] = {}
    asked = 0
    for number, case in enumerate(every):
        if case["kind"] != "connectivity":
            continue
        inputs = tmp_path / str(number)
        inputs.mkdir()
        count, bad = wrong(connectivity(case, world(folder, case["inputs"], inputs, regime=regime)))
        asked += count
        if bad:
            failures[case["case"]] = bad[:3]
    assert {case: bad for case, bad in failures.items() if case not in DIFFERENCES} == {}
    assert asked > questions


@pytest.mark.shared
@pytest.mark.parametrize("name", FOLDERS)
def test_every_difference_is_the_one_the_peer_names(name: str, shared: Path, tmp_path: Path) -> None:
    """All diff cases: what a changed pair allowed before and allows now, and that it does differ."""
    place, regime, _, _ = FOLDERS[name]
    folder = shared / place
    failures: dict[str, Sequence[Question]] = {}
    for number, case in enumerate(cases(folder)):
        if case["kind"] != "diff":
            continue
        for state in ("old", "new"):
            inputs = tmp_path / f"{number}-{state}"
            inputs.mkdir()
            at = world(folder, case[state], inputs, regime=regime)
            changes = [
                {"source": each["source"], "destination": each["destination"], "allowed": each[state]}
                for each in case["expect"]["changes"]
            ]
            pairs = {(each["source"], each["destination"]) for each in changes}
            bad = [
                question
                for source, destination in sorted(pairs)
                for names in [[each for each in (source, destination) if "/" in each]]
                if all(each in at.ends for each in names)
                for question in wrong(
                    answers(
                        at,
                        [each for each in changes if (each["source"], each["destination"]) == (source, destination)],
                        names,
                        case["expect"]["protocols"],
                    )
                )[1]
                if _is_of(question, source, destination, at)
            ]
            if bad:
                failures[f"{case['case']} ({state})"] = bad[:3]
    assert {case: bad for case, bad in failures.items() if case not in DIFFERENCES} == {}


def _is_of(question: Question, source: str, destination: str, at: World) -> bool:
    """Say whether a question is of this ordered pair; outside addresses count within their range only."""
    return _named(question.source, source, at) and _named(question.destination, destination, at)


def _named(end: str, name: str, at: World) -> bool:
    if "/" in name:
        return end in {each.name for each in at.ends[name]}
    if end.startswith("pod "):
        return False
    first, last = (tuple(int(part) for part in text.split(".")) for text in name.split("-"))
    return first <= tuple(int(part) for part in end.split(".")) <= last
