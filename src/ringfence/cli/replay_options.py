"""Options of ``replay`` whose values are our own words: which changes fail, and which part is complete."""

from collections.abc import Sequence
from typing import Final

import click

from ringfence.verify.overlay import CompletePart
from ringfence.verify.replay import ChangeKind

_KINDS: Final[dict[str, ChangeKind]] = {"cut": "Cut", "opened": "Opened", "uncertain": "Uncertain"}
_PARTS: Final = "tier=NAME, namespace=NAME or all"


def failing_changes(ctx: click.Context, param: click.Parameter, values: Sequence[str]) -> tuple[ChangeKind, ...]:
    """Return the kinds of change of all ``--fail-on`` options, each once; an empty text is none of them."""
    words = {word.strip() for value in values for word in value.split(",") if word.strip()}
    unknown = sorted(words.difference(_KINDS))
    if unknown:
        raise click.BadParameter(
            f"{unknown[0]!r} is no change. Changes are: {', '.join(_KINDS)}.", ctx=ctx, param=param
        )
    return tuple(kind for word, kind in _KINDS.items() if word in words)


def complete_parts(ctx: click.Context, param: click.Parameter, values: Sequence[str]) -> tuple[CompletePart, ...]:
    """Return the parts that ``--replace`` options name. Raises BadParameter for what names none."""
    found: list[CompletePart] = []
    for value in values:
        kind, separator, name = value.partition("=")
        match kind, bool(separator and name):
            case "all", False if not separator:
                found.append(CompletePart("all"))
            case "tier", True:
                found.append(CompletePart("tier", name))
            case "namespace", True:
                found.append(CompletePart("namespace", name))
            case _:
                raise click.BadParameter(f"{value!r} names no part: write {_PARTS}.", ctx=ctx, param=param)
    return tuple(found)
