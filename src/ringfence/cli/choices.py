"""Options whose values are our own words.

Promises: a reason may be written as people say it (``ephemeral port``) or as documents write it; a list of conditions
may be one option with commas or several options.
"""

from collections.abc import Sequence
from typing import Final, Literal, get_args

import click

from ringfence.flows.left_out import LeftOut

FailCondition = Literal["held", "corrupt", "conflict"]
_CONDITIONS: Final[tuple[FailCondition, ...]] = get_args(FailCondition)


def left_out_reason(ctx: click.Context, param: click.Parameter, value: str | None) -> LeftOut | None:
    """Return the reason of that name. Raises BadParameter, with the list of reasons, for any other word."""
    if value is None:
        return None
    wanted = "-".join(value.lower().replace("_", "-").split())
    for reason in LeftOut:
        if reason.value == wanted:
            return reason
    raise click.BadParameter(
        f"{value!r} is no reason. Reasons are: {', '.join(sorted(LeftOut))}.", ctx=ctx, param=param
    )


def fail_conditions(ctx: click.Context, param: click.Parameter, values: Sequence[str]) -> tuple[FailCondition, ...]:
    """Return the conditions of all ``--fail-on`` options, each once. Raises BadParameter for any other word."""
    words = {word.strip() for value in values for word in value.split(",") if word.strip()}
    unknown = sorted(words.difference(_CONDITIONS))
    if unknown:
        raise click.BadParameter(
            f"{unknown[0]!r} is no condition. Conditions are: {', '.join(_CONDITIONS)}.", ctx=ctx, param=param
        )
    return tuple(condition for condition in _CONDITIONS if condition in words)
