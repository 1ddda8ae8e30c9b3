"""What is usual in the learning period: its hours, each client's habits, and what happened in one episode only.

Promises: computed once over all admitted edges, in time that grows with edges. Hours without any record of the input
are nobody's silence. Newness is told here and never judged here.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Self

from msgspec import Struct

from ringfence.flows.evidence import Evidence, EvidenceTable
from ringfence.learning.baseline import EdgeSummary
from ringfence.learning.guard_settings import GuardSettings
from ringfence.model.edge import Edge
from ringfence.model.endpoint import Endpoint

DAY_HOURS: Final = 24
Listener = tuple[Endpoint, str, int | None]


class Habits(Struct, frozen=True):
    """``hours`` of the input, rising, and its ``days``. ``recurring`` are the edges that are habits, ``days_of`` the
    number of days on which a client's habits were seen, ``regulars`` the clients that use a listener by habit,
    ``servers_of`` on how many servers a client uses a port by habit, ``window`` the usual length of a record in
    seconds, None where no row tells it.
    """

    hours: tuple[int, ...]
    days: frozenset[int]
    recurring: frozenset[Edge]
    days_of: Mapping[Endpoint, int]
    regulars: Mapping[Listener, frozenset[Endpoint]]
    servers_of: Mapping[tuple[Endpoint, str, int | None], int]
    window: int | None
    settings: GuardSettings

    @classmethod
    def of(cls, edges: Sequence[EdgeSummary], table: EvidenceTable, settings: GuardSettings) -> Self:
        """Return what is usual among the allowed edges of an input."""
        every = tuple(sorted(table.hours))
        days = frozenset(hour // DAY_HOURS for hour in every)
        recurring: set[Edge] = set()
        days_of: defaultdict[Endpoint, set[int]] = defaultdict(set)
        regulars: defaultdict[Listener, set[Endpoint]] = defaultdict(set)
        servers: defaultdict[tuple[Endpoint, str, int | None], set[Endpoint]] = defaultdict(set)
        for each in edges:
            seen = {hour // DAY_HOURS for hour in each.hours}
            if len(seen) > 1 and len(seen) >= settings.recurring_share * len(days):
                edge = each.edge
                recurring.add(edge)
                days_of[edge.client] |= seen
                regulars[edge.server, edge.protocol, edge.port].add(edge.client)
                servers[edge.client, edge.protocol, edge.port].add(edge.server)
        return cls(
            hours=every,
            days=days,
            recurring=frozenset(recurring),
            days_of={client: len(seen) for client, seen in days_of.items()},
            regulars={listener: frozenset(clients) for listener, clients in regulars.items()},
            servers_of={use: len(found) for use, found in servers.items()},
            window=_window(table.evidence),
            settings=settings,
        )

    def established(self, client: Endpoint) -> bool:
        """Say whether a client has habits, and has them throughout the input."""
        return self.days_of.get(client, 0) >= max(2.0, self.settings.established_share * len(self.days))

    def lone_episode(self, hours: Sequence[int]) -> bool:
        """Say whether all of these hours lie close together and the input goes on long enough without them."""
        settings = self.settings
        if hours[-1] - hours[0] >= settings.episode_hours:
            return False
        silent = self.days.difference(hour // DAY_HOURS for hour in hours)
        return len(silent) >= settings.silent_days and self.hours[-1] - hours[-1] >= settings.silent_hours_after

    def hours_between(self, first: int, last: int) -> int:
        """Return how many hours of the input lie from ``first`` to ``last``, both included."""
        return sum(first <= hour <= last for hour in self.hours)


def _window(rows: Iterable[Evidence]) -> int | None:
    """Return the median length of records, from the rows that are one record."""
    known = sorted(row.last - row.first for row in rows if row.records == 1)
    return known[len(known) // 2] if known else None
