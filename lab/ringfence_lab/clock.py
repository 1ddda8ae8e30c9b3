"""The windows of a world: when they start, on which day and hour they fall, when a schedule is due.

Promises: everything follows from the arguments; window 0 starts at a UTC midnight and windows fill the hour, so a day
has a whole number of them.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from ringfence_lab.rhythm import Burst, Scheduled

DEFAULT_START: Final = "2026-03-02T00:00:00Z"

_MINUTE: Final = 60
_HOUR: Final = 3600
_DAY: Final = 86_400


@dataclass(frozen=True, slots=True)
class Clock:
    """Windows from ``start``, Unix seconds of a UTC midnight, each ``flush`` seconds long, which divides the hour."""

    start: int
    flush: int = 300

    def __post_init__(self) -> None:
        """Refuse a start that is no midnight and windows that do not fill the hour."""
        if self.start % _DAY:
            raise ValueError(f"the world starts at {self.start}, which is no UTC midnight; give midnight")
        if self.flush <= 0 or self.flush % _MINUTE or _HOUR % self.flush:
            raise ValueError(f"windows of {self.flush} s do not fill the hour; give whole minutes that divide it")

    @property
    def windows_per_day(self) -> int:
        """How many windows one day has."""
        return _DAY // self.flush

    def begin(self, window: int) -> int:
        """Return a window's first second, Unix time."""
        return self.start + window * self.flush

    def day(self, window: int) -> int:
        """Return the day of a window, counted from the start."""
        return window // self.windows_per_day

    def hour(self, window: int) -> int:
        """Return the UTC hour of day of a window."""
        return window * self.flush // _HOUR % 24

    def weekday(self, window: int) -> int:
        """Return the weekday of a window, Monday = 0."""
        return (self._first_weekday + self.day(window)) % 7

    def following(self, rhythm: Scheduled | Burst, *, after: int) -> int:
        """Return the first window later than ``after`` in which the rhythm speaks."""
        if isinstance(rhythm, Burst):
            return rhythm.next_window(after, flush_minutes=self.flush // _MINUTE)
        if rhythm.period == "monthly":
            run = self._month_end(rhythm, window=after + 1)
            return after + 1 if after + 1 < run + rhythm.length else self._month_end(rhythm, window=after + 1, ahead=1)
        return rhythm.next_window(after, flush_minutes=self.flush // _MINUTE, first_weekday=self._first_weekday)

    def run(self, rhythm: Scheduled, *, window: int) -> int:
        """Return the window in which the schedule's latest run of ``window`` started. May be negative."""
        if rhythm.period == "monthly":
            return self._month_end(rhythm, window=window)
        return rhythm.run(window, flush_minutes=self.flush // _MINUTE, first_weekday=self._first_weekday)

    def _month_end(self, rhythm: Scheduled, *, window: int, ahead: int = 0) -> int:
        """Return the window of the latest month end that is not after ``window``, or of the ``ahead``-th after it."""
        day = datetime.fromtimestamp(self.begin(window), UTC)
        month = day.year * 12 + day.month - 1
        ends = []
        for index in range(month - 2, month + 3):
            year, place = divmod(index, 12)
            last = datetime(year, place + 1, monthrange(year, place + 1)[1], tzinfo=UTC)
            ends.append((int(last.timestamp()) - self.start + rhythm.minute * _MINUTE) // self.flush)
        past = sum(1 for end in ends if end <= window)
        return ends[past - 1 + ahead]

    @property
    def _first_weekday(self) -> int:
        return datetime.fromtimestamp(self.start, UTC).weekday()
