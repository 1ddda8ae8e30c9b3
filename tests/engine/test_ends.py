"""What arguments name: workloads, pods, services, nodes, addresses, the internet; and what is refused."""

import pytest
from msgspec.structs import replace

from ringfence.engine.arguments import ArgumentError, Asked, asked_of
from ringfence.engine.ends import Ends
from ringfence.model.controller import Controller
from ringfence.model.edge import Icmp
from ringfence.model.inventory import Inventory
from ringfence.model.label_selector import LabelSelector
from ringfence.model.labels import Labels
from ringfence.model.node import HostEndpoint, Node
from ringfence.model.pod import ContainerPort, Owner, Pod, PodSpec
from ringfence.model.service import EndpointSlice, Service, ServicePort, SliceEndpoint, SlicePort
from tests.semantics.small_world import CART, REDIS, inventory, pod

WEB = PodSpec(Labels.of({"app": "web"}), ports=(ContainerPort("http", "TCP", 8080),))
DEPLOYMENT = Controller("Deployment", "shop", "web", WEB, selector=LabelSelector((("app", "web"),)), replicas=2)
REPLICA_SET = Controller("ReplicaSet", "shop", "web-5d", WEB, owner=Owner("Deployment", "web"))
BY_REPLICA_SET = Owner("ReplicaSet", "web-5d")
SERVICE = Service(
    "shop", "front", "ClusterIP", (ServicePort("http", "TCP", 80, "http"),), (("app", "web"),), ("10.96.0.5",)
)


def web(name: str, address: str, *, owner: Owner | None = BY_REPLICA_SET, hash_: str | None = None) -> Pod:
    """Return a pod of the web."""
    labels = Labels.of({"app": "web", **({"pod-template-hash": hash_} if hash_ else {})})
    return Pod("shop", name, replace(WEB, labels=labels), (address,), owner=owner)


def pods_of(there: Inventory, text: str) -> list[tuple[str, ...]]:
    """Return the pods of each end that an argument names."""
    return [end.pods for end in Ends(there).source(text)]


def refused(there: Inventory, text: str) -> str:
    """Return why an argument is refused."""
    with pytest.raises(ArgumentError) as error:
        Ends(there).source(text)
    return str(error.value)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("shop/redis:6379/tcp", Asked("shop/redis", "TCP", 6379)),
        ("shop/redis:6379", Asked("shop/redis", "TCP", 6379)),
        ("pod/shop/redis-0:53/UDP", Asked("pod/shop/redis-0", "UDP", 53)),
        ("10.0.0.1:9999/sctp", Asked("10.0.0.1", "SCTP", 9999)),
        ("fd00::5:443/tcp", Asked("fd00::5", "TCP", 443)),
        ("fd00::5:443", Asked("fd00::5", "TCP", 443)),
        ("[fd00::5]:443/tcp", Asked("fd00::5", "TCP", 443)),
        ("::1:8.0/icmpv6", Asked("::1", "ICMPv6", None, Icmp(8, 0))),
        ("fd00:0:0:0:0:0:0:5/icmp", Asked("fd00:0:0:0:0:0:0:5", "ICMP")),
        ("shop/redis:8.0/icmp", Asked("shop/redis", "ICMP", None, Icmp(8, 0))),
        ("shop/redis:3/icmp", Asked("shop/redis", "ICMP", None, Icmp(3, 0))),
        ("shop/redis:/icmp", Asked("shop/redis", "ICMP")),
        ("shop/redis/icmp", Asked("shop/redis", "ICMP")),
        ("shop/redis:icmp", Asked("shop/redis", "ICMP")),
        ("shop/redis:/47", Asked("shop/redis", "47")),
        ("internet:443", Asked("internet", "TCP", 443)),
    ],
)
def test_the_last_colon_separates_the_port(text: str, asked: Asked) -> None:
    """So IPv6 needs no brackets; the protocol is TCP unless it is written."""
    assert asked_of(text) == asked


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("shop/redis", "names no port"),
        (":80", "names no port"),
        ("shop/redis:", "is no port"),
        ("shop/redis:http", "is no port"),
        ("shop/redis:0", "not within 1-65535"),
        ("shop/redis:65536/tcp", "not within 1-65535"),
        ("shop/redis:80/quic", "'quic' is no protocol"),
        ("shop/redis:80/47", "47 has no ports"),
        ("shop/redis:8.300/icmp", "is no ICMP type"),
        ("shop/redis:/tcp", "is no port"),
    ],
)
def test_what_cannot_be_meant_is_refused(text: str, why: str) -> None:
    """With what is wrong."""
    with pytest.raises(ArgumentError, match=why):
        asked_of(text)


def test_a_deployment_has_the_pods_of_its_replica_sets() -> None:
    """By the chain of owners; finished pods have given their addresses back."""
    finished = replace(web("web-5d-c", "10.0.0.9"), finished=True)
    there = inventory(
        web("web-5d-a", "10.0.0.7"), web("web-5d-b", "10.0.0.8"), finished, controllers=(DEPLOYMENT, REPLICA_SET)
    )

    assert pods_of(there, "shop/web") == [("shop/web-5d-a",), ("shop/web-5d-b",)]
    assert pods_of(there, "shop/replicaset/web-5d") == pods_of(there, "shop/rs/web-5d") == pods_of(there, "shop/web")


def test_without_replica_sets_the_template_hash_tells_the_deployment() -> None:
    """Only where the name really ends with it."""
    hashed = web("web-5d-a", "10.0.0.7", hash_="5d")
    other = web("odd-77-a", "10.0.0.8", owner=Owner("ReplicaSet", "odd-77"), hash_="5d")

    there = inventory(hashed, other, missing=["ReplicaSet", "Deployment"])

    assert pods_of(there, "shop/web") == [("shop/web-5d-a",)]
    assert pods_of(there, "shop/odd-77") == [("shop/odd-77-a",)]


def test_a_pod_without_an_owner_is_found_by_the_selector() -> None:
    """Of the controller that would own it."""
    there = inventory(web("stray", "10.0.0.7", owner=None), controllers=(DEPLOYMENT,))

    assert pods_of(there, "shop/web") == [("shop/stray",)]


def test_an_operators_object_above_a_deployment_is_no_workload() -> None:
    """The Deployment keeps its name."""
    owned = replace(DEPLOYMENT, owner=Owner("Storefront", "main"))
    there = inventory(web("web-5d-a", "10.0.0.7"), controllers=(owned, REPLICA_SET))

    assert pods_of(there, "shop/web") == [("shop/web-5d-a",)]


def test_a_workload_without_pods_stands_by_its_template() -> None:
    """Its labels and ports are known, its address is not."""
    (end,) = Ends(inventory(CART, controllers=(DEPLOYMENT,))).source("shop/web")

    assert end.pods == ()
    assert end.end.subject is not None
    assert end.end.subject.holder.labels["app"] == "web"
    assert "192.0.2.7" in end.end.addresses
    assert end.notes == ("Deployment shop/web has no pods here, so it is answered by its template",)


def test_an_ambiguous_name_is_refused_with_its_candidates() -> None:
    """Each can be typed back."""
    cron = Controller("CronJob", "shop", "web", WEB)
    there = inventory(CART, controllers=(cron, DEPLOYMENT))

    assert refused(there, "shop/web") == "shop/web is ambiguous: write shop/CronJob/web or shop/Deployment/web"
    assert len(Ends(there).source("shop/deployment/web")) == 1
    assert len(Ends(there).source("shop/deploy/web")) == 1


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("shop/crat", "no workload shop/crat; did you mean shop/cart?"),
        ("store/cart", "no workload store/cart; did you mean shop/cart?"),
        ("pod/shop/crt", "no pod shop/crt; did you mean pod/shop/cart?"),
        ("svc/shop/frnt", "no service shop/frnt; did you mean svc/shop/front?"),
        ("node/node-b", "no node node-b; did you mean node/node-a?"),
        ("cart", "'cart' names no end; did you mean shop/cart?"),
        ("anything", "'anything' names no end: write NS/NAME"),
        ("10.0.0.0/8", "10.0.0.0/8 is a range: ask for one address in it"),
        ("a/b/c/d", "'a/b/c/d' names no end"),
        ("/cart", "'/cart' names no end"),
        ("", "'' names no end"),
    ],
)
def test_an_unknown_name_is_refused_with_near_ones(text: str, why: str) -> None:
    """A typing error is one keystroke from its answer."""
    there = replace(inventory(nodes=[Node("node-a")]), services=(SERVICE,))

    assert why in refused(there, text)


def test_a_kind_that_was_not_supplied_is_said() -> None:
    """The name may be right and the snapshot too small."""
    there = replace(inventory(missing=["Pod", "Deployment"]), pods=())

    assert "(the snapshot holds no Pod and no Deployment)" in refused(there, "shop/web")


def test_a_service_is_its_pods_at_their_own_port() -> None:
    """Policies are evaluated after address translation; a name is looked up in each pod."""
    other = replace(web("web-5d-b", "10.0.0.8"), spec=replace(WEB, ports=(ContainerPort("http", "TCP", 9090),)))
    nameless = replace(web("web-5d-c", "10.0.0.9"), spec=replace(WEB, ports=()))
    there = replace(inventory(web("web-5d-a", "10.0.0.7"), other, nameless), services=(SERVICE,))

    found = Ends(there).target(asked_of("svc/shop/front:80"))

    assert [(each.end.pods, each.port) for each in found] == [(("shop/web-5d-a",), 8080), (("shop/web-5d-b",), 9090)]
    assert "at their port 8080, never the service or its port 80" in found[0].end.notes[0]


def test_a_service_is_asked_for_a_port_it_has() -> None:
    """The target port is not one of them."""
    there = replace(inventory(web("web-5d-a", "10.0.0.7")), services=(SERVICE,))

    with pytest.raises(ArgumentError, match=r"service shop/front has no port 8080/TCP; its ports are: 80/TCP"):
        Ends(there).target(asked_of("svc/shop/front:8080"))


def test_a_service_without_a_selector_is_its_slices() -> None:
    """Addresses outside the cluster, at the port that the slice says."""
    there = replace(
        inventory(),
        services=(replace(SERVICE, selector=None),),
        slices=(
            EndpointSlice(
                "shop", "front-1", "front", (SlicePort("http", "TCP", 8443),), (SliceEndpoint(("192.0.2.9",)),)
            ),
        ),
    )

    found = Ends(there).target(asked_of("svc/shop/front:80"))

    assert [(each.end.kind, each.end.address, each.port) for each in found] == [("Address", "192.0.2.9", 8443)]


def test_an_address_is_the_pod_that_has_it() -> None:
    """However it is written; else a node, a service or nobody."""
    v6 = replace(CART, name="six", addresses=("fd00:0::5",))
    there = replace(inventory(CART, v6, nodes=[Node("node-a", addresses=("192.0.2.1",))]), services=(SERVICE,))
    ends = Ends(there)

    assert pods_of(there, "10.0.0.1") == [("shop/cart",)]
    assert pods_of(there, "FD00::0:5") == [("shop/six",)]
    assert ends.source("192.0.2.1")[0].host
    assert ends.source("10.96.0.5")[0].notes[0].endswith("so ask for svc/shop/front instead")
    assert ends.source("198.51.100.1")[0].end.subject is None


def test_a_node_is_its_host_endpoints() -> None:
    """Each of them by itself; a node without one is no endpoint of Calico's."""
    host = HostEndpoint("a-eth0", "node-a", expected_ips=("192.0.2.1",))
    there = replace(inventory(nodes=[Node("node-a"), Node("node-b")]), host_endpoints=(host,))
    ends = Ends(there)

    assert [end.end.subject is not None for end in ends.source("node/node-a")] == [True]
    assert [end.end.subject is not None for end in ends.source("192.0.2.1")] == [True]
    assert [end.end.subject is not None for end in ends.source("node/node-b")] == [False]


def test_a_pod_on_the_hosts_network_is_its_node() -> None:
    """Policies for pods do not reach it."""
    there = inventory(replace(REDIS, spec=replace(REDIS.spec, host_network=True)))

    (end,) = Ends(there).source("pod/shop/redis")

    assert end.end.subject is None
    assert end.notes == ("pod shop/redis uses the host's network: for policies it is node node-2, not a pod",)


def test_the_internet_is_public_addresses_of_both_families() -> None:
    """And no private one."""
    (end,) = Ends(inventory()).source("internet")

    assert end.end.addresses.families == {4, 6}
    assert "8.8.8.8" in end.end.addresses
    assert "10.0.0.1" not in end.end.addresses


def test_a_pod_can_be_named_like_a_workload() -> None:
    """What ``kubectl get pods`` prints is understood, also where a controller owns the pod."""
    there = inventory(pod("redis-0", "10.0.0.2", owner=Owner("StatefulSet", "redis")))

    assert pods_of(there, "shop/redis-0") == pods_of(there, "shop/redis") == [("shop/redis-0",)]
