"""Which ports of workloads are reached from outside: NodePort, LoadBalancer and hostPort.

Promises: target ports, because policies see connections after address translation. Whoever comes from outside may be
shown as a node, whatever ``externalTrafficPolicy`` says: *Local* keeps the client's address only where the client is no
node. The health-check port of such a Service is the node's own traffic and is no exposure.
"""

from collections.abc import Iterator
from typing import Literal

from msgspec import Struct

from ringfence.dialects.network_text import family_of
from ringfence.model.endpoint import Workload, endpoint_key
from ringfence.model.inventory import Inventory
from ringfence.model.pod import PodSpec
from ringfence.model.policy import ServiceRef
from ringfence.rules.backends import Backend, Backends

ExposureKind = Literal["NodePort", "LoadBalancer", "ExternalIP", "hostPort"]


class Exposure(Struct, frozen=True):
    """A backend that is reached from outside. ``service`` is None for a hostPort.

    ``source_ranges`` are the only clients that a load balancer lets in, empty where it lets in everybody.
    """

    backend: Backend
    kind: ExposureKind
    service: ServiceRef | None = None
    source_ranges: tuple[str, ...] = ()


def exposures(inventory: Inventory, backends: Backends) -> tuple[Exposure, ...]:
    """Return all exposures of pods in total order, each once."""
    found = {*_of_services(inventory, backends), *_of_host_ports(inventory, backends)}
    return tuple(sorted((each for each in found if not each.backend.host_network), key=_exposure_key))


def _of_services(inventory: Inventory, backends: Backends) -> Iterator[Exposure]:
    for service in inventory.services:
        kind = _kind(service.type, service.external_ips)
        if kind is None:
            continue
        ranges = _ranges(service.source_ranges) if kind == "LoadBalancer" else ()
        for port in service.ports:
            for backend in backends.behind(service, port):
                yield Exposure(backend, kind, service.ref, ranges)


def _kind(service_type: str, external_ips: tuple[str, ...]) -> ExposureKind | None:
    match service_type:
        case "NodePort":
            return "NodePort"
        case "LoadBalancer":
            return "LoadBalancer"
        case _:
            return "ExternalIP" if external_ips else None


def _ranges(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Return the ranges that narrow anything: with a whole IP family among them everybody may come."""
    known = tuple(sorted({text for text in texts if family_of(text) is not None}))
    return () if any(text.endswith("/0") for text in known) else known


def _of_host_ports(inventory: Inventory, backends: Backends) -> Iterator[Exposure]:
    for workload, spec in _specs(inventory, backends):
        for port in spec.ports:
            if port.host_port is not None:
                yield Exposure(Backend(workload, port.protocol, port.port, spec.host_network), "hostPort")


def _specs(inventory: Inventory, backends: Backends) -> Iterator[tuple[Workload, PodSpec]]:
    for pod in inventory.pods:
        if not pod.finished:
            yield backends.workloads.of(pod), pod.spec
    for controller in inventory.controllers:
        if controller.owner is None:
            yield Workload(controller.namespace, controller.kind, controller.name), controller.template


def _exposure_key(exposure: Exposure) -> tuple[object, ...]:
    backend, service = exposure.backend, exposure.service
    return (
        *endpoint_key(backend.workload),
        backend.protocol,
        backend.port,
        exposure.kind,
        ("", "") if service is None else (service.namespace, service.name),
        exposure.source_ranges,
    )
