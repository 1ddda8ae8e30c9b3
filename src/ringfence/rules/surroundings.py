"""What a scope's rules need to know beyond its own edges.

Promises: the same for every scope of a reading, so it is made once. Labels are those that every sighting carried.
"""

from collections.abc import Mapping

from msgspec import Struct

from ringfence.flows.evidence import EvidenceTable
from ringfence.model.cluster import Cluster
from ringfence.model.endpoint import Endpoint, NetworkSet
from ringfence.model.labels import Labels
from ringfence.rules.outside import SetSelector, set_selectors
from ringfence.rules.resolver import Resolvers, find_resolvers
from ringfence.rules.rule_settings import DEFAULT_RULES, RuleSettings


class Surroundings(Struct, frozen=True):
    """Labels by endpoint, the labels that mean each network set (absent: none do), the cluster's resolvers, and the
    cluster itself, None without a snapshot.
    """

    labels: Mapping[Endpoint, Labels]
    sets: Mapping[NetworkSet, SetSelector]
    resolvers: Resolvers
    cluster: Cluster | None = None
    settings: RuleSettings = DEFAULT_RULES


def surroundings_of(
    table: EvidenceTable, *, cluster: Cluster | None = None, settings: RuleSettings = DEFAULT_RULES
) -> Surroundings:
    """Return what the evidence tells, and the cluster where a snapshot was given."""
    return Surroundings(table.labels, set_selectors(table.labels), find_resolvers(table), cluster, settings)
