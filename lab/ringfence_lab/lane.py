"""A part of an edge that writes at most one line per reporter and window.

Promises: lanes of one edge never meet on a node in the same window, because Calico writes one line per node, window and
key. Each step of a lane pairs other pods, so that in time every pod of the edge speaks.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from ringfence_lab.counters import Pair
from ringfence_lab.edge import Edge
from ringfence_lab.endpoint import Workload
from ringfence_lab.rhythm import Constant
from ringfence_lab.rows import Row
from ringfence_lab.standing import Shown

Line = tuple[int, bytes, bytes, bytes, int]
"""Reporting node, source columns, destination columns, the edge's columns, and which half of a counter pair."""


@dataclass(slots=True)
class Seen:
    """What of an edge got into the evidence: its days in order, and the first day of each outside address."""

    days: list[int] = field(default_factory=list)
    addresses: dict[str, int] = field(default_factory=dict)

    def note(self, day: int, address: str | None) -> None:
        """Add a day that is not earlier than those before, and the outside address that was spoken of."""
        if not self.days or self.days[-1] != day:
            self.days.append(day)
        if address is not None:
            self.addresses.setdefault(address, day)


@dataclass(frozen=True, slots=True)
class Step:
    """The lines of one pairing of pods, and the outside address that they speak of."""

    lines: tuple[Line, ...]
    address: str | None


@dataclass(slots=True)
class Lane:
    """One lane of an edge.

    ``log_quiet`` is ln(1 - chance of a window), 0 for a lane that speaks in every window or on a schedule. ``steps`` is
    None until written for the pods that stand at ``moment``; ``perishable`` ones are written again for each moment.
    """

    edge: Edge
    rows: tuple[Row, ...]
    index: int
    seen: Seen
    pool: Sequence[Pair]
    log_quiet: float
    diurnal: bool
    perishable: bool
    moment: int = -1
    steps: tuple[Step, ...] | None = None


def lane_count(edge: Edge, *, nodes: int) -> int:
    """Return how many lanes an edge has in a cluster of ``nodes``: as many as pods on its smaller inside end.

    An edge that speaks seldom has one, so that its rate is its own; so has a denied one, whose stale row may stay on
    its node for another window.
    """
    if not isinstance(edge.rhythm, Constant) or edge.denied_by is not None or edge.passive is not None:
        return 1
    inside = [end for end in (edge.client, edge.server) if isinstance(end, Workload)]
    return min(nodes if end.kind == "DaemonSet" else min(end.replicas, nodes) for end in inside)


def steps(lane: Lane, rows: Sequence[Row], *, clients: Shown, servers: Shown) -> tuple[Step, ...]:
    """Return the pairings of a lane in turn; a workload that calls itself calls another pod."""
    shift = 1 if lane.edge.client == lane.edge.server else 0
    written = []
    for turn in range(max(len(clients[0]), len(servers[0]))):
        client = (lane.index + turn) % len(clients[0])
        server = (lane.index + turn + shift) % len(servers[0])
        lines: list[Line] = []
        for row in rows:
            source, destination = clients[row.denied][client], servers[row.denied][server]
            reporter, side = (source.node, 0) if row.reporter == "src" else (destination.node, 1)
            if reporter is not None:
                lines.append((reporter, source.source, destination.destination, row.facts, side))
        written.append(Step(tuple(lines), clients[0][client].address or servers[0][server].address))
    return tuple(written)
