"""A cluster in which things are declared: two nodes, the API server on one of them, DNS, and what tests add.

Recommendations are made as a run makes them and judged by the reference evaluator, beside the cluster's own policies.
"""

from collections.abc import Iterable
from typing import Final

from msgspec.structs import replace

from ringfence.flows.evidence import Evidence
from ringfence.model.address_set import AddressSet
from ringfence.model.cluster import Cluster
from ringfence.model.controller import Controller
from ringfence.model.endpoint import Workload
from ringfence.model.inventory import Inventory
from ringfence.model.labels import Labels
from ringfence.model.namespace import Namespace
from ringfence.model.node import HostEndpoint, Node
from ringfence.model.pod import Owner, Pod
from ringfence.model.policy import Policy, Tier
from ringfence.model.policy_set import AnyPolicy, PolicySet
from ringfence.model.selector import All
from ringfence.model.service import Callback, EndpointSlice, Service, ServicePort, SliceEndpoint, SlicePort
from ringfence.recommend.recommend import recommend
from ringfence.recommend.recommendation import Recommendation
from ringfence.recommend.settings import Settings
from ringfence.rules.later_allows import BEFORE_DEFAULT
from ringfence.rules.permit import Permit
from ringfence.rules.rule_settings import DEFAULT_RULES, RuleSettings
from ringfence.semantics.connection import Connection, End
from ringfence.semantics.endpoints import Endpoints
from ringfence.semantics.reference import judge
from ringfence.semantics.resolve import resolve
from tests.learning.evidence_rows import table_of

NODE_A: Final = Node("node-a", addresses=("192.168.1.1",), tunnels=("10.244.1.0",), pod_cidrs=("10.244.1.0/24",))
NODE_B: Final = Node("node-b", addresses=("192.168.1.2",), tunnels=("10.244.2.0",), pod_cidrs=("10.244.2.0/24",))
API_SERVER: Final = Service(
    "default", "kubernetes", "ClusterIP", (ServicePort("https", "TCP", 443, 6443),), cluster_ips=("10.96.0.1",)
)


def api_slice(*addresses: str) -> EndpointSlice:
    """Return the EndpointSlice of the API server."""
    endpoints = tuple(SliceEndpoint((address,)) for address in addresses)
    return EndpointSlice("default", "kubernetes", "kubernetes", (SlicePort("https", "TCP", 6443),), endpoints)


def service(
    name: str,
    *ports: ServicePort,
    selects: str,
    namespace: str = "shop",
    labels: str = "",
    address: str | None = None,
) -> Service:
    """Return a Service of pods by ``key=value`` words."""
    pairs = tuple(sorted((key, value) for key, _, value in (word.partition("=") for word in selects.split())))
    own = Labels.of([(key, value) for key, _, value in (word.partition("=") for word in labels.split())])
    ips = () if address is None else (address,)
    return Service(namespace, name, "ClusterIP", ports, pairs, cluster_ips=ips, labels=own)


def pods_of(each: Controller, *addresses: str) -> tuple[Pod, ...]:
    """Return running pods of a controller, exactly as its template makes them."""
    return tuple(
        Pod(each.namespace, f"{each.name}-{number}", each.template, (address,), owner=Owner(each.kind, each.name))
        for number, address in enumerate(addresses)
    )


def world(
    *controllers: Controller,
    pods: Iterable[Pod] = (),
    services: Iterable[Service] = (),
    slices: Iterable[EndpointSlice] | None = None,
    callbacks: Iterable[Callback] = (),
    nodes: Iterable[Node] = (NODE_A, NODE_B),
    host_endpoints: Iterable[HostEndpoint] = (),
    policies: Iterable[AnyPolicy] = (),
    tiers: Iterable[Tier] = (),
    missing: Iterable[str] = (),
) -> Cluster:
    """Return the cluster; the API server is on node A where no slices are given."""
    every = tuple(pods)
    names = sorted({each.namespace for each in (*controllers, *every)} | {"kube-system"})
    return Cluster(
        Inventory(
            namespaces=tuple(Namespace(name, Labels.of({"kubernetes.io/metadata.name": name})) for name in names),
            pods=every,
            controllers=controllers,
            services=(API_SERVER, *services),
            slices=(api_slice("192.168.1.1"),) if slices is None else tuple(slices),
            callbacks=tuple(callbacks),
            nodes=tuple(nodes),
            host_endpoints=tuple(host_endpoints),
            missing=frozenset(missing),
        ),
        PolicySet(tiers=tuple(tiers), policies=tuple(policies)),
    )


def made(
    cluster: Cluster, *rows: Evidence, namespace: str = "shop", rules: RuleSettings = DEFAULT_RULES
) -> Recommendation:
    """Return the recommendation that a run makes for a namespace. Raises AssertionError where it makes none."""
    settings = Settings(rules=rules, namespaces=All())
    result, _ = recommend(
        table_of(rows, labels={}), settings=settings, namespaces=frozenset({namespace}), cluster=cluster
    )
    assert len(result.items) == 1, result.skipped
    return result.items[0]


def permits(cluster: Cluster, *rows: Evidence, namespace: str = "shop") -> tuple[Permit, ...]:
    """Return the permits of a namespace."""
    return tuple(placed.permit for placed in made(cluster, *rows, namespace=namespace).permits)


def declared(cluster: Cluster, *rows: Evidence, namespace: str = "shop") -> list[Permit]:
    """Return the declared permits of a namespace."""
    return [each for each in permits(cluster, *rows, namespace=namespace) if each.source == "Declared"]


class Judge:
    """Connections under the cluster's policies and ours, once ours are enforced."""

    def __init__(self, cluster: Cluster, *ours: Policy) -> None:
        """Add our tier and policies to those of the cluster."""
        enforced = tuple(replace(each, staged=None) for each in ours)
        before = cluster.policies
        policies = PolicySet((*before.tiers, BEFORE_DEFAULT), (*before.policies, *enforced), before.regime)
        self._tiers = resolve(policies, cluster.inventory, "enforced")
        self._inventory = cluster.inventory
        self._ends = Endpoints(cluster.inventory)

    def pod(self, namespace: str, name: str) -> End:
        """Return a running pod, by the beginning of its name."""
        found = [each for each in self._inventory.pods if each.namespace == namespace and each.name.startswith(name)]
        return self._ends.pod(found[0])

    def at(self, address: str) -> End:
        """Return whoever has an address."""
        return self._ends.address(address)

    def anywhere(self, *nets: str) -> End:
        """Return an end that has one of these addresses."""
        return self._ends.somewhere("anywhere", AddressSet.of(nets))

    def verdict(self, source: End, destination: End, port: int, protocol: str = "TCP") -> str:
        """Return what all policies together say of a connection."""
        return judge(self._tiers, Connection(source, destination, protocol, port)).verdict


def judge_of(cluster: Cluster, *rows: Evidence, namespace: str = "shop", rules: RuleSettings = DEFAULT_RULES) -> Judge:
    """Return a judge of connections once the namespace's recommendation is enforced."""
    return Judge(cluster, *made(cluster, *rows, namespace=namespace, rules=rules).policies)


def workload(each: Controller) -> Workload:
    """Return the workload that a controller is."""
    return Workload(each.namespace, each.kind, each.name)
