"""The admitted edges of one scope, with what its rules need to know beyond them.

Promises: an edge stands in a direction only where its own side there is covered by the scope, so an edge between two
scopes teaches each of them its own half.
"""

from collections.abc import Iterator

from msgspec import Struct

from ringfence.learning.baseline import AdmittedEdge
from ringfence.model.edge import Edge
from ringfence.model.endpoint import Endpoint, Host, Workload, namespace_of
from ringfence.model.policy import Direction
from ringfence.rules.surroundings import Surroundings


class ScopeBaseline(Struct, frozen=True):
    """One scope's part of the baseline. ``edges`` may hold more than its own; `towards` chooses.

    ``workloads`` are those of a workload's scope (several where no label tells them apart), None where the scope is
    the whole namespace. ``host`` is that of a host's scope, which has no namespace and no workloads.
    """

    namespace: str
    edges: tuple[AdmittedEdge, ...]
    surroundings: Surroundings
    workloads: frozenset[Workload] | None = None
    host: Host | None = None

    def covers(self, endpoint: Endpoint) -> bool:
        """Say whether the scope's policy is about this endpoint."""
        if self.host is not None:
            return endpoint == self.host
        if self.workloads is not None:
            return endpoint in self.workloads
        return namespace_of(endpoint) == self.namespace

    def towards(self, direction: Direction) -> Iterator[AdmittedEdge]:
        """Yield the edges that teach the scope this direction."""
        for each in self.edges:
            if direction in each.directions and self.covers(own_side(each.summary.edge, direction)):
                yield each


def own_side(edge: Edge, direction: Direction) -> Endpoint:
    """Return the side that a direction's rules restrict: the client for egress, the server for ingress."""
    return edge.client if direction == "Egress" else edge.server


def other_side(edge: Edge, direction: Direction) -> Endpoint:
    """Return the side that a direction's rules mean as the peer."""
    return edge.server if direction == "Egress" else edge.client
