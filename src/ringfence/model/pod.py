"""Pods, and the accounts and ports they carry.

Promises: what policies, learning and people ask of a pod; no environment, no volumes, no secrets.
"""

from msgspec import Struct

from ringfence.model.labels import Labels


class ContainerPort(Struct, frozen=True, order=True):
    """A port that a container declares. ``name`` is empty and ``host_port`` None where it has none."""

    name: str
    protocol: str
    port: int
    host_port: int | None = None


class Owner(Struct, frozen=True, order=True):
    """The controller of an object, by kind and name, in the object's own namespace."""

    kind: str
    name: str


class PodDns(Struct, frozen=True):
    """How a pod resolves names: its ``dnsPolicy`` and the nameservers of its ``dnsConfig``."""

    policy: str = "ClusterFirst"
    nameservers: tuple[str, ...] = ()


class PodSpec(Struct, frozen=True):
    """What a pod and a workload's template have in common."""

    labels: Labels = Labels()
    service_account: str = "default"
    host_network: bool = False
    ports: tuple[ContainerPort, ...] = ()
    dns: PodDns = PodDns()


class Pod(Struct, frozen=True):
    """A pod. ``addresses`` are its pod IPs; ``finished`` ones (Succeeded, Failed) have given theirs back.

    ``created`` and ``started`` are Unix seconds, None where the object does not say.
    """

    namespace: str
    name: str
    spec: PodSpec
    addresses: tuple[str, ...] = ()
    node: str | None = None
    owner: Owner | None = None
    finished: bool = False
    created: int | None = None
    started: int | None = None


class ServiceAccount(Struct, frozen=True):
    """A service account."""

    namespace: str
    name: str
    labels: Labels = Labels()
