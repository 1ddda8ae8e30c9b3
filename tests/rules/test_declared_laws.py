"""What is declared takes nothing away from what was seen, and opens no direction.

Generated traffic into and out of a namespace with a webhook, exposures and DNS; judged by the reference evaluator.
"""

from collections.abc import Iterator
from random import Random
from typing import Final

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ringfence.flows.evidence import Evidence, Sample
from ringfence.model.cluster import Cluster
from ringfence.model.endpoint import Endpoint, Host, Network, Workload
from ringfence.model.policy import ServiceRef
from ringfence.model.service import Callback, ServicePort
from ringfence.recommend.recommend import recommend
from ringfence.recommend.recommendation import Recommendation
from ringfence.recommend.settings import Settings
from ringfence.semantics.connection import End
from tests.learning.evidence_rows import UNSEEN, both, row, table_of, tcp, udp
from tests.rules.clusters import controller
from tests.rules.declared_world import NODE_A, NODE_B, Judge, api_slice, pods_of, service, workload, world

WEB: Final = controller("Deployment", "web", "app=web")
HOOK: Final = controller("Deployment", "hook", "app=hook")
GATEWAY: Final = controller("Deployment", "gateway", "app=gateway", namespace="edge")
COREDNS: Final = controller("Deployment", "coredns", "k8s-app=kube-dns", namespace="kube-system")
PORTS: Final = (8080, 9443, 9999)
SERVICES: Final = (
    replace(
        service("web", ServicePort("http", "TCP", 80, 8080, 30080), selects="app=web"),
        type="LoadBalancer",
        source_ranges=("203.0.113.0/28",),
    ),
    service("hook", ServicePort("https", "TCP", 443, 9443), selects="app=hook"),
    service(
        "kube-dns",
        ServicePort("dns", "UDP", 53, 53),
        ServicePort("dns-tcp", "TCP", 53, 53),
        selects="k8s-app=kube-dns",
        namespace="kube-system",
        address="10.96.0.10",
    ),
)
WEBHOOK: Final = Callback("ValidatingWebhookConfiguration", "hook", ServiceRef("shop", "hook"), 443)


def running(api_server: str) -> Cluster:
    """Return the cluster with its API server there."""
    controllers = (WEB, HOOK, GATEWAY, COREDNS)
    pods = tuple(pod for number, each in enumerate(controllers) for pod in pods_of(each, f"10.244.1.{10 + number}"))
    return world(*controllers, pods=pods, services=SERVICES, slices=(api_slice(api_server),), callbacks=(WEBHOOK,))


CLUSTERS: Final = (running("192.168.1.1"), running("172.30.5.7"))
_PRIVATE: Final = ("192.168.1.1", "192.168.1.2", "10.244.2.0", "10.9.9.9", "172.30.5.7")
_PUBLIC: Final = ("203.0.113.9", "203.0.113.77", "198.51.100.3", "100.64.0.9")
_OWN: Final = (workload(WEB), workload(HOOK))
_NODES: Final = {each.name: each.addresses[0] for each in (NODE_A, NODE_B)}


def seen(texts: tuple[str, ...]) -> st.SearchStrategy[Sample]:
    """Draw the addresses that records told."""
    chosen = st.lists(st.sampled_from(texts), max_size=3, unique=True).map(lambda some: tuple(sorted(some)))
    return st.builds(Sample, chosen, st.booleans(), st.booleans())


@st.composite
def rows(draw: st.DrawFn) -> tuple[Evidence, ...]:
    """Draw the rows of one edge into the shop, or out of it."""
    own, port = draw(st.sampled_from(_OWN)), draw(st.sampled_from(PORTS))
    match draw(st.sampled_from(["node", "private", "public", "pod", "out", "question"])):
        case "node":
            return both(tcp(Host(draw(st.sampled_from(sorted(_NODES)))), own, port))
        case "private":
            return (row(tcp(Network("private"), own, port), reporter="Destination", clients=draw(seen(_PRIVATE))),)
        case "public":
            return (row(tcp(Network("public"), own, port), reporter="Destination", clients=draw(seen(_PUBLIC))),)
        case "pod":
            return both(tcp(workload(GATEWAY), own, port))
        case "out":
            return both(tcp(own, workload(GATEWAY), port))
        case _:
            return both(udp(own, workload(COREDNS)))


traffic: Final = st.lists(rows(), min_size=1, max_size=6).map(
    lambda some: tuple({(each.edge, each.reporter): each for rows_ in some for each in rows_}.values())
)


def made(cluster: Cluster, drawn: tuple[Evidence, ...]) -> Recommendation:
    """Return the shop's recommendation."""
    result, _ = recommend(
        table_of(drawn, labels={}), settings=Settings(), namespaces=frozenset({"shop"}), cluster=cluster
    )
    (item,) = result.items
    return item


@given(st.sampled_from(CLUSTERS), traffic)
def test_everything_that_was_seen_passes(cluster: Cluster, drawn: tuple[Evidence, ...]) -> None:
    """From every address that a record told, and from every node and pod that one named."""
    recommendation = made(cluster, drawn)
    judge = Judge(cluster, *recommendation.policies)

    for each in recommendation.edges:
        edge = each.summary.edge
        for client in _ends(edge.client, each.summary.client_addresses, judge):
            for server in _ends(edge.server, UNSEEN, judge):
                assert judge.verdict(client, server, edge.port or 0, edge.protocol) == "Allow", (edge, client.name)


@given(st.sampled_from(CLUSTERS), traffic)
def test_no_direction_is_opened(cluster: Cluster, drawn: tuple[Evidence, ...]) -> None:
    """A policy governs the directions in which the shop has evidence."""
    sides = {"Ingress": {row.edge.server for row in drawn}, "Egress": {row.edge.client for row in drawn}}

    evident = {direction for direction, own in sides.items() if own & set(_OWN)}

    assert set(made(cluster, drawn).policies[0].types) == evident


@given(st.sampled_from(CLUSTERS), traffic, st.randoms())
def test_order_changes_nothing(cluster: Cluster, drawn: tuple[Evidence, ...], random: Random) -> None:
    """Of evidence and of objects."""
    shuffled = list(drawn)
    random.shuffle(shuffled)
    inventory = cluster.inventory
    turned = replace(
        inventory, pods=inventory.pods[::-1], controllers=inventory.controllers[::-1], services=inventory.services[::-1]
    )

    assert made(Cluster(turned, cluster.policies), tuple(shuffled)).policies == made(cluster, drawn).policies


def _ends(endpoint: Endpoint, addresses: Sample, judge: Judge) -> Iterator[End]:
    match endpoint:
        case Workload(namespace, _, name):
            yield judge.pod(namespace, name)
        case Host(name):
            yield judge.at(_NODES[name])
        case _:
            yield from (judge.at(address) for address in addresses.texts)
