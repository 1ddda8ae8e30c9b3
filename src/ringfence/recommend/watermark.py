"""Tell how far healthy input reaches: the *now* of an offline reading.

Promises: a few records whose clock runs ahead do not move it, a long capture does not hold it back. The watermark is
the newest end of a record in the newest busy hour; an hour is busy when it holds at least BUSY_SHARE of the records of
the hour that holds the median record. See docs/adr/0002-watermark.md.
"""

from collections.abc import Iterable
from typing import Final

from ringfence.flows.evidence import EvidenceTable

BUSY_SHARE: Final = 0.05
"""Low enough for a quiet night, high enough that one node with a wrong clock is no hour of its own."""


def watermark(table: EvidenceTable) -> int:
    """Return the watermark in Unix seconds, 0 when nothing was read."""
    counts = {hour: records for hour, records in table.hours.items() if records > 0}
    if not counts:
        return 0
    enough = BUSY_SHARE * _usual(counts.values())
    newest = max(hour for hour, records in counts.items() if records >= enough)
    return table.window_ends[newest]


def _usual(counts: Iterable[int]) -> int:
    """Return the count of the hour that holds the median record, so that hours of single records weigh nothing."""
    rising = sorted(counts)
    half, passed = sum(rising) / 2, 0
    for count in rising:
        passed += count
        if passed >= half:
            return count
    return 0
