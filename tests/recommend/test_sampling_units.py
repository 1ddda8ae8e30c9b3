"""What counts as one look at a scope."""

import pytest

from ringfence.recommend.sampling_units import healthy_days, hours_of_week


@pytest.mark.parametrize(("hours", "days"), [(24, {0}), (20, {0}), (19, set()), (43, {0}), (44, {0, 1})])
def test_twenty_hours_make_a_day(hours: int, days: set[int]) -> None:
    """Of one UTC day; hours of two do not add up."""
    assert healthy_days(range(hours)) == days


def test_the_week_is_seen_hour_by_hour() -> None:
    """The same hour of another week is no other hour."""
    assert hours_of_week(range(168)) == 168
    assert hours_of_week([5, 5 + 168, 6]) == 2
    assert hours_of_week([]) == 0
