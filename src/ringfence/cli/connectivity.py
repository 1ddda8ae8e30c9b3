"""``ringfence connectivity``: who can reach whom, on what.

Promises: exit code 0 whatever is allowed; standard output holds the answer in the chosen format and nothing else,
standard error why it is no proof, where it is none.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, get_args

import click

from ringfence.cli.connectivity_text import connectivity_csv, connectivity_dot, connectivity_table
from ringfence.cli.documents.connectivity_document import connectivity_json
from ringfence.cli.exit_code import ExitCode
from ringfence.cli.policy_cluster import unread, with_policies
from ringfence.cli.snapshot_input import read_cluster, takes_snapshot
from ringfence.cli.terminal import safe_text, terminal_of
from ringfence.semantics.scopes import Scope
from ringfence.verify.all_connections import all_connections
from ringfence.verify.connectivity import Connectivity

ConnectivityFormat = Literal["table", "json", "csv", "dot"]


@click.command("connectivity", short_help="Who can reach whom, on what, over all possible connections.")
@takes_snapshot(required=True)
@click.option(
    "--policies",
    "policies",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Directory with policies, laid over those of the snapshot by kind, namespace and name.",
)
@click.option(
    "-n",
    "--namespace",
    "namespaces",
    multiple=True,
    metavar="NS",
    help="Only what a workload of this namespace takes part in; may be repeated.",
)
@click.option(
    "--mode",
    type=click.Choice(get_args(Scope)),
    default="enforced",
    show_default=True,
    help="Which policies count: those enforced now; staged ones beside them (pending); or as if the staged ones were "
    "carried out (what-if).",
)
@click.option(
    "-o",
    "--output",
    type=click.Choice(get_args(ConnectivityFormat)),
    default="table",
    show_default=True,
    help="Format.",
)
def connectivity_command(
    *, folder: Path, policies: Path | None, namespaces: tuple[str, ...], mode: Scope, output: ConnectivityFormat
) -> ExitCode:
    """Say who can reach whom and on what, under the policies of a snapshot.

    Endpoints that no policy tells apart stand together. Pairs of which no end has policies, such as two addresses
    outside, are left out.

    \b
    Example:
      ringfence connectivity --snapshot snapshot/ -n shop
    """
    cluster, problems = read_cluster(folder)
    if policies is not None:
        cluster = with_policies(cluster, policies)
    found = all_connections([cluster], mode, unread(problems))
    answer = found.answers[0]
    pairs = _pairs(answer, frozenset(namespaces))
    match output:
        case "json":
            sys.stdout.writelines(connectivity_json(answer, mode=mode, not_proved=found.not_proved, pairs=pairs))
        case "csv":
            sys.stdout.writelines(f"{line}\n" for line in connectivity_csv(answer, pairs))
        case "dot":
            sys.stdout.writelines(f"{line}\n" for line in connectivity_dot(answer, pairs))
        case "table":
            terminal = terminal_of(sys.stdout, environment=os.environ)
            sys.stdout.writelines(f"{line}\n" for line in connectivity_table(answer, pairs, terminal=terminal))
    say_not_proved(found.not_proved)
    return ExitCode.DONE


def say_not_proved(reasons: tuple[str, ...]) -> None:
    """Write to standard error why an answer is no proof."""
    for reason in reasons:
        sys.stderr.write(f"not proved: {safe_text(reason)}\n")


def _pairs(answer: Connectivity, namespaces: frozenset[str]) -> Iterator[tuple[int, int]]:
    wanted = [not namespaces or each.namespace in namespaces for each in answer.classes]
    return (pair for pair in answer.pairs() if wanted[pair[0]] or wanted[pair[1]])
