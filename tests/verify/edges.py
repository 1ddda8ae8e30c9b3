"""Edges that were seen in the small world, as replay takes them."""

from ringfence.flows.evidence import Sample
from ringfence.model.cluster import Cluster
from ringfence.model.edge import Edge
from ringfence.model.endpoint import Endpoint, Workload
from ringfence.model.inventory import Inventory
from ringfence.model.policy_set import AnyPolicy
from ringfence.semantics.scopes import Scope
from ringfence.verify.observed import ObservedEdge
from ringfence.verify.overlay import CompletePart, Written, overlay
from ringfence.verify.replay import Change, Replay, replay
from tests.semantics.small_world import inventory, policies

CART = Workload("shop", "Pod", "cart")
REDIS = Workload("shop", "Pod", "redis")
LEDGER = Workload("payments", "Pod", "ledger")
UNTOLD = Sample()
MONDAY = 1_772_409_600


def seen(
    client: Endpoint, server: Endpoint, port: int | None = 6379, *, protocol: str = "TCP", addresses: Sample = UNTOLD
) -> ObservedEdge:
    """Return an edge that was seen for an hour; ``addresses`` are those of both sides."""
    edge = Edge(client, server, protocol, port)
    return ObservedEdge(edge, MONDAY, MONDAY + 3600, 1, 12, ("Source",), addresses, addresses, 3)


TO_REDIS = seen(CART, REDIS)


def cluster(*there: AnyPolicy, objects: Inventory | None = None) -> Cluster:
    """Return the small world with these policies."""
    return Cluster(objects or inventory(), policies(*there))


def replayed(
    *edges: ObservedEdge,
    there: Cluster,
    written: Written,
    mode: Scope = "what-if",
    every: bool = False,
) -> Replay:
    """Return the replay of edges with written objects laid over a cluster."""
    return replay(edges, there, overlay(there, written), mode, every=every)


def change(edge: ObservedEdge, *, there: Cluster, written: Written, mode: Scope = "what-if") -> Change:
    """Return what becomes of one edge that changes."""
    (found,) = replayed(edge, there=there, written=written, mode=mode).changes
    return found


def everything(*policies: AnyPolicy) -> Written:
    """Return all policies of a cluster, as written."""
    return Written(policies, complete=(CompletePart("all"),))
