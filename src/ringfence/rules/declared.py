"""What the cluster's objects declare of traffic that nobody needs to have seen.

Promises: made once for all scopes of a run; without a snapshot nothing is declared. What it explains becomes no learnt
rule, because a declared one lets all of it through.
"""

from collections.abc import Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace

from ringfence.learning.baseline import EdgeSummary
from ringfence.model.address_set import AddressSet
from ringfence.model.cluster import Cluster
from ringfence.model.endpoint import Workload
from ringfence.model.policy import Tier
from ringfence.model.protocol import TCP, UDP
from ringfence.rules.backends import Backend, Backends
from ringfence.rules.callbacks import Called, called
from ringfence.rules.callers import Caller, control_plane, explain, nodes
from ringfence.rules.exposures import Exposure, exposures
from ringfence.rules.later_allows import BEFORE_DEFAULT, LaterAllows
from ringfence.rules.permit import NetsPeer
from ringfence.rules.resolver import Resolver, Resolvers

Place = tuple[str, str, str, int]
"""Namespace and name of a workload, a protocol and a target port; flows may not tell the workload's kind."""


class Declared(Struct, frozen=True):
    """Whom the API server calls and from where, what each namespace exposes, and nodes, as which clients may appear.

    ``callers`` are those of all backends by the place that they reach. ``resolvers`` serve every pod and every node.
    """

    called: Called = Called()
    control_plane: tuple[Caller, ...] = ()
    exposures: Mapping[str, tuple[Exposure, ...]] = {}
    nodes: tuple[Caller, ...] = ()
    callers: Mapping[Place, tuple[Caller, ...]] = {}
    resolvers: tuple[Resolver, ...] = ()
    later: LaterAllows | None = None

    def clients(self, exposure: Exposure) -> tuple[Caller, ...]:
        """Return who may use an exposure as far as that is declared."""
        families = (tuple(net for net in exposure.source_ranges if (":" in net) == six) for six in (False, True))
        ranges = (Caller(NetsPeer(nets), AddressSet.of(nets)) for nets in families if nets)
        return (*ranges, *self.nodes)

    def explains(self, summary: EdgeSummary) -> bool:
        """Say whether an edge into a scope comes, as far as it was seen, from where declared permits let it in."""
        edge = summary.edge
        if not isinstance(edge.server, Workload) or edge.port is None:
            return False
        if isinstance(edge.client, Workload):
            return any(each.answers(edge) for each in self.resolvers)
        there = edge.server.namespace, edge.server.name, edge.protocol, edge.port
        return explain(self.callers.get(there, ()), summary)


NOTHING_DECLARED = Declared()


def declared(cluster: Cluster, backends: Backends, resolvers: Resolvers, tier: Tier = BEFORE_DEFAULT) -> Declared:
    """Return what a cluster declares. ``tier`` is ours; policies of tiers after it allow what it must pass on."""
    inventory = cluster.inventory
    exposed: dict[str, list[Exposure]] = {}
    for each in exposures(inventory, backends):
        exposed.setdefault(each.backend.workload.namespace, []).append(each)
    found = Declared(
        called=called(inventory, backends),
        control_plane=control_plane(cluster),
        exposures={name: tuple(some) for name, some in exposed.items()},
        nodes=nodes(cluster),
        resolvers=resolvers.known,
        later=LaterAllows(cluster, backends.workloads, tier),
    )
    callers: dict[Place, tuple[Caller, ...]] = {}
    for place, some in _callers(found):
        callers[place] = (*callers.get(place, ()), *some)
    return replace(found, callers=callers)


def _callers(found: Declared) -> Iterator[tuple[Place, tuple[Caller, ...]]]:
    for backends in found.called.backends.values():
        for backend in backends:
            if not backend.host_network:
                yield _place(backend), found.control_plane
    for resolver in found.resolvers:
        for server in resolver.servers:
            for port in resolver.ports:
                for protocol in (UDP, TCP):
                    yield (server.namespace, server.name, protocol, port), found.nodes
    for some in found.exposures.values():
        for exposure in some:
            yield _place(exposure.backend), found.clients(exposure)


def _place(backend: Backend) -> Place:
    return backend.workload.namespace, backend.workload.name, backend.protocol, backend.port
