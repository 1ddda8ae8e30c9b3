"""A used exposure stays usable from where it is declared to be, through every node."""

from typing import Literal

import pytest
from msgspec.structs import replace

from ringfence.flows.evidence import Evidence, Sample
from ringfence.model.cluster import Cluster
from ringfence.model.controller import Controller
from ringfence.model.endpoint import Host, Network
from ringfence.model.labels import Labels
from ringfence.model.pod import ContainerPort, PodSpec
from ringfence.model.port import PortSet
from ringfence.model.service import Service, ServicePort
from ringfence.rules.permit import NetsPeer, NodesPeer, PublicPeer
from tests.learning.evidence_rows import addresses, both, row, tcp
from tests.rules.clusters import controller
from tests.rules.declared_world import declared, judge_of, permits, pods_of, service, workload, world

WEB = Controller(
    "Deployment", "shop", "web", PodSpec(Labels.of({"app": "web"}), ports=(ContainerPort("http", "TCP", 8080),))
)
GATEWAY = controller("Deployment", "gateway", "app=gateway", namespace="edge")
PODS = (*pods_of(WEB, "10.244.1.10"), *pods_of(GATEWAY, "10.244.2.12"))
WEB_SERVICE = service("web", ServicePort("http", "TCP", 80, "http", 30080), selects="app=web")
NODES = NodesPeer(("10.244.1.0/32", "10.244.2.0/32", "192.168.1.1/32", "192.168.1.2/32"))
FROM_OUTSIDE = tcp(Network("public"), workload(WEB), 8080)
FROM_INSIDE = tcp(workload(GATEWAY), workload(WEB), 8080)


def exposed(kind: Literal["ClusterIP", "NodePort", "LoadBalancer"], *ranges: str, **fields: object) -> Cluster:
    """Return a cluster whose web is exposed this way."""
    by_service: Service = replace(WEB_SERVICE, type=kind, source_ranges=ranges, **fields)
    return world(WEB, GATEWAY, pods=PODS, services=(by_service,))


def seen_from(*texts: str) -> Evidence:
    """Return the record of clients with these addresses."""
    return row(FROM_OUTSIDE, reporter="Destination", clients=addresses(*texts))


@pytest.mark.parametrize("kind", ["NodePort", "LoadBalancer"])
def test_every_node_may_stand_for_a_client(kind: Literal["NodePort", "LoadBalancer"]) -> None:
    """The kube-proxy of any node may hide the client behind its node."""
    found = declared(exposed(kind), seen_from("203.0.113.9"))

    assert [(each.peer, each.ports, each.edges) for each in found] == [(NODES, PortSet.of([8080]), ())]


def test_clients_and_nodes_reach_the_target_port_and_nothing_else() -> None:
    """Whatever externalTrafficPolicy is: with Local a node's own client still is a node."""
    for policy in ("Cluster", "Local"):
        judge = judge_of(exposed("LoadBalancer", external_traffic_policy=policy), seen_from("203.0.113.9"))
        web = judge.pod("shop", "web")

        for address in ("203.0.113.9", "198.51.100.1", "192.168.1.2", "10.244.2.0"):
            assert judge.verdict(judge.at(address), web, 8080) == "Allow"
            assert judge.verdict(judge.at(address), web, 80) == "Deny"
            assert judge.verdict(judge.at(address), web, 30080) == "Deny"
        assert judge.verdict(judge.pod("edge", "gateway"), web, 8080) == "Deny"


def test_declared_clients_take_the_place_of_the_internet() -> None:
    """Where a load balancer lets in some, and only those were seen."""
    cluster = exposed("LoadBalancer", "203.0.113.0/24", "2001:db8:1::/48")
    found = permits(cluster, seen_from("203.0.113.9", "203.0.113.77"))

    assert [each.peer for each in found] == [NetsPeer(("2001:db8:1::/48",)), NetsPeer(("203.0.113.0/24",)), NODES]
    judge = judge_of(cluster, seen_from("203.0.113.9"))
    assert judge.verdict(judge.at("203.0.113.200"), judge.pod("shop", "web"), 8080) == "Allow"
    assert judge.verdict(judge.at("198.51.100.1"), judge.pod("shop", "web"), 8080) == "Deny"


@pytest.mark.parametrize(
    "clients",
    [
        addresses("203.0.113.9", "198.51.100.1"),
        addresses("203.0.113.9", overflow=True),
        addresses("203.0.113.9", complete=False),
    ],
    ids=["another was seen", "more than are told", "not always told"],
)
def test_clients_beyond_what_is_declared_stay_as_seen(clients: Sample) -> None:
    """Nothing that was seen, or may have been, is cut."""
    seen = row(FROM_OUTSIDE, reporter="Destination", clients=clients)

    found = permits(exposed("LoadBalancer", "203.0.113.0/24"), seen)

    assert any(isinstance(each.peer, PublicPeer) for each in found)


def test_a_whole_family_declares_nothing() -> None:
    """0.0.0.0/0 among the ranges is everybody, pods included; clients are learnt as seen."""
    found = permits(exposed("LoadBalancer", "0.0.0.0/0"), seen_from("203.0.113.9"))

    assert NODES in [each.peer for each in found]
    assert not any(isinstance(each.peer, NetsPeer) for each in found)


def test_an_exposure_that_nobody_used_declares_nothing() -> None:
    """A connection from another pod is no use of it."""
    assert declared(exposed("NodePort"), *both(FROM_INSIDE)) == []


def test_a_service_without_a_way_from_outside_declares_nothing() -> None:
    """Then the addresses that were seen are all that is known."""
    assert declared(exposed("ClusterIP"), seen_from("203.0.113.9")) == []


def test_an_external_address_is_a_way_from_outside() -> None:
    """The addresses of externalIPs lead to the Service on every node."""
    cluster = exposed("ClusterIP", external_ips=("198.51.100.80",))

    assert [each.peer for each in declared(cluster, seen_from("203.0.113.9"))] == [NODES]


def test_a_client_seen_as_a_node_is_a_use_and_stands_behind_the_nodes() -> None:
    """Only ever from one node, expected from all."""
    edge = tcp(Host("node-a"), workload(WEB), 8080)

    found = permits(exposed("NodePort"), *both(edge))

    assert [(each.peer, each.source, each.edges) for each in found] == [(NODES, "Declared", (edge.id,))]


def test_a_host_port_is_an_exposure_of_its_container_port() -> None:
    """The pod's port, which the node's port stands for."""
    ports = (ContainerPort("http", "TCP", 8080, host_port=80), ContainerPort("admin", "TCP", 9901))
    web = replace(WEB, template=replace(WEB.template, ports=ports))
    cluster = world(web, GATEWAY, pods=(*pods_of(web, "10.244.1.10"), PODS[1]))
    admin = row(tcp(Network("public"), workload(WEB), 9901), reporter="Destination", clients=addresses("203.0.113.9"))

    found = declared(cluster, seen_from("203.0.113.9"), admin)

    assert [(each.peer, each.ports) for each in found] == [(NODES, PortSet.of([8080]))]


def test_a_pod_on_the_host_network_is_no_exposure() -> None:
    """Its port is the node's own, which no policy for pods governs."""
    ports = (ContainerPort("http", "TCP", 8080, host_port=8080),)
    proxy = Controller("DaemonSet", "shop", "proxy", PodSpec(Labels.of({"app": "web"}), host_network=True, ports=ports))
    seen = row(tcp(Network("public"), workload(proxy), 8080), reporter="Destination", clients=addresses("203.0.113.9"))
    cluster = world(proxy, WEB, GATEWAY, pods=PODS, services=())

    assert declared(cluster, seen, *both(FROM_INSIDE)) == []
