"""The times that ``--since`` and ``--until`` take."""

import click
import pytest

from ringfence.cli.moment import moment
from ringfence.cli.recommend import recommend_command

SINCE = next(each for each in recommend_command.params if each.name == "since")
CONTEXT = click.Context(recommend_command)


@pytest.mark.parametrize(
    ("text", "second"),
    [
        ("2026-03-02", 1_772_409_600),
        ("2026-03-02T00:00:00Z", 1_772_409_600),
        ("2026-03-02t02:00:00+02:00", 1_772_409_600),
        ("2026-03-02 00:00:00.999Z", 1_772_409_600),
        ("1772409600", 1_772_409_600),
    ],
)
def test_a_moment_is_one_unix_second(text: str, second: int) -> None:
    """RFC 3339, a date at midnight UTC, and Unix seconds."""
    assert moment(CONTEXT, SINCE, text) == second


@pytest.mark.parametrize("text", ["2h", "-30m", "1h30m", "now", "yesterday", "1.5d"])
def test_a_relative_time_is_refused_with_the_reason(text: str) -> None:
    """A reading of files has no now."""
    with pytest.raises(click.BadParameter, match="has no now"):
        moment(CONTEXT, SINCE, text)


@pytest.mark.parametrize(
    "text", ["", "20260302", "1772409600000", "2026-03-02T00:00:00", "2026-13-01", "March 2", "2026-03-02T25:00:00Z"]
)
def test_anything_else_is_no_time(text: str) -> None:
    """A time without an offset, a date without dashes and milliseconds are refused, not guessed."""
    with pytest.raises(click.BadParameter, match="no time"):
        moment(CONTEXT, SINCE, text)
