"""A world is the same every time, complete, and of one piece: lines, objects and truth agree."""

import io
import tracemalloc
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from ringfence_lab.clock import DEFAULT_START, Clock
from ringfence_lab.draw import draw_blueprint
from ringfence_lab.endpoint import Workload
from ringfence_lab.evaluator.cluster import Cluster
from ringfence_lab.evaluator.evaluate import connect, side_trace
from ringfence_lab.landscape import draw_landscape
from ringfence_lab.moment import unix_seconds
from ringfence_lab.pace import FULL_PACE
from ringfence_lab.simulation import Simulation
from ringfence_lab.stream import write_stream
from ringfence_lab.world import main
from tests.lab.conftest import DAYS, LEARN_DAYS
from tests.lab.worlds import calico_edge

Truth = Mapping[str, Any]
Lines = list[dict[str, Any]]
Objects = Sequence[dict[str, Any]]

KINDS = {
    *("Namespace", "Node", "Pod", "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job", "CronJob"),
    *("ServiceAccount", "Service", "EndpointSlice", "ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"),
    *("APIService", "NetworkPolicy", "GlobalNetworkPolicy", "StagedNetworkPolicy", "StagedKubernetesNetworkPolicy"),
    *("Tier", "NetworkSet", "GlobalNetworkSet"),
}


def test_every_object_is_one_and_every_kind_is_there(objects: Objects) -> None:
    """As ``kubectl get -o yaml`` prints them."""
    assert all(each["apiVersion"] and each["kind"] and each["metadata"]["name"] for each in objects)
    assert {each["kind"] for each in objects} == KINDS
    names = [
        (each["apiVersion"], each["kind"], each["metadata"].get("namespace"), each["metadata"]["name"])
        for each in objects
    ]
    assert len(set(names)) == len(names)


def test_owners_exist(objects: Objects) -> None:
    """A pod's owners lead to a workload."""
    known = {(each["kind"], each["metadata"]["uid"]) for each in objects if "uid" in each["metadata"]}
    references = [owner for each in objects for owner in each["metadata"].get("ownerReferences", ())]

    assert references
    assert [owner for owner in references if (owner["kind"], owner["uid"]) not in known] == []


def test_what_came_while_the_world_ran_was_created_then(objects: Objects) -> None:
    """Rollouts, jobs and the node that joined; all else is older than the first line."""
    later = {each["kind"] for each in objects if each["metadata"].get("creationTimestamp", "") >= DEFAULT_START}
    nodes = [each["metadata"] for each in objects if each["kind"] == "Node"]

    assert later == {"ReplicaSet", "Pod", "Job", "Node"}
    assert sum(1 for node in nodes if node["creationTimestamp"] >= DEFAULT_START) == 1


def test_workloads_of_the_cluster_are_those_of_truth(truth: Truth, objects: Objects) -> None:
    """Also those that no line names."""
    kinds = {"Deployment", "StatefulSet", "DaemonSet", "CronJob"}
    there = {
        (each["metadata"]["namespace"], each["kind"], each["metadata"]["name"])
        for each in objects
        if each["kind"] in kinds
    }

    told = {
        (each["namespace"], each["workloadKind"], each["name"])
        for each in (*truth["workloads"], *truth["hostWorkloads"])
    }

    assert there == told
    assert truth["hostWorkloads"]


def test_every_namespace_speaks_but_the_legacy_one(truth: Truth, lines: Lines) -> None:
    """Each character is in the evidence."""
    spoken = {line[f"{side}_namespace"] for line in lines for side in ("source", "dest")} - {"-"}

    assert spoken == {each["namespace"] for each in truth["workloads"]} - {"archive"}
    assert {"platform-system", "telephony", "kube-system", "monitoring", "ingress-nginx"} <= spoken


def test_every_edge_that_speaks_all_day_is_seen(truth: Truth) -> None:
    """Whatever its character; days seen are those of the lines, as another test counts again."""
    unseen = [edge["id"] for edge in truth["legitimate"] if edge["rhythm"] == "constant" and not edge["daysSeen"]]

    assert unseen == []
    assert {edge["rhythm"] for edge in truth["legitimate"] if not edge["daysSeen"]} <= {"monthly", "weekly", "sporadic"}


def test_pods_of_a_dual_stack_namespace_talk_by_ipv6(truth: Truth, lines_with_addresses: Lines) -> None:
    """And only they do."""
    six = {line["dest_namespace"] for line in lines_with_addresses if ":" in line["dest_ip"]}

    assert six == {"telephony"}
    assert all(edge["server"]["namespace"] == "telephony" for edge in truth["legitimate"] if "ipFamily" in edge)


def test_clients_through_nodes_have_addresses_of_nodes(objects: Objects, lines_with_addresses: Lines) -> None:
    """A NodePort and a balancer hide clients behind node addresses; host-network agents have tunnel addresses."""
    nodes = [each for each in objects if each["kind"] == "Node"]
    own = {entry["address"] for node in nodes for entry in node["status"]["addresses"]}
    tunnels = {node["metadata"]["annotations"]["projectcalico.org/IPv4VXLANTunnelAddr"] for node in nodes}

    private = {
        (line["dest_namespace"], line["source_ip"])
        for line in lines_with_addresses
        if line["source_type"] == "net" and line["source_name_aggr"] == "pvt"
    }

    assert {address for _, address in private} <= own | tunnels
    assert {place for place, address in private if address in own} == {"shop", "batch", "telephony"}
    assert {place for place, address in private if address in tunnels} == {"platform-system", "kube-system"}


def test_attackers_act_while_the_world_is_learnt(truth: Truth) -> None:
    """Every kind occurs, and one intruder never scans."""
    attacks = truth["attack"]
    clients: dict[tuple[str, str], set[str]] = {}
    for edge in attacks:
        clients.setdefault((edge["client"]["namespace"], edge["client"]["name"]), set()).add(edge["attack"])

    assert {edge["attack"] for edge in attacks} == {"scan", "metadata", "exfiltration", "beacon", "lateral"}
    assert all(day < LEARN_DAYS for edge in attacks for day in edge["daysSeen"])
    assert all(edge["daysSeenLearn"] for edge in attacks)
    assert {"lateral"} in clients.values()
    assert any(edge["indistinguishable"] for edge in attacks if edge["attack"] == "lateral")


def test_what_a_policy_denies_is_never_let_in(truth: Truth, lines_with_addresses: Lines) -> None:
    """The last side of a denied edge, its server's or where that is outside its client's, writes denied rows only."""
    denied = {
        (
            (edge["client"]["namespace"], edge["client"]["name"]),
            (edge["server"].get("namespace"), edge["server"]["name"]),
            edge["protocol"].lower(),
            int(edge["port"]),
        )
        for kind in ("denied", "attack")
        for edge in truth[kind]
        if "deniedBy" in edge
    }
    outside = {
        address: edge["server"]["name"]
        for edge in truth["denied"]
        if edge["server"]["kind"] != "Workload"
        for address in edge["server"]["addresses"]
    }

    actions = set()
    for line in lines_with_addresses:
        client, server, protocol, port, action, reporter = calico_edge(line)
        if line["dest_type"] == "net":
            server = (None, outside.get(line["dest_ip"]))
        if (client, server, protocol, port) in denied and (reporter == "dst" or line["dest_type"] == "net"):
            actions.add(action)

    assert len(denied) > 20
    assert actions == {"deny"}


def test_guarded_connections_were_never_tried(truth: Truth) -> None:
    """They are denied by a policy and in no evidence."""
    tried = {
        (
            edge["client"]["name"],
            edge["client"].get("namespace"),
            edge["server"]["name"],
            edge["server"].get("namespace"),
            edge.get("port"),
        )
        for kind in ("legitimate", "denied", "ephemeral", "attack")
        for edge in truth[kind]
    }

    assert truth["guarded"]
    assert all(edge["deniedBy"] and "daysSeen" not in edge for edge in truth["guarded"])
    assert not any(
        (
            edge["client"]["name"],
            edge["client"]["namespace"],
            edge["server"]["name"],
            edge["server"]["namespace"],
            edge["port"],
        )
        in tried
        for edge in truth["guarded"]
    )


@pytest.mark.parametrize("scope", ["Enforced", "Pending"])
def test_traces_follow_from_the_objects(objects: Objects, scope: str) -> None:
    """The evaluator, which reads the objects, decides every edge between workloads by the rules that lines name."""
    landscape = draw_landscape(seed=5, size=3, days=DAYS, learn_days=LEARN_DAYS)
    cluster = Cluster.from_objects(objects)
    pods = {}
    for each in objects:
        if each["kind"] == "Pod" and each["status"]["phase"] == "Running" and not each["spec"].get("hostNetwork"):
            owner = each["metadata"]["ownerReferences"][0]["name"]
            name = owner.rpartition("-")[0] if each["metadata"]["ownerReferences"][0]["kind"] == "ReplicaSet" else owner
            pods[each["metadata"]["namespace"], name] = f"{each['metadata']['namespace']}/{each['metadata']['name']}"
    checked = 0
    for edge in landscape.blueprint.edges:
        if not (isinstance(edge.client, Workload) and isinstance(edge.server, Workload)) or edge.port is None:
            continue
        ends = [pods.get((end.namespace, end.name)) for end in (edge.client, edge.server)]
        if None in ends:
            continue
        connection = connect(cluster, str(ends[0]), str(ends[1]), edge.protocol, edge.port)
        for direction in ("egress", "ingress"):
            judged = side_trace(cluster, connection, "Egress" if direction == "egress" else "Ingress", scope=scope)  # type: ignore[arg-type]
            drawn = landscape.policies.trace(edge, direction, pending=scope == "Pending")  # type: ignore[arg-type]
            assert [(hit.tier, hit.action.lower(), hit.rule_index) for hit in judged.hits] == [
                (hit.policy.tier if hit.policy else "", hit.action, hit.rule) for hit in drawn
            ], edge
            checked += 1

    assert checked > 300


def test_a_longer_stream_takes_no_more_memory() -> None:
    """Memory belongs to the cluster, not to the lines."""

    class Nowhere(io.BytesIO):
        def write(self, _: Any) -> int:
            return 0

    peaks = []
    for lines in (4_000, 24_000):
        clock = Clock(unix_seconds(DEFAULT_START))
        simulation = Simulation(
            draw_blueprint(seed=1, size=1), seed=1, clock=clock, log_format="calico", pace=FULL_PACE
        )
        tracemalloc.start()
        write_stream(Nowhere(), simulation=simulation, lines=lines)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()

    assert peaks[1] < 1.6 * peaks[0]


def test_sizes_have_names_and_nonsense_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """``--help`` says what small, default and large are."""
    for arguments in (["--help"], [str(tmp_path), "--seed", "1", "--size", "huge"]):
        with pytest.raises(SystemExit):
            main(arguments)

    printed = capsys.readouterr()
    assert "small = 3, default = 12, large = 50" in " ".join(printed.out.split())
    assert "invalid _size value: 'huge'" in printed.err


@pytest.mark.shared
def test_calicos_own_definitions_take_its_objects(objects: Objects, shared: Path) -> None:
    """Policies, tiers and sets are what Calico's resource definitions describe."""
    schemas = {}
    for file in sorted((shared / "calico-crds").glob("*.yaml")):
        definition = yaml.safe_load(file.read_text(encoding="utf-8"))["spec"]
        schemas[definition["names"]["kind"]] = definition["versions"][0]["schema"]["openAPIV3Schema"]
    ours = [each for each in objects if each["apiVersion"] == "projectcalico.org/v3"]

    errors = [
        f"{each['kind']} {each['metadata']['name']}: {error.message}"
        for each in ours
        for error in Draft202012Validator(schemas[each["kind"]]).iter_errors(each)
    ]

    assert len({each["kind"] for each in ours}) == 7
    assert errors == []
