"""The admitted edges of one namespace, with what its rules need to know beyond them.

Promises: an edge stands in a direction only where its own side there is a workload of the namespace, so an edge between
two namespaces teaches each of them its own half.
"""

from collections.abc import Iterator

from msgspec import Struct

from ringfence.learning.baseline import AdmittedEdge
from ringfence.model.edge import Edge
from ringfence.model.endpoint import Endpoint, namespace_of
from ringfence.model.policy import Direction
from ringfence.rules.surroundings import Surroundings


class ScopeBaseline(Struct, frozen=True):
    """One namespace's part of the baseline. ``edges`` may hold more than its own; `towards` chooses."""

    namespace: str
    edges: tuple[AdmittedEdge, ...]
    surroundings: Surroundings

    def towards(self, direction: Direction) -> Iterator[AdmittedEdge]:
        """Yield the edges that teach the namespace this direction."""
        for each in self.edges:
            if direction in each.directions and namespace_of(own_side(each.summary.edge, direction)) == self.namespace:
                yield each


def own_side(edge: Edge, direction: Direction) -> Endpoint:
    """Return the side that a direction's rules restrict: the client for egress, the server for ingress."""
    return edge.client if direction == "Egress" else edge.server


def other_side(edge: Edge, direction: Direction) -> Endpoint:
    """Return the side that a direction's rules mean as the peer."""
    return edge.server if direction == "Egress" else edge.client
