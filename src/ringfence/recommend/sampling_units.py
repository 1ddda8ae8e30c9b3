"""What counts as one look at a scope: a healthy hour, and a healthy day.

Promises: a day is a UTC day, healthy when as large a share of its hours is as of an hour's slots must be. The week is
168 hours of UTC, seen when a healthy hour lay in each.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Final

HOURS_A_DAY: Final = 24
HOURS_A_WEEK: Final = 168
HOURS_NEEDED: Final = 20
"""Of a day: the same share as ten of twelve slots."""


def healthy_days(hours: Iterable[int]) -> frozenset[int]:
    """Return the healthy days (since the epoch) of healthy hours (since the epoch)."""
    counts = Counter(hour // HOURS_A_DAY for hour in hours)
    return frozenset(day for day, count in counts.items() if count >= HOURS_NEEDED)


def hours_of_week(hours: Iterable[int]) -> int:
    """Return how many of the 168 hours of the week hold one of these hours."""
    return len({hour % HOURS_A_WEEK for hour in hours})
