"""The times that ``--since`` and ``--until`` take.

Promises: a moment is one Unix second, the same whenever the command runs. A relative time is refused: a reading of
files has no now, so the same command would read other records tomorrow.
"""

import re
from datetime import UTC, datetime
from typing import Final

import click

_UNIX_SECONDS: Final = re.compile(r"[0-9]{9,11}")
"""From 1973 on: fewer digits are a date without dashes (20260302), more are milliseconds."""
_RFC_3339: Final = re.compile(
    r"\d{4}-\d{2}-\d{2}(?:[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2}))?", re.ASCII
)
_RELATIVE: Final = re.compile(r"-?(?:[0-9.]+(?:ns|us|ms|[smhdw]))+|now|today|yesterday", re.IGNORECASE)


def moment(ctx: click.Context, param: click.Parameter, value: str | None) -> int | None:
    """Return the Unix second of an option; a fraction of a second is dropped.

    Takes RFC 3339, ``YYYY-MM-DD`` (midnight UTC) or Unix seconds; raises BadParameter for anything else.
    """
    if value is None:
        return None
    text = value.strip()
    if _UNIX_SECONDS.fullmatch(text):
        return int(text)
    if _RELATIVE.fullmatch(text):
        raise click.BadParameter(
            f"{text!r} is relative, and a reading of files has no now: the same command would read other records "
            "tomorrow. Give a fixed time such as 2026-03-02T00:00:00Z.",
            ctx=ctx,
            param=param,
        )
    try:
        found = datetime.fromisoformat(text.upper()) if _RFC_3339.fullmatch(text) else None
    except ValueError:
        found = None
    if found is None:
        raise click.BadParameter(
            f"{text!r} is no time. Give RFC 3339 with its offset (2026-03-02T08:00:00Z), a date (2026-03-02, "
            "midnight UTC) or Unix seconds (1772438400).",
            ctx=ctx,
            param=param,
        )
    return int((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp())
