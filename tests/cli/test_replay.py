"""``ringfence replay`` as a CI job runs it: exit codes, formats, complete parts, and kept lists of edges.

The world is the bundled one, whose shop database names its clients one by one.
"""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml

from ringfence.cli.main import main

WORLD = Path(__file__).parents[2] / "examples" / "small-world"
FLOWS, CLUSTER = str(WORLD / "flows"), str(WORLD / "cluster")
DATABASE = WORLD / "cluster" / "networkpolicies.yaml"
Captured = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the list of edges of the bundled world."""
    folder = tmp_path_factory.mktemp("kept")
    file = folder / "edges.json"
    with pytest.MonkeyPatch.context() as patch, file.open("w") as stdout:
        patch.chdir(folder)
        patch.setattr("sys.stdout", stdout)
        assert main(["get", "edges", FLOWS, "--snapshot", CLUSTER, "-o", "json"]) == 0
    return file


@pytest.fixture
def policies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a directory with the bundled world's Kubernetes policies, one a file, as a repository keeps them."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "policies"
    for each in yaml.safe_load(DATABASE.read_text())["items"]:
        write(folder, each)
    return folder


def write(folder: Path, policy: Mapping[str, Any]) -> Path:
    """Write a policy to its file."""
    path = folder / policy["metadata"]["namespace"] / f"{policy['metadata']['name']}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(policy))
    return path


def narrowed(folder: Path) -> str:
    """Delete the first client of the shop's database and return the name that the client's pods have."""
    path = folder / "shop" / "db-clients.yaml"
    policy = yaml.safe_load(path.read_text())
    first, *rest = policy["spec"]["ingress"]
    policy["spec"]["ingress"] = rest
    write(folder, policy)
    (peer,) = first["from"]
    labels: dict[str, str] = peer["podSelector"]["matchLabels"]
    return labels.get("app") or labels["app.kubernetes.io/name"]


def run(kept: Path, folder: Path, *arguments: str) -> int:
    """Run a replay of the kept edges."""
    return main(["replay", "--edges", str(kept), "--snapshot", CLUSTER, "--policies", str(folder), *arguments])


def document(capsys: Captured) -> Any:
    """Return the document that was printed."""
    return json.loads(capsys.readouterr().out)


def test_policies_that_are_as_in_the_cluster_change_nothing(kept: Path, policies: Path, capsys: Captured) -> None:
    """Exit code 0, and every edge is judged."""
    assert run(kept, policies, "--mode", "enforced", "-o", "json") == 0

    found = document(capsys)
    assert found["changes"] == []
    assert found["summary"]["edges"] == found["summary"]["unchanged"] > 300
    assert found["policies"] == {"added": [], "changed": [], "deleted": []}


def test_a_narrowed_policy_fails_with_the_edge_and_both_rules(kept: Path, policies: Path, capsys: Captured) -> None:
    """The rule that cuts it, and the one that used to allow it, at the end that decides."""
    client = narrowed(policies)

    assert run(kept, policies, "--mode", "enforced", "-o", "json") == 1

    (cut,) = document(capsys)["changes"]
    assert (cut["change"], cut["edge"]["client"]["name"], cut["edge"]["server"]["name"]) == ("Cut", client, "db")
    before, after = cut["before"]["ingress"][-1], cut["after"]["ingress"][-1]
    assert (before["name"], before["ruleIndex"], before["action"]) == ("db-clients", 0, "Allow")
    assert (after["name"], after["ruleIndex"], after["action"]) == ("db-clients", -1, "Deny")
    assert cut["edge"]["evidence"]["connections"] > 0


def test_a_deleted_file_counts_only_where_the_directory_is_complete(
    kept: Path, policies: Path, capsys: Captured
) -> None:
    """Of the part that is named: what the deleted policy denied is opened."""
    (policies / "batch" / "results-clients.yaml").unlink()
    arguments = ("--mode", "enforced", "--fail-on", "cut,opened", "-o", "json")

    assert run(kept, policies, *arguments) == 0
    assert document(capsys)["policies"]["deleted"] == []
    assert run(kept, policies, *arguments, "--replace", "namespace=telephony") == 0
    assert document(capsys)["policies"]["deleted"] == []
    assert run(kept, policies, *arguments, "--replace", "namespace=batch") == 1
    found = document(capsys)
    assert [each["name"] for each in found["policies"]["deleted"]] == ["results-clients"]
    assert {each["change"] for each in found["changes"]} == {"Opened"}
    assert {each["before"]["ingress"][-1]["name"] for each in found["changes"]} == {"results-clients"}


@pytest.mark.parametrize(("fails", "code"), [("cut", 1), ("opened", 0), ("uncertain", 0), ("opened,cut", 1), ("", 0)])
def test_it_fails_on_what_it_was_asked_to_fail_on(kept: Path, policies: Path, fails: str, code: int) -> None:
    """Cut where nothing was asked."""
    narrowed(policies)

    assert run(kept, policies, "--mode", "enforced", "--fail-on", fails) == code


def test_flow_logs_and_the_list_that_was_kept_of_them_give_one_answer(
    kept: Path, policies: Path, capsys: Captured
) -> None:
    """So a CI job needs no raw flows."""
    narrowed(policies)
    arguments = ["--snapshot", CLUSTER, "--policies", str(policies), "-o", "json"]

    main(["replay", FLOWS, *arguments])
    from_flows = document(capsys)
    main(["replay", "--edges", str(kept), *arguments])
    from_list = document(capsys)

    assert from_flows["summary"] == from_list["summary"]
    assert [_decisive(each) for each in from_flows["changes"]] == [_decisive(each) for each in from_list["changes"]]


def _decisive(change: Mapping[str, Any]) -> tuple[object, ...]:
    return change["edge"]["id"], change["change"], change["before"], change["after"], change.get("addresses")


def test_a_junit_case_fails_for_each_edge_that_is_cut(kept: Path, policies: Path, capsys: Captured) -> None:
    """And passes for each other edge."""
    client = narrowed(policies)
    run(kept, policies, "--mode", "enforced", "-o", "junit")

    root = ET.fromstring(capsys.readouterr().out)  # noqa: S314 - our own
    cases = root.findall("testsuite/testcase")
    failed = [each for each in cases if each.find("failure") is not None]
    assert (root.get("tests"), root.get("failures")) == (str(len(cases)), "1")
    assert len(cases) > 300
    (case,) = failed
    assert case.get("name", "").startswith(f"shop/{client} -> shop/db ")
    failure = case.find("failure")
    assert failure is not None
    assert failure.get("type") == "Cut"
    assert "before: allowed by rule 0 of KubernetesNetworkPolicy shop/db-clients" in (failure.text or "")


def test_markdown_says_first_what_it_means(kept: Path, policies: Path, capsys: Captured) -> None:
    """Whom it cuts off from what, how much that was used, and then the rules."""
    client = narrowed(policies)
    run(kept, policies, "--mode", "enforced", "-o", "markdown")

    lines = capsys.readouterr().out.splitlines()
    meaning = next(number for number, line in enumerate(lines) if line.startswith("- **"))
    assert lines[0] == "## Replay: fails"
    assert lines[meaning].startswith(f"- **shop/{client}** could no longer reach **shop/db** on 5432/TCP: ")
    assert "denied at the end of tier default" in lines[meaning + 1]
    assert "before: allowed by rule 0 of KubernetesNetworkPolicy shop/db-clients" in lines[meaning + 2]
    assert "- changed KubernetesNetworkPolicy shop/db-clients" in lines


def test_the_table_groups_by_the_workload_whose_policies_decide(kept: Path, policies: Path, capsys: Captured) -> None:
    """Worst first, below one sentence; ``wide`` also says which pods were judged."""
    client = narrowed(policies)
    run(kept, policies, "--mode", "enforced", "-o", "wide")

    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("Of ")
    assert " 1 would be cut, 0 opened, 0 uncertain" in lines[0]
    assert lines[2] == "shop/db"
    assert lines[3].startswith(f"  - cut: shop/{client} -> shop/db 5432/TCP; ")
    assert any("judged pod shop/" in line for line in lines)


def test_unchanged_edges_are_told_where_asked(kept: Path, policies: Path, capsys: Captured) -> None:
    """With the same counts."""
    assert run(kept, policies, "--mode", "enforced", "--all", "-o", "json") == 0

    found = document(capsys)
    assert {each["change"] for each in found["changes"]} == {"Unchanged"}
    assert len(found["changes"]) == found["summary"]["unchanged"] == found["summary"]["edges"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--snapshot", CLUSTER], "no flow logs given"),
        ([FLOWS], "needs --snapshot"),
        ([FLOWS, "--edges", "edges.json", "--snapshot", CLUSTER], "not both"),
        ([FLOWS, "--snapshot", CLUSTER, "--replace", "shop"], "'shop' names no part"),
        ([FLOWS, "--snapshot", CLUSTER, "--replace", "tier="], "'tier=' names no part"),
        ([FLOWS, "--snapshot", CLUSTER, "--fail-on", "held"], "'held' is no change"),
    ],
)
def test_a_slip_in_the_arguments_is_an_error(policies: Path, capsys: Captured, arguments: list[str], told: str) -> None:
    """Exit code 2, never a green run."""
    assert main(["replay", *arguments, "--policies", str(policies)]) == 2
    assert told in capsys.readouterr().err


def test_a_policy_that_cannot_be_taken_is_an_error_and_no_deletion(
    kept: Path, policies: Path, capsys: Captured
) -> None:
    """With the file at fault; objects of other kinds are passed over."""
    shutil.copy(WORLD / "cluster" / "services.yaml", policies)
    assert run(kept, policies, "--mode", "enforced") == 0
    (policies / "shop" / "db-clients.yaml").write_text("kind: [")

    assert run(kept, policies, "--mode", "enforced", "--replace", "all") == 2
    assert "shop/db-clients.yaml" in capsys.readouterr().err


def test_a_directory_without_objects_is_an_error(kept: Path, tmp_path: Path, capsys: Captured) -> None:
    """A wrong path must not pass."""
    assert run(kept, tmp_path / "nowhere") == 2
    assert "nowhere" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda edge: edge.update(porto="80"), "porto"),
        (lambda edge: edge.update(port="81"), "is not that of its edge"),
        (lambda edge: edge.update(port="web"), "port 'web' is no number"),
        (lambda edge: edge["evidence"].update(lastSeen="2026-03-02"), "lastSeen"),
        (lambda edge: edge["client"].update(kind="Pod"), "client.kind"),
    ],
)
def test_a_list_that_was_changed_by_hand_is_refused(
    kept: Path, policies: Path, tmp_path: Path, capsys: Captured, change: Any, told: str
) -> None:
    """With the place in the file."""
    written = json.loads(kept.read_text())
    change(next(edge for edge in written["items"] if "port" in edge))
    file = tmp_path / "edges.json"
    file.write_text(json.dumps(written))

    assert run(file, policies) == 2
    error = capsys.readouterr().err
    assert told in error
    assert "edges.json" in error


def test_a_kind_of_staged_policies_that_nobody_supplied_is_told(
    kept: Path, policies: Path, tmp_path: Path, capsys: Captured
) -> None:
    """Nothing is silently taken for complete, and what is written is judged all the same."""
    part = tmp_path / "part"
    shutil.copytree(WORLD / "cluster", part, ignore=shutil.ignore_patterns("staged*"))
    narrowed(policies)

    assert main(["replay", "--edges", str(kept), "--snapshot", str(part), "--policies", str(policies)]) == 1

    printed = capsys.readouterr()
    assert "the snapshot holds no StagedGlobalNetworkPolicy and no StagedKubernetesNetworkPolicy" in printed.err
    assert " 1 would be cut, 0 opened, 0 uncertain" in printed.out
