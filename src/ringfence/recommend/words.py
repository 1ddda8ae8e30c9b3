"""Counts and durations for people.

Promises: a duration is told in the largest unit of which it holds two.
"""

from typing import Final

from ringfence.model.window import DAY, HOUR

_MINUTE: Final = 60


def duration_words(seconds: int) -> str:
    """Write a duration.

    >>> duration_words(47 * 3600), duration_words(48 * 3600), duration_words(300)
    ('47 hours', '2 days', '5 minutes')
    """
    for size, noun in ((DAY, "day"), (HOUR, "hour"), (_MINUTE, "minute")):
        if seconds >= 2 * size:
            return counted(seconds // size, noun)
    return counted(seconds, "second")


def counted(count: int, noun: str) -> str:
    """Write a count with its noun.

    >>> counted(1, "healthy day"), counted(0, "healthy day")
    ('1 healthy day', '0 healthy days')
    """
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
