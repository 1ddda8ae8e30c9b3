"""Kubernetes' objects as they are decoded: the fields we read, and no others.

Promises: environment, volumes, secrets and managed fields are passed over while decoding. Null counts as absent where
Kubernetes takes it so. Source: the Kubernetes API, core/v1, apps/v1, batch/v1, discovery.k8s.io/v1,
admissionregistration.k8s.io/v1, apiregistration.k8s.io/v1, apiextensions.k8s.io/v1.
"""

from typing import Annotated, Any

from msgspec import Meta, Struct

from ringfence.model.port import HIGHEST_PORT, LOWEST_PORT

PortNumber = Annotated[int, Meta(ge=LOWEST_PORT, le=HIGHEST_PORT)]
PortOrNone = Annotated[int, Meta(ge=0, le=HIGHEST_PORT)]
"""0 is none, as in Kubernetes' own types."""


class Raw(Struct, rename="camel", omit_defaults=True):
    """The base of all: camelCase keys, unknown ones passed over."""


class RawOwner(Raw):
    """An owner reference."""

    kind: str = ""
    name: str = ""
    controller: bool | None = None


class RawMetadata(Raw):
    """An object's metadata."""

    name: str | None = None
    generate_name: str | None = None
    namespace: str | None = None
    labels: dict[str, str] | None = None
    annotations: dict[str, str] | None = None
    creation_timestamp: str | None = None
    owner_references: list[RawOwner] | None = None


class RawRequirement(Raw):
    """A requirement of a label selector."""

    key: str
    operator: str
    values: list[str] | None = None


class RawLabelSelector(Raw):
    """A label selector."""

    match_labels: dict[str, str] | None = None
    match_expressions: list[RawRequirement] | None = None


class RawContainerPort(Raw):
    """A container's port."""

    container_port: PortNumber
    name: str | None = None
    protocol: str | None = None
    host_port: PortOrNone | None = None


class RawNothing(Raw, forbid_unknown_fields=True):
    """An empty object, which some tools write where Kubernetes has an empty list."""


class RawContainer(Raw):
    """A container. One that restarts for ever among the init containers is a sidecar."""

    ports: list[RawContainerPort] | RawNothing | None = None
    restart_policy: str | None = None


class RawDnsConfig(Raw):
    """A pod's own resolver."""

    nameservers: list[str] | None = None


class RawPodSpec(Raw):
    """A pod's spec, or that of a template."""

    containers: list[RawContainer] | None = None
    init_containers: list[RawContainer] | None = None
    service_account_name: str | None = None
    service_account: str | None = None
    host_network: bool | None = None
    node_name: str | None = None
    dns_policy: str | None = None
    dns_config: RawDnsConfig | None = None


class RawPodIp(Raw):
    """An address of a pod."""

    ip: str | None = None


class RawPodStatus(Raw, rename={"pod_ip": "podIP", "pod_ips": "podIPs", "start_time": "startTime"}):
    """A pod's status, with the capitals that Kubernetes gives addresses."""

    phase: str | None = None
    pod_ip: str | None = None
    pod_ips: list[RawPodIp] | None = None
    start_time: str | None = None


class RawPod(Raw):
    """A Pod."""

    metadata: RawMetadata
    spec: RawPodSpec | None = None
    status: RawPodStatus | None = None


class RawTemplate(Raw):
    """A pod template."""

    metadata: RawMetadata | None = None
    spec: RawPodSpec | None = None


class RawJobTemplate(Raw):
    """What a CronJob makes."""

    spec: "RawControllerSpec | None" = None


class RawControllerSpec(Raw):
    """The spec of whatever makes pods."""

    replicas: int | None = None
    selector: Any = None
    template: RawTemplate | None = None
    schedule: str | None = None
    time_zone: str | None = None
    suspend: bool | None = None
    job_template: RawJobTemplate | None = None


class RawController(Raw):
    """A Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Job or CronJob."""

    metadata: RawMetadata
    spec: RawControllerSpec | None = None


class RawServicePort(Raw):
    """A Service's port."""

    port: PortNumber
    name: str | None = None
    protocol: str | None = None
    target_port: PortOrNone | str | None = None
    node_port: PortOrNone | None = None


class RawServiceSpec(
    Raw,
    rename={
        "cluster_ip": "clusterIP",
        "cluster_ips": "clusterIPs",
        "external_ips": "externalIPs",
        "external_name": "externalName",
        "load_balancer_ip": "loadBalancerIP",
        "source_ranges": "loadBalancerSourceRanges",
        "external_traffic_policy": "externalTrafficPolicy",
    },
):
    """A Service's spec."""

    type: str | None = None
    ports: list[RawServicePort] | None = None
    selector: dict[str, str] | None = None
    cluster_ip: str | None = None
    cluster_ips: list[str] | None = None
    external_ips: list[str] | None = None
    external_name: str | None = None
    source_ranges: list[str] | None = None
    external_traffic_policy: str | None = None


class RawIngressPoint(Raw):
    """An address of a load balancer."""

    ip: str | None = None


class RawLoadBalancer(Raw):
    """A load balancer's status."""

    ingress: list[RawIngressPoint] | None = None


class RawServiceStatus(Raw):
    """A Service's status."""

    load_balancer: RawLoadBalancer | None = None


class RawService(Raw):
    """A Service."""

    metadata: RawMetadata
    spec: RawServiceSpec | None = None
    status: RawServiceStatus | None = None


class RawReference(Raw):
    """A reference to an object."""

    kind: str | None = None
    name: str | None = None


class RawConditions(Raw):
    """The conditions of an endpoint. Absent means ready."""

    ready: bool | None = None


class RawEndpoint(Raw):
    """An endpoint of a slice."""

    addresses: list[str] | None = None
    target_ref: RawReference | None = None
    node_name: str | None = None
    conditions: RawConditions | None = None


class RawSlicePort(Raw):
    """A port of a slice."""

    name: str | None = None
    protocol: str | None = None
    port: PortOrNone | None = None


class RawSlice(Raw):
    """An EndpointSlice."""

    metadata: RawMetadata
    address_type: str | None = None
    endpoints: list[RawEndpoint] | None = None
    ports: list[RawSlicePort] | None = None


class RawAddress(Raw):
    """An address of a node."""

    type: str
    address: str


class RawNodeStatus(Raw):
    """A node's status."""

    addresses: list[RawAddress] | None = None


class RawNodeSpec(Raw, rename={"pod_cidr": "podCIDR", "pod_cidrs": "podCIDRs"}):
    """A node's spec."""

    pod_cidr: str | None = None
    pod_cidrs: list[str] | None = None


class RawNode(Raw):
    """A Node."""

    metadata: RawMetadata
    spec: RawNodeSpec | None = None
    status: RawNodeStatus | None = None


class RawNamed(Raw):
    """An object of which only metadata counts."""

    metadata: RawMetadata


class RawServiceReference(Raw):
    """A reference to a Service."""

    name: str
    namespace: str
    port: PortOrNone | None = None


class RawClientConfig(Raw):
    """How the API server calls a webhook."""

    service: RawServiceReference | None = None


class RawWebhook(Raw):
    """A webhook of a configuration."""

    client_config: RawClientConfig | None = None
    failure_policy: str | None = None


class RawWebhooks(Raw):
    """A webhook configuration."""

    metadata: RawMetadata
    webhooks: list[RawWebhook] | None = None


class RawApiServiceSpec(Raw):
    """An APIService's spec."""

    service: RawServiceReference | None = None


class RawApiService(Raw):
    """An APIService."""

    metadata: RawMetadata
    spec: RawApiServiceSpec | None = None


class RawConversionWebhook(Raw):
    """A conversion webhook."""

    client_config: RawClientConfig | None = None


class RawConversion(Raw):
    """How versions of a custom resource are converted."""

    webhook: RawConversionWebhook | None = None


class RawDefinitionSpec(Raw):
    """A custom resource definition's spec."""

    conversion: RawConversion | None = None


class RawDefinition(Raw):
    """A CustomResourceDefinition."""

    metadata: RawMetadata
    spec: RawDefinitionSpec | None = None
