"""Durations as people write them: ``2m30s``, ``24h``, ``7d``.

Promises: the units of Go's durations that are whole seconds, and days; what cannot be read is refused with an example.
"""

import re
from typing import Final

_SECONDS: Final = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
_WHOLE: Final = re.compile(r"(?:\d+[dhms])+")
_PART: Final = re.compile(r"(\d+)([dhms])")


def seconds_of(text: str) -> int:
    """Return a duration in seconds. Raises ValueError.

    >>> seconds_of("2m30s"), seconds_of("7d")
    (150, 604800)
    """
    if not _WHOLE.fullmatch(text):
        raise ValueError(f"{text!r} is no duration; write it like 2m30s, 24h or 7d")
    return sum(int(number) * _SECONDS[unit] for number, unit in _PART.findall(text))


def duration_text(seconds: int) -> str:
    """Write a duration as people do, largest unit first.

    >>> duration_text(150), duration_text(604_800)
    ('2m30s', '7d')
    """
    text = ""
    for unit, size in _SECONDS.items():
        count, seconds = divmod(seconds, size)
        text += f"{count}{unit}" if count else ""
    return text or "0s"
