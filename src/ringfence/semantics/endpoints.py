"""Who stands at an end of a connection, by the cluster's objects.

Promises: labels are effective ones (own, derived and inherited, calico-semantics 3.4); an address has the labels of
every endpoint and network set that covers it; what the snapshot does not hold is unknown, never absent.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from ringfence.model.address_set import AddressRange, AddressSet
from ringfence.model.controller import Controller
from ringfence.model.inventory import Inventory
from ringfence.model.labels import Labels
from ringfence.model.network_set_object import NetworkSetObject
from ringfence.model.node import HostEndpoint, Node
from ringfence.model.pod import ContainerPort, Pod, PodSpec
from ringfence.semantics.connection import End, Holder, Subject
from ringfence.semantics.selectors import (
    NAMESPACE,
    NAMESPACE_PREFIX,
    ORCHESTRATOR,
    SERVICE_ACCOUNT,
    SERVICE_ACCOUNT_PREFIX,
)
from ringfence.semantics.sets_at import SetsAt

EVERYWHERE: Final = AddressSet.of(["0.0.0.0/0", "::/0"])
_NOT_PUBLIC: Final = AddressSet.of(
    ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3"]
)
PUBLIC: Final = AddressSet.of(["0.0.0.0/0"]) - _NOT_PUBLIC - AddressSet.of(["0.0.0.0/8"]) | AddressSet.of(["2000::/3"])
_NAME: Final = "projectcalico.org/name"
_METADATA_NAME: Final = "kubernetes.io/metadata.name"
_PREFIXES: Final = (NAMESPACE_PREFIX, SERVICE_ACCOUNT_PREFIX)
_ADDRESS_KINDS: Final = ("Pod", "NetworkSet", "GlobalNetworkSet", "HostEndpoint")


class Endpoints:
    """The ends that an inventory knows. Built once, asked often."""

    def __init__(self, inventory: Inventory) -> None:
        """Index the holders of labels by their addresses."""
        self._inventory = inventory
        self._namespaces = {each.name: each.labels for each in inventory.namespaces}
        self._accounts = {(each.namespace, each.name): each.labels for each in inventory.service_accounts}
        self._sets = tuple((AddressSet.of(each.nets), self._set_holder(each)) for each in inventory.network_sets)
        self._sets_at = SetsAt(self._sets)
        self._holders: dict[tuple[str, PodSpec], Holder] = {}
        self._at: dict[AddressRange, list[Holder]] = {}
        self._pods_at: dict[AddressRange, list[Pod]] = {}
        for pod in inventory.pods:
            if not pod.finished:
                for address in _each(pod.addresses):
                    self._pods_at.setdefault(address, []).append(pod)
                    if not pod.spec.host_network:
                        self._at.setdefault(address, []).append(self.holder(pod.namespace, pod.spec))
        for host in inventory.host_endpoints:
            for address in _each(host.expected_ips):
                self._at.setdefault(address, []).append(_host_holder(host))
        self._missing = tuple(kind for kind in _ADDRESS_KINDS if kind in inventory.missing)

    def pod(self, pod: Pod) -> End:
        """Return the end that a pod is. A host-network pod is its node: no policy for pods is asked."""
        name = f"pod {pod.namespace}/{pod.name}"
        if pod.spec.host_network:
            return self._end(name, AddressSet.of(pod.addresses) or EVERYWHERE, None)
        return self._workload(name, pod.namespace, pod.spec, AddressSet.of(pod.addresses))

    def controller(self, controller: Controller) -> End:
        """Return the end that a pod of this controller's template would be: its address is not known."""
        name = f"{controller.kind} {controller.namespace}/{controller.name}"
        if controller.template.host_network:
            return self._end(name, EVERYWHERE, None)
        return self._workload(name, controller.namespace, controller.template, AddressSet())

    def pods_at(self, address: str) -> tuple[Pod, ...]:
        """Return the running pods with an address."""
        return tuple(pod for each in _each([address]) for pod in self._pods_at.get(each, ()))

    def address(self, address: str) -> End:
        """Return the end at an address: the pod that has it, else whatever is there without an endpoint of Calico's."""
        for pod in self.pods_at(address):
            if not pod.spec.host_network:
                return self.pod(pod)
        return self._end(address, AddressSet.of([address]), None)

    def somewhere(self, name: str, addresses: AddressSet) -> End:
        """Return an end outside the cluster that has one of these addresses."""
        return self._end(name, addresses, None)

    def node(self, node: Node) -> End:
        """Return the end that a node is, without its host endpoints."""
        return self._end(f"node {node.name}", AddressSet.of(node.addresses) or EVERYWHERE, None)

    def host(self, host: HostEndpoint) -> End:
        """Return the end that a host endpoint is. Where it names no addresses, its node's are those it may have."""
        nodes = [each for each in self._inventory.nodes if each.name == host.node]
        addresses = AddressSet.of(host.expected_ips or (address for each in nodes for address in each.addresses))
        subject = Subject(_host_holder(host), host.profiles, host=True)
        return self._end(f"host endpoint {host.name}", addresses or EVERYWHERE, subject)

    def holder(self, namespace: str, spec: PodSpec) -> Holder:
        """Return a pod's effective labels and named ports, one value for all pods that are alike."""
        key = namespace, spec
        if key not in self._holders:
            self._holders[key] = self._holder(namespace, spec)
        return self._holders[key]

    def _holder(self, namespace: str, spec: PodSpec) -> Holder:
        own = {key: value for key, value in spec.labels.pairs if not key.startswith(_PREFIXES)}
        derived = {NAMESPACE: namespace, ORCHESTRATOR: "k8s"}
        inherited, unknown = self._of_namespace(namespace)
        if spec.service_account:
            derived[SERVICE_ACCOUNT] = spec.service_account
            account = self._accounts.get((namespace, spec.service_account))
            if account is None:
                unknown = (*unknown, SERVICE_ACCOUNT_PREFIX)
            else:
                inherited |= _prefixed(SERVICE_ACCOUNT_PREFIX, account)
            inherited[SERVICE_ACCOUNT_PREFIX + _NAME] = spec.service_account
        return Holder({**inherited, **own, **derived}, unknown, tuple(each for each in spec.ports if each.name))

    def _of_namespace(self, namespace: str) -> tuple[dict[str, str], tuple[str, ...]]:
        """Return the labels inherited from a namespace, and the prefix of those that are not known."""
        labels = self._namespaces.get(namespace)
        if labels is not None:
            return {**_prefixed(NAMESPACE_PREFIX, labels), NAMESPACE_PREFIX + _NAME: namespace}, ()
        known = {NAMESPACE_PREFIX + key: namespace for key in (_NAME, _METADATA_NAME)}
        return known, (NAMESPACE_PREFIX,)

    def _set_holder(self, each: NetworkSetObject) -> Holder:
        if each.namespace is None:
            return Holder(each.labels.as_dict())
        inherited, unknown = self._of_namespace(each.namespace)
        return Holder({**inherited, **each.labels.as_dict(), NAMESPACE: each.namespace}, unknown)

    def _workload(self, name: str, namespace: str, spec: PodSpec, addresses: AddressSet) -> End:
        holder = self.holder(namespace, spec)
        profiles = (f"kns.{namespace}", f"ksa.{namespace}.{spec.service_account}")
        return self._end(name, addresses or EVERYWHERE, Subject(holder, profiles))

    def _end(self, name: str, addresses: AddressSet, subject: Subject | None) -> End:
        own = () if subject is None else (subject.holder,)
        single = len(addresses.ranges) == 1 and addresses.ranges[0].first == addresses.ranges[0].last
        at = self._at.get(addresses.ranges[0], []) if single else []
        certain = [*own, *(each for each in at if each not in own)]
        partly = [] if single else list(self._others(addresses, own))
        if single:
            certain += self._sets_at.of(addresses.ranges[0])
        for covered, holder in () if single else self._sets:
            if addresses <= covered:
                certain.append(holder)
            elif addresses & covered:
                partly.append((covered, holder))
        return End(
            name=name,
            addresses=addresses,
            subject=subject,
            holders=tuple(certain),
            partly=tuple(partly),
            unknown=self._unsupplied(name, known=subject is not None and not subject.host),
        )

    def _others(self, addresses: AddressSet, own: tuple[Holder, ...]) -> Iterator[tuple[AddressSet, Holder]]:
        """Yield the endpoints at one of several known addresses; of a network that somebody may be in, none."""
        if all(each.first == each.last for each in addresses.ranges):
            for each in addresses.ranges:
                for holder in self._at.get(each, ()):
                    if holder not in own:
                        yield AddressSet((each,)), holder

    def _unsupplied(self, name: str, *, known: bool) -> str | None:
        kinds = [kind for kind in self._missing if not (known and kind in {"Pod", "HostEndpoint"})]
        if not kinds:
            return None
        return f"the snapshot holds no {' and no '.join(kinds)}, so whether one covers {name} is not known"


def _host_holder(host: HostEndpoint) -> Holder:
    ports = (ContainerPort(each.name, each.protocol, each.port) for each in host.ports)
    return Holder(host.labels.as_dict(), (), tuple(ports))


def _prefixed(prefix: str, labels: Labels) -> dict[str, str]:
    return {prefix + key: value for key, value in labels.pairs}


def _each(addresses: Iterable[str]) -> Iterator[AddressRange]:
    """Yield each address as the range of itself, however it was written."""
    return (AddressSet.of([address]).ranges[0] for address in addresses)
