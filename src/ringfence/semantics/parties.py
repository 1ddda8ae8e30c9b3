"""Who an endpoint of an edge stands for when policies are asked: pods of a workload, addresses of a network, a node.

Promises: a workload stands for each kind of pod it has now, else for its template; one that the snapshot lacks is gone.
Addresses of a network are told one by one as far as they are known, else as everything the network may be. Parties of
one number have the same answers, so a question about them is asked once.
"""

from collections.abc import Hashable, Iterator, Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from ringfence.model.address_set import AddressSet
from ringfence.model.endpoint import Endpoint, Host, Network, NetworkSet, Workload
from ringfence.model.inventory import Inventory
from ringfence.model.labels import Labels
from ringfence.model.node import HostEndpoint
from ringfence.model.pod import Pod, PodSpec
from ringfence.semantics.address_classes import AddressClasses
from ringfence.semantics.connection import End
from ringfence.semantics.endpoints import PUBLIC, Endpoints
from ringfence.semantics.workloads import Workloads

PRIVATE: Final = AddressSet.of(["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"])
EACH_PODS_OWN: Final = frozenset(
    {
        "pod-template-hash",
        "controller-revision-hash",
        "statefulset.kubernetes.io/pod-name",
        "apps.kubernetes.io/pod-index",
        "batch.kubernetes.io/controller-uid",
        "batch.kubernetes.io/job-completion-index",
        "batch.kubernetes.io/job-name",
        "controller-uid",
        "job-name",
    }
)
"""Labels by which pods of one workload differ; no policy that outlives a rollout names one."""


class Party(Struct, frozen=True):
    """An end that an endpoint stands for. ``number`` is equal for parties that have the same answers; ``address`` is
    the one of a network that is meant; ``nodes`` are those that it is on, where that is known of all of it.
    """

    number: int
    end: End
    address: str | None = None
    nodes: frozenset[str] = frozenset()


class Parties:
    """The parties of an inventory. Built once, asked often."""

    def __init__(self, inventory: Inventory, classes: AddressClasses, *, with_host_endpoints: bool = False) -> None:
        """Index the inventory. ``classes`` are of all policies that are asked; a node stands for its host endpoints
        only where they are wanted.
        """
        self._endpoints = Endpoints(inventory)
        self._workloads = Workloads(inventory)
        self._classes = classes
        self._sets = {(each.namespace, each.name): each for each in inventory.network_sets}
        self._nodes = {each.name: each for each in inventory.nodes}
        self._hosts: dict[str, list[HostEndpoint]] = {}
        for host in inventory.host_endpoints if with_host_endpoints else ():
            self._hosts.setdefault(host.node, []).append(host)
        self._numbers: dict[Hashable, int] = {}
        self._known: dict[Endpoint, tuple[Party, ...]] = {}
        self._outside: dict[Hashable, End] = {}

    def of(self, endpoint: Endpoint, addresses: Sequence[str] = (), *, complete: bool = False) -> tuple[Party, ...]:
        """Return the parties that an endpoint stands for, none for one that is gone.

        ``addresses`` are those it was seen with, of which a network alone takes note; ``complete`` says they are all.
        """
        if isinstance(endpoint, Network):
            return tuple(self._network(endpoint, addresses, complete=complete))
        if endpoint not in self._known:
            self._known[endpoint] = tuple(self._of(endpoint))
        return self._known[endpoint]

    def _of(self, endpoint: Endpoint) -> Iterator[Party]:
        match endpoint:
            case Workload():
                yield from self._workload(endpoint)
            case NetworkSet(namespace, name):
                known = self._sets.get((namespace, name))
                if known is not None:
                    end = self._endpoints.somewhere(f"network set {name}", AddressSet.of(known.nets))
                    yield Party(self._number(endpoint), end)
            case Host(name):
                yield from self._host(endpoint, name)
            case Network():
                return

    def _host(self, endpoint: Host, name: str) -> Iterator[Party]:
        here = frozenset([name])
        for host in self._hosts.get(name, ()):
            yield Party(self._number((endpoint, host.name)), self._endpoints.host(host), nodes=here)
        if name not in self._hosts:
            node = self._nodes.get(name)
            end = self._endpoints.somewhere(f"node {name}", PRIVATE) if node is None else self._endpoints.node(node)
            yield Party(self._number(endpoint), end, nodes=here)

    def _workload(self, workload: Workload) -> Iterator[Party]:
        """Yield one party for each kind of pod of a workload that no lasting policy can tell apart."""
        known = self._workloads.known(workload)
        if known is None:
            return
        kinds: dict[PodSpec, list[Pod]] = {}
        for pod in known.pods:
            kinds.setdefault(_without_own_labels(pod.spec), []).append(pod)
        for spec, pods in kinds.items():
            nodes = frozenset(pod.node for pod in pods if pod.node is not None)
            everywhere = any(pod.node is None for pod in pods)
            yield Party(
                self._number((workload, spec)),
                self._endpoints.pod(pods[0]),
                nodes=frozenset() if everywhere else nodes,
            )
        if not kinds and known.template is not None:
            yield Party(self._number(workload), self._endpoints.controller(known.template))

    def _network(self, network: Network, addresses: Sequence[str], *, complete: bool) -> Iterator[Party]:
        for address in addresses:
            each = self._classes.of(address)
            if each not in self._outside:
                self._outside[each] = self._endpoints.somewhere(address, AddressSet.of([address]))
            yield Party(self._number(each), self._outside[each], address)
        if not complete or not addresses:
            if network not in self._outside:
                everything = PUBLIC if network.scope == "public" else PRIVATE
                self._outside[network] = self._endpoints.somewhere(f"{network.scope} addresses", everything)
            yield Party(self._number(network), self._outside[network])

    def _number(self, key: Hashable) -> int:
        return self._numbers.setdefault(key, len(self._numbers))


def _without_own_labels(spec: PodSpec) -> PodSpec:
    kept = tuple(pair for pair in spec.labels.pairs if pair[0] not in EACH_PODS_OWN)
    return replace(spec, labels=Labels(kept))
