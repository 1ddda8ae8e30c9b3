"""Find the cluster's DNS servers among its objects, in every layout.

Promises: a resolver is what stands behind a Service that the cluster asks for names: one of a well-known name, one with
a well-known label in a namespace of the platform, or the one at the tenth address of the Service range (where kubeadm
and its kin put it); never whoever carries a label elsewhere. Ports are target ports. NodeLocal DNSCache is its
DaemonSet; it binds the DNS Services' addresses too. A name server in ``dnsConfig`` counts for the workloads that have
it. The cloud's metadata address is never one, though clouds answer names there. What the objects do not tell stays as
the flows show it.
"""

from collections.abc import Iterable, Iterator, Mapping
from ipaddress import ip_address
from typing import Final

from ringfence.dialects.network_text import family_of
from ringfence.model.endpoint import Workload, endpoint_key
from ringfence.model.inventory import Inventory
from ringfence.model.labels import Labels
from ringfence.model.policy import ServiceRef
from ringfence.model.protocol import TCP, UDP
from ringfence.model.service import Service
from ringfence.rules.address_blocks import METADATA
from ringfence.rules.backends import Backend, Backends
from ringfence.rules.resolver import (
    DNS_LABELS,
    DNS_PORT,
    DNS_SERVICES,
    NODE_LOCAL_ADDRESS,
    Nameservers,
    Resolver,
    Resolvers,
)
from ringfence.rules.services import API_SERVER
from ringfence.rules.stable_labels import selectable

_PLATFORM: Final = frozenset({"kube-system", "openshift-dns"})
_AFTERAPI_SERVER: Final = 9
"""The API server's Service has the first address of the range, the resolver the tenth."""
_NODE_LOCAL: Final = {"node-local-dns": NODE_LOCAL_ADDRESS, "nodelocaldns": "169.254.25.10"}
"""DaemonSets of NodeLocal DNSCache and where they listen: upstream's manifest, and Kubespray's."""


def cluster_resolvers(inventory: Inventory, backends: Backends, *, seen: Resolvers) -> Resolvers:
    """Return the resolvers of the cluster; ``seen`` are those that the flows show."""
    services = sorted((each for each in inventory.services if _is_resolver(each, inventory)), key=_service_key)
    answering = [(each, _answering(each, backends)) for each in services]
    known = tuple(_distinct(_resolvers(answering)))
    on_hosts = [each for _, some in answering for each in some if each.host_network]
    local = tuple(
        sorted(_NODE_LOCAL[each.name] for each in inventory.controllers if _is_node_local(each.kind, each.name))
    )
    node_local = bool(local) or seen.node_local
    return Resolvers(
        known=known or (() if on_hosts else seen.known),
        node_local=node_local,
        addresses=_addresses([*(local or seen.local), *(ip for each in services for ip in each.cluster_ips)])
        if node_local
        else (),
        hosts=frozenset(each.name for each in inventory.nodes),
        host_ports=tuple(sorted({each.port for each in on_hosts})),
        configured=_configured(inventory, backends),
    )


def _is_resolver(service: Service, inventory: Inventory) -> bool:
    if not any(port.port == DNS_PORT and port.protocol in {TCP, UDP} for port in service.ports):
        return False
    labelled = service.namespace in _PLATFORM and any(pair in service.labels.pairs for pair in DNS_LABELS)
    return service.ref in DNS_SERVICES or labelled or any(each in service.cluster_ips for each in _tenth(inventory))


def _tenth(inventory: Inventory) -> Iterator[str]:
    """Yield the tenth address of each Service range."""
    for each in inventory.services:
        if each.ref == API_SERVER:
            for address in each.cluster_ips:
                yield str(ip_address(address) + _AFTERAPI_SERVER)


def _service_key(service: Service) -> tuple[bool, ServiceRef]:
    return service.ref not in DNS_SERVICES, service.ref


def _answering(service: Service, backends: Backends) -> tuple[Backend, ...]:
    dns = (port for port in service.ports if port.port == DNS_PORT)
    return tuple(each for port in dns for each in backends.behind(service, port))


def _resolvers(answering: Iterable[tuple[Service, tuple[Backend, ...]]]) -> Iterator[Resolver]:
    """Yield what is asked through each Service: pods that its own selector means."""
    for service, found in answering:
        pods = [each for each in found if not each.host_network]
        if pods:
            yield Resolver(
                service.namespace,
                selectable(Labels(service.selector or ())),
                tuple(sorted({each.workload for each in pods}, key=endpoint_key)),
                tuple(sorted({each.port for each in pods})),
            )


def _distinct(resolvers: Iterable[Resolver]) -> Iterator[Resolver]:
    """Yield resolvers but those whose servers and ports an earlier one has: two Services of the same pods."""
    done: list[Resolver] = []
    for each in resolvers:
        servers, ports = frozenset(each.servers), frozenset(each.ports)
        if not any(servers.issubset(known.servers) and ports.issubset(known.ports) for known in done):
            done.append(each)
    yield from sorted(done, key=lambda each: (each.namespace, each.labels, each.ports))


def _is_node_local(kind: str, name: str) -> bool:
    return kind == "DaemonSet" and name in _NODE_LOCAL


def _addresses(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({text for text in texts if family_of(text) is not None and text not in METADATA}))


def _configured(inventory: Inventory, backends: Backends) -> Mapping[Workload, Nameservers]:
    """Return where workloads ask by their own configuration. A Service's address stands for its pods, too."""
    asked: dict[Workload, set[str]] = {}
    for pod in inventory.pods:
        if pod.spec.dns.nameservers and not pod.finished:
            asked.setdefault(backends.workloads.of(pod), set()).update(pod.spec.dns.nameservers)
    for each in inventory.controllers:
        if each.template.dns.nameservers:
            name = Workload(each.namespace, each.kind, each.name)
            asked.setdefault(name, set()).update(each.template.dns.nameservers)
    at = {address: each for each in inventory.services for address in each.cluster_ips} if asked else {}
    configured: dict[Workload, Nameservers] = {}
    for workload in sorted(asked, key=endpoint_key):
        addresses = _addresses(asked[workload])
        services = sorted({at[each].ref: at[each] for each in addresses if each in at}.items())
        behind = tuple(_resolvers((each, _answering(each, backends)) for _, each in services))
        if addresses:
            configured[workload] = Nameservers(addresses, behind)
    return configured
