"""Who an argument names: ``NS/NAME``, ``pod/NS/NAME``, ``svc/NS/NAME``, ``node/NAME``, an address, ``internet``.

Promises: every pod that stands behind a name is returned; a workload without pods stands by its template. A name that
is ambiguous or unknown is refused, with what it could have been. Nothing is judged here.
"""

from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from ipaddress import ip_address, ip_network
from typing import Final

from msgspec.structs import replace

from ringfence.engine.arguments import ArgumentError, Asked, is_address
from ringfence.engine.named_end import NamedEnd, NamedTarget
from ringfence.model.controller import Controller
from ringfence.model.endpoint import Workload
from ringfence.model.inventory import Inventory
from ringfence.model.node import HostEndpoint, Node
from ringfence.model.pod import Pod, PodSpec
from ringfence.model.service import Service
from ringfence.semantics.endpoints import PUBLIC, Endpoints
from ringfence.semantics.workloads import KnownWorkload, Workloads

INTERNET: Final = "internet"
_PREFIXES: Final = frozenset({"pod", "svc", "service"})
_SHORT_KINDS: Final = {
    "deploy": "Deployment",
    "sts": "StatefulSet",
    "ds": "DaemonSet",
    "rs": "ReplicaSet",
    "rc": "ReplicationController",
    "cj": "CronJob",
    "po": "Pod",
}
_FORMS: Final = "NS/NAME, NS/KIND/NAME, pod/NS/NAME, svc/NS/NAME, node/NAME, an address, or internet"
_SHOWN: Final = 3


class Ends:
    """What the arguments of a person mean in an inventory."""

    def __init__(self, inventory: Inventory) -> None:
        """Index what can be named."""
        self._inventory = inventory
        self._endpoints = Endpoints(inventory)
        self._workloads = Workloads(inventory)

    def source(self, text: str) -> tuple[NamedEnd, ...]:
        """Return the ends that a source names. Raises ArgumentError."""
        service = self._service(text)
        if service is None:
            return self._named(text)
        note = f"policies see the pods behind service {service.namespace}/{service.name}, never the service"
        found = [end for end, _ in self._behind(service)]
        if not found:
            raise ArgumentError(f"nothing stands behind service {service.namespace}/{service.name}")
        return tuple(replace(each, notes=(*each.notes, note)) for each in dict.fromkeys(found))

    def target(self, asked: Asked) -> tuple[NamedTarget, ...]:
        """Return the ends and ports that a destination names. Raises ArgumentError."""
        service = self._service(asked.end)
        if service is not None:
            return tuple(self._service_targets(service, asked))
        return tuple(NamedTarget(each, asked.port) for each in self._named(asked.end))

    def _named(self, text: str) -> tuple[NamedEnd, ...]:
        if text == INTERNET:
            return (NamedEnd(INTERNET, "Public", self._endpoints.somewhere(INTERNET, PUBLIC)),)
        if is_address(text):
            return self._address(str(ip_address(text)))
        if _is_range(text):
            raise ArgumentError(f"{text} is a range: ask for one address in it")
        match text.split("/"):
            case ["node", name] if name:
                return self._node(name)
            case ["pod", namespace, name] if namespace and name:
                return (self._pod(self._pod_named(namespace, name)),)
            case [namespace, name] if namespace and name:
                return self._workload(namespace, name, None)
            case [namespace, kind, name] if namespace and kind and name:
                return self._workload(namespace, name, _SHORT_KINDS.get(kind.lower(), kind))
            case _:
                names = (f"{each.namespace}/{each.name}" for each in self._workloads.names())
                near = _near(text, (each for each in names if each.endswith(f"/{text}")))
                raise ArgumentError(f"{text!r} names no end{near or f': write {_FORMS}'}")

    def _pod_named(self, namespace: str, name: str) -> Pod:
        for pod in self._inventory.pods:
            if (pod.namespace, pod.name) == (namespace, name):
                return pod
        there = (f"{each.namespace}/{each.name}" for each in self._inventory.pods)
        raise ArgumentError(
            f"no pod {namespace}/{name}{self._absent('Pod')}{_near(f'{namespace}/{name}', there, prefix='pod/')}"
        )

    def _workload(self, namespace: str, name: str, kind: str | None) -> tuple[NamedEnd, ...]:
        found = self._workloads.named(namespace, name, kind)
        if len(found) > 1:
            kinds = " or ".join(_full_name(each.name) for each in found)
            raise ArgumentError(f"{namespace}/{name} is ambiguous: write {kinds}")
        if found:
            return tuple(self._ends_of(found[0]))
        for pod in self._inventory.pods:
            if (pod.namespace, pod.name) == (namespace, name) and kind in {None, "Pod", "pod"}:
                return (self._pod(pod),)
        wanted = f"{namespace}/{name}" if kind is None else f"{namespace}/{kind}/{name}"
        names = self._workloads.names()
        there = [f"{each.namespace}/{each.name}" if kind is None else _full_name(each) for each in names]
        raise ArgumentError(f"no workload {wanted}{self._absent('Pod', 'Deployment')}{_near(wanted, there)}")

    def _ends_of(self, workload: KnownWorkload) -> Iterator[NamedEnd]:
        if workload.pods:
            for pod in workload.pods:
                yield self._of_workload(self._pod(pod), workload.name)
        elif workload.template is not None:
            yield self._template(workload.template)
        else:
            raise ArgumentError(
                f"the pods of {_full_name(workload.name)} have finished, and its template is not in the snapshot"
            )

    def _pod(self, pod: Pod) -> NamedEnd:
        gone = replace(pod, addresses=()) if pod.finished else pod
        named = NamedEnd(
            shown=f"{pod.namespace}/{pod.name}",
            kind="Workload",
            end=self._endpoints.pod(gone),
            namespace=pod.namespace,
            address=next(iter(gone.addresses), None),
            pods=(f"{pod.namespace}/{pod.name}",),
            spec=pod.spec,
            node=pod.node,
            host=pod.spec.host_network,
            notes=tuple(_pod_notes(pod)),
        )
        workload = self._workloads.of(pod)
        return replace(named, name=workload.name, workload_kind=workload.kind)

    @staticmethod
    def _of_workload(named: NamedEnd, workload: Workload) -> NamedEnd:
        shown = f"{workload.namespace}/{workload.name}"
        return replace(named, shown=shown, name=workload.name, workload_kind=workload.kind)

    def _template(self, controller: Controller) -> NamedEnd:
        shown = f"{controller.namespace}/{controller.name}"
        return NamedEnd(
            shown=shown,
            kind="Workload",
            end=self._endpoints.controller(controller),
            name=controller.name,
            namespace=controller.namespace,
            workload_kind=controller.kind,
            spec=controller.template,
            host=controller.template.host_network,
            notes=(f"{controller.kind} {shown} has no pods here, so it is answered by its template",),
        )

    def _node(self, name: str) -> tuple[NamedEnd, ...]:
        hosts = [each for each in self._inventory.host_endpoints if each.node == name]
        if hosts:
            return tuple(self._host(each) for each in hosts)
        for node in self._inventory.nodes:
            if node.name == name:
                return (self._host_without_endpoint(node),)
        if "Node" in self._inventory.missing:
            note = f"the snapshot holds no Node, so the addresses of node {name} are not known"
            bare = self._host_without_endpoint(Node(name))
            return (replace(bare, notes=(*bare.notes, note)),)
        raise ArgumentError(
            f"no node {name}{_near(name, (each.name for each in self._inventory.nodes), prefix='node/')}"
        )

    def _host_without_endpoint(self, node: Node) -> NamedEnd:
        missing = "HostEndpoint" in self._inventory.missing
        why = "may have a host endpoint: the snapshot holds none" if missing else "has no host endpoint"
        return NamedEnd(
            shown=f"node {node.name}",
            kind="Host",
            end=self._endpoints.node(node),
            name=node.name,
            node=node.name,
            host=True,
            notes=(f"node {node.name} {why}, so no policy is asked there",),
        )

    def _host(self, host: HostEndpoint) -> NamedEnd:
        return NamedEnd(
            shown=f"node {host.node} ({host.name})",
            kind="Host",
            end=self._endpoints.host(host),
            name=host.node,
            node=host.node,
            host=True,
            notes=(f"answered at host endpoint {host.name} of node {host.node}, for traffic of the node itself",),
        )

    def _address(self, address: str) -> tuple[NamedEnd, ...]:
        pods = [each for each in self._endpoints.pods_at(address) if not each.spec.host_network]
        if pods:
            pod = self._pod(pods[0])
            note = f"{address} is pod {pods[0].namespace}/{pods[0].name}"
            return (replace(pod, shown=address, address=address, notes=(*pod.notes, note)),)
        hosts = list(self._hosts_at(address))
        if hosts:
            return tuple(replace(self._host(each), address=address) for each in hosts)
        node = next((each.name for each in self._inventory.nodes if address in _node_addresses(each)), None)
        return (
            NamedEnd(
                shown=address,
                kind="Address",
                end=self._endpoints.address(address),
                address=address,
                node=node,
                host=node is not None,
                notes=tuple(self._address_notes(address)),
            ),
        )

    def _hosts_at(self, address: str) -> Iterator[HostEndpoint]:
        """Yield the host endpoints that have an address: by their own list, else by that of their node."""
        nodes = {each.name for each in self._inventory.nodes if address in map(_canonical, each.addresses)}
        for host in self._inventory.host_endpoints:
            own = {_canonical(each) for each in host.expected_ips}
            if address in own or (not own and host.node in nodes):
                yield host

    def _address_notes(self, address: str) -> Iterator[str]:
        for service in self._inventory.services:
            if address in {_canonical(each) for each in (*service.cluster_ips, *service.load_balancer)}:
                name = f"{service.namespace}/{service.name}"
                yield f"{address} is service {name}: policies see its pods, so ask for svc/{name} instead"
        for node in self._inventory.nodes:
            if address in _node_addresses(node):
                yield f"{address} is node {node.name}, which has no host endpoint, so no policy is asked there"

    def _service(self, text: str) -> Service | None:
        parts = text.split("/")
        if parts[0] not in {"svc", "service"} or len(parts) != 3:  # noqa: PLR2004 - svc, namespace, name
            return None
        for service in self._inventory.services:
            if [service.namespace, service.name] == parts[1:]:
                return service
        there = (f"{each.namespace}/{each.name}" for each in self._inventory.services)
        name = "/".join(parts[1:])
        raise ArgumentError(f"no service {name}{self._absent('Service')}{_near(name, there, prefix='svc/')}")

    def _behind(self, service: Service) -> Iterator[tuple[NamedEnd, PodSpec | None]]:
        """Yield what stands behind a service: its pods by its selector, else templates, else addresses of slices."""
        pods = [
            each for each in self._inventory.pods if not each.finished and _selects(service, each.namespace, each.spec)
        ]
        if pods:
            yield from ((self._of_workload(self._pod(each), self._workloads.of(each)), each.spec) for each in pods)
            return
        addresses = list(self._slice_addresses(service))
        if addresses:
            yield from ((end, end.spec) for address in addresses for end in self._address(_canonical(address)))
            return
        for each in self._inventory.controllers:
            if each.owner is None and _selects(service, each.namespace, each.template):
                yield self._template(each), each.template

    def _slice_addresses(self, service: Service) -> Iterator[str]:
        for each in self._inventory.slices:
            if (each.namespace, each.service) == (service.namespace, service.name):
                yield from (address for endpoint in each.endpoints for address in endpoint.addresses)

    def _service_targets(self, service: Service, asked: Asked) -> Iterator[NamedTarget]:
        name = f"{service.namespace}/{service.name}"
        port = next(
            (each for each in service.ports if (each.protocol, each.port) == (asked.protocol, asked.port)), None
        )
        if port is None:
            ports = ", ".join(f"{each.port}/{each.protocol}" for each in service.ports) or "none"
            wanted = asked.protocol if asked.port is None else f"{asked.port}/{asked.protocol}"
            raise ArgumentError(f"service {name} has no port {wanted}; its ports are: {ports}")
        found = False
        for end, spec in self._behind(service):
            for target in self._target_ports(service, port.name, port.target, asked.protocol, spec):
                found = True
                note = (
                    f"policies see the pods behind service {name} at their port {target}, "
                    f"never the service or its port {asked.port}"
                )
                yield NamedTarget(replace(end, notes=(*end.notes, note)), target)
        if not found:
            raise ArgumentError(
                f"nothing stands behind port {asked.port} of service {name}{self._absent('Pod', 'EndpointSlice')}"
            )

    def _target_ports(
        self, service: Service, name: str, target: int | str, protocol: str, spec: PodSpec | None
    ) -> tuple[int, ...]:
        """Return the port at a pod: by number, by the name a container gave it, or as the slices say."""
        if isinstance(target, int):
            return (target,)
        if spec is not None:
            return tuple(each.port for each in spec.ports if (each.name, each.protocol) == (target, protocol))[:1]
        return tuple(
            dict.fromkeys(
                port.port
                for each in self._inventory.slices
                if (each.namespace, each.service) == (service.namespace, service.name)
                for port in each.ports
                if (port.name, port.protocol) == (name, protocol) and port.port is not None
            )
        )

    def _absent(self, *kinds: str) -> str:
        missing = [kind for kind in kinds if kind in self._inventory.missing]
        return f" (the snapshot holds no {' and no '.join(missing)})" if missing else ""


def _pod_notes(pod: Pod) -> Iterator[str]:
    if pod.spec.host_network:
        where = "its node" if pod.node is None else f"node {pod.node}"
        yield f"pod {pod.namespace}/{pod.name} uses the host's network: for policies it is {where}, not a pod"
    if pod.finished:
        yield f"pod {pod.namespace}/{pod.name} has finished and given its address back"


def _selects(service: Service, namespace: str, spec: PodSpec) -> bool:
    if service.selector is None or not service.selector or service.namespace != namespace:
        return False
    return all(spec.labels.get(key) == value for key, value in service.selector)


def _node_addresses(node: Node) -> frozenset[str]:
    return frozenset(map(_canonical, (*node.addresses, *node.tunnels)))


def _canonical(address: str) -> str:
    return str(ip_address(address.split("/", maxsplit=1)[0]))


def _is_range(text: str) -> bool:
    try:
        return "/" in text and bool(ip_network(text, strict=False))
    except ValueError:
        return False


def _full_name(workload: Workload) -> str:
    return f"{workload.namespace}/{workload.kind}/{workload.name}"


def _near(wanted: str, there: Iterable[str], *, prefix: str = "") -> str:
    every: Sequence[str] = sorted(set(there))
    close = get_close_matches(wanted, every, n=_SHOWN, cutoff=0.7)
    if not close:
        last = wanted.rpartition("/")[2]
        close = [each for each in every if each.rpartition("/")[2] == last][:_SHOWN]
    return f"; did you mean {' or '.join(prefix + each for each in close)}?" if close else ""
