"""What stands behind a Service: workloads and the ports on which their pods are reached.

Promises: policies see pods and target ports, so these are target ports, names resolved where a pod or a template gives
them. Pods and templates count alike, because labels may be added when a pod is made; where neither is selected, or the
Service has no selector, the pods that its EndpointSlices name count. A pod that lacks a named port is no backend
of it, as in Kubernetes.
"""

from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from ringfence.model.endpoint import Workload, endpoint_key
from ringfence.model.inventory import Inventory
from ringfence.model.pod import Pod, PodSpec
from ringfence.model.policy import ServiceRef
from ringfence.model.service import EndpointSlice, Service, ServicePort
from ringfence.semantics.workloads import Workloads


class Backend(Struct, frozen=True):
    """A workload behind a Service's port. ``port`` is the target port; ``host_network`` pods are their node."""

    workload: Workload
    protocol: str
    port: int
    host_network: bool = False


class Backends:
    """Who stands behind the Services of an inventory. Built once, asked often."""

    def __init__(self, inventory: Inventory) -> None:
        """Index what Services select. ``workloads`` says whose pods are whose."""
        self.workloads = Workloads(inventory)
        self._services = {each.ref: each for each in inventory.services}
        self._slices: dict[ServiceRef, list[EndpointSlice]] = {}
        self._specs: dict[str, list[tuple[Workload, PodSpec]]] = {}
        self._pods: dict[tuple[str, str], Pod] = {}
        for each in inventory.slices:
            if each.service is not None:
                self._slices.setdefault(ServiceRef(each.namespace, each.service), []).append(each)
        for pod in inventory.pods:
            if not pod.finished:
                self._pods[pod.namespace, pod.name] = pod
                self._specs.setdefault(pod.namespace, []).append((self.workloads.of(pod), pod.spec))
        tops = frozenset(self.workloads.names())
        for controller in inventory.controllers:
            name = Workload(controller.namespace, controller.kind, controller.name)
            if name in tops:
                self._specs.setdefault(name.namespace, []).append((name, controller.template))

    def service(self, ref: ServiceRef) -> Service | None:
        """Return a Service of the inventory."""
        return self._services.get(ref)

    def behind(self, service: Service, port: ServicePort) -> tuple[Backend, ...]:
        """Return the backends of one port of a Service, in total order."""
        found = set(self._selected(service, port)) or set(self._listed(service, port))
        return tuple(sorted(found, key=_backend_key))

    def _selecting(self, service: Service) -> Iterator[tuple[Workload, PodSpec]]:
        if service.selector is None:
            return
        wanted = frozenset(service.selector)
        for name, spec in self._specs.get(service.namespace, ()):
            if wanted <= frozenset(spec.labels.pairs):
                yield name, spec

    def _selected(self, service: Service, port: ServicePort) -> Iterator[Backend]:
        for name, spec in self._selecting(service):
            for number in _numbers(spec, port):
                yield Backend(name, port.protocol, number, spec.host_network)

    def _listed(self, service: Service, port: ServicePort) -> Iterator[Backend]:
        for each in self._slices.get(service.ref, ()):
            numbers = {
                known.port
                for known in each.ports
                if known.name == port.name and known.protocol == port.protocol and known.port is not None
            }
            for endpoint in each.endpoints:
                pod = None if endpoint.pod is None else self._pods.get((each.namespace, endpoint.pod))
                if pod is not None:
                    for number in numbers:
                        yield Backend(self.workloads.of(pod), port.protocol, number, pod.spec.host_network)


def endpoint_addresses(inventory: Inventory, ref: ServiceRef) -> tuple[str, ...]:
    """Return the addresses that the EndpointSlices of a Service list, sorted."""
    found = {
        address
        for each in inventory.slices
        if (each.namespace, each.service) == (ref.namespace, ref.name)
        for endpoint in each.endpoints
        for address in endpoint.addresses
    }
    return tuple(sorted(found))


def by_workload(backends: Iterable[Backend]) -> Mapping[Workload, tuple[Backend, ...]]:
    """Return backends by their workload, each once, in total order."""
    grouped: dict[Workload, list[Backend]] = {}
    for each in sorted(set(backends), key=_backend_key):
        grouped.setdefault(each.workload, []).append(each)
    return {workload: tuple(some) for workload, some in grouped.items()}


def _numbers(spec: PodSpec, port: ServicePort) -> Iterator[int]:
    if isinstance(port.target, int):
        yield port.target
        return
    for each in spec.ports:
        if each.name == port.target and each.protocol == port.protocol:
            yield each.port


def _backend_key(backend: Backend) -> tuple[object, ...]:
    return (*endpoint_key(backend.workload), backend.protocol, backend.port, backend.host_network)
