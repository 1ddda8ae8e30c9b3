"""What is known about what was not seen yet."""

from collections.abc import Iterable

import msgspec

from ringfence.recommend.confidence import confidence
from ringfence.recommend.recommendation import Confidence
from tests.learning.evidence_rows import HOUR, table_of

NO_SNAPSHOT = "no snapshot: schedules that have not run and blind workloads are unknown"


def confidence_of(hours: Iterable[int]) -> Confidence:
    """Return the confidence after flows in these hours, counted from HOUR."""
    return confidence(msgspec.structs.replace(table_of([]), hours={HOUR + hour: 10 for hour in hours}))


def test_half_a_day_says_how_much_is_missing() -> None:
    """In hours, because in days it would be nothing."""
    assert confidence_of(range(12)) == Confidence(
        "Unknown",
        None,
        ("12 hours of flows, 7 days needed for an estimate", "12 of the 168 hours of the week seen", NO_SNAPSHOT),
    )


def test_some_days_are_told_as_days() -> None:
    """Of hours with flows, wherever they lie."""
    assert confidence_of(range(0, 100, 2)).reasons[0] == "2 days of flows, 7 days needed for an estimate"


def test_a_week_is_complete_and_confidence_stays_unknown() -> None:
    """Unknown is never a number, and never zero."""
    assert confidence_of(range(168)) == Confidence("Unknown", None, (NO_SNAPSHOT,))


def test_many_days_at_the_same_hours_leave_the_others_unseen() -> None:
    """Thirty mornings say nothing of the nights."""
    mornings = [day * 24 + hour for day in range(30) for hour in range(6, 12)]

    assert confidence_of(mornings).reasons == ("42 of the 168 hours of the week seen", NO_SNAPSHOT)


def test_an_hour_without_records_was_not_seen() -> None:
    """A count of zero is no sighting."""
    empty = msgspec.structs.replace(table_of([]), hours={HOUR: 0, HOUR + 1: 3})

    assert confidence(empty).reasons[1] == "1 of the 168 hours of the week seen"
