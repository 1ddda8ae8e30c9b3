"""The arguments that name flow logs, and what they are read beside: a snapshot, settings, decisions.

Promises: every verb that reads flow logs takes the same arguments with the same meaning, and can suggest a command that
reads the same again. The reading itself is `read_inputs`'.
"""

import shlex
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Final, get_args

import click
from msgspec import Struct
from msgspec.structs import replace

from ringfence.cli.moment import moment
from ringfence.engine.reading import FlowFormat
from ringfence.model.window import rfc3339

_SET_ASIDE: Final = Path("ringfence-set-aside")
_LONGEST_COMMAND: Final = 200
"""Past this many characters a suggested command says FLOWS instead of repeating every path of a shell's glob."""


class FlowInputs(Struct, frozen=True):
    """What a person asked to read. ``since`` and ``until`` are Unix seconds, half-open."""

    flows: tuple[str, ...]
    format: FlowFormat | None
    since: int | None
    until: int | None
    set_aside: Path
    snapshot: Path | None = None
    settings: Path | None = None
    decisions: Path | None = None

    def command(self, verb: str, *arguments: str) -> str:
        """Return a command to paste that reads the same records with another verb."""
        named = shlex.join(self.flows)
        words = ["ringfence", verb, named if len(named) <= _LONGEST_COMMAND else "FLOWS"]
        if self.format is not None:
            words.append(f"--format {self.format}")
        if self.since is not None:
            words.append(f"--since {rfc3339(self.since)}")
        if self.until is not None:
            words.append(f"--until {rfc3339(self.until)}")
        for option, path in (("snapshot", self.snapshot), ("settings", self.settings), ("decisions", self.decisions)):
            if path is not None:
                words.append(f"--{option} {shlex.quote(str(path))}")
        return " ".join([*words, *(shlex.quote(each) for each in arguments)])


def takes_flow_inputs(command: Callable[..., int]) -> Callable[..., int]:
    """Give a verb that learns the arguments that name flow logs and what is read beside them; it receives them as one
    value. Without any flow logs it is a usage error.
    """

    @click.option(
        "--settings", type=click.Path(path_type=Path), metavar="FILE", help="A PolicyRecommendationScope object."
    )
    @click.option(
        "--decisions", type=click.Path(path_type=Path), metavar="FILE", help="What people said of held edges."
    )
    @wraps(command)
    def with_settings(inputs: FlowInputs, *, settings: Path | None, decisions: Path | None, **options: object) -> int:
        return command(replace(inputs, settings=settings, decisions=decisions), **options)

    return takes_flows(with_settings)


def takes_flows(command: Callable[..., int], *, instead: str | None = None) -> Callable[..., int]:
    """Give a verb the arguments that name flow logs and a snapshot; it receives them as one value.

    Without any flow logs it is a usage error, unless the option ``instead`` is given.
    """

    @click.argument("flows", nargs=-1, metavar="FLOWS...")
    @click.option(
        "--format",
        "flow_format",
        type=click.Choice(get_args(FlowFormat)),
        help="Format of the flow logs. Default: told from the first records of each file.",
    )
    @click.option("--since", callback=moment, metavar="TIME", help="Only records that start at this time or later.")
    @click.option("--until", callback=moment, metavar="TIME", help="Only records that start before this time.")
    @click.option(
        "--set-aside",
        type=click.Path(file_okay=False, path_type=Path),
        default=_SET_ASIDE,
        show_default=True,
        metavar="DIR",
        help="Where corrupt records are kept, if there are any.",
    )
    @click.option(
        "--snapshot",
        type=click.Path(path_type=Path),
        metavar="DIR",
        help="Directory with the cluster's objects as kubectl prints them (YAML or JSON).",
    )
    @wraps(command)
    def with_inputs(
        *,
        flows: tuple[str, ...],
        flow_format: FlowFormat | None,
        since: int | None,
        until: int | None,
        set_aside: Path,
        snapshot: Path | None,
        **options: object,
    ) -> int:
        if not flows and (instead is None or options[instead] is None):
            name = click.get_current_context().command_path
            raise click.UsageError(
                "no flow logs given. Name files, directories or globs, or - for standard input, for example:\n"
                f"  {name} flows/\n  zcat flows.jsonl.gz | {name} -"
            )
        return command(FlowInputs(flows, flow_format, since, until, set_aside, snapshot), **options)

    return with_inputs
