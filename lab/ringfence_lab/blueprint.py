"""A made-up cluster before anything happens in it: who is there, who may speak, who is refused.

Promises: a value; two blueprints of the same size and seed are equal. Leaves time to `simulation`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ringfence_lab.edge import Direction, Edge, TeamPolicy
from ringfence_lab.endpoint import Workload


@dataclass(frozen=True, slots=True)
class Growth:
    """A workload has one replica more from a day on; None is a node that joins, with a pod of each DaemonSet."""

    day: int
    workload: Workload | None


@dataclass(frozen=True, slots=True)
class Blueprint:
    """A cluster. ``workloads`` lists all of them, also those that never speak; ``growth`` is in order of days."""

    nodes: int
    workloads: tuple[Workload, ...]
    edges: tuple[Edge, ...]
    policies: tuple[TeamPolicy, ...] = ()
    growth: tuple[Growth, ...] = ()

    @property
    def policy_of(self) -> Mapping[tuple[Workload, Direction], TeamPolicy]:
        """Return the policy that decides a workload's traffic in a direction, where there is one."""
        return MappingProxyType({(policy.subject, policy.direction): policy for policy in self.policies})
