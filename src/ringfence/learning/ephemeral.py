"""Tell listening ports from dynamic ones.

Promises: a port below EPHEMERAL_FLOOR is always a listener. A high port is one when a Service is reached through it,
when a Service or a container declares it, or when it comes back (another client, another hour) on a server that shows
few high ports; gRPC on 50051 is, the data port of a passive FTP transfer is not. Where one client meets so many ports
of a server that they fill a range, the server hands out that range (passive FTP, RPC), and it is learnt as a whole. The
thresholds are ours; the floor is where Linux hands out ports by default.
"""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import Final

from msgspec import Struct

from ringfence.flows.evidence import Evidence
from ringfence.model.edge import Edge
from ringfence.model.endpoint import Endpoint, Network
from ringfence.model.port import PortRange

EPHEMERAL_FLOOR: Final = 32768
"""Lowest port of Linux's default ``ip_local_port_range``."""
FEW_HIGH_PORTS: Final = 4
"""A server with more distinct high ports hands them out; one with fewer listens on them."""
TIMES_SEEN: Final = 2
"""Distinct clients, or distinct hours, after which a high port is no accident."""
DENSE_PORTS: Final = 24
"""Distinct ports that a client must meet before they can be a range that a server hands out."""
DENSE_SHARE: Final = 0.1
"""Share of a range's ports that must have been seen. Ports drawn from all of Linux's 28,232 stay far below it."""
DENSE_GAP: Final = 64
"""Ports further apart than this are not neighbours in a range."""

Listener = tuple[Endpoint, str, int]
"""A server, a protocol and a port."""
_Pair = tuple[Endpoint, Endpoint, str]


class Listeners(Struct, frozen=True):
    """The high ports on which servers listen, and the ranges that a server hands out to a client."""

    high: frozenset[Listener]
    ranges: Mapping[_Pair, tuple[PortRange, ...]] = {}

    def listens(self, edge: Edge) -> bool:
        """Say whether the edge's port is one a server listens on. An edge without a port is not in question."""
        if edge.port is None or edge.port < EPHEMERAL_FLOOR or (edge.server, edge.protocol, edge.port) in self.high:
            return True
        return self.handed_out(edge) is not None

    def handed_out(self, edge: Edge) -> PortRange | None:
        """Return the range from which the edge's port was handed out, None for a port that is listened on."""
        if edge.port is None or (edge.server, edge.protocol, edge.port) in self.high:
            return None
        ranges = self.ranges.get((edge.client, edge.server, edge.protocol), ())
        return next((each for each in ranges if each.first <= edge.port <= each.last), None)


def listeners(rows: Iterable[Evidence], *, declared_ports: Container[Listener] = frozenset()) -> Listeners:
    """Return the high listening ports that the rows prove, or that are declared."""
    declared: set[Listener] = set()
    clients: defaultdict[Listener, set[Endpoint]] = defaultdict(set)
    hours: defaultdict[Listener, set[int]] = defaultdict(set)
    ports: defaultdict[tuple[Endpoint, str], set[int]] = defaultdict(set)
    met: defaultdict[_Pair, dict[int, set[int]]] = defaultdict(dict)
    for row in rows:
        edge = row.edge
        if edge.port is None or edge.port < EPHEMERAL_FLOOR or row.left_out is not None:
            continue
        listener = (edge.server, edge.protocol, edge.port)
        if row.service is not None or listener in declared_ports:
            declared.add(listener)
        if row.outcome != "Allowed":
            continue
        clients[listener].add(edge.client)
        hours[listener].update(row.hours)
        ports[edge.server, edge.protocol].add(edge.port)
        met[edge.client, edge.server, edge.protocol].setdefault(edge.port, set()).update(row.hours)
    returning = {
        listener
        for listener in clients
        if max(len(clients[listener]), len(hours[listener])) >= TIMES_SEEN
        and len(ports[listener[0], listener[1]]) <= FEW_HIGH_PORTS
    }
    high = frozenset(declared | returning)
    ranges = {pair: tuple(_dense(_without(high, pair, seen))) for pair, seen in met.items()}
    return Listeners(high, {pair: found for pair, found in ranges.items() if found})


def _without(high: Container[Listener], pair: _Pair, seen: Mapping[int, set[int]]) -> Mapping[int, set[int]]:
    """Return a pair's ports that are not listened on, none for a network, which is no one server."""
    _, server, protocol = pair
    if isinstance(server, Network):
        return {}
    return {port: hours for port, hours in seen.items() if (server, protocol, port) not in high}


def _dense(seen: Mapping[int, set[int]]) -> Iterator[PortRange]:
    """Yield the ranges that ports (with the hours in which they were seen) fill; those of one hour are a burst."""
    run: list[int] = []
    for port in (*sorted(seen), None):
        if run and (port is None or port - run[-1] > DENSE_GAP):
            if _fills(run) and len({hour for each in run for hour in seen[each]}) >= TIMES_SEEN:
                yield PortRange(run[0], run[-1])
            run = []
        if port is not None:
            run.append(port)


def _fills(run: Sequence[int]) -> bool:
    return len(run) >= DENSE_PORTS and len(run) / (run[-1] - run[0] + 1) >= DENSE_SHARE
