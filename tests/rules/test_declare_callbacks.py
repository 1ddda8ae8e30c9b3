"""What the API server calls lets it in, wherever it calls from."""

from msgspec.structs import replace

from ringfence.learning.admission import admit
from ringfence.model.cluster import Cluster
from ringfence.model.controller import Controller
from ringfence.model.endpoint import Host, Network
from ringfence.model.labels import Labels
from ringfence.model.node import HostEndpoint
from ringfence.model.pod import ContainerPort, PodSpec
from ringfence.model.policy import ServiceRef
from ringfence.model.port import PortSet
from ringfence.model.protocol import TCP
from ringfence.model.service import Callback, ServicePort
from ringfence.rules.backends import Backends
from ringfence.rules.callbacks import called
from ringfence.rules.passes import permits_of
from ringfence.rules.permit import HostPeer, NetsPeer, NodesPeer, PrivatePeer, ServicePeer
from ringfence.rules.scope_baseline import ScopeBaseline
from ringfence.rules.surroundings import surroundings_of
from tests.learning.evidence_rows import addresses, both, row, table_of, tcp
from tests.rules.clusters import controller
from tests.rules.declared_world import (
    NODE_A,
    NODE_B,
    api_slice,
    declared,
    judge_of,
    made,
    permits,
    pods_of,
    service,
    workload,
    world,
)

WEB = controller("Deployment", "web", "app=web")
HOOK = Controller(
    "Deployment", "shop", "hook", PodSpec(Labels.of({"app": "hook"}), ports=(ContainerPort("https", "TCP", 10250),))
)
GATEWAY = controller("Deployment", "gateway", "app=gateway", namespace="edge")
HOOK_SERVICE = service("hook", ServicePort("https", "TCP", 443, "https"), selects="app=hook")
WEBHOOK = Callback("ValidatingWebhookConfiguration", "hook", ServiceRef("shop", "hook"), 443)
PODS = (*pods_of(WEB, "10.244.1.10"), *pods_of(HOOK, "10.244.1.11"), *pods_of(GATEWAY, "10.244.2.12"))
PLAIN = world(WEB, HOOK, GATEWAY, pods=PODS, services=(HOOK_SERVICE,), callbacks=(WEBHOOK,))
SERVED = both(tcp(workload(GATEWAY), workload(WEB)))
"""Ingress of the shop that is no call of the API server."""
NODES = NodesPeer(("10.244.1.0/32", "10.244.2.0/32", "192.168.1.1/32", "192.168.1.2/32"))


def managed(cluster: Cluster = PLAIN) -> Cluster:
    """Return the cluster with an API server that somebody else runs."""
    inventory = replace(cluster.inventory, slices=(api_slice("172.30.5.7"),))
    return Cluster(inventory, cluster.policies)


def test_the_api_server_and_every_node_reach_the_target_port() -> None:
    """Though the learning period saw no call; the port is the pod's, not the Service's."""
    found = declared(PLAIN, *SERVED)

    assert [(each.direction, each.peer, each.protocol, each.ports, each.coarse) for each in found] == [
        ("Ingress", ServicePeer("default", "kubernetes"), TCP, PortSet.of([10250]), None),
        ("Ingress", NODES, TCP, PortSet.of([10250]), None),
    ]


def test_calls_stay_possible_from_nodes_and_tunnels_only() -> None:
    """A tunnel's address lies in the pods' range and is a node's all the same."""
    judge = judge_of(PLAIN, *SERVED)
    hook = judge.pod("shop", "hook")

    for address in ("192.168.1.1", "192.168.1.2", "10.244.2.0"):
        assert judge.verdict(judge.at(address), hook, 10250) == "Allow"
        assert judge.verdict(judge.at(address), hook, 443) == "Deny"
    assert judge.verdict(judge.pod("edge", "gateway"), hook, 10250) == "Deny"
    assert judge.verdict(judge.at("172.30.5.9"), hook, 10250) == "Deny"


def test_a_scope_without_an_ingress_policy_gets_none() -> None:
    """Nothing isolates it, so nothing needs to be opened."""
    egress_only = both(tcp(workload(WEB), workload(GATEWAY)))

    assert declared(PLAIN, *egress_only) == []
    assert made(PLAIN, *egress_only).policies[0].types == ("Egress",)


def test_calls_that_were_seen_stand_behind_the_declared_rules() -> None:
    """As a node or as its address; neither makes a rule of its own."""
    by_name, by_address = tcp(Host("node-b"), workload(HOOK), 10250), tcp(Network("private"), workload(HOOK), 10250)
    rows = (
        *both(by_name),
        row(by_address, reporter="Destination", clients=addresses("10.244.1.0", "192.168.1.1")),
    )

    found = permits(PLAIN, *SERVED, *rows)

    assert [(each.source, each.edges) for each in found if each.ports == PortSet.of([10250])] == [
        ("Declared", (by_address.id,)),
        ("Declared", tuple(sorted([by_name.id, by_address.id]))),
    ]


def test_a_client_that_is_not_the_control_plane_is_learnt() -> None:
    """One more address on the same port, or addresses that nobody told, keep a rule of their own."""
    edge = tcp(Network("private"), workload(HOOK), 10250)
    stranger = row(edge, reporter="Destination", clients=addresses("192.168.1.1", "10.77.7.7"))
    silent = row(edge, reporter="Destination")

    assert any(isinstance(each.peer, PrivatePeer | NetsPeer) for each in permits(PLAIN, *SERVED, silent) if each.edges)
    judge = judge_of(PLAIN, *SERVED, stranger)
    assert judge.verdict(judge.at("10.77.7.7"), judge.pod("shop", "hook"), 10250) == "Allow"


def test_automatic_host_endpoints_name_the_nodes_by_label() -> None:
    """A new node needs no new rule."""
    label = ("projectcalico.org/created-by", "calico-kube-controllers")
    hosts = tuple(
        HostEndpoint(f"{node.name}-auto-hep", node.name, "*", (*node.addresses, *node.tunnels), Labels((label,)))
        for node in (NODE_A, NODE_B)
    )
    cluster = Cluster(replace(PLAIN.inventory, host_endpoints=hosts), PLAIN.policies)

    assert [each.peer for each in declared(cluster, *SERVED)] == [
        ServicePeer("default", "kubernetes"),
        HostPeer(Labels((label,))),
    ]


def test_a_managed_control_plane_is_everything_but_pods() -> None:
    """Nobody tells its addresses; its Service's endpoint is one of them."""
    judge = judge_of(managed(), *SERVED)
    hook = judge.pod("shop", "hook")

    for address in ("172.30.5.7", "172.30.5.8", "192.168.1.2", "203.0.113.9"):
        assert judge.verdict(judge.at(address), hook, 10250) == "Allow"
    assert judge.verdict(judge.pod("edge", "gateway"), hook, 10250) == "Deny"
    assert judge.verdict(judge.at("10.244.2.77"), hook, 10250) == "Deny"
    assert judge.verdict(judge.at("172.30.5.8"), judge.pod("shop", "web"), 9999) == "Deny"
    assert {each.coarse for each in declared(managed(), *SERVED)} == {None, "control-plane-outside"}


def test_a_rollout_changes_no_rule_of_a_managed_control_plane() -> None:
    """New pods have other addresses of the same range."""
    inventory = managed().inventory
    moved = tuple(replace(each, addresses=("10.244.77.88",)) for each in inventory.pods)

    assert permits(managed(), *SERVED) == permits(Cluster(replace(inventory, pods=moved), PLAIN.policies), *SERVED)


def test_an_aggregated_api_and_a_conversion_count_like_a_webhook() -> None:
    """All are called by the API server."""
    for kind in ("APIService", "CustomResourceDefinition", "MutatingWebhookConfiguration"):
        callbacks = (replace(WEBHOOK, kind=kind),)
        cluster = Cluster(replace(PLAIN.inventory, callbacks=callbacks), PLAIN.policies)

        assert [each.peer for each in declared(cluster, *SERVED)] == [ServicePeer("default", "kubernetes"), NODES]


def test_a_backend_on_the_host_network_needs_no_rule() -> None:
    """No policy for pods applies to it."""
    hook = replace(HOOK, template=replace(HOOK.template, host_network=True))
    cluster = world(WEB, hook, GATEWAY, pods=PODS[:1], services=(HOOK_SERVICE,), callbacks=(WEBHOOK,))

    assert declared(cluster, *SERVED) == []


def test_a_service_that_selects_live_pods_only_is_resolved() -> None:
    """Labels may be added when a pod runs, as Longhorn's manager does."""
    manager = replace(HOOK, template=replace(HOOK.template, labels=Labels.of({"app": "manager"})))
    alive = tuple(
        replace(each, spec=replace(each.spec, labels=Labels.of({"app": "manager", "role": "webhook"})))
        for each in pods_of(manager, "10.244.1.11")
    )
    by_role = service("hook", ServicePort("https", "TCP", 443, "https"), selects="role=webhook")
    cluster = world(WEB, manager, GATEWAY, pods=(*PODS[:1], *alive), services=(by_role,), callbacks=(WEBHOOK,))

    assert [each.ports for each in declared(cluster, *SERVED)] == [PortSet.of([10250])] * 2


def test_a_callback_whose_backend_is_not_known_is_told() -> None:
    """That is not the same as none."""
    lost = Callback("APIService", "v1.lost", ServiceRef("shop", "lost"), 443)
    wrong = replace(WEBHOOK, name="wrong-port", port=8443)
    inventory = replace(PLAIN.inventory, callbacks=(WEBHOOK, lost, wrong))

    found = called(inventory, Backends(inventory))

    assert found.unresolved == (lost, wrong)
    assert found.missing == ()
    assert list(found.backends) == [workload(HOOK)]


def test_kinds_that_nobody_supplied_are_told() -> None:
    """A component that registers its webhook itself shows none in Git: that is unknown, never no webhook."""
    inventory = replace(PLAIN.inventory, callbacks=(), missing=frozenset({"MutatingWebhookConfiguration", "Pod"}))

    assert called(inventory, Backends(inventory)).missing == ("MutatingWebhookConfiguration",)


def test_only_the_workload_that_is_called_lets_the_control_plane_in() -> None:
    """In the grain of workloads."""
    table = table_of(SERVED, labels={})
    surroundings = surroundings_of(table, cluster=PLAIN)
    served = both(tcp(workload(GATEWAY), workload(HOOK), 9402))
    baseline = admit(table_of((*SERVED, *served), labels={}), tier="namespace-isolation", covers={"shop"})

    ports = {
        name: [
            str(each.ports)
            for each in permits_of(ScopeBaseline("shop", baseline.admitted, surroundings, frozenset({name})))
            if each.source == "Declared"
        ]
        for name in (workload(WEB), workload(HOOK))
    }

    assert ports == {workload(WEB): [], workload(HOOK): ["10250", "10250"]}


def test_without_nodes_the_api_server_may_call_from_everywhere_but_pods() -> None:
    """Nobody tells whether it runs on one of them."""
    inventory = replace(PLAIN.inventory, nodes=(), missing=frozenset({"Node"}))
    judge = judge_of(Cluster(inventory, PLAIN.policies), *SERVED)
    hook = judge.pod("shop", "hook")

    assert judge.verdict(judge.at("192.168.1.1"), hook, 10250) == "Allow"
    assert judge.verdict(judge.at("10.77.7.7"), hook, 10250) == "Allow"
    assert judge.verdict(judge.pod("edge", "gateway"), hook, 10250) == "Deny"
