"""What a scope's rules need to know beyond its own edges.

Promises: the same for every scope of a reading, so it is made once. Labels are those that every sighting carried.
"""

from collections.abc import Mapping

from msgspec import Struct

from ringfence.flows.evidence import EvidenceTable
from ringfence.model.endpoint import Endpoint, NetworkSet
from ringfence.model.labels import Labels
from ringfence.rules.outside import SetSelector, set_selectors
from ringfence.rules.resolver import Resolvers, find_resolvers


class Surroundings(Struct, frozen=True):
    """Labels by endpoint, the labels that mean each network set (absent: none do), and the cluster's resolvers."""

    labels: Mapping[Endpoint, Labels]
    sets: Mapping[NetworkSet, SetSelector]
    resolvers: Resolvers


def surroundings_of(table: EvidenceTable) -> Surroundings:
    """Return what the evidence tells."""
    return Surroundings(table.labels, set_selectors(table.labels), find_resolvers(table))
