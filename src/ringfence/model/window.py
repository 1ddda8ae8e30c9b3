"""Half-open intervals of time, in whole Unix seconds.

Promises: ``start`` belongs to the window and ``end`` does not; nothing here reads a clock.
"""

from datetime import UTC, datetime
from typing import Final

from msgspec import Struct

HOUR: Final = 3600
DAY: Final = 86400
LONGEST_WINDOW: Final = (1 << 20) - 1
"""Seconds (12 days) from the hour a record starts in, past which the end of its window is not believed."""


class Window(Struct, frozen=True, order=True):
    """The seconds from ``start`` up to, not including, ``end``."""

    start: int
    end: int

    def __contains__(self, second: int) -> bool:
        return self.start <= second < self.end


def rfc3339(second: int) -> str:
    """Write a Unix second as our documents do: RFC 3339, UTC.

    >>> rfc3339(1772409600)
    '2026-03-02T00:00:00Z'
    """
    return datetime.fromtimestamp(second, tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
