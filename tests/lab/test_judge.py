"""The judge sees what policies cut, open and allow too much."""

import copy
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from ringfence_lab.case import Case, read_case
from ringfence_lab.enforcement import Enforcement
from ringfence_lab.evaluator.evaluate import evaluate
from ringfence_lab.judge import judgement, main
from ringfence_lab.lattice import over_permission
from ringfence_lab.policies import read_policies
from ringfence_lab.stand_ins import COPIES, stand_in
from tests.lab.least_policies import Policy, least_policies, write_policies

Truth = Mapping[str, Any]


@pytest.fixture
def least(truth: Truth) -> dict[str, Policy]:
    """Policies that lack nothing, to be changed at will."""
    return copy.deepcopy(least_policies(truth))


@pytest.fixture(scope="module")
def case(world: Path) -> Case:
    """The small world as the judge reads it."""
    return read_case(world)


@pytest.fixture
def judge(case: Case, tmp_path: Path) -> Callable[[Mapping[str, Policy]], dict[str, Any]]:
    """Judge policies over the small world."""

    def judged(policies: Mapping[str, Policy]) -> dict[str, Any]:
        folder = write_policies(policies, tmp_path / "policies")
        return judgement(case, read_policies(folder))

    return judged


Judge = Callable[[Mapping[str, Policy]], dict[str, Any]]


def test_policies_that_lack_nothing_cut_nothing(judge: Judge, least: dict[str, Policy]) -> None:
    """All is let pass, nothing denied is opened, nothing looks ephemeral."""
    judged = judge(least)

    assert judged["recallObserved"] == judged["recallAll"] == 1.0
    assert judged["cut"] == judged["opened"] == []
    assert judged["ephemeral"] == judged["hashLabels"] == 0
    assert judged["overPermission"] > 0.0
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


def let_anyone(policies: dict[str, Policy], denied: Mapping[str, Any], action: str) -> None:
    """Let both namespaces of an edge that is denied cover it by a rule for everyone."""
    client, server = denied["client"]["namespace"], denied["server"]["namespace"]
    anyone: dict[str, Any] = {"action": action, "protocol": denied["protocol"]}
    policies[client]["spec"]["egress"].insert(0, anyone | {"destination": {"ports": [int(denied["port"])]}})
    policies[server]["spec"]["ingress"].insert(0, anyone | {"destination": {"ports": [denied["port"]]}})


def denied_between_namespaces(truth: Truth, policies: Mapping[str, Policy], *, kind: str = "denied") -> dict[str, Any]:
    """Return an edge between workloads that a policy denies."""
    return next(
        edge
        for edge in truth[kind]
        if edge["server"]["kind"] == edge["client"]["kind"] == "Workload" and edge["client"]["namespace"] in policies
    )


@pytest.mark.parametrize("kind", ["denied", "guarded"])
def test_an_allow_before_the_policy_that_denies_opens_the_edge(
    judge: Judge, least: dict[str, Policy], truth: Truth, kind: str
) -> None:
    """Tried or not: an Allow in an earlier tier ends the evaluation."""
    denied = denied_between_namespaces(truth, least, kind=kind)
    let_anyone(least, denied, "Allow")

    judged = judge(least)

    opened = {edge["id"]: edge["actions"] for edge in judged["opened"]}
    assert opened[denied["id"]] == ["Allow", "Allow"]


def test_a_pass_leaves_the_denial_to_the_policy_behind(judge: Judge, least: dict[str, Policy], truth: Truth) -> None:
    """What the existing policies deny stays denied."""
    let_anyone(least, denied_between_namespaces(truth, least), "Pass")

    judged = judge(least)

    assert judged["opened"] == []


@pytest.mark.parametrize("action", ["Pass", "Allow"])
def test_where_the_policies_of_the_cluster_are_not_known_each_rule_opens(
    world: Path, least: dict[str, Policy], truth: Truth, tmp_path: Path, action: str
) -> None:
    """Named with the action, for nobody can say what stands behind a Pass."""
    bare = tmp_path / "bare"
    bare.mkdir()
    (bare / "truth.json").write_bytes((world / "truth.json").read_bytes())
    denied = denied_between_namespaces(truth, least)
    let_anyone(least, denied, action)

    judged: Any = judgement(read_case(bare), read_policies(write_policies(least, tmp_path / "policies")))

    opened = {edge["id"]: edge["actions"] for edge in judged["opened"]}
    assert opened[denied["id"]] == [action, action]


def test_the_policies_of_the_cluster_say_what_truth_says(world: Path, tmp_path: Path) -> None:
    """The judge's evaluator and the world's maker agree on every edge, by different code."""
    tmp_path.joinpath("none").mkdir()
    case = read_case(world)

    state = Enforcement(case, read_policies(tmp_path / "none"))

    edges = (*case.legitimate, *case.denied, *case.guarded, *(case.attack or ()))
    denied = {edge.written["id"] for edge in edges if state.denied_before(edge, edge.ends)}
    assert denied == {edge.written["id"] for edge in edges if "deniedBy" in edge.written}
    assert len(denied) > len(case.denied)


def test_a_staged_policy_stands_for_its_enforced_twin(judge: Judge, truth: Truth) -> None:
    """Of the same kind, namespace and name: what the enforced one denied is no longer denied."""
    denied = next(edge for edge in truth["denied"] if "/knp.default." in edge["deniedBy"])
    namespace, _, name = denied["deniedBy"].partition("/knp.default.")
    twin: Policy = {
        "apiVersion": "projectcalico.org/v3",
        "kind": "StagedKubernetesNetworkPolicy",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"stagedAction": "Set", "podSelector": {}, "policyTypes": ["Ingress"], "ingress": [{}]},
    }

    judged = judge({"twin": twin})

    assert denied["id"] in {edge["id"] for edge in judged["opened"]}
    assert judged["cut"] == []


def test_attacks_are_counted_by_kind(judge: Judge, least: dict[str, Policy], truth: Truth) -> None:
    """Without policies only the existing ones stop any; policies of the truth alone let pass what looks legitimate."""
    kinds = {edge["attack"] for edge in truth["attack"]}
    denied = sum("deniedBy" in edge for edge in truth["attack"])

    none, judged = judge({})["attack"], judge(least)["attack"]

    assert set(none) == set(judged) == kinds
    assert sum(counts["total"] for counts in judged.values()) == len(truth["attack"])
    assert sum(counts["passes"] for counts in none.values()) == len(truth["attack"]) - denied
    assert sum(counts["covered"] for counts in none.values()) == 0
    assert judged["exfiltration"]["passes"] == judged["metadata"]["passes"] == judged["beacon"]["passes"] == 0
    assert judged["lateral"]["passes"] >= judged["lateral"]["indistinguishable"] > 0
    assert all(counts["held"] == 0 for counts in judged.values())


def test_held_edges_are_those_of_the_report(
    world: Path, least: dict[str, Policy], truth: Truth, tmp_path: Path
) -> None:
    """A report beside the policies names what it holds, each an edge of the truth or not."""
    folder = write_policies(least, tmp_path)
    by_kind = {edge["attack"]: edge for edge in truth["attack"]}
    reported = [
        {key: edge[key] for key in ("id", "protocol", "port")}
        | {"client": edge["client"], "server": {"kind": "Public", "address": edge["server"]["addresses"][0] + "/32"}}
        for edge in (by_kind["beacon"], by_kind["exfiltration"])
    ]
    held = [{"edge": reported[0]["id"], "reason": "Beacon"}, {"edge": "gone", "reason": "Scan"}]
    (folder / "report.json").write_text(json.dumps({"items": [{"edges": reported, "held": held}]}), encoding="utf-8")

    judged: Any = judgement(read_case(world), read_policies(folder))

    assert {kind: counts["held"] for kind, counts in judged["attack"].items() if counts["held"]} == {"beacon": 1}


def test_addresses_of_pods_cut_the_edges_they_were_meant_for(judge: Judge, least: dict[str, Policy]) -> None:
    """A pod has another address tomorrow, so a list of today's lets nothing pass."""
    for rule in least["shop"]["spec"]["egress"]:
        if rule["destination"].get("namespaceSelector") == "projectcalico.org/name == 'kube-system'":
            del rule["destination"]["selector"], rule["destination"]["namespaceSelector"]
            rule["destination"]["nets"] = ["10.240.0.0/14"]

    judged = judge(least)

    assert {edge["server"]["namespace"] for edge in judged["cut"]} == {"kube-system"}


def test_a_service_and_a_service_account_mean_the_pods_that_stand_in(
    judge: Judge, least: dict[str, Policy], truth: Truth
) -> None:
    """DNS by the name of its Service cuts nothing; only the pods of the named account may be asked."""
    dns = next(edge for edge in truth["legitimate"] if edge["protocol"] == "UDP" and "service" in edge)
    service = {key: dns["service"][key] for key in ("namespace", "name")}
    egress = least["shop"]["spec"]["egress"]
    asks = next(rule for rule in egress if rule["destination"].get("ports") == [int(dns["port"])])
    asks["destination"] = {"services": service}
    scraping = least["monitoring"]["spec"]["egress"]
    for rule in scraping:
        if rule["destination"].get("namespaceSelector") == "projectcalico.org/name == 'kube-system'":
            rule["destination"]["serviceAccounts"] = {"names": ["metrics-server"]}

    judged = judge(least)

    asked = {(edge["client"]["namespace"], edge["server"]["name"]) for edge in judged["cut"]}
    assert asked == {("monitoring", "coredns")}


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
        (lambda policy: policy["spec"]["egress"][0].update(action="Accept"), "spec.egress[0].action: 'Accept'"),
        (
            lambda policy: policy["spec"]["egress"][0]["destination"].update(domains=["a"]),
            "spec.egress[0].destination: key",
        ),
        (lambda policy: policy["spec"]["egress"][0].update(source={"net": []}), "spec.egress[0].source: key 'net'"),
        (lambda policy: policy["spec"].update(selector="app in ('a')"), 'spec.selector: selector "app in'),
        (lambda policy: policy["spec"].update(order="first"), "spec.order: 'first'"),
        (lambda policy: policy.update(kind="HostEndpoint"), "kind: 'HostEndpoint'"),
        (lambda policy: policy.update(status={}), "key 'status'"),
        (lambda policy: policy["spec"].update(types=["Egres"]), "spec.types[0]: 'Egres'"),
        (
            lambda policy: policy["spec"]["egress"][0]["destination"].update(namespaceSelector="all"),
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
    assert list(judged["attack"]["beacon"]) == ["total", "inEvidence", "indistinguishable", "covered", "held", "passes"]


def test_over_permission_is_what_walking_every_cell_would_count(
    world: Path, least: dict[str, Policy], tmp_path: Path
) -> None:
    """The fast count against the definition, cell by cell, with denials, named things and two tiers."""
    del least["messaging"]
    least["batch"]["spec"]["egress"].append({"action": "Pass", "destination": {"nets": ["10.0.0.0/8"]}})
    least["shop"]["spec"]["ingress"].insert(0, {"action": "Log"})
    least["shop"]["spec"]["ingress"].insert(
        1, {"action": "Deny", "protocol": "TCP", "destination": {"selector": "app == 'web'", "notPorts": ["80:9000"]}}
    )
    least["kube-system"]["spec"] |= {"tier": "default", "ingress": [{"action": "Pass", "protocol": "TCP"}]}
    whole = read_case(world)
    few = set(sorted(whole.workloads)[::3])
    kept = {
        kind: tuple(edge for edge in edges if {edge.client, edge.server} <= few)
        for kind, edges in (("legitimate", whole.legitimate), ("denied", whole.denied), ("attack", whole.attack or ()))
    }
    case = replace(whole, workloads=tuple(few), **kept)
    judged = Enforcement(whole, read_policies(write_policies(least, tmp_path))).judged
    right = {edge.cell for edge in case.legitimate}
    seen = {
        edge.cell
        for edge in (*case.legitimate, *case.denied)
        if edge.observed and edge.cell and edge.protocol != "SCTP"
    }
    ports = {cell[2:] for cell in seen if cell}

    excess, legitimate = 0, 0
    for (client, server), port in product(product(case.workloads, repeat=2), ports):
        ends = [(stand_in(client, copy), stand_in(server, copy)) for copy in range(COPIES)]
        answers = [evaluate(judged, *pair, str(port[0]), port[1], scope="Enforced") for pair in ends[:1]]
        if any(len(side.hits) > 1 or side.hits[0].tier for side in answers[0][1]):
            cell = (client, server, *port)
            allowed = answers[0][0] == "Allow"
            allowed = allowed and all(
                evaluate(judged, *pair, str(port[0]), port[1], scope="Enforced")[0] == "Allow" for pair in ends[1:]
            )
            excess += allowed and cell not in right and cell not in seen
            legitimate += cell in right

    assert legitimate > 10
    assert over_permission(case, judged) == pytest.approx(excess / legitimate)
