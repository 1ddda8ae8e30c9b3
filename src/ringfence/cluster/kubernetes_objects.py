"""Kubernetes' own objects as values of the inventory.

Promises: each function takes an object of its kind and returns values, or raises NotUnderstoodError with the place in
the object and what was expected there. Defaults of the API are filled in, so a manifest reads like a stored object.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Final, Literal, TypeVar

import msgspec

from ringfence.cluster import raw
from ringfence.dialects.kubernetes_parts import label_selector_of
from ringfence.model.controller import Controller, Schedule
from ringfence.model.kubernetes_object import Json, KubernetesObject
from ringfence.model.label_selector import LabelSelector
from ringfence.model.labels import Labels
from ringfence.model.namespace import Namespace
from ringfence.model.node import Node
from ringfence.model.pod import ContainerPort, Owner, Pod, PodDns, PodSpec, ServiceAccount
from ringfence.model.policy import ServiceRef
from ringfence.model.port import HIGHEST_PORT, LOWEST_PORT
from ringfence.model.protocol import protocol_named
from ringfence.model.service import Callback, EndpointSlice, Service, ServicePort, SliceEndpoint, SlicePort

Value = Namespace | ServiceAccount | Pod | Controller | Service | EndpointSlice | Callback | Node
R = TypeVar("R", bound=raw.Raw)

DEFAULT_NAMESPACE: Final = "default"
_HTTPS: Final = 443
_LONGEST_PORT: Final = 5
_POD_ADDRESSES: Final = ("cni.projectcalico.org/podIPs", "cni.projectcalico.org/podIP")
_TUNNELS: Final = tuple(
    f"projectcalico.org/{name}"
    for name in (
        "IPv4IPIPTunnelAddr",
        "IPv4VXLANTunnelAddr",
        "IPv6VXLANTunnelAddr",
        "IPv4WireguardInterfaceAddr",
        "IPv6WireguardInterfaceAddr",
    )
)
_SERVICE_TYPES: Final[Mapping[str, Literal["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"]]] = {
    "ClusterIP": "ClusterIP",
    "NodePort": "NodePort",
    "LoadBalancer": "LoadBalancer",
    "ExternalName": "ExternalName",
}
_METADATA_NAME: Final = "kubernetes.io/metadata.name"
_SERVICE_NAME: Final = "kubernetes.io/service-name"


class NotUnderstoodError(Exception):
    """An object is not of the form that its kind has."""


def namespace(obj: KubernetesObject) -> Iterator[Namespace]:
    """Yield a Namespace. The API server gives every one a label with its name."""
    metadata = _as(obj, raw.RawNamed).metadata
    labels = Labels.of((metadata.labels or {}) | {_METADATA_NAME: _name(metadata)})
    yield Namespace(_name(metadata), labels, _second(metadata.creation_timestamp))


def service_account(obj: KubernetesObject) -> Iterator[ServiceAccount]:
    """Yield a ServiceAccount."""
    metadata = _as(obj, raw.RawNamed).metadata
    yield ServiceAccount(_namespace(metadata), _name(metadata), _labels(metadata))


def pod(obj: KubernetesObject) -> Iterator[Pod]:
    """Yield a Pod."""
    read = _as(obj, raw.RawPod)
    spec, status = read.spec or raw.RawPodSpec(), read.status or raw.RawPodStatus()
    yield Pod(
        namespace=_namespace(read.metadata),
        name=_name(read.metadata),
        spec=_pod_spec(read.metadata, spec),
        addresses=_pod_addresses(read.metadata, status),
        node=spec.node_name,
        owner=_owner(read.metadata),
        finished=status.phase in {"Succeeded", "Failed"},
        created=_second(read.metadata.creation_timestamp),
        started=_second(status.start_time),
    )


def controller(obj: KubernetesObject) -> Iterator[Controller]:
    """Yield what makes pods, from a Deployment to a CronJob."""
    read = _as(obj, raw.RawController)
    kind, spec = str(obj["kind"]), read.spec or raw.RawControllerSpec()
    inner = spec
    if spec.job_template is not None:
        inner = spec.job_template.spec or raw.RawControllerSpec()
    template = inner.template or raw.RawTemplate()
    yield Controller(
        kind=kind,
        namespace=_namespace(read.metadata),
        name=_name(read.metadata),
        template=_pod_spec(template.metadata or raw.RawMetadata(), template.spec or raw.RawPodSpec()),
        labels=_labels(read.metadata),
        selector=_selector(kind, spec.selector),
        replicas=spec.replicas,
        schedule=Schedule(spec.schedule, spec.time_zone, spec.suspend or False) if spec.schedule else None,
        owner=_owner(read.metadata),
        created=_second(read.metadata.creation_timestamp),
    )


def service(obj: KubernetesObject) -> Iterator[Service]:
    """Yield a Service."""
    read = _as(obj, raw.RawService)
    spec = read.spec or raw.RawServiceSpec()
    kind = _SERVICE_TYPES.get(spec.type or "ClusterIP")
    if kind is None:
        raise NotUnderstoodError(f"spec.type: {spec.type!r} is no type of a Service")
    addresses = spec.cluster_ips or ([spec.cluster_ip] if spec.cluster_ip else [])
    balancer = None if read.status is None else read.status.load_balancer
    yield Service(
        namespace=_namespace(read.metadata),
        name=_name(read.metadata),
        type=kind,
        ports=tuple(
            ServicePort(
                each.name or "",
                _protocol(each.protocol),
                each.port,
                _target(each.target_port, each.port),
                each.node_port,
            )
            for each in spec.ports or ()
        ),
        selector=tuple(sorted(spec.selector.items())) if spec.selector else None,
        cluster_ips=tuple(address for address in addresses if address != "None"),
        external_ips=tuple(spec.external_ips or ()),
        load_balancer=tuple(each.ip for each in (balancer and balancer.ingress) or () if each.ip),
        source_ranges=tuple(spec.source_ranges or ()),
        external_traffic_policy="Local" if spec.external_traffic_policy == "Local" else "Cluster",
        external_name=spec.external_name,
        labels=_labels(read.metadata),
        headless="None" in addresses,
    )


def endpoint_slice(obj: KubernetesObject) -> Iterator[EndpointSlice]:
    """Yield an EndpointSlice. One of names (FQDN) has no addresses."""
    read = _as(obj, raw.RawSlice)
    has_names = read.address_type == "FQDN"
    yield EndpointSlice(
        namespace=_namespace(read.metadata),
        name=_name(read.metadata),
        service=(read.metadata.labels or {}).get(_SERVICE_NAME),
        ports=tuple(SlicePort(each.name or "", _protocol(each.protocol), each.port) for each in read.ports or ()),
        endpoints=tuple(
            SliceEndpoint(
                addresses=() if has_names else tuple(each.addresses or ()),
                pod=each.target_ref.name if each.target_ref is not None and each.target_ref.kind == "Pod" else None,
                node=each.node_name,
                ready=each.conditions is None or each.conditions.ready is not False,
            )
            for each in read.endpoints or ()
        ),
    )


def node(obj: KubernetesObject) -> Iterator[Node]:
    """Yield a Node."""
    read = _as(obj, raw.RawNode)
    spec, annotations = read.spec or raw.RawNodeSpec(), read.metadata.annotations or {}
    addresses = (read.status.addresses if read.status is not None else None) or ()
    yield Node(
        name=_name(read.metadata),
        labels=_labels(read.metadata),
        addresses=tuple(each.address for each in addresses if each.type in {"InternalIP", "ExternalIP"}),
        tunnels=tuple(annotations[key] for key in _TUNNELS if annotations.get(key)),
        pod_cidrs=tuple(spec.pod_cidrs or ([spec.pod_cidr] if spec.pod_cidr else ())),
    )


def webhooks(obj: KubernetesObject) -> Iterator[Callback]:
    """Yield the services that a webhook configuration calls."""
    read = _as(obj, raw.RawWebhooks)
    for each in read.webhooks or ():
        reference = None if each.client_config is None else each.client_config.service
        yield from _callback(obj, read.metadata, reference, ignored=each.failure_policy == "Ignore")


def api_service(obj: KubernetesObject) -> Iterator[Callback]:
    """Yield the service behind an APIService, if it is not the API server's own."""
    read = _as(obj, raw.RawApiService)
    yield from _callback(obj, read.metadata, None if read.spec is None else read.spec.service)


def definition(obj: KubernetesObject) -> Iterator[Callback]:
    """Yield the service that converts a custom resource, if one does."""
    read = _as(obj, raw.RawDefinition)
    conversion = None if read.spec is None else read.spec.conversion
    webhook = None if conversion is None else conversion.webhook
    client = None if webhook is None else webhook.client_config
    yield from _callback(obj, read.metadata, None if client is None else client.service)


READERS: Final[Mapping[str, Callable[[KubernetesObject], Iterator[Value]]]] = {
    "Namespace": namespace,
    "ServiceAccount": service_account,
    "Pod": pod,
    "Deployment": controller,
    "StatefulSet": controller,
    "DaemonSet": controller,
    "ReplicaSet": controller,
    "ReplicationController": controller,
    "Job": controller,
    "CronJob": controller,
    "Service": service,
    "EndpointSlice": endpoint_slice,
    "Node": node,
    "ValidatingWebhookConfiguration": webhooks,
    "MutatingWebhookConfiguration": webhooks,
    "APIService": api_service,
    "CustomResourceDefinition": definition,
}
"""Which function reads which kind."""


def _as(obj: KubernetesObject, form: type[R]) -> R:
    try:
        return msgspec.convert(obj, form, strict=True)
    except msgspec.ValidationError as error:
        raise NotUnderstoodError(str(error).replace("`$.", "`")) from error


def _name(metadata: raw.RawMetadata) -> str:
    name = metadata.name or (metadata.generate_name or "").rstrip("-")
    if not name:
        raise NotUnderstoodError("metadata.name is required")
    return name


def _namespace(metadata: raw.RawMetadata) -> str:
    return metadata.namespace or DEFAULT_NAMESPACE


def _labels(metadata: raw.RawMetadata) -> Labels:
    return Labels.of(metadata.labels or {})


def _owner(metadata: raw.RawMetadata) -> Owner | None:
    owners = [each for each in metadata.owner_references or () if each.controller]
    return Owner(owners[0].kind, owners[0].name) if owners else None


def _pod_spec(metadata: raw.RawMetadata, spec: raw.RawPodSpec) -> PodSpec:
    running = [
        *(spec.containers or ()),
        *(each for each in spec.init_containers or () if each.restart_policy == "Always"),
    ]
    return PodSpec(
        labels=_labels(metadata),
        service_account=spec.service_account_name or spec.service_account or "default",
        host_network=spec.host_network or False,
        ports=tuple(
            ContainerPort(each.name or "", _protocol(each.protocol), each.container_port, each.host_port or None)
            for container in running
            for each in (container.ports if isinstance(container.ports, list) else ())
        ),
        dns=PodDns(
            spec.dns_policy or "ClusterFirst",
            tuple((spec.dns_config.nameservers if spec.dns_config is not None else None) or ()),
        ),
    )


def _pod_addresses(metadata: raw.RawMetadata, status: raw.RawPodStatus) -> tuple[str, ...]:
    reported = [each.ip for each in status.pod_ips or () if each.ip] or ([status.pod_ip] if status.pod_ip else [])
    if reported:
        return tuple(reported)
    annotations = metadata.annotations or {}
    written = next((annotations[key] for key in _POD_ADDRESSES if annotations.get(key)), "")
    return tuple(each.strip().split("/")[0] for each in written.split(",") if each.strip())


def _selector(kind: str, value: Json) -> LabelSelector | None:
    if value is None or kind in {"Job", "CronJob"}:
        return None
    if kind == "ReplicationController":
        value = {"matchLabels": value}
    selector = label_selector_of(value)
    if selector is None:
        raise NotUnderstoodError("spec.selector is no label selector")
    return selector


def _protocol(text: str | None) -> str:
    return protocol_named(text or "TCP") or str(text)


def _target(target: int | str | None, port: int) -> int | str:
    if target is None or target == 0:
        return port
    if isinstance(target, str) and target.isascii() and target.isdigit():
        if len(target) > _LONGEST_PORT or not LOWEST_PORT <= int(target) <= HIGHEST_PORT:
            raise NotUnderstoodError(f"spec.ports: {target[:60]!r} is no target port")
        return int(target)
    return target


def _callback(
    obj: KubernetesObject,
    metadata: raw.RawMetadata,
    reference: raw.RawServiceReference | None,
    *,
    ignored: bool = False,
) -> Iterator[Callback]:
    if reference is not None:
        yield Callback(
            kind=str(obj["kind"]),
            name=_name(metadata),
            service=ServiceRef(reference.namespace, reference.name),
            port=reference.port or _HTTPS,
            ignored=ignored,
        )


def _second(text: str | None) -> int | None:
    """Return an RFC 3339 time as a Unix second."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise NotUnderstoodError(f"{json.dumps(text[:60])} is no RFC 3339 time")
    return int(moment.timestamp())
