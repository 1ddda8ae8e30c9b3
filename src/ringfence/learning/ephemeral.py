"""Tell listening ports from dynamic ones.

Promises: a port below EPHEMERAL_FLOOR is always a listener. A high port is one when a Service is reached through it, or
when it comes back (another client, another hour) on a server that shows few high ports; gRPC on 50051 is, the data
port of a passive FTP transfer is not. Both thresholds are ours; the floor is where Linux hands out ports by default.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from ringfence.flows.evidence import Evidence
from ringfence.model.edge import Edge
from ringfence.model.endpoint import Endpoint

EPHEMERAL_FLOOR: Final = 32768
"""Lowest port of Linux's default ``ip_local_port_range``."""
FEW_HIGH_PORTS: Final = 4
"""A server with more distinct high ports hands them out; one with fewer listens on them."""
TIMES_SEEN: Final = 2
"""Distinct clients, or distinct hours, after which a high port is no accident."""

_Listener = tuple[Endpoint, str, int]


class Listeners(Struct, frozen=True):
    """The high ports on which servers listen."""

    high: frozenset[_Listener]

    def listens(self, edge: Edge) -> bool:
        """Say whether the edge's port is one a server listens on. An edge without a port is not in question."""
        if edge.port is None or edge.port < EPHEMERAL_FLOOR:
            return True
        return (edge.server, edge.protocol, edge.port) in self.high


def listeners(rows: Iterable[Evidence]) -> Listeners:
    """Return the high listening ports that the rows prove."""
    declared: set[_Listener] = set()
    clients: defaultdict[_Listener, set[Endpoint]] = defaultdict(set)
    hours: defaultdict[_Listener, set[int]] = defaultdict(set)
    ports: defaultdict[tuple[Endpoint, str], set[int]] = defaultdict(set)
    for row in rows:
        edge = row.edge
        if edge.port is None or edge.port < EPHEMERAL_FLOOR or row.left_out is not None:
            continue
        listener = (edge.server, edge.protocol, edge.port)
        if row.service is not None:
            declared.add(listener)
        if row.outcome != "Allowed":
            continue
        clients[listener].add(edge.client)
        hours[listener].update(row.hours)
        ports[edge.server, edge.protocol].add(edge.port)
    returning = {
        listener
        for listener in clients
        if max(len(clients[listener]), len(hours[listener])) >= TIMES_SEEN
        and len(ports[listener[0], listener[1]]) <= FEW_HIGH_PORTS
    }
    return Listeners(frozenset(declared | returning))
