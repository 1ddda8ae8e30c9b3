"""How densely a world is logged.

Promises: the full pace is a cluster's own (a busy edge speaks in every window); a thinner one keeps schedules and
sporadic edges as they are and makes only constant edges speak less often, each still some times a day. So the number of
lines can be chosen without changing what there is to learn.
"""

from dataclasses import dataclass
from typing import Final

from ringfence_lab.blueprint import Blueprint
from ringfence_lab.edge import Edge
from ringfence_lab.endpoint import Workload
from ringfence_lab.lane import lane_count
from ringfence_lab.rhythm import Burst, Constant, Scheduled, Sporadic

_LEAST_PER_DAY: Final = 6.0
_DIURNAL_MEAN: Final = 0.68
_PERIOD_DAYS: Final = {"hourly": 1 / 24, "nightly": 1.0, "weekly": 7.0, "monthly": 30.0}
_BURST_DAYS: Final = 7
_STEPS: Final = 16


@dataclass(frozen=True, slots=True)
class Pace:
    """The share of its windows in which a constant edge really speaks, above 0 and at most 1."""

    density: float = 1.0

    def chance(self, edge: Edge, *, lanes: int, windows_per_day: int) -> float:
        """Return the chance that one of ``lanes`` lanes speaks in a window that is its turn."""
        match edge.rhythm:
            case Constant(share):
                least = _LEAST_PER_DAY / windows_per_day / lanes
                return min(1.0, max(share * self.density, min(share, least)))
            case Sporadic(per_day):
                return min(1.0, per_day / windows_per_day / lanes)
            case Scheduled() | Burst():
                return 1.0


FULL_PACE: Final = Pace()


def pace_for(blueprint: Blueprint, *, lines_per_day: int, windows_per_day: int) -> Pace:
    """Return the pace at which a cluster logs about so many lines a day.

    The number is a wish: schedules, sporadic edges and the least that a constant edge says are never thinned, and a
    cluster cannot say more than it has to say.
    """
    low, high = 0.0, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if _expected_lines(blueprint, Pace(middle), windows_per_day) > lines_per_day:
            high = middle
        else:
            low = middle
    return Pace(high)


def _expected_lines(blueprint: Blueprint, pace: Pace, windows_per_day: int) -> float:
    total = 0.0
    for edge in blueprint.edges:
        lanes = lane_count(edge, nodes=blueprint.nodes)
        rows = isinstance(edge.client, Workload) + isinstance(edge.server, Workload)
        chance = pace.chance(edge, lanes=lanes, windows_per_day=windows_per_day)
        match edge.rhythm:
            case Scheduled(period, length=length):
                total += rows * length / _PERIOD_DAYS[period]
            case Constant(diurnal=diurnal):
                total += rows * lanes * windows_per_day * chance * (_DIURNAL_MEAN if diurnal else 1.0)
            case Sporadic():
                total += rows * lanes * windows_per_day * chance
            case Burst(times=times):
                total += rows * times / _BURST_DAYS
    return total
