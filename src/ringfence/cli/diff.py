"""``ringfence diff``: which connections two policy sets treat otherwise.

Promises: exit code 0 where no connection differs, 1 where one does or where that is not known, 2 for an error; standard
output holds the answer in the chosen format and nothing else.
"""

import os
import sys
from pathlib import Path
from typing import Literal, get_args

import click

from ringfence.cli.connectivity import say_not_proved
from ringfence.cli.diff_text import diff_markdown, diff_table
from ringfence.cli.documents.connectivity_document import diff_json
from ringfence.cli.exit_code import ExitCode
from ringfence.cli.policy_cluster import unread, with_policies
from ringfence.cli.snapshot_input import read_cluster, takes_snapshot
from ringfence.cli.terminal import terminal_of
from ringfence.semantics.scopes import Scope
from ringfence.verify.all_connections import all_connections
from ringfence.verify.connectivity_diff import connectivity_diff
from ringfence.verify.overlay import CompletePart

DiffFormat = Literal["table", "json", "markdown"]


@click.command("diff", short_help="Which connections two policy sets treat otherwise.")
@click.argument("old", type=click.Path(path_type=Path), metavar="OLD")
@click.argument("new", type=click.Path(path_type=Path), metavar="NEW")
@takes_snapshot(required=True)
@click.option(
    "--mode",
    type=click.Choice(get_args(Scope)),
    default="enforced",
    show_default=True,
    help="Which policies count: enforced ones; staged ones beside them (pending); or as if the staged ones were "
    "carried out (what-if).",
)
@click.option(
    "-o", "--output", type=click.Choice(get_args(DiffFormat)), default="table", show_default=True, help="Format."
)
def diff_command(old: Path, new: Path, *, folder: Path, mode: Scope, output: DiffFormat) -> ExitCode:
    """Say which connections the policies of directory NEW allow or deny otherwise than those of OLD.

    Each directory is a complete policy set; tiers and network sets that it does not hold are those of the snapshot. All
    possible connections are compared, not only observed ones.

    \b
    Example:
      ringfence diff main/policies branch/policies --snapshot snapshot/ -o markdown
    """
    cluster, problems = read_cluster(folder)
    sets = [with_policies(cluster, each, complete=[CompletePart("all")]) for each in (old, new)]
    found = all_connections(sets, mode, unread(problems))
    changes = connectivity_diff(*found.answers)
    match output:
        case "json":
            sys.stdout.writelines(diff_json(changes, mode=mode, not_proved=found.not_proved))
        case "markdown":
            sys.stdout.writelines(f"{line}\n" for line in diff_markdown(changes, not_proved=found.not_proved))
        case "table":
            terminal = terminal_of(sys.stdout, environment=os.environ)
            sys.stdout.writelines(f"{line}\n" for line in diff_table(changes, terminal=terminal))
    if output != "markdown":
        say_not_proved(found.not_proved)
    return ExitCode.FINDINGS if changes.changes else ExitCode.DONE
