"""Schedules are exact."""

from hypothesis import given
from hypothesis import strategies as st

from ringfence_lab.clock import DEFAULT_START, Clock
from ringfence_lab.moment import rfc3339, unix_seconds
from ringfence_lab.rhythm import NEVER, Burst, Scheduled

MONDAY = 1_772_409_600
PERIODS = {"hourly": 12, "nightly": 288, "weekly": 2016}

schedules = st.one_of(
    st.builds(Scheduled, st.just("hourly"), st.integers(0, 11).map(lambda step: step * 5), st.integers(1, 3)),
    st.builds(Scheduled, st.just("nightly"), st.integers(0, 287).map(lambda step: step * 5), st.integers(1, 3)),
    st.builds(Scheduled, st.just("weekly"), st.integers(0, 2015).map(lambda step: step * 5), st.integers(1, 3)),
)
clocks = st.integers(0, 6).map(lambda day: Clock(MONDAY + day * 86_400))


@given(schedules, clocks, st.integers(-1, 5_000))
def test_the_following_window_is_later_and_within_one_period(schedule: Scheduled, clock: Clock, after: int) -> None:
    """A schedule neither stalls nor skips a run."""
    following = clock.following(schedule, after=after)

    assert after < following <= after + PERIODS[schedule.period]


@given(schedules, clocks, st.integers(-1, 5_000))
def test_a_window_of_a_run_is_less_than_the_length_after_its_start(
    schedule: Scheduled, clock: Clock, after: int
) -> None:
    """The run that a window belongs to started at the schedule's minute."""
    window = clock.following(schedule, after=after)

    run = clock.run(schedule, window=window)

    assert 0 <= window - run < schedule.length
    since_monday = (clock.begin(run) - MONDAY) // 60
    assert since_monday % (PERIODS[schedule.period] * 5) == schedule.minute


def test_a_weekly_schedule_keeps_its_weekday_when_the_world_starts_later() -> None:
    """Minute 0 of the week is Monday's midnight, wherever the world starts."""
    wednesday = Clock(MONDAY + 2 * 86_400)
    tuesday_at_three = Scheduled("weekly", 24 * 60 + 3 * 60)

    following = wednesday.following(tuesday_at_three, after=-1)

    assert wednesday.begin(following) == MONDAY + 8 * 86_400 + 3 * 3_600


def test_a_burst_speaks_so_often_and_never_again() -> None:
    """From its minute on, in even steps."""
    burst = Burst(62, every=15, times=3)

    windows = [burst.next_window(after, flush_minutes=5) for after in (-1, 12, 15, 17, 18)]

    assert windows == [12, 15, 18, 18, NEVER]


def test_a_monthly_schedule_runs_on_the_last_day_of_each_month() -> None:
    """Whatever the length of the month: from 2 March 2026 on, that is 31 March and 30 April."""
    clock = Clock(unix_seconds(DEFAULT_START))
    schedule = Scheduled("monthly", 22 * 60, 2)

    first = clock.following(schedule, after=-1)
    second = clock.following(schedule, after=first + 1)

    assert [rfc3339(clock.begin(window)) for window in (first, second)] == [
        "2026-03-31T22:00:00Z",
        "2026-04-30T22:00:00Z",
    ]
    assert clock.following(schedule, after=first) == first + 1
    assert clock.run(schedule, window=first + 1) == first
