"""Services, the addresses behind them, and who calls back into the cluster.

Promises: policies see pods and target ports, never a Service's own address (Calico evaluates after DNAT).
"""

from typing import Literal

from msgspec import Struct

from ringfence.model.labels import Labels
from ringfence.model.policy import ServiceRef


class ServicePort(Struct, frozen=True, order=True):
    """A port of a Service. ``target`` is a number or the name of a container port; ``node_port`` None without one."""

    name: str
    protocol: str
    port: int
    target: int | str
    node_port: int | None = None


class Service(Struct, frozen=True):
    """A Service. ``selector`` None: its addresses are managed by hand or by a controller (or it is an ExternalName).

    ``cluster_ips`` is empty for a ``headless`` one, and before it has any; ``load_balancer`` holds its status.
    """

    namespace: str
    name: str
    type: Literal["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"]
    ports: tuple[ServicePort, ...] = ()
    selector: tuple[tuple[str, str], ...] | None = None
    cluster_ips: tuple[str, ...] = ()
    external_ips: tuple[str, ...] = ()
    load_balancer: tuple[str, ...] = ()
    source_ranges: tuple[str, ...] = ()
    external_traffic_policy: Literal["Cluster", "Local"] = "Cluster"
    external_name: str | None = None
    labels: Labels = Labels()
    headless: bool = False

    @property
    def ref(self) -> ServiceRef:
        """Return what policies call it."""
        return ServiceRef(self.namespace, self.name)


class SlicePort(Struct, frozen=True, order=True):
    """A port of an EndpointSlice. None is every port of the protocol."""

    name: str
    protocol: str
    port: int | None


class SliceEndpoint(Struct, frozen=True):
    """An endpoint of a slice; ``pod`` is the pod's name in the slice's namespace where it is one."""

    addresses: tuple[str, ...]
    pod: str | None = None
    node: str | None = None
    ready: bool = True


class EndpointSlice(Struct, frozen=True):
    """Addresses of a Service. ``service`` is None where the slice names none."""

    namespace: str
    name: str
    service: str | None
    ports: tuple[SlicePort, ...] = ()
    endpoints: tuple[SliceEndpoint, ...] = ()


class Callback(Struct, frozen=True, order=True):
    """A service that the API server calls: a webhook, an APIService, a CRD's conversion. ``port`` is the Service's.

    ``ignored``: a webhook whose failure the API server ignores, so that nobody notices when it is cut.
    """

    kind: str
    name: str
    service: ServiceRef
    port: int
    ignored: bool = False
