"""Whose a name or an address is, by the objects of the cluster and by time."""

from itertools import permutations

import pytest
from msgspec.structs import replace

from ringfence.flows.batch import Record, SightingText
from ringfence.flows.directory import Directory
from ringfence.flows.fold import fold
from ringfence.flows.identity import identify
from ringfence.flows.left_out import LeftOut
from ringfence.model.controller import Controller
from ringfence.model.endpoint import Endpoint, Host, Network, NetworkSet, Workload
from ringfence.model.inventory import Inventory
from ringfence.model.labels import Labels
from ringfence.model.namespace import Namespace
from ringfence.model.node import HostEndpoint, Node
from ringfence.model.pod import Owner, Pod, PodSpec
from ringfence.model.service import Service

BORN = 1_772_409_600
"""When the young things of this cluster were created, in Unix seconds."""

WEB = PodSpec(Labels.of({"app": "web"}))
HASHED = PodSpec(Labels.of({"app": "web", "pod-template-hash": "7d9f6c4b8"}))


def owned(namespace: str, name: str, kind: str, owner: str, *addresses: str) -> Pod:
    """Return a running pod that something made."""
    return Pod(namespace, name, PodSpec(Labels.of({"app": owner})), addresses, owner=Owner(kind, owner), created=BORN)


INVENTORY = Inventory(
    namespaces=(Namespace("pay"), Namespace("shop", created=BORN)),
    controllers=(
        Controller("CronJob", "shop", "report", PodSpec()),
        Controller("DaemonSet", "pay", "db", PodSpec()),
        Controller("DaemonSet", "shop", "agent", PodSpec()),
        Controller("Deployment", "pay", "web", PodSpec(Labels.of({"app": "till"}))),
        Controller("Deployment", "shop", "web", WEB),
        Controller("Job", "shop", "report-29540160", PodSpec(), owner=Owner("CronJob", "report")),
        Controller("Job", "shop", "migrate", PodSpec()),
        Controller("Rollout", "shop", "front", PodSpec()),
        Controller("ReplicaSet", "pay", "web-7d9f6c4b8", PodSpec(), owner=Owner("Deployment", "web")),
        Controller("ReplicaSet", "shop", "front-6c4b8", PodSpec(), owner=Owner("Rollout", "front")),
        Controller("ReplicaSet", "shop", "web-7d9f6c4b8", HASHED, owner=Owner("Deployment", "web")),
        Controller("StatefulSet", "shop", "db", PodSpec()),
        Controller("StatefulSet", "shop", "twin", PodSpec()),
        Controller("DaemonSet", "shop", "twin", PodSpec()),
    ),
    pods=(
        Pod("kube-system", "proxy-node-a", PodSpec(), ("10.1.0.9",), owner=Owner("Node", "node-a"), created=BORN),
        Pod("kube-system", "net-x2x9z", PodSpec(host_network=True), ("192.0.2.2",), node="node-b", created=BORN),
        owned("pay", "web-7d9f6c4b8-b8b8b", "ReplicaSet", "web-7d9f6c4b8", "10.1.0.8"),
        Pod("shop", "naked", PodSpec(Labels.of({"app": "naked"})), ("10.1.0.7",), created=BORN),
        replace(owned("shop", "report-29540160-x2x9z", "Job", "report-29540160", "10.1.0.1"), finished=True),
        replace(owned("shop", "migrate-0-zzzzz", "Job", "migrate", "10.1.0.6"), finished=True),
        owned("shop", "web-7d9f6c4b8-x2x9z", "ReplicaSet", "web-7d9f6c4b8", "10.1.0.1", "fd00:0:0::1"),
        replace(owned("shop", "db-0", "StatefulSet", "db", "10.1.0.3"), created=BORN - 7200),
        owned("shop", "db-1", "StatefulSet", "db", "10.1.0.3"),
        replace(owned("shop", "agent-b2b2b", "DaemonSet", "agent", "10.1.0.5"), created=None),
        owned("shop", "kafka-0", "StrimziPodSet", "kafka", "10.1.0.4"),
        owned("shop", "solo", "Cluster", "solo"),
    ),
    nodes=(Node("node-a", addresses=("192.0.2.1",), tunnels=("10.1.0.0",), pod_cidrs=("10.1.0.0/24", "fd00::/120")),),
    host_endpoints=(HostEndpoint("node-a-eth0", "node-a"),),
    services=(Service("shop", "db", "ClusterIP", cluster_ips=("10.96.0.1",)),),
)
DIRECTORY = Directory(INVENTORY)


def pod(name: str = "-", aggregated: str = "-", *labels: str, namespace: str = "shop", owner: str = "") -> SightingText:
    """Return a pod's sighting."""
    text = "[" + ",".join(f'"{label}"' for label in labels) + "]" if labels else "-"
    return SightingText("wep", namespace, name, aggregated, owner, text)


@pytest.mark.parametrize(
    ("sighting", "workload"),
    [
        # A pod of the inventory, by its whole name or by the name that its like share.
        (pod("web-7d9f6c4b8-x2x9z"), Workload("shop", "Deployment", "web")),
        (pod("-", "web-7d9f6c4b8-*"), Workload("shop", "Deployment", "web")),
        (pod("web-7d9f6c4b8-*"), Workload("shop", "Deployment", "web")),
        (pod("web-7d9f6c4b8-gone5", "web-7d9f6c4b8-*"), Workload("shop", "Deployment", "web")),
        (pod("-", "web-7d9f6c4b8-*", namespace="pay"), Workload("pay", "Deployment", "web")),
        (pod("-", "front-6c4b8-*"), Workload("shop", "Rollout", "front")),
        (pod("-", "db-*"), Workload("shop", "StatefulSet", "db")),
        (pod("db-0", "db-*"), Workload("shop", "StatefulSet", "db")),
        (pod("-", "db-*", namespace="pay"), Workload("pay", "DaemonSet", "db")),
        (pod("-", "agent-*"), Workload("shop", "DaemonSet", "agent")),
        (pod("naked"), Workload("shop", "Pod", "naked")),
        (pod("-", "naked"), Workload("shop", "Pod", "naked")),
        (pod("proxy-node-a", namespace="kube-system"), Workload("kube-system", "Pod", "proxy-node-a")),
        (pod("kafka-0"), Workload("shop", "StrimziPodSet", "kafka")),
        # Jobs: the run of a CronJob, one of its own, an indexed one.
        (pod("-", "report-29540160-*"), Workload("shop", "CronJob", "report")),
        (pod("report-29540160-x2x9z"), Workload("shop", "CronJob", "report")),
        (pod("-", "migrate-*"), Workload("shop", "Job", "migrate")),
        (pod("-", "migrate-0-*"), Workload("shop", "Job", "migrate")),
        # What a rollout, a run or a smaller scale left behind.
        (pod("-", "web-55c8d7b99-*", "pod-template-hash=55c8d7b99"), Workload("shop", "Deployment", "web")),
        (pod("web-55c8d7b99-b2b2b", "-", "pod-template-hash=55c8d7b99"), Workload("shop", "Deployment", "web")),
        (pod("web-7d9f6c4b8-b2b2b"), Workload("shop", "Deployment", "web")),
        (pod("-", "report-29538720-*"), Workload("shop", "CronJob", "report")),
        (pod("report-29538720-b2b2b"), Workload("shop", "CronJob", "report")),
        (pod("-", "report-29538720-*", "job-name=report-29538720"), Workload("shop", "CronJob", "report")),
        (pod("agent-zzzzz"), Workload("shop", "DaemonSet", "agent")),
        (pod("db-7"), Workload("shop", "StatefulSet", "db")),
        # Owners that the source names, and a kind that only labels settle.
        (pod("a", owner="Deployment/web"), Workload("shop", "Deployment", "web")),
        (pod("a", owner="ReplicaSet/web-7d9f6c4b8"), Workload("shop", "Deployment", "web")),
        (pod("a", owner="Job/report-29538720"), Workload("shop", "CronJob", "report")),
        (pod("-", "twin-*", "controller-revision-hash=twin-6d5f"), Workload("shop", "StatefulSet", "twin")),
        (pod("twin-0", "twin-*"), Workload("shop", None, "twin")),
    ],
)
def test_a_workload_is_what_the_inventory_says(sighting: SightingText, workload: Workload) -> None:
    """Whatever part of the name a source tells, and whether or not the pod still runs."""
    identity = identify(sighting, DIRECTORY)

    assert identity.endpoint == workload
    assert identity.owner_known is (workload.kind is not None)
    assert identity.left_out is None


@pytest.mark.parametrize(
    "sighting",
    [
        pod("-", "ledger-*"),
        pod("ledger-x2x9z"),
        pod("ledger"),
        pod("-", "-*"),
        pod("-", "web-55c8d7b99-*"),
        pod("-", "twin-*"),
        pod("-", "report-1-*"),
        pod("-", "agent-29538720-*"),
        pod("-", "db-7-*"),
        pod("db-x2x9z"),
        pod("-", "db-*", namespace="elsewhere"),
        pod("-", "old-*", "pod-template-hash=old"),
        pod("-", "gone-5c4d-*", "pod-template-hash=5c4d"),
        pod("-", "cleanup-29538720-*", "job-name=cleanup-29538720"),
        pod("a", owner="Deployment/gone"),
    ],
)
def test_a_name_that_the_inventory_does_not_know_stays_as_the_flow_says(sighting: SightingText) -> None:
    """Nothing is made up from a name that only resembles one."""
    assert identify(sighting, DIRECTORY) == identify(sighting)


def outside(address: str, kind: str = "net", name: str = "-") -> SightingText:
    """Return a sighting that a flow takes for no pod."""
    return SightingText(kind, "-", name, "pvt" if kind == "net" else "-", address=address)


@pytest.mark.parametrize(
    ("sighting", "endpoint"),
    [
        (outside("192.0.2.1"), Host("node-a")),
        (outside("10.1.0.0"), Host("node-a")),
        (outside("::ffff:192.0.2.1"), Host("node-a")),
        (outside("192.0.2.2"), Host("node-b")),
        (outside("192.0.2.1", "hep"), Host("node-a")),
        (outside("10.1.0.0", "hep"), Host("node-a")),
        (outside("", "hep", "node-a"), Host("node-a")),
        (outside("", "hep", "node-a-eth0"), Host("node-a")),
        (outside("203.0.113.7", "hep", "node-z"), Host("node-z")),
        (outside("10.1.0.1"), Workload("shop", "Deployment", "web")),
        (outside("fd00:0:0::1"), Workload("shop", "Deployment", "web")),
        (outside("fd00::1"), Workload("shop", "Deployment", "web")),
        (outside("10.1.0.5"), Workload("shop", "DaemonSet", "agent")),
        (outside("10.1.1.0"), Network("private")),
        (outside("203.0.113.7"), Network("private")),
        (outside(""), Network("private")),
        (outside("not an address"), Network("private")),
        (outside("192.0.2.1", "ns", "nodes"), NetworkSet(None, "nodes")),
    ],
)
def test_an_address_is_whoever_has_it(sighting: SightingText, endpoint: Endpoint) -> None:
    """Nodes by all their addresses, tunnels inside the pod range too; pods that run; else what the flow says."""
    identity = identify(sighting, DIRECTORY)

    assert identity.endpoint == endpoint
    assert identity.left_out is None


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("10.96.0.1", LeftOut.SERVICE_ADDRESS),
        ("10.1.0.6", LeftOut.GONE),
        ("10.1.0.200", LeftOut.GONE),
        ("fd00::2", LeftOut.GONE),
    ],
)
def test_an_address_of_the_cluster_that_nobody_has_is_left_out(address: str, reason: LeftOut) -> None:
    """A Service is no peer of a policy; an address that a pod gave back is another's tomorrow."""
    identity = identify(outside(address), DIRECTORY)

    assert identity.endpoint == Network("private")
    assert identity.left_out is reason


def test_a_range_of_a_node_without_any_pod_is_not_taken_for_one_of_pods() -> None:
    """Pods were not supplied, or the network plugin has ranges of its own: the node's may be anybody's."""
    elsewhere = replace(INVENTORY, pods=tuple(each for each in INVENTORY.pods if "fd00" not in "".join(each.addresses)))

    assert identify(outside("fd00::2"), Directory(elsewhere)).left_out is None
    assert identify(outside("10.1.0.200"), Directory(elsewhere)).left_out is LeftOut.GONE
    assert identify(outside("10.1.0.200"), Directory(Inventory(nodes=INVENTORY.nodes))).left_out is None


def seen(sighting: SightingText, start: int, end: int) -> tuple[Endpoint, LeftOut | None]:
    """Return what a record says of its client, and why it is left out."""
    server = SightingText("net", "-", "-", "pub")
    record = Record(sighting, server, "tcp", 80, "src", "a", start, end, stated_outcome="Allowed")
    (row,) = fold([record], directory=DIRECTORY).evidence
    return row.edge.client, row.left_out


@pytest.mark.parametrize(
    ("sighting", "now", "reason"),
    [
        (outside("10.1.0.1"), Workload("shop", "Deployment", "web"), LeftOut.GONE),
        (outside("10.1.0.3"), Workload("shop", "StatefulSet", "db"), LeftOut.GONE),
        (pod("-", "db-*"), Workload("shop", "StatefulSet", "db"), LeftOut.BEFORE_NAMESPACE),
        (SightingText("ns", "shop", "-", "partners"), NetworkSet("shop", "partners"), LeftOut.BEFORE_NAMESPACE),
    ],
)
def test_a_name_or_an_address_counts_from_its_holders_creation_on(
    sighting: SightingText, now: Endpoint, reason: LeftOut
) -> None:
    """A record that reaches into the holder's time is the holder's; one that ended before belongs to nobody we know."""
    before, because = seen(sighting, BORN - 600, BORN)

    assert seen(sighting, BORN, BORN + 300) == (now, None)
    assert seen(sighting, BORN - 299, BORN + 1) == (now, None)
    assert because is reason
    assert before == (Network("private") if reason is LeftOut.GONE else now)


def test_what_has_no_beginning_counts_always() -> None:
    """A namespace, a pod or a node whose object does not say when it was created."""
    assert seen(pod("-", "db-*", namespace="pay"), 1, 2)[1] is None
    assert seen(outside("10.1.0.5"), 1, 2) == (Workload("shop", "DaemonSet", "agent"), None)
    assert seen(outside("192.0.2.1"), 1, 2) == (Host("node-a"), None)


def test_labels_are_those_of_the_current_template() -> None:
    """Pods of an old rollout do not take a label away; a workload without a template has what its pods share."""
    old = pod("-", "web-55c8d7b99-*", "app=old", "pod-template-hash=55c8d7b99")
    flows = [
        Record(old, each, "tcp", 80, "src", "a", BORN, BORN + 300, stated_outcome="Allowed")
        for each in (pod("naked"), pod("-", "ledger-*", "app=ledger"), pod("kafka-0"))
    ]

    table = fold(flows, directory=DIRECTORY)

    assert table.labels == {
        Workload("shop", "StrimziPodSet", "kafka"): Labels.of({"app": "kafka"}),
        Workload("shop", None, "ledger"): Labels.of({"app": "ledger"}),
        Workload("shop", "Pod", "naked"): Labels.of({"app": "naked"}),
        Workload("shop", "Deployment", "web"): Labels.of({"app": "web"}),
    }
    assert table.owner_unknown == {Workload("shop", None, "ledger")}


def test_labels_of_another_namespace_of_that_name_are_not_its_own() -> None:
    """A workload that only an earlier namespace showed has none."""
    early = pod("-", "ledger-*", "app=ledger")
    record = Record(early, early, "tcp", 80, "src", "a", BORN - 600, BORN - 300, stated_outcome="Allowed")

    table = fold([record], directory=DIRECTORY)

    assert not table.labels
    assert not table.owner_unknown


def test_the_order_of_objects_changes_nothing() -> None:
    """Of two pods with one address the youngest counts, wherever it stands."""
    clash = [each for each in INVENTORY.pods if each.addresses and each.addresses[0] in {"10.1.0.1", "10.1.0.3"}]

    for pods in permutations(clash):
        directory = Directory(replace(INVENTORY, pods=pods))
        assert identify(outside("10.1.0.1"), directory) == identify(outside("10.1.0.1"), DIRECTORY)
        assert directory.beginnings["net", "10.1.0.3"] == BORN
