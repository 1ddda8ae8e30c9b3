"""A dual-stack cluster with everything that a peer outside the pods may be, and what its rules let through.

What passes is judged by the reference evaluator, on policies as they would be enforced.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from msgspec.structs import replace

from ringfence.flows.evidence import Evidence
from ringfence.learning.admission import admit
from ringfence.learning.declared_ports import declared_ports
from ringfence.model.cluster import Cluster
from ringfence.model.edge import Icmp
from ringfence.model.endpoint import Endpoint
from ringfence.model.inventory import Inventory
from ringfence.model.labels import Labels
from ringfence.model.namespace import Namespace
from ringfence.model.network_set_object import NetworkSetObject
from ringfence.model.node import HostEndpoint, Node
from ringfence.model.pod import Owner, Pod, PodSpec
from ringfence.model.policy import Direction, Policy, Tier
from ringfence.model.policy_set import PolicySet
from ringfence.model.service import EndpointSlice, Service, ServicePort, SliceEndpoint, SlicePort
from ringfence.rules.assemble import assemble
from ringfence.rules.derive import derive
from ringfence.rules.merge import merge
from ringfence.rules.permit import Permit
from ringfence.rules.rule_settings import DEFAULT_RULES, RuleSettings
from ringfence.rules.scope_baseline import ScopeBaseline
from ringfence.rules.split import split
from ringfence.rules.surroundings import surroundings_of
from ringfence.semantics.connection import Connection
from ringfence.semantics.endpoints import Endpoints
from ringfence.semantics.reference import judge
from ringfence.semantics.resolve import resolve
from tests.learning.evidence_rows import LABELS, TIER, table_of

AUTOMATIC: Final = Labels.of({"projectcalico.org/created-by": "calico-kube-controllers"})
CONTROL: Final = Node("control", addresses=("192.168.7.10",), tunnels=("10.244.0.1",), pod_cidrs=("10.244.0.0/24",))
NODE_A: Final = Node(
    "node-a",
    addresses=("192.168.7.1", "fd07::1"),
    tunnels=("10.244.1.1",),
    pod_cidrs=("10.244.1.0/24", "fd44:0:0:1::/64"),
)
NODE_B: Final = Node(
    "node-b",
    addresses=("192.168.7.2", "fd07::2"),
    tunnels=("10.244.2.1",),
    pod_cidrs=("10.244.2.0/24", "fd44:0:0:2::/64"),
)
WEB_POD: Final = Pod(
    "shop",
    "web-7d9f-x",
    PodSpec(Labels.of({"app": "web", "pod-template-hash": "7d9f"})),
    ("10.244.1.5", "fd44:0:0:1::5"),
    node="node-a",
    owner=Owner("Deployment", "web"),
)
LEDGER_POD: Final = Pod(
    "payments",
    "ledger-0",
    PodSpec(Labels.of({"app": "ledger"})),
    ("10.244.2.5", "fd44:0:0:2::5"),
    node="node-b",
    owner=Owner("StatefulSet", "ledger"),
)
API: Final = Service(
    "default", "kubernetes", "ClusterIP", (ServicePort("https", "TCP", 443, 6443),), cluster_ips=("10.96.0.1",)
)
DATABASE: Final = Service(
    "shop", "database", "ClusterIP", (ServicePort("sql", "TCP", 5432, 5432),), cluster_ips=("10.96.0.9",)
)
KUBELET: Final = Service(
    "kube-system",
    "kubelet",
    "ClusterIP",
    (ServicePort("https", "TCP", 10250, 10250),),
    selector=(("k8s-app", "agent"),),
    cluster_ips=("10.96.0.12",),
)
CORP: Final = NetworkSetObject(None, "corp", Labels.of({"site": "corp"}), ("10.1.0.0/16",))


def slice_of(service: Service, *addresses: str, port: int) -> EndpointSlice:
    """Return the EndpointSlice of a Service."""
    endpoints = tuple(SliceEndpoint((address,)) for address in addresses)
    return EndpointSlice(service.namespace, service.name, service.name, (SlicePort("", "TCP", port),), endpoints)


SLICES: Final = (
    slice_of(API, "192.168.7.10", port=6443),
    slice_of(DATABASE, "10.9.0.5", port=5432),
    slice_of(KUBELET, "192.168.7.1", "192.168.7.2", port=10250),
)
WORLD: Final = Inventory(
    namespaces=tuple(Namespace(name) for name in ("default", "edge", "kube-system", "payments", "shop")),
    pods=(LEDGER_POD, WEB_POD),
    services=(API, KUBELET, DATABASE),
    slices=SLICES,
    nodes=(CONTROL, NODE_A, NODE_B),
    network_sets=(CORP,),
)


def with_hosts(inventory: Inventory) -> Inventory:
    """Return the cluster with the host endpoints that Calico's controller makes."""
    hosts = tuple(
        HostEndpoint(f"{node.name}-auto-hep", node.name, "*", (*node.addresses, *node.tunnels), AUTOMATIC)
        for node in inventory.nodes
    )
    return replace(inventory, host_endpoints=hosts)


def permits_in(
    rows: Iterable[Evidence],
    inventory: Inventory | None = WORLD,
    *,
    settings: RuleSettings = DEFAULT_RULES,
    namespace: str = "shop",
    labels: Mapping[Endpoint, Labels] = LABELS,
) -> tuple[Permit, ...]:
    """Return the permits that a namespace's own edges make, without what is declared."""
    scope = scope_in(rows, inventory, settings=settings, namespace=namespace, labels=labels)
    return split(merge(tuple(derive(scope))))


def scope_in(
    rows: Iterable[Evidence],
    inventory: Inventory | None = WORLD,
    *,
    settings: RuleSettings = DEFAULT_RULES,
    namespace: str = "shop",
    labels: Mapping[Endpoint, Labels] = LABELS,
) -> ScopeBaseline:
    """Return a namespace's baseline. Admission asks no policy: these tests are about rules alone."""
    table = table_of(rows, labels=labels)
    cluster = None if inventory is None else Cluster(inventory, PolicySet())
    ports = frozenset() if inventory is None else declared_ports(inventory)
    baseline = admit(table, tier=TIER, covers={namespace}, declared_ports=ports)
    return ScopeBaseline(namespace, baseline.admitted, surroundings_of(table, cluster=cluster, settings=settings))


class Judge:
    """What a pod of the shop may connect to, and be reached from, under these permits alone."""

    def __init__(self, permits: tuple[Permit, ...], inventory: Inventory = WORLD) -> None:
        """Resolve the policy once."""
        policy = enforced(assemble("shop", permits, tier=TIER))
        self._ends = Endpoints(inventory)
        self._tiers = resolve(PolicySet((Tier(TIER, 999_999, "Deny"),), (policy,)), inventory, "enforced")

    def passes(
        self,
        address: str,
        protocol: str = "TCP",
        port: int | None = None,
        *,
        direction: Direction = "Egress",
        icmp: Icmp | None = None,
    ) -> bool:
        """Say whether a connection to an address, or from it (ingress), is let through."""
        pod, other = self._ends.pod(WEB_POD), self._ends.address(address)
        source, destination = (pod, other) if direction == "Egress" else (other, pod)
        judged = judge(self._tiers, Connection(source, destination, protocol, port, icmp=icmp))
        side = judged.egress if direction == "Egress" else judged.ingress
        assert side is not None
        assert side.verdict != "Uncertain", side.unknown
        return side.verdict == "Allow"


def passes(
    permits: tuple[Permit, ...],
    address: str,
    *,
    port: int,
    direction: Direction = "Egress",
    inventory: Inventory = WORLD,
) -> bool:
    """Say whether permits let a TCP connection through."""
    return Judge(permits, inventory).passes(address, port=port, direction=direction)


def enforced(policy: Policy) -> Policy:
    """Return a staged policy as it is enforced."""
    return replace(policy, staged=None)
