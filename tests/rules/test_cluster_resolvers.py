"""The cluster's DNS servers, in every layout that its objects can show."""

import pytest
from msgspec.structs import replace

from ringfence.model.cluster import Cluster
from ringfence.model.controller import Controller
from ringfence.model.endpoint import Host, Network
from ringfence.model.labels import Labels
from ringfence.model.pod import ContainerPort, PodDns, PodSpec
from ringfence.model.port import PortSet
from ringfence.model.protocol import TCP, UDP
from ringfence.model.service import ServicePort
from ringfence.rules.permit import EveryPodPeer, NetsPeer, NodesPeer, Permit, ResolverPeer
from tests.learning.evidence_rows import addresses, both, row, tcp, udp
from tests.rules.clusters import controller
from tests.rules.declared_world import declared, judge_of, permits, pods_of, service, workload, world

DNS_PORTS = (ServicePort("dns", "UDP", 53, 53), ServicePort("dns-tcp", "TCP", 53, 53))
WEB = controller("Deployment", "web", "app=web")
LEDGER = controller("Deployment", "ledger", "app=ledger", namespace="payments")
COREDNS = controller(
    "Deployment", "coredns", "k8s-app=kube-dns app.kubernetes.io/name=coredns", namespace="kube-system"
)
METRICS = controller("Deployment", "metrics-server", "k8s-app=metrics-server", namespace="kube-system")
KUBE_DNS = service(
    "kube-dns",
    *DNS_PORTS,
    ServicePort("metrics", "TCP", 9153, 9153),
    selects="k8s-app=kube-dns app.kubernetes.io/name=coredns",
    namespace="kube-system",
    address="10.96.0.10",
)
PODS = (
    *pods_of(WEB, "10.244.1.10"),
    *pods_of(LEDGER, "10.244.1.11"),
    *pods_of(COREDNS, "10.244.1.12", "10.244.2.12"),
    *pods_of(METRICS, "10.244.1.13"),
)
PLAIN = world(WEB, LEDGER, COREDNS, METRICS, pods=PODS, services=(KUBE_DNS,))
SELLS = both(tcp(workload(WEB), workload(LEDGER)))
"""Egress of the shop that is no question."""


def peers(cluster: Cluster) -> list[tuple[object, str, str]]:
    """Return the declared peers with protocol and ports, of a shop that never asked."""
    return [(each.peer, each.protocol or "", str(each.ports)) for each in declared(cluster, *SELLS)]


def test_the_pods_behind_the_dns_service_by_its_own_selector() -> None:
    """Both of its labels, so that a pod that carries only one is not meant."""
    peer = ResolverPeer("kube-system", "coredns", Labels.of(KUBE_DNS.selector or ()))

    assert peers(PLAIN) == [(peer, TCP, "53"), (peer, UDP, "53")]


def test_questions_stand_behind_the_declared_rules_and_make_no_other() -> None:
    """A question is not an edge to kube-system."""
    question = udp(workload(WEB), workload(COREDNS))

    found = declared(PLAIN, *SELLS, *both(question))

    assert [each.edges for each in found] == [(), (question.id,)]


def test_never_all_of_kube_system() -> None:
    """The resolver's pods may be asked, and nothing beside them."""
    judge = judge_of(PLAIN, *SELLS)
    web = judge.pod("shop", "web")

    assert judge.verdict(web, judge.pod("kube-system", "coredns"), 53, UDP) == "Allow"
    assert judge.verdict(web, judge.pod("kube-system", "coredns"), 53) == "Allow"
    assert judge.verdict(web, judge.pod("kube-system", "coredns"), 9153) == "Deny"
    assert judge.verdict(web, judge.pod("kube-system", "metrics-server"), 53) == "Deny"


def test_a_scope_that_only_serves_keeps_its_egress_open() -> None:
    """DNS opens no direction by itself."""
    assert declared(PLAIN, *both(tcp(workload(LEDGER), workload(WEB)))) == []


def test_openshift_answers_on_the_port_that_the_name_stands_for() -> None:
    """5353, by the name of a container port."""
    pods = PodSpec(
        Labels.of({"dns.operator.openshift.io/daemonset-dns": "default"}),
        ports=(ContainerPort("dns", "UDP", 5353), ContainerPort("dns-tcp", "TCP", 5353)),
    )
    dns = Controller("DaemonSet", "openshift-dns", "dns-default", pods)
    ports = (ServicePort("dns", "UDP", 53, "dns"), ServicePort("dns-tcp", "TCP", 53, "dns-tcp"))
    asked = service(
        "dns-default",
        *ports,
        selects="dns.operator.openshift.io/daemonset-dns=default",
        namespace="openshift-dns",
        address="172.30.0.10",
    )

    found = peers(world(WEB, LEDGER, dns, pods=(*PODS[:2], *pods_of(dns, "10.244.1.20")), services=(asked,)))

    peer = ResolverPeer("openshift-dns", "dns-default", pods.labels)
    assert found == [(peer, TCP, "5353"), (peer, UDP, "5353")]


@pytest.mark.parametrize(
    ("name", "namespace", "labels", "address"),
    [
        ("rke2-coredns-rke2-coredns", "kube-system", "", "10.43.0.10"),
        ("coredns", "kube-system", "", "10.233.0.3"),
        ("cluster-dns", "kube-system", "k8s-app=kube-dns", "10.96.0.77"),
        ("dns", "networking", "", "10.96.0.10"),
    ],
    ids=["by RKE2's name", "by Kubespray's name", "by its label", "by the tenth address"],
)
def test_the_dns_service_goes_by_name_label_or_address(name: str, namespace: str, labels: str, address: str) -> None:
    """Distributions name it differently."""
    server = controller("Deployment", "resolver", "app=resolver", namespace=namespace)
    asked = service(name, *DNS_PORTS, selects="app=resolver", namespace=namespace, labels=labels, address=address)

    found = peers(world(WEB, LEDGER, server, pods=(*PODS[:2], *pods_of(server, "10.244.1.20")), services=(asked,)))

    peer = ResolverPeer(namespace, "resolver", Labels.of({"app": "resolver"}))
    assert found == [(peer, TCP, "53"), (peer, UDP, "53")]


def test_a_label_elsewhere_makes_no_resolver() -> None:
    """Who may label Services and pods of a namespace gets no DNS from all others."""
    trap = controller("Deployment", "trap", "k8s-app=kube-dns", namespace="sandbox")
    bait = service("kube-dns", *DNS_PORTS, selects="k8s-app=kube-dns", namespace="sandbox", labels="k8s-app=kube-dns")
    cluster = world(WEB, LEDGER, COREDNS, trap, pods=(*PODS, *pods_of(trap, "10.244.1.66")), services=(KUBE_DNS, bait))

    assert peers(cluster) == peers(PLAIN)


def test_the_upstream_service_of_the_cache_is_the_same_resolver() -> None:
    """Two Services of the same pods are one rule, by the selector of the one that everybody asks."""
    upstream = service(
        "kube-dns-upstream", *DNS_PORTS, selects="k8s-app=kube-dns", namespace="kube-system", labels="k8s-app=kube-dns"
    )

    assert peers(world(WEB, LEDGER, COREDNS, pods=PODS, services=(KUBE_DNS, upstream))) == peers(PLAIN)


def test_a_resolver_is_for_every_pod_and_node() -> None:
    """Where its own namespace is governed: also for those that did not ask while it was watched."""
    scraped = both(tcp(workload(METRICS), workload(COREDNS), 9153))
    asked = both(udp(workload(WEB), workload(COREDNS)))
    outside = both(tcp(workload(WEB), workload(METRICS), 10250))
    judge = judge_of(PLAIN, *scraped, *asked, *outside, namespace="kube-system")
    dns = judge.pod("kube-system", "coredns")

    for client in (judge.pod("payments", "ledger"), judge.at("192.168.1.2"), judge.at("10.244.2.0")):
        assert judge.verdict(client, dns, 53, UDP) == "Allow"
        assert judge.verdict(client, dns, 53) == "Allow"
    assert judge.verdict(judge.pod("payments", "ledger"), dns, 9153) == "Deny"
    assert judge.verdict(judge.at("203.0.113.9"), dns, 53, UDP) == "Deny"


def test_questions_to_a_resolver_make_no_rule_of_their_own_there() -> None:
    """A cluster of a thousand namespaces is one rule."""
    question = udp(workload(WEB), workload(COREDNS))

    found = permits(PLAIN, *both(question), namespace="kube-system")

    assert [(each.peer, each.protocol, each.edges) for each in found if question.id in each.edges] == [
        (EveryPodPeer(), UDP, (question.id,))
    ]
    assert {each.direction for each in found} == {"Ingress"}


def test_a_resolver_whose_ingress_is_not_isolated_needs_none() -> None:
    """DNS opens no direction there either."""
    found = permits(PLAIN, *both(tcp(workload(COREDNS), workload(LEDGER))), namespace="kube-system")

    assert {each.direction for each in found} == {"Egress"}


NODE_LOCAL = controller(
    "DaemonSet", "node-local-dns", "k8s-app=node-local-dns", namespace="kube-system", host_network=True
)


def test_nodelocal_is_its_address_and_the_dns_services_as_nets() -> None:
    """The cache binds both on every node, so no pod is the peer."""
    cluster = world(WEB, LEDGER, COREDNS, NODE_LOCAL, pods=PODS, services=(KUBE_DNS,))

    nets = [each for each in declared(cluster, *SELLS) if isinstance(each.peer, NetsPeer)]

    peer = NetsPeer(("10.96.0.10/32", "169.254.20.10/32"))
    assert nets == [Permit("Egress", peer, protocol, PortSet.of([53]), None, (), "Declared") for protocol in (TCP, UDP)]


def test_nodelocal_stays_possible_and_the_metadata_address_does_not() -> None:
    """Neither is an address of a pod; only one is DNS."""
    judge = judge_of(world(WEB, LEDGER, COREDNS, NODE_LOCAL, pods=PODS, services=(KUBE_DNS,)), *SELLS)
    web = judge.pod("shop", "web")

    for address in ("169.254.20.10", "10.96.0.10"):
        assert judge.verdict(web, judge.at(address), 53, UDP) == "Allow"
        assert judge.verdict(web, judge.at(address), 53) == "Allow"
        assert judge.verdict(web, judge.at(address), 8080) == "Deny"
    assert judge.verdict(web, judge.at("169.254.169.254"), 53, UDP) == "Deny"


def test_questions_to_the_cache_make_no_other_rule() -> None:
    """Flow logs take its address for one on the internet, and the Service's for a private one."""
    cluster = world(WEB, LEDGER, COREDNS, NODE_LOCAL, pods=PODS, services=(KUBE_DNS,))
    local, virtual = udp(workload(WEB), Network("public")), udp(workload(WEB), Network("private"))

    found = declared(
        cluster,
        *SELLS,
        row(local, servers=addresses("169.254.20.10")),
        row(virtual, servers=addresses("10.96.0.10")),
    )

    asked = [each for each in found if isinstance(each.peer, NetsPeer) and each.protocol == UDP]
    assert [each.edges for each in asked] == [tuple(sorted([local.id, virtual.id]))]


def asking_elsewhere(*nameservers: str) -> Controller:
    """Return a web whose pods ask these name servers."""
    return replace(WEB, template=replace(WEB.template, dns=PodDns("None", nameservers)))


def test_name_servers_of_a_pods_own_configuration() -> None:
    """For the workload that has it; one that is not an address, or the cloud's metadata server, is none."""
    web = asking_elsewhere("10.9.9.9", "fd00::53", "CLUSTER_DNS", "169.254.169.254")
    cluster = world(web, LEDGER, COREDNS, pods=PODS, services=(KUBE_DNS,))

    nets = [each.peer for each in declared(cluster, *SELLS) if isinstance(each.peer, NetsPeer)]
    elsewhere = declared(cluster, *both(tcp(workload(LEDGER), workload(WEB))), namespace="payments")

    assert nets == [NetsPeer(("10.9.9.9/32",))] * 2 + [NetsPeer(("fd00::53/128",))] * 2
    assert [each.peer for each in elsewhere if isinstance(each.peer, NetsPeer)] == []


def test_a_configured_service_address_is_the_pods_behind_it() -> None:
    """Policies see connections after address translation."""
    bind = controller("Deployment", "bind", "app=bind", namespace="infra")
    own = service("bind", *DNS_PORTS, selects="app=bind", namespace="infra", address="10.96.3.3")
    cluster = world(
        asking_elsewhere("10.96.3.3"),
        LEDGER,
        COREDNS,
        bind,
        pods=(*PODS, *pods_of(bind, "10.244.1.53")),
        services=(KUBE_DNS, own),
    )
    judge = judge_of(cluster, *SELLS)

    assert judge.verdict(judge.pod("shop", "web"), judge.pod("infra", "bind"), 53, UDP) == "Allow"


def test_a_resolver_on_the_host_network_is_every_node() -> None:
    """Its pods are no endpoints; a node in every one of them may answer."""
    dns = controller("DaemonSet", "coredns", "k8s-app=kube-dns", namespace="kube-system", host_network=True)
    asked = service("kube-dns", *DNS_PORTS, selects="k8s-app=kube-dns", namespace="kube-system", address="10.96.0.10")
    question = udp(workload(WEB), Host("node-b"))
    cluster = world(WEB, LEDGER, dns, pods=(*PODS[:2], *pods_of(dns, "192.168.1.1", "192.168.1.2")), services=(asked,))

    found = declared(cluster, *SELLS, *both(question))

    assert {type(each.peer) for each in found} == {NodesPeer}
    assert [(each.protocol, each.edges) for each in found] == [(TCP, ()), (UDP, (question.id,))]


def test_what_the_objects_do_not_tell_stays_as_the_flows_show_it() -> None:
    """A snapshot without the DNS Service is no reason to cut DNS."""
    question = udp(workload(WEB), workload(COREDNS))

    found = declared(world(WEB, LEDGER, COREDNS, pods=PODS, missing=("Service",)), *SELLS, *both(question))

    assert [each.edges for each in found] == [(), (question.id,)]
