"""A piece of a blueprint: some workloads with their edges, and the small vocabulary that pieces are written in.

Promises: parts add up; how a workload is labelled and how busy an edge is come from the given randomness alone.
"""

from dataclasses import dataclass
from random import Random
from typing import Final

from ringfence_lab.edge import Edge, Protocol, Service, Traffic
from ringfence_lab.endpoint import Endpoint, LabelPairs, Workload, WorkloadKind
from ringfence_lab.rhythm import Constant, Rhythm

_PROGRAMS: Final = ("/usr/bin/java", "/usr/local/bin/node", "/app/server", "/usr/local/bin/python3.11", "", "")
_PORT_NAMES: Final = {
    21: "ftp",
    53: "dns",
    80: "http",
    443: "https",
    2181: "client",
    3100: "http-metrics",
    5432: "postgres",
    6379: "redis",
    8080: "http",
    8081: "http",
    8443: "https",
    9092: "kafka",
    9093: "controller",
    9102: "metrics",
    50051: "grpc",
}
_CADENCES: Final = (None, 0.8, 3.0, 7.0, 14.0)
_SHARES: Final = (1.0, 1.0, 0.7, 0.3)


@dataclass(frozen=True, slots=True)
class Part:
    """Workloads and the edges between them or from them."""

    workloads: tuple[Workload, ...] = ()
    edges: tuple[Edge, ...] = ()

    def __add__(self, other: "Part") -> "Part":
        """Return both parts as one."""
        return Part(self.workloads + other.workloads, self.edges + other.edges)

    def named(self, name: str) -> Workload:
        """Return the part's workload of that name. Raises KeyError if there is none."""
        for workload in self.workloads:
            if workload.name == name:
                return workload
        raise KeyError(name)


def workload(
    namespace: str,
    name: str,
    *,
    random: Random,
    kind: WorkloadKind = "Deployment",
    replicas: int = 2,
    role: str = "backend",
) -> Workload:
    """Return a workload labelled in its namespace's style: plain ``app``, or Kubernetes' recommended labels."""
    labels: LabelPairs = (("app", name),) if role == "backend" else (("app", name), ("tier", role))
    if len(namespace) % 2:
        labels = (("app.kubernetes.io/instance", namespace), ("app.kubernetes.io/name", name))
    cadence = random.choice(_CADENCES) if kind == "Deployment" else 21.0 if kind == "StatefulSet" else None
    return Workload(namespace, kind, name, labels, replicas, cadence, random.choice(_PROGRAMS))


def busy(random: Random) -> Constant:
    """Return the rhythm of ordinary traffic: most of the windows, more often than not by day."""
    return Constant(random.choice(_SHARES), diurnal=random.random() < 0.6)  # noqa: PLR2004 - a coin


def call(
    client: Endpoint,
    server: Endpoint,
    port: int | None,
    *,
    rhythm: Rhythm,
    protocol: Protocol = "TCP",
    traffic: Traffic = "request",
    direct: bool = False,
) -> Edge:
    """Return a legitimate edge. A workload is called through the Service of its name unless ``direct``."""
    through = None
    if isinstance(server, Workload) and port is not None and not direct:
        through = Service(server.namespace, server.name, _PORT_NAMES.get(port, f"port-{port}"))
    return Edge("legitimate", client, server, protocol, port, rhythm, traffic, through)
