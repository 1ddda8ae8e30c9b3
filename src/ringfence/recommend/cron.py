"""When a schedule runs: cron expressions as the CronJob controller reads them.

Promises: the meaning of Kubernetes' own parser (robfig/cron v3, `ParseStandard`). Five fields or a descriptor; where
both the day of the month and the day of the week are narrowed, either suffices. A time of day that a change of clocks
skips does not run, one that it repeats runs twice. What Kubernetes refuses is no expression here. ``@every`` counts
from a moment that no snapshot holds, and is not read. Reads no clock and no time zone file; zones are handed in.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import islice
from typing import Final

from msgspec import Struct

LONGEST_WAIT: Final = timedelta(days=5 * 366)
"""Past which the controller itself stops looking for a run, as for the 30th of February."""
_LONGEST_NUMBER: Final = 9
_ANY: Final = frozenset({"*", "?"})
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS: Final = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_DESCRIPTORS: Final[Mapping[str, str]] = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}


class CronError(ValueError):
    """A text is no cron expression that can be read; the message says why."""


class _Bounds(Struct, frozen=True):
    """The lowest and highest value of a field, and the names that stand for values from the lowest on."""

    lowest: int
    highest: int
    names: tuple[str, ...] = ()


_FIELDS: Final = (_Bounds(0, 59), _Bounds(0, 23), _Bounds(1, 31), _Bounds(1, 12, _MONTHS), _Bounds(0, 6, _DAYS))


class _Field(Struct, frozen=True):
    """The values of a field, and whether it narrows anything."""

    values: frozenset[int]
    narrows: bool


class Cron(Struct, frozen=True):
    """A cron expression. Build it with `of`; days of the week count from Sunday."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    either_day: bool

    @classmethod
    def of(cls, text: str) -> "Cron":
        """Read an expression. Raises CronError."""
        if text.startswith("@every"):
            raise CronError("counts from a moment that the snapshot does not hold")
        fields = _DESCRIPTORS.get(text, text).split()
        if len(fields) != len(_FIELDS):
            raise CronError(f"has {len(fields)} fields, not {len(_FIELDS)}")
        minutes, hours, days, months, weekdays = (_field(*each) for each in zip(fields, _FIELDS, strict=True))
        return cls(
            minutes.values,
            hours.values,
            days.values,
            months.values,
            weekdays.values,
            either_day=days.narrows and weekdays.narrows,
        )

    def after(self, second: int, *, zone: tzinfo = UTC) -> Iterator[int]:
        """Yield the runs later than a Unix second, rising, up to LONGEST_WAIT from it."""
        moment = datetime.fromtimestamp(second, zone)
        day = moment.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
        last = day + LONGEST_WAIT
        while day <= last:
            if self._holds(day):
                yield from (run for run in self._runs(day, zone) if run > second)
            day += timedelta(days=1)

    def _holds(self, day: datetime) -> bool:
        if day.month not in self.months:
            return False
        by_date, by_weekday = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        return by_date or by_weekday if self.either_day else by_date and by_weekday

    def _runs(self, day: datetime, zone: tzinfo) -> list[int]:
        """Return the seconds at which clocks of the zone show the times of a day."""
        shown = (day.replace(hour=hour, minute=minute) for hour in self.hours for minute in self.minutes)
        found: set[int] = set()
        for time in shown:
            for fold in (0, 1):
                second = int(time.replace(tzinfo=zone, fold=fold).timestamp())
                if datetime.fromtimestamp(second, zone).replace(tzinfo=None, fold=0) == time:
                    found.add(second)
        return sorted(found)


def runs_after(cron: Cron, *, second: int, zone: tzinfo = UTC, count: int = 1) -> tuple[int, ...]:
    """Return the next runs later than a Unix second, fewer than ``count`` where there are no more.

    >>> [run - 1772409600 for run in runs_after(Cron.of("30 1 * * *"), second=1772409600, count=2)]
    [5400, 91800]
    """
    return tuple(islice(cron.after(second, zone=zone), count))


def _field(text: str, bounds: _Bounds) -> _Field:
    values: set[int] = set()
    narrows = True
    for part in text.split(","):
        if not part:
            continue
        span, *steps = part.split("/")
        ends = span.split("-")
        first, last = _ends(ends, bounds)
        step = 1
        if steps:
            step = _number(steps[0])
            last = bounds.highest if len(ends) == 1 else last
        if len(steps) > 1 or step == 0 or not bounds.lowest <= first <= last <= bounds.highest:
            raise CronError(f"{part!r} is not within {bounds.lowest}-{bounds.highest}")
        values.update(range(first, last + 1, step))
        narrows = narrows and not (ends[0] in _ANY and step == 1)
    return _Field(frozenset(values), narrows)


def _ends(ends: list[str], bounds: _Bounds) -> tuple[int, int]:
    if ends[0] in _ANY:
        return bounds.lowest, bounds.highest
    match ends:
        case [one]:
            return _value(one, bounds), _value(one, bounds)
        case [first, last]:
            return _value(first, bounds), _value(last, bounds)
        case _:
            raise CronError(f"{'-'.join(ends)!r} is no range")


def _value(text: str, bounds: _Bounds) -> int:
    if text.lower() in bounds.names:
        return bounds.lowest + bounds.names.index(text.lower())
    return _number(text)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > _LONGEST_NUMBER:
        raise CronError(f"{text[:20]!r} is no number of the field")
    return int(text)
