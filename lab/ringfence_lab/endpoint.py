"""Who speaks in a made-up cluster: workloads, network sets and what lies outside.

Promises: identity and stable facts only; pods, their hashes and addresses belong to a moment and to `roster`.
"""

from dataclasses import dataclass
from typing import Final, Literal

WorkloadKind = Literal["Deployment", "StatefulSet", "DaemonSet", "CronJob"]
LabelPairs = tuple[tuple[str, str], ...]

POD_NETWORK: Final = "10.240.0.0/13"
NODE_NETWORK: Final = "172.20.0.0/16"


@dataclass(frozen=True, slots=True)
class Workload:
    """An owner of pods. ``labels`` outlive every rollout; ``cadence`` is the mean number of days between rollouts,
    None where nobody ever deploys; ``process`` is the program in its pods, empty where none was collected.
    ``host_network`` pods share their node's address, so no line names them.
    """

    namespace: str
    kind: WorkloadKind
    name: str
    labels: LabelPairs
    replicas: int = 1
    cadence: float | None = None
    process: str = ""
    service_account: str = "default"
    host_network: bool = False


@dataclass(frozen=True, slots=True)
class NetworkSet:
    """A NetworkSet, or a GlobalNetworkSet when ``namespace`` is None, and the addresses that are really behind it."""

    namespace: str | None
    name: str
    labels: LabelPairs
    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outside:
    """Addresses that no policy object names: ``pub`` or ``pvt`` in flow logs.

    ``addresses`` are all it ever has; ``daily`` of them are in use on one day, so a smaller number than all makes an
    endpoint whose addresses change. ``domains`` is what DNS told for them; ``role`` says what else it really is, such
    as the cluster's own nodes, empty where it is nothing else.
    """

    scope: Literal["public", "private"]
    name: str
    addresses: tuple[str, ...]
    daily: int
    domains: tuple[str, ...] = ()
    role: Literal["", "Nodes", "ControlPlane", "Metadata"] = ""

    def addresses_on(self, day: int) -> tuple[str, ...]:
        """Return the addresses in use on a day, counted from the first day of the world."""
        first = day * max(1, self.daily // 2)
        return tuple(self.addresses[(first + step) % len(self.addresses)] for step in range(self.daily))


Endpoint = Workload | NetworkSet | Outside
