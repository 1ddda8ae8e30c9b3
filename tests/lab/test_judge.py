"""The judge sees what policies cut, open and allow too much."""

import copy
import json
from collections.abc import Callable, Mapping
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from ringfence_lab.case import read_case
from ringfence_lab.judge import judgement, main
from ringfence_lab.lattice import over_permission
from ringfence_lab.matcher import PoliciesOf, covers_port, peer_matches
from ringfence_lab.policies import DIRECTIONS, read_policies
from tests.lab.least_policies import Policy, least_policies, write_policies

Truth = Mapping[str, Any]


@pytest.fixture
def least(truth: Truth) -> dict[str, Policy]:
    """Policies that lack nothing, to be changed at will."""
    return copy.deepcopy(least_policies(truth))


@pytest.fixture
def judge(world: Path, tmp_path: Path) -> Callable[[Mapping[str, Policy]], dict[str, Any]]:
    """Judge policies over the small world."""

    def judged(policies: Mapping[str, Policy]) -> dict[str, Any]:
        folder = write_policies(policies, tmp_path / "policies")
        return judgement(read_case(world), read_policies(folder))

    return judged


Judge = Callable[[Mapping[str, Policy]], dict[str, Any]]


def test_policies_that_lack_nothing_cut_nothing(judge: Judge, least: dict[str, Policy]) -> None:
    """All is let pass, nothing denied is opened, nothing looks ephemeral."""
    judged = judge(least)

    assert judged["recallObserved"] == judged["recallAll"] == 1.0
    assert judged["cut"] == judged["opened"] == []
    assert judged["ephemeral"] == judged["hashLabels"] == 0
    assert judged["overPermission"] > 1.0
    assert judged["rules"] == sum(
        len(policy["spec"].get(key, ())) for policy in least.values() for key in ("ingress", "egress")
    )


def test_no_policies_restrict_nothing(judge: Judge) -> None:
    """Recall is whole, and there is no permission to measure."""
    judged = judge({})

    assert judged["recallObserved"] == judged["recallAll"] == 1.0
    assert judged["overPermission"] is None
    assert judged["rules"] == 0


def test_a_missing_rule_cuts_its_edges_on_its_side(judge: Judge, least: dict[str, Policy], truth: Truth) -> None:
    """Without the egress rule to its DNS a namespace loses just that."""
    egress = least["shop"]["spec"]["egress"]
    least["shop"]["spec"]["egress"] = [rule for rule in egress if rule["protocol"] != "UDP"]

    judged = judge(least)

    lost = [
        edge for edge in truth["legitimate"] if edge["client"].get("namespace") == "shop" and edge["protocol"] == "UDP"
    ]
    assert {edge["id"] for edge in judged["cut"]} == {edge["id"] for edge in lost if edge["daysSeenLearn"]}
    assert {tuple(edge["sides"]) for edge in judged["cut"]} == {("Egress",)}
    observed = sum(1 for edge in truth["legitimate"] if edge["daysSeenLearn"])
    assert judged["recallObserved"] == pytest.approx(1 - len(judged["cut"]) / observed)


def test_a_direction_that_is_not_listed_is_not_restricted(judge: Judge, least: dict[str, Policy]) -> None:
    """`types` says which side counts."""
    least["shop"]["spec"]["types"] = ["Ingress"]
    del least["shop"]["spec"]["egress"]

    judged = judge(least)

    assert judged["recallAll"] == 1.0


def test_addresses_not_seen_while_learning_count_only_in_recall_of_all(
    judge: Judge, least: dict[str, Policy], truth: Truth
) -> None:
    """A list of addresses is right for yesterday."""
    learnt = {
        tuple(end["addresses"]): [f"{address}/32" for address in end["addressesLearn"]]
        for edge in truth["legitimate"]
        for end in (edge["client"], edge["server"])
        if end.get("domains")
    }
    for policy in least.values():
        for rule in policy["spec"].get("egress", ()):
            nets = tuple(net.removesuffix("/32") for net in rule["destination"].get("nets", ()))
            if nets in learnt:
                rule["destination"]["nets"] = learnt[nets]

    judged = judge(least)

    assert judged["recallObserved"] == 1.0
    assert judged["recallAll"] < 1.0


@pytest.mark.parametrize("action", ["Pass", "Allow"])
def test_a_rule_that_covers_a_denied_edge_opens_it(
    judge: Judge, least: dict[str, Policy], truth: Truth, action: str
) -> None:
    """Named with the action, for a Pass leaves the denial to the policy behind."""
    denied = next(
        edge
        for edge in truth["denied"]
        if edge["server"]["kind"] == "Workload" and edge["client"]["namespace"] in least
    )
    client, server = denied["client"]["namespace"], denied["server"]["namespace"]
    anyone: dict[str, Any] = {"action": action, "protocol": denied["protocol"]}
    least[client]["spec"]["egress"].append(anyone | {"destination": {"ports": [int(denied["port"])]}})
    least[server]["spec"]["ingress"].append(anyone | {"destination": {"ports": [denied["port"]]}})

    judged = judge(least)

    opened = {edge["id"]: edge["actions"] for edge in judged["opened"]}
    assert opened[denied["id"]] == [action, action]


def test_undeclared_high_ports_are_ephemeral(judge: Judge, least: dict[str, Policy]) -> None:
    """50051 is declared, a passive server's range may be a range, its single ports may not."""
    ports = [50051, "40000:40999", 40001, 40002, "32000:33000", 8080]
    least["shop"]["spec"]["egress"].append({"action": "Pass", "protocol": "TCP", "destination": {"ports": ports}})

    judged = judge(least)

    assert judged["ephemeral"] == 3


@pytest.mark.parametrize(
    ("selector", "count"),
    [
        ("app == 'web'", 0),
        ("app == 'web' && pod-template-hash == '7d9f6c4b8x'", 1),
        ("has(controller-revision-hash)", 1),
        ("owner == 'web-7d9f6c4b8x'", 1),
        ("statefulset.kubernetes.io/pod-name == 'db-0'", 1),
    ],
)
def test_selectors_with_hashes_are_counted(judge: Judge, least: dict[str, Policy], selector: str, count: int) -> None:
    """What a rollout changes must not stand in a policy."""
    least["shop"]["spec"]["egress"].append({"action": "Pass", "destination": {"selector": selector}})

    judged = judge(least)

    assert judged["hashLabels"] == count


def test_a_pod_term_does_not_match_network_sets(judge: Judge, least: dict[str, Policy]) -> None:
    """A set in a namespace is none of its pods."""
    egress = least["shop"]["spec"]["egress"]
    for rule in egress:
        if rule["destination"].get("selector") == "role == 'gateways'":
            rule["destination"]["selector"] = "projectcalico.org/orchestrator == 'k8s'"

    judged = judge(least)

    assert {edge["server"]["name"] for edge in judged["cut"]} == {"payment-gateways"}


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (lambda policy: policy["spec"].update(doNotTrack=True), "spec: key 'doNotTrack'"),
        (lambda policy: policy["spec"]["egress"][0].update(action="Deny"), "spec.egress[0].action: 'Deny'"),
        (
            lambda policy: policy["spec"]["egress"][0]["destination"].update(domains=["a"]),
            "spec.egress[0].destination: key",
        ),
        (lambda policy: policy["spec"]["egress"][0].update(source={"nets": []}), "spec.egress[0].source: key 'nets'"),
        (lambda policy: policy["spec"].update(selector="app in {'a'}"), 'spec.selector: selector "app in'),
        (lambda policy: policy["spec"].update(selector="a == 'b' || c == 'd'"), 'spec.selector: selector "a =='),
        (lambda policy: policy.update(kind="NetworkPolicy"), "kind: 'NetworkPolicy'"),
        (lambda policy: policy["spec"].update(types=["Egress"]), "spec.ingress: has rules"),
        (
            lambda policy: policy["spec"]["egress"][0]["destination"].update(namespaceSelector="all()"),
            "spec.egress[0].destination.namespaceSelector",
        ),
    ],
)
def test_what_is_not_known_is_an_error_with_file_and_path(
    world: Path,
    least: dict[str, Policy],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    change: Callable[[Policy], None],
    path: str,
) -> None:
    """A judge that ignores a key would praise what it did not read."""
    change(least["shop"])
    folder = write_policies(least, tmp_path)

    code = main([str(world), str(folder)])

    printed = capsys.readouterr()
    assert code == 2
    assert printed.out == ""
    assert f"{tmp_path / 'shop' / 'p.yaml'}: {path}" in printed.err


def test_the_command_prints_one_judgement(
    world: Path, least: dict[str, Policy], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """For scripts to read."""
    folder = write_policies(least, tmp_path)

    code = main([str(world), str(folder)])

    judged = json.loads(capsys.readouterr().out)
    assert code == 0
    assert judged["apiVersion"] == "ringfence.io/v1alpha1"
    assert judged["kind"] == "Judgement"
    assert judged["bytes"] == sum(file.stat().st_size for file in folder.rglob("*.yaml"))
    assert "attack" not in judged


def test_over_permission_is_what_walking_every_cell_would_count(
    world: Path, least: dict[str, Policy], tmp_path: Path
) -> None:
    """The fast count against the definition, cell by cell."""
    del least["messaging"]
    least["batch"]["spec"]["egress"].append({"action": "Pass", "destination": {"nets": ["10.0.0.0/8"]}})
    case = read_case(world)
    policies_of = PoliciesOf(read_policies(write_policies(least, tmp_path)).policies)
    ports = {
        (edge.protocol, edge.port)
        for edge in case.legitimate
        if edge.port is not None and edge.ends[0].workload and edge.ends[1].workload
    }
    allowed, observed = 0, 0
    seen = {
        (edge.ends[0].workload, edge.ends[1].workload, edge.protocol, edge.port)
        for edge in case.legitimate
        if edge.observed
    }

    for client, server in product(case.workloads, repeat=2):
        sides = [
            [
                rule
                for policy in policies
                for rule in policy.rules[direction]
                if peer_matches(rule.peer, peer, policy_namespace=policy.namespace)
            ]
            for direction, own, peer in zip(DIRECTIONS, (client, server), (server, client), strict=True)
            if (policies := policies_of.restricting(own, direction))
        ]
        for port in ports if sides else ():
            observed += (client.workload, server.workload, *port) in seen
            allowed += all(any(covers_port(rule, *port) for rule in rules) for rules in sides)

    assert over_permission(case, policies_of) == allowed / observed
