"""The parts of an edge that are suspected apart: each address of a server outside the cluster, else the edge.

Promises: a contact says only what records say of it. Where the addresses are not told one by one, the edge as a whole
is its only contact.
"""

from collections.abc import Iterable

from msgspec import Struct

from ringfence.flows.evidence import Counters
from ringfence.learning.baseline import EdgeSummary
from ringfence.model.edge import Edge
from ringfence.model.endpoint import Network, Workload


class Contact(Struct, frozen=True):
    """An edge, or one address of its server. ``first`` and ``last`` are Unix seconds, ``hours`` rise.

    ``named`` says that every record of the edge told a domain.
    """

    edge: Edge
    address: str | None
    hours: tuple[int, ...]
    records: int
    counters: Counters
    named: bool

    @property
    def text(self) -> str:
        """Return what people call the server's side of it."""
        where = self.address or "the public network"
        return where if self.edge.port is None else f"{where} on {self.edge.protocol} {self.edge.port}"


def contacts_of(summary: EdgeSummary) -> tuple[Contact, ...]:
    """Return the contacts of an edge that leaves the cluster towards a network; none of any other edge."""
    edge = summary.edge
    if not isinstance(edge.client, Workload) or not isinstance(edge.server, Network):
        return ()
    named = bool(summary.domains.texts) and summary.domains.complete
    if summary.server_sightings:
        return tuple(
            Contact(edge, each.address, each.hours, each.records, each.counters, named)
            for each in summary.server_sightings
        )
    known = summary.server_addresses
    only = known.texts[0] if known.exhaustive and len(known.texts) == 1 else None
    return (Contact(edge, only, summary.hours, summary.records, summary.counters, named),)


def names_are_told(edges: Iterable[EdgeSummary]) -> bool:
    """Say whether the source tells domains at all, so that an edge without one is really without a name."""
    return any(each.domains.texts for each in edges)
