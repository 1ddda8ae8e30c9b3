"""Our connectivity against every case of two peers: who reaches whom, what a change does, which set is within which."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.peers.connectivity_cases import Case, Document, cases, cluster, judged, pairs, relation

# Folder, and its cases by kind.
FOLDERS: Mapping[str, tuple[str, Mapping[str, int]]] = {
    "kubernetes": ("data/peers/netpol-analyzer", {"connectivity": 32, "diff": 6}),
    "admin": ("data/peers/netpol-analyzer/anp", {"connectivity": 36, "diff": 9}),
    "calico": ("data/peers/network-config-analyzer", {"connectivity": 30, "relation": 163}),
}
DIFFERENCES: Mapping[str, str] = {}
"""Cases whose answer differs, each with the section of calico-semantics that says why."""


def of_kind(folder: Path, kind: str, wanted: int) -> list[Case]:
    """Return the cases of a kind, none missing."""
    found = [each for each in cases(folder) if each["kind"] == kind]
    assert len(found) == wanted
    return found


def test_every_case_is_of_a_kind_that_is_asked() -> None:
    """None is skipped by its kind."""
    assert sum(sum(kinds.values()) for _, kinds in FOLDERS.values()) == 276


@pytest.mark.shared
@pytest.mark.parametrize("name", FOLDERS)
def test_every_pair_reaches_what_the_peer_says(name: str, shared: Path, tmp_path: Path) -> None:
    """All connectivity cases, all traffic of the judged protocols."""
    place, kinds = FOLDERS[name]
    folder = shared / place
    failures: dict[str, list[object]] = {}
    asked = 0
    for number, case in enumerate(of_kind(folder, "connectivity", kinds["connectivity"])):
        expect = case["expect"]
        found = Document(cluster(folder, case["inputs"], tmp_path / str(number), case.get("only")))
        workloads = [each for each in expect["workloads"] if each["name"] not in expect.get("unjudged", [])]
        of_case = judged(expect["protocols"])
        for source, destination, wanted, got in pairs(found, workloads, expect["connections"]):
            asked += 1
            if wanted & of_case != got & of_case:
                failures.setdefault(case["case"], []).append(
                    (source, destination, wanted - got, (got - wanted) & of_case)
                )
    assert {case: bad[:2] for case, bad in failures.items() if case not in DIFFERENCES} == {}
    assert asked > 1_000


@pytest.mark.shared
@pytest.mark.parametrize("name", ["kubernetes", "admin"])
def test_every_change_is_what_the_peer_says(name: str, shared: Path, tmp_path: Path) -> None:
    """All diff cases: each pair that is in both states changes exactly as listed, and no other pair changes."""
    place, kinds = FOLDERS[name]
    folder = shared / place
    failures: dict[str, list[object]] = {}
    for number, case in enumerate(of_kind(folder, "diff", kinds["diff"])):
        expect = case["expect"]
        of_case = judged(expect["protocols"])
        states = {}
        for state in ("old", "new"):
            found = Document(cluster(folder, case[state], tmp_path / f"{number}{state}"))
            named = {*found.of_workload, *found.of_pod}
            names = {end for each in expect["changes"] for end in (each["source"], each["destination"]) if "/" in end}
            listed = [
                {"source": each["source"], "destination": each["destination"], "allowed": each[state]}
                for each in expect["changes"]
                if each[state]
            ]
            workloads = [{"name": each} for each in sorted(names & named)]
            states[state] = {
                (source, destination): (wanted & of_case, got & of_case)
                for source, destination, wanted, got in pairs(found, workloads, listed)
            }
        changed = {(each["source"], each["destination"]) for each in expect["changes"]}
        for key in states["old"].keys() & states["new"].keys():
            (old_wanted, old), (new_wanted, new) = states["old"][key], states["new"][key]
            listed_change = old_wanted != new_wanted
            right = (old, new) == (old_wanted, new_wanted) if listed_change else old == new
            if not right:
                failures.setdefault(case["case"], []).append((key, old, new))
        assert changed
    assert {case: bad[:2] for case, bad in failures.items() if case not in DIFFERENCES} == {}


@pytest.mark.shared
def test_every_set_relation_is_what_the_peer_says(shared: Path, tmp_path: Path) -> None:
    """All relation cases: over all pods, addresses and traffic."""
    place, kinds = FOLDERS["calico"]
    folder = shared / place
    failures: dict[str, object] = {}
    for number, case in enumerate(of_kind(folder, "relation", kinds["relation"])):
        both = [
            cluster(
                folder, [*case["inputs"], *case[side]["files"]], tmp_path / f"{number}{side}", case[side].get("only")
            )
            for side in ("a", "b")
        ]
        got, _ = relation(both[0], both[1])
        wanted = case["expect"]["relation"]
        if any(got[key] != value for key, value in wanted.items()):
            failures[case["case"]] = {key: got[key] for key in wanted}
    assert {case: bad for case, bad in failures.items() if case not in DIFFERENCES} == {}
