"""Let a blueprint's cluster run, window by window, and write what its nodes would log.

Promises: the same arguments give the same lines, and what is seen does not depend on the format. A line is put together
from prepared pieces; only the window, the counters and, after a rollout, the pods are new. Leaves files to its callers.
"""

from collections.abc import Sequence
from math import log
from random import Random
from typing import Final

from ringfence_lab.blueprint import Blueprint
from ringfence_lab.clock import Clock
from ringfence_lab.counters import POOL_BITS, STALE, Pair, counter_pool, denied_pool
from ringfence_lab.edge import Edge
from ringfence_lab.endpoint import Outside, Workload
from ringfence_lab.lane import Lane, Line, Seen, Step, lane_count, steps
from ringfence_lab.pace import Pace
from ringfence_lab.rhythm import NEVER, Burst, Constant, Scheduled
from ringfence_lab.roster import node_names
from ringfence_lab.rows import Policies, Row, rows
from ringfence_lab.standing import Format, Standing

PIECES_PER_LINE: Final = 5

_ACTIVITY: Final = (
    *(0.35, 0.3, 0.28, 0.28, 0.3, 0.35, 0.45, 0.6, 0.8, 0.95, 1.0, 1.0),
    *(0.95, 1.0, 1.0, 0.98, 0.95, 0.9, 0.85, 0.8, 0.75, 0.65, 0.55, 0.45),
)
_SATURDAY: Final = 5
_WEEKEND: Final = 0.45
_LOST: Final = 0.004
_LINGERING: Final = 0.3


class Simulation:
    """One cluster in time. Ask for its windows in order; each answers once."""

    def __init__(
        self,
        blueprint: Blueprint,
        *,
        seed: int,
        clock: Clock,
        log_format: Format,
        pace: Pace,
        policies: Policies | None = None,
        loses_lines: bool = True,
    ) -> None:
        """``pace`` says how often constant edges speak; ``log_format`` how much of them is shown; ``policies`` are
        those that decide, where they are more than the blueprint's own. ``loses_lines``: now and then one of two
        reporters fails to write.
        """
        self._lost_share = _LOST if loses_lines else 0.0
        self.lost = 0
        """How many lines one of two reporters failed to write."""
        self.stale = 0
        """How many denied lines were written again with zero counters."""
        self.seen = [Seen() for _ in blueprint.edges]
        """What got into the evidence so far, for the blueprint's edges in order."""
        self._clock = clock
        self._random = Random(f"traffic-{seed}")
        self.standing = Standing(blueprint, seed=seed, clock=clock, log_format=log_format)
        self._policies = blueprint.policy_of if policies is None else policies
        joining = sum(1 for growth in blueprint.growth if growth.workload is None)
        nodes = node_names(blueprint.nodes + joining)
        self._phases = [(self._random.randrange(clock.flush), f',"host":"{name}"') for name in nodes]
        self._touching: dict[Workload, list[Lane]] = {workload: [] for workload in blueprint.workloads}
        self._calendar: dict[int, list[Lane]] = {}
        self._stale: dict[int, list[Line]] = {}
        self._window = -1
        self._activity = 0.0
        self._open_lanes(blueprint, pace)

    def next_window(self) -> list[bytes]:
        """Return the next window's lines as pieces, PIECES_PER_LINE each, in the order they are to be joined."""
        self._window += 1
        window = self._window
        for workload in self.standing.roll_out(window):
            for lane in self._touching[workload]:
                lane.steps = None
        heads = self._heads(window)
        self._activity = _ACTIVITY[self._clock.hour(window)]
        if self._clock.weekday(window) >= _SATURDAY:
            self._activity *= _WEEKEND
        pieces: list[bytes] = []
        for node, source, destination, facts, side in self._stale.pop(window, ()):
            pieces += (heads[node], source, destination, facts, STALE[side])
            self.stale += 1
        for lane in self._calendar.pop(window, ()):
            self._speak(lane, window, heads, pieces)
        return pieces

    def _speak(self, lane: Lane, window: int, heads: Sequence[bytes], pieces: list[bytes]) -> None:
        draw = self._random.random
        following = self._following(lane, window)
        if following < NEVER:
            self._calendar.setdefault(following, []).append(lane)
        if lane.diurnal and draw() > self._activity:
            return
        written = lane.steps
        if written is None or lane.perishable:
            written = self._written(lane, window)
        step = written[window % len(written)]
        lines = step.lines
        denied = lane.edge.denied_by is not None
        if len(lines) > 1 and not denied and draw() < self._lost_share:
            lines = (lines[self._random.getrandbits(1)],)
            self.lost += 1
        counters = lane.pool[self._random.getrandbits(POOL_BITS)]
        for node, source, destination, facts, side in lines:
            pieces += (heads[node], source, destination, facts, counters[side])
        lane.seen.note(self._clock.day(window), step.address)
        if denied and following > window + 1 and draw() < _LINGERING:
            # The refusing side writes last, and only its row lingers.
            self._stale.setdefault(window + 1, []).append(lines[-1])

    def _following(self, lane: Lane, window: int) -> int:
        if lane.log_quiet:
            return window + 1 + int(log(1.0 - self._random.random()) / lane.log_quiet)
        match lane.edge.rhythm:
            case Scheduled() | Burst() as schedule:
                return self._clock.following(schedule, after=window)
            case _:
                return window + 1

    def _heads(self, window: int) -> list[bytes]:
        heads = []
        for phase, host in self._phases:
            first = self._clock.begin(window) + phase
            last = first + self._clock.flush
            heads.append(f'{{"@timestamp":{last}000,"start_time":{first},"end_time":{last}{host}'.encode())
        return heads

    def _written(self, lane: Lane, window: int) -> tuple[Step, ...]:
        """Return a lane's steps, written anew where they belong to a moment that is over."""
        edge = lane.edge
        day = self._clock.day(window)
        moment = day
        if isinstance(edge.client, Workload) and edge.client.kind == "CronJob" and isinstance(edge.rhythm, Scheduled):
            moment = self.standing.start_job(edge.client, schedule=edge.rhythm, window=window)
        if lane.steps is not None and lane.moment == moment and edge.passive is None:
            return lane.steps
        port = None if edge.passive is None else self._random.randint(*edge.passive)
        lane_rows = lane.rows if port is None else rows(edge, policies=self._policies, port=port)
        lane.moment = moment
        clients, servers = self.standing.shown(edge.client, day=day), self.standing.shown(edge.server, day=day)
        lane.steps = steps(lane, lane_rows, clients=clients, servers=servers)
        return lane.steps

    def _open_lanes(self, blueprint: Blueprint, pace: Pace) -> None:
        pools: dict[tuple[str, str, bool], Sequence[Pair]] = {}
        for edge, seen in zip(blueprint.edges, self.seen, strict=True):
            kind = edge.traffic, edge.protocol, edge.denied_by is not None
            if kind not in pools:
                pools[kind] = self._pool(edge)
            count = lane_count(edge, nodes=blueprint.nodes)
            chance = pace.chance(edge, lanes=count, windows_per_day=self._clock.windows_per_day)
            edge_rows = rows(edge, policies=self._policies)
            for index in range(count):
                self._open_lane(_lane(edge, edge_rows, index=index, seen=seen, pool=pools[kind], chance=chance))

    def _open_lane(self, lane: Lane) -> None:
        for workload in dict.fromkeys((lane.edge.client, lane.edge.server)):
            if isinstance(workload, Workload):
                self._touching[workload].append(lane)
        self._calendar.setdefault(self._following(lane, -1), []).append(lane)

    def _pool(self, edge: Edge) -> Sequence[Pair]:
        if edge.denied_by is not None:
            return denied_pool(self._random)
        return counter_pool(edge.traffic, datagrams=edge.protocol != "TCP", random=self._random)


def _lane(
    edge: Edge, edge_rows: tuple[Row, ...], *, index: int, seen: Seen, pool: Sequence[Pair], chance: float
) -> Lane:
    return Lane(
        edge=edge,
        rows=edge_rows,
        index=index,
        seen=seen,
        pool=pool,
        log_quiet=log(1.0 - chance) if chance < 1.0 else 0.0,
        diurnal=isinstance(edge.rhythm, Constant) and edge.rhythm.diurnal,
        perishable=_is_perishable(edge),
    )


def _is_perishable(edge: Edge) -> bool:
    """Say whether an edge's pieces do not last until the next rollout: jobs, changing addresses, passive ports."""
    if edge.passive is not None or (isinstance(edge.client, Workload) and edge.client.kind == "CronJob"):
        return True
    return any(isinstance(end, Outside) and end.daily < len(end.addresses) for end in (edge.client, edge.server))
