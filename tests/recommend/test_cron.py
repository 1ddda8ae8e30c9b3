"""When a schedule runs, as the CronJob controller reads it."""

from datetime import UTC, datetime
from itertools import takewhile
from typing import Final
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.model.window import DAY
from ringfence.recommend.cron import Cron, CronError, runs_after

BERLIN: Final = ZoneInfo("Europe/Berlin")
MONDAY: Final = "2026-03-02T00:00:00+00:00"


def second(text: str) -> int:
    """Return an ISO time as a Unix second."""
    return int(datetime.fromisoformat(text).timestamp())


def runs(text: str, *, after: str = MONDAY, count: int = 2, zone: ZoneInfo | None = None) -> list[str]:
    """Return the next runs of an expression, as UTC without seconds."""
    found = runs_after(Cron.of(text), second=second(after), zone=zone or UTC, count=count)
    return [datetime.fromtimestamp(each, UTC).strftime("%Y-%m-%d %H:%M") for each in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0 0 * * *", ["2026-03-03 00:00", "2026-03-04 00:00"]),
        ("30 3 * * 0", ["2026-03-08 03:30", "2026-03-15 03:30"]),
        ("30 3 * * sun", ["2026-03-08 03:30", "2026-03-15 03:30"]),
        ("0 9 * * Mon-Fri", ["2026-03-02 09:00", "2026-03-03 09:00"]),
        ("15,45 12 * * *", ["2026-03-02 12:15", "2026-03-02 12:45"]),
        ("*/20 * * * *", ["2026-03-02 00:20", "2026-03-02 00:40"]),
        ("50/5 * * * *", ["2026-03-02 00:50", "2026-03-02 00:55"]),
        ("0 1-5/2 * * *", ["2026-03-02 01:00", "2026-03-02 03:00"]),
        ("0 0 31 * ?", ["2026-03-31 00:00", "2026-05-31 00:00"]),
        ("0 6 1 JAN,jul *", ["2026-07-01 06:00", "2027-01-01 06:00"]),
        ("0 0 29 2 *", ["2028-02-29 00:00"]),
        ("@monthly", ["2026-04-01 00:00", "2026-05-01 00:00"]),
        ("@yearly", ["2027-01-01 00:00", "2028-01-01 00:00"]),
        ("@weekly", ["2026-03-08 00:00", "2026-03-15 00:00"]),
        ("@hourly", ["2026-03-02 01:00", "2026-03-02 02:00"]),
    ],
)
def test_expressions_are_read_as_kubernetes_does(text: str, expected: list[str]) -> None:
    """From a Monday at midnight, which is not later than itself."""
    assert runs(text, count=len(expected)) == expected


def test_where_both_days_are_narrowed_either_suffices() -> None:
    """The 10th, and every Friday."""
    assert runs("0 0 10 * 5", count=3) == ["2026-03-06 00:00", "2026-03-10 00:00", "2026-03-13 00:00"]


def test_a_stepped_star_narrows_the_days() -> None:
    """So an odd day or a Monday, unlike in Debian's cron, where it must be both."""
    assert runs("0 0 */2 * 1", count=4) == [
        "2026-03-03 00:00",
        "2026-03-05 00:00",
        "2026-03-07 00:00",
        "2026-03-09 00:00",
    ]


def test_a_day_that_no_month_has_never_comes() -> None:
    """The controller gives up after five years, too."""
    assert runs("0 0 30 2 *") == []


def test_a_zone_moves_the_runs() -> None:
    """Nine in Berlin is eight in UTC, until the clocks change."""
    assert runs("0 9 * * *", after="2026-03-28T00:00:00+00:00", zone=BERLIN) == ["2026-03-28 08:00", "2026-03-29 07:00"]


def test_a_time_that_the_clocks_skip_does_not_run() -> None:
    """Half past two does not exist on the 29th of March 2026 in Berlin."""
    after = "2026-03-28T12:00:00+00:00"

    assert runs("30 2 * * *", after=after, zone=BERLIN, count=1) == ["2026-03-30 00:30"]


def test_a_time_that_the_clocks_repeat_runs_twice() -> None:
    """Half past two comes twice on the 25th of October 2026 in Berlin; asked between both, once more."""
    assert runs("30 2 25 10 *", zone=BERLIN) == ["2026-10-25 00:30", "2026-10-25 01:30"]
    assert runs("30 2 25 10 *", after="2026-10-25T01:00:00+00:00", zone=BERLIN, count=1) == ["2026-10-25 01:30"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "* * * *",
        "* * * * * *",
        "60 * * * *",
        "* 24 * * *",
        "* * 0 * *",
        "* * * 13 *",
        "* * * * 7",
        "5-1 * * * *",
        "*/0 * * * *",
        "1/2/3 * * * *",
        "1-2-3 * * * *",
        "x * * * *",
        "-1 * * * *",
        "٣ * * * *",
        "1234567890 * * * *",
        "@often",
        "@every 1h",
        "CRON_TZ=UTC 0 0 * * *",
    ],
)
def test_what_kubernetes_refuses_or_nobody_can_tell_is_no_expression(text: str) -> None:
    """With a reason."""
    with pytest.raises(CronError, match=r".+"):
        Cron.of(text)


def field(lowest: int, highest: int) -> st.SearchStrategy[frozenset[int] | None]:
    """Draw the values of a field, None for a star."""
    return st.none() | st.frozensets(st.integers(lowest, highest), min_size=1, max_size=3)


@given(
    fields=st.tuples(field(0, 59), field(0, 23), field(1, 31), st.none() | st.just(frozenset({3, 10})), field(0, 6)),
    day=st.sampled_from(["2026-03-28", "2026-04-04", "2026-07-01", "2026-10-03", "2026-10-24"]),
    name=st.sampled_from(["UTC", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu"]),
)
def test_a_run_is_every_minute_whose_clock_matches(
    fields: tuple[frozenset[int] | None, ...], day: str, name: str
) -> None:
    """A law, against a walk over the minutes of two days, most of them days on which some clocks change."""
    zone = ZoneInfo(name)
    text = " ".join("*" if values is None else ",".join(str(value) for value in sorted(values)) for values in fields)
    begun = second(f"{day}T00:00:00+00:00")
    end = begun + 2 * DAY

    walked = [each for each in range(begun + 60, end + 1, 60) if shows(datetime.fromtimestamp(each, zone), fields)]

    assert list(takewhile(lambda run: run <= end, Cron.of(text).after(begun, zone=zone))) == walked


def shows(clock: datetime, fields: tuple[frozenset[int] | None, ...]) -> bool:
    """Say whether a clock shows a time of these fields."""
    minutes, hours, days, months, weekdays = fields
    times = all(
        values is None or value in values
        for values, value in ((minutes, clock.minute), (hours, clock.hour), (months, clock.month))
    )
    by_date = days is None or clock.day in days
    by_weekday = weekdays is None or (clock.weekday() + 1) % 7 in weekdays
    either = days is not None and weekdays is not None
    return times and (by_date or by_weekday if either else by_date and by_weekday)
