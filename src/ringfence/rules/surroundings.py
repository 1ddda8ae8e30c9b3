"""What a scope's rules need to know beyond its own edges.

Promises: the same for every scope of a reading, so it is made once. Labels are those that every sighting carried.
"""

from collections.abc import Mapping

from msgspec import Struct

from ringfence.flows.evidence import EvidenceTable
from ringfence.learning.declared_ports import declared_ports
from ringfence.learning.ephemeral import Listener, Listeners, listeners
from ringfence.model.cluster import Cluster
from ringfence.model.endpoint import Endpoint, NetworkSet
from ringfence.model.labels import Labels
from ringfence.model.policy import Tier
from ringfence.rules.backends import Backends
from ringfence.rules.cluster_resolvers import cluster_resolvers
from ringfence.rules.declared import NOTHING_DECLARED, Declared, declared
from ringfence.rules.known_cluster import KnownCluster, known_cluster
from ringfence.rules.later_allows import BEFORE_DEFAULT
from ringfence.rules.outside import SetSelector, set_selectors
from ringfence.rules.resolver import Resolvers, find_resolvers
from ringfence.rules.rule_settings import DEFAULT_RULES, RuleSettings
from ringfence.rules.workload_selector import WorkloadSelectors


class Surroundings(Struct, frozen=True):
    """Labels by endpoint, the labels that mean each network set (absent: none do), the cluster's resolvers, and the
    cluster itself with what rules need to know of it, None without a snapshot. ``listening`` are the ports on which
    servers listen, and the ranges that they hand out.
    """

    labels: Mapping[Endpoint, Labels]
    sets: Mapping[NetworkSet, SetSelector]
    resolvers: Resolvers
    selectors: WorkloadSelectors
    cluster: Cluster | None = None
    settings: RuleSettings = DEFAULT_RULES
    known: KnownCluster | None = None
    listening: Listeners = Listeners(frozenset())
    declared: Declared = NOTHING_DECLARED


def surroundings_of(
    table: EvidenceTable,
    *,
    cluster: Cluster | None = None,
    settings: RuleSettings = DEFAULT_RULES,
    tier: Tier = BEFORE_DEFAULT,
) -> Surroundings:
    """Return what the evidence tells, and the cluster where a snapshot was given. ``tier`` is ours."""
    resolvers, stated = _declared(table, cluster, tier)
    return Surroundings(
        table.labels,
        set_selectors(table.labels),
        resolvers,
        WorkloadSelectors(table.labels, cluster),
        cluster,
        settings,
        known=None if cluster is None else _known(table, cluster, settings),
        listening=listeners(table.evidence, declared_ports=_ports(cluster)),
        declared=stated,
    )


def _declared(table: EvidenceTable, cluster: Cluster | None, tier: Tier) -> tuple[Resolvers, Declared]:
    seen = find_resolvers(table)
    if cluster is None:
        return seen, NOTHING_DECLARED
    backends = Backends(cluster.inventory)
    resolvers = cluster_resolvers(cluster.inventory, backends, seen=seen)
    return resolvers, declared(cluster, backends, resolvers, tier)


def _ports(cluster: Cluster | None) -> frozenset[Listener]:
    return frozenset() if cluster is None else declared_ports(cluster.inventory)


def _known(table: EvidenceTable, cluster: Cluster, settings: RuleSettings) -> KnownCluster:
    sides = (side for row in table.evidence for side in (row.edge.client, row.edge.server))
    return known_cluster(
        cluster,
        sets_reported=any(isinstance(side, NetworkSet) for side in sides),
        reserve_pods=settings.false_allow_budget > 0,
    )
