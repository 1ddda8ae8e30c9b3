"""Moments as people write them.

Promises: RFC 3339 in, Unix seconds out; never the clock's own time.
"""

from datetime import UTC, datetime


def unix_seconds(text: str) -> int:
    """Return a moment in Unix seconds. Raises ValueError for text that is no RFC 3339 time; without zone it is UTC."""
    moment = datetime.fromisoformat(text)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def rfc3339(seconds: int) -> str:
    """Return Unix seconds as RFC 3339 UTC text."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
