"""What stands behind a Service: live pods, templates, or what its EndpointSlices name."""

from msgspec.structs import replace

from ringfence.model.cluster import Cluster
from ringfence.model.controller import Controller
from ringfence.model.endpoint import Workload
from ringfence.model.labels import Labels
from ringfence.model.pod import ContainerPort, PodSpec
from ringfence.model.service import EndpointSlice, Service, ServicePort, SliceEndpoint, SlicePort
from ringfence.rules.backends import Backend, Backends, by_workload
from tests.rules.clusters import bare, controller
from tests.rules.declared_world import pods_of, service, workload, world

HTTP = ServicePort("http", "TCP", 80, "http")
WEB = Controller(
    "Deployment", "shop", "web", PodSpec(Labels.of({"app": "web"}), ports=(ContainerPort("http", "TCP", 8080),))
)
DB = controller("StatefulSet", "db", "app=db")


def behind(cluster: Cluster, each: Service) -> list[tuple[str, int]]:
    """Return the workloads behind the first port of a Service, and the ports of their pods."""
    found = Backends(cluster.inventory).behind(each, each.ports[0])
    return [(backend.workload.name, backend.port) for backend in found]


def test_a_template_is_enough() -> None:
    """A workload without pods yet, too."""
    assert behind(world(WEB), service("web", HTTP, selects="app=web")) == [("web", 8080)]


def test_a_name_is_resolved_by_whoever_has_it_with_its_protocol() -> None:
    """A pod without the name is no backend; a number needs no declaration."""
    other = controller("Deployment", "other", "app=web")
    named = service("web", HTTP, selects="app=web")
    over_udp = service("web", replace(HTTP, protocol="UDP"), selects="app=web")
    number = service("web", replace(HTTP, target=9000), selects="app=web")

    assert behind(world(WEB, other), named) == [("web", 8080)]
    assert behind(world(WEB, other), over_udp) == []
    assert behind(world(WEB, other), number) == [("other", 9000), ("web", 9000)]


def test_one_name_may_be_several_ports() -> None:
    """Each revision of a pod may give it another number."""
    old = replace(WEB.template, ports=(ContainerPort("http", "TCP", 3000),))
    cluster = world(WEB, pods=(replace(pods_of(WEB, "10.244.1.9")[0], spec=old),))

    assert behind(cluster, service("web", HTTP, selects="app=web")) == [("web", 3000), ("web", 8080)]


def test_a_service_of_one_pod_is_its_workload() -> None:
    """The label that only the running pod carries leads to the StatefulSet."""
    label = ("statefulset.kubernetes.io/pod-name", "db-0")
    pod = pods_of(DB, "10.244.1.9")[0]
    alive = replace(pod, spec=replace(pod.spec, labels=Labels.of([*pod.spec.labels.pairs, label])))
    first = service("db-0", ServicePort("sql", "TCP", 5432, 5432), selects="statefulset.kubernetes.io/pod-name=db-0")

    assert behind(world(DB, pods=(alive,)), first) == [("db", 5432)]
    assert behind(world(DB), first) == []


def test_finished_pods_and_other_namespaces_do_not_count() -> None:
    """They serve nothing."""
    done = replace(bare("job", "app=web", "10.244.1.8"), finished=True)
    elsewhere = bare("copy", "app=web", "10.244.1.7", namespace="other")

    assert behind(world(pods=(done, elsewhere)), service("web", replace(HTTP, target=1), selects="app=web")) == []


def test_slices_tell_the_pods_of_a_service_without_a_selector() -> None:
    """By the name of the Service's port."""
    pod = bare("legacy", "app=legacy", "10.244.1.8")
    by_hand = Service("shop", "legacy", "ClusterIP", (HTTP,))
    ports = (SlicePort("http", "TCP", 8081), SlicePort("admin", "TCP", 9901))
    listed = EndpointSlice(
        "shop",
        "legacy-1",
        "legacy",
        ports,
        (SliceEndpoint(("10.244.1.8",), pod="legacy"), SliceEndpoint(("10.9.9.9",))),
    )

    assert behind(world(pods=(pod,), slices=(listed,)), by_hand) == [("legacy", 8081)]


def test_backends_are_grouped_once_each() -> None:
    """Whoever finds one twice."""
    one, two = Backend(workload(WEB), "TCP", 8080), Backend(workload(WEB), "TCP", 8081)

    assert by_workload([two, one, two]) == {Workload("shop", "Deployment", "web"): (one, two)}
