"""What is known about what was not seen yet.

Promises: unknown, never 0. Without a snapshot nothing tells the schedules that have not run and the workloads whose
older connections could not be seen, so the state is Unknown here, and each reason says what is missing.
"""

from typing import Final

from ringfence.flows.evidence import EvidenceTable
from ringfence.recommend.recommendation import Confidence

HOURS_OF_WEEK: Final = 168
HOURS_OF_DAY: Final = 24
DAYS_NEEDED: Final = 7


def confidence(table: EvidenceTable) -> Confidence:
    """Return the confidence of every scope of a reading: the input is one source for all."""
    hours = [hour for hour, records in table.hours.items() if records > 0]
    reasons: list[str] = []
    if len(hours) < DAYS_NEEDED * HOURS_OF_DAY:
        reasons.append(f"{_days(len(hours))} of flows, {DAYS_NEEDED} days needed for an estimate")
    of_week = len({hour % HOURS_OF_WEEK for hour in hours})
    if of_week < HOURS_OF_WEEK:
        reasons.append(f"{of_week} of the {HOURS_OF_WEEK} hours of the week seen")
    reasons.append("no snapshot: schedules that have not run and blind workloads are unknown")
    return Confidence("Unknown", None, tuple(reasons))


def _days(hours: int) -> str:
    if hours >= 2 * HOURS_OF_DAY:
        return f"{hours // HOURS_OF_DAY} days"
    return "1 hour" if hours == 1 else f"{hours} hours"
