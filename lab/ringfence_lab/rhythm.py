"""When an edge speaks.

Promises: windows are counted from the start of the world; a schedule is exact (a CronJob fires at its minute), the
other rhythms are rates that `simulation` draws from. Knows nothing of what is said.
"""

from dataclasses import dataclass
from typing import Final, Literal

NEVER: Final = 1 << 60

_HOUR_MINUTES: Final = 60
_DAY_MINUTES: Final = 24 * _HOUR_MINUTES
_WEEK_MINUTES: Final = 7 * _DAY_MINUTES


@dataclass(frozen=True, slots=True)
class Constant:
    """Speaks all day. ``share`` is the part of the windows it is active in; ``diurnal`` follows people's day."""

    share: float
    diurnal: bool = False


@dataclass(frozen=True, slots=True)
class Sporadic:
    """Speaks now and then: ``per_day`` windows on an average day, at any hour."""

    per_day: float


@dataclass(frozen=True, slots=True)
class Scheduled:
    """Speaks at a fixed time for ``length`` windows. ``minute`` counts from the start of the hour, day or week (the
    week starts on Monday, UTC), so that it alone says the time. A monthly one speaks on the last day of the month,
    which only a calendar knows: `clock`.
    """

    period: Literal["hourly", "nightly", "weekly", "monthly"]
    minute: int
    length: int = 1

    def next_window(self, after: int, *, flush_minutes: int, first_weekday: int) -> int:
        """Return the first active window later than ``after``; ``first_weekday`` is that of window 0, Monday = 0."""
        window = after + 1
        run = self.run(window, flush_minutes=flush_minutes, first_weekday=first_weekday)
        return window if window < run + self.length else run + self._period_minutes // flush_minutes

    def run(self, window: int, *, flush_minutes: int, first_weekday: int) -> int:
        """Return the first window of the latest run that started at or before ``window``. May be negative."""
        origin = self.minute - (first_weekday * _DAY_MINUTES if self.period == "weekly" else 0)
        elapsed = window - origin // flush_minutes
        period = self._period_minutes // flush_minutes
        return window - elapsed % period

    @property
    def _period_minutes(self) -> int:
        match self.period:
            case "hourly":
                return _HOUR_MINUTES
            case "nightly":
                return _DAY_MINUTES
            case "weekly":
                return _WEEK_MINUTES
            case "monthly":
                raise ValueError("months have no fixed length; ask the clock")


@dataclass(frozen=True, slots=True)
class Burst:
    """Speaks ``times`` times and never again: first at ``minute`` of the world, then each ``every`` minutes."""

    minute: int
    every: int = 5
    times: int = 1

    def next_window(self, after: int, *, flush_minutes: int) -> int:
        """Return the first active window later than ``after``; `NEVER` when there is none left."""
        first, step = self.minute // flush_minutes, max(1, self.every // flush_minutes)
        turn = 0 if after < first else (after - first) // step + 1
        return first + turn * step if turn < self.times else NEVER


Rhythm = Constant | Sporadic | Scheduled | Burst


def rhythm_name(rhythm: Rhythm) -> str:
    """Return the word that truth uses for a rhythm."""
    match rhythm:
        case Constant():
            return "constant"
        case Sporadic():
            return "sporadic"
        case Scheduled(period):
            return period
        case Burst():
            return "burst"
