"""A component's manifests as a running cluster with plausible traffic, and what that traffic does not show.

Two nodes, of which the first runs the API server; two pods of each template, one a node for DaemonSets; an application
namespace whose pods use what the component serves. No call of the API server to a webhook or an aggregated API is ever
in the traffic, no probe, and outside clients come to one node only: that is what must be declared.
"""

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from ringfence.flows.evidence import Evidence
from ringfence.model.cluster import Cluster
from ringfence.model.controller import Controller
from ringfence.model.edge import Edge
from ringfence.model.endpoint import Host, Network, Workload
from ringfence.model.inventory import Inventory
from ringfence.model.labels import Labels
from ringfence.model.namespace import Namespace
from ringfence.model.node import Node
from ringfence.model.pod import ContainerPort, Owner, Pod, PodSpec
from ringfence.model.policy import ServiceRef
from ringfence.model.policy_set import PolicySet
from ringfence.model.service import Callback, EndpointSlice, Service, ServicePort, SliceEndpoint, SlicePort
from ringfence.rules.backends import Backends
from ringfence.rules.callbacks import called
from ringfence.rules.exposures import exposures
from tests.learning.evidence_rows import addresses, both, row

NODES: Final = (
    Node("node-1", addresses=("192.168.1.1",), tunnels=("10.244.1.0",)),
    Node("node-2", addresses=("192.168.1.2",), tunnels=("10.244.2.0",)),
)
OUTSIDE: Final = "203.0.113.9"
SHOP: Final = Workload("shop", "Deployment", "web")
"""An application beside the component."""
_SHOP: Final = Controller("Deployment", "shop", "web", PodSpec(Labels.of({"app": "web"})))
_NEIGHBOUR: Final = PodSpec(Labels.of({"app": "neighbour"}), ports=(ContainerPort("http", "TCP", 8081),))
"""What else runs in a component's namespace, so that both directions have evidence there and are isolated."""
_API: Final = ServiceRef("default", "kubernetes")
_API_SERVICE: Final = Service(
    "default", "kubernetes", "ClusterIP", (ServicePort("https", "TCP", 443, 6443),), cluster_ips=("10.96.0.1",)
)
_DNS: Final = ServiceRef("kube-system", "kube-dns")
_WRITTEN_AT_RUN_TIME: Final = {
    "longhorn": Callback(
        "ValidatingWebhookConfiguration",
        "longhorn-webhook-validator",
        ServiceRef("longhorn-system", "longhorn-admission-webhook"),
        9502,
    ),
    "vertical-pod-autoscaler": Callback(
        "MutatingWebhookConfiguration", "vpa-webhook-config", ServiceRef("kube-system", "vpa-webhook"), 443
    ),
}
"""Callbacks that a component registers itself, so that only a running cluster shows them."""
_LABELLED_AT_RUN_TIME: Final = {
    ("longhorn-system", "longhorn-manager"): (
        ("longhorn.io/admission-webhook", "longhorn-admission-webhook"),
        ("longhorn.io/recovery-backend", "longhorn-recovery-backend"),
    )
}
"""Labels that a manager gives its own pods, and that no template carries."""


def together(first: Cluster, second: Cluster) -> Cluster:
    """Return the objects of two components in one cluster."""
    one, two = first.inventory, second.inventory
    return Cluster(
        replace(
            one,
            controllers=(*one.controllers, *two.controllers),
            services=(*one.services, *two.services),
            callbacks=(*one.callbacks, *two.callbacks),
            missing=one.missing & two.missing,
        ),
        PolicySet(policies=(*first.policies.policies, *second.policies.policies)),
    )


def alive(written: Cluster, *, component: str, api_server: str = NODES[0].addresses[0]) -> Cluster:
    """Return the cluster that runs these manifests; the API server's Service leads to ``api_server``."""
    inventory = written.inventory
    namespaces = sorted({each.namespace for each in inventory.controllers})
    neighbours = (Controller("Deployment", name, "neighbour", _NEIGHBOUR) for name in namespaces)
    controllers = (*inventory.controllers, *neighbours, _SHOP)
    names = sorted({each.namespace for each in controllers} | {"kube-system"})
    known = {each.name: each.labels for each in inventory.namespaces}
    services = tuple(_addressed(each, number) for number, each in enumerate(inventory.services))
    at_run_time = _WRITTEN_AT_RUN_TIME.get(component)
    slices = (
        EndpointSlice(
            "default", "kubernetes", "kubernetes", (SlicePort("https", "TCP", 6443),), (SliceEndpoint((api_server,)),)
        ),
    )
    running = Inventory(
        namespaces=tuple(Namespace(name, known.get(name, Labels())) for name in names),
        pods=tuple(pod for number, each in enumerate(controllers) for pod in _pods(each, number)),
        controllers=controllers,
        services=(*services, _API_SERVICE),
        slices=slices,
        callbacks=(*inventory.callbacks, *(() if at_run_time is None else (at_run_time,))),
        nodes=NODES,
    )
    return Cluster(running, written.policies)


def traffic(cluster: Cluster, namespace: str) -> Iterator[Evidence]:
    """Yield what a learning period shows of a namespace, and of the shop."""
    backends = Backends(cluster.inventory)
    calls = {
        (each.workload, each.protocol, each.port)
        for some in called(cluster.inventory, backends).backends.values()
        for each in some
    }
    own = [
        each for each in cluster.inventory.controllers if each.namespace == namespace and not each.template.host_network
    ]
    for each in own:
        workload = Workload(each.namespace, each.kind, each.name)
        yield _to_api_server(workload, cluster)
        for port in each.template.ports:
            if (workload, port.protocol, port.port) not in calls:
                yield from both(Edge(SHOP, workload, port.protocol, port.port))
    for exposure in exposures(cluster.inventory, backends):
        if exposure.backend.workload.namespace == namespace:
            edge = Edge(Network("public"), exposure.backend.workload, exposure.backend.protocol, exposure.backend.port)
            yield row(edge, reporter="Destination", clients=addresses(OUTSIDE))
    yield _to_api_server(SHOP, cluster)


def from_first_node(server: Workload, protocol: str, port: int) -> tuple[Evidence, ...]:
    """Return the rows of a node's connections to a workload; the other node was never seen."""
    return both(Edge(Host(NODES[0].name), server, protocol, port))


def to_first_node(client: Workload, protocol: str, port: int) -> tuple[Evidence, ...]:
    """Return the rows of a workload's connections to a node; the other node was never asked."""
    return both(Edge(client, Host(NODES[0].name), protocol, port))


def _to_api_server(client: Workload, cluster: Cluster) -> Evidence:
    at = cluster.inventory.slices[0].endpoints[0].addresses[0]
    edge = Edge(client, Network("private"), "TCP", 6443)
    return row(edge, service=_API, service_port="https", servers=addresses(at))


def _addressed(service: Service, number: int) -> Service:
    address = "10.96.0.10" if service.ref == _DNS else f"10.96.1.{number + 1}"
    return service if service.cluster_ips else replace(service, cluster_ips=(address,))


def _pods(each: Controller, number: int) -> Iterator[Pod]:
    added = _LABELLED_AT_RUN_TIME.get((each.namespace, each.name), ())
    spec = replace(each.template, labels=Labels.of([*each.template.labels.pairs, *added]))
    for place, node in enumerate(NODES, start=1):
        address = node.addresses[0] if spec.host_network else f"10.244.{place}.{number + 10}"
        owner = Owner(each.kind, each.name)
        yield Pod(each.namespace, f"{each.name}-{place}", spec, (address,), node=node.name, owner=owner)
