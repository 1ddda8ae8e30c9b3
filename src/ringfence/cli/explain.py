"""``ringfence explain``: whether one end may reach another, and which policy says so.

Promises: exit code 0 whatever the verdict; standard output holds the answer and nothing else, standard error what the
snapshot could not tell.
"""

import os
import sys
from pathlib import Path
from typing import Literal, get_args

import click

from ringfence.cli.documents.document import document_text
from ringfence.cli.documents.explanation import explanation_document
from ringfence.cli.exit_code import ExitCode
from ringfence.cli.explanation_text import explanation_text
from ringfence.cli.snapshot_input import read_cluster, say_problems, takes_snapshot
from ringfence.cli.terminal import safe_text, terminal_of
from ringfence.engine.arguments import ArgumentError
from ringfence.engine.explain import Question, explain
from ringfence.semantics.scopes import Scope

ExplainFormat = Literal["table", "wide", "json"]


@click.command("explain", short_help="Whether one end may reach another, and which policy says so.")
@click.argument("source", metavar="SRC")
@click.argument("destination", metavar="DST:PORT/PROTO")
@takes_snapshot(required=True)
@click.option(
    "--mode",
    type=click.Choice(get_args(Scope)),
    default="enforced",
    show_default=True,
    help="Which policies count: those enforced now; staged ones beside them (pending); or as if the staged ones were "
    "carried out (what-if).",
)
@click.option(
    "-o", "--output", type=click.Choice(get_args(ExplainFormat)), default="table", show_default=True, help="Format."
)
def explain_command(source: str, destination: str, *, folder: Path, mode: Scope, output: ExplainFormat) -> int:
    """Say whether SRC may reach DST, and what each policy said of it.

    SRC and DST are NS/NAME (a workload; NS/KIND/NAME where that is ambiguous), pod/NS/NAME, svc/NS/NAME, node/NAME, an
    address, or internet. DST adds :PORT/PROTO (tcp where none is written), or :TYPE.CODE/icmp. The last colon separates
    the port, so IPv6 needs no brackets.

    \b
    Example:
      ringfence explain shop/cart shop/redis:6379/tcp --snapshot snapshot/
    """
    cluster, problems = read_cluster(folder)
    try:
        explanation = explain(cluster.inventory, cluster.policies, Question(source, destination, mode))
    except ArgumentError as problem:
        raise click.ClickException("\n".join(safe_text(line) for line in str(problem).split("\n"))) from problem
    if output == "json":
        sys.stdout.write(document_text(explanation_document(explanation)))
    else:
        terminal = terminal_of(sys.stdout, environment=os.environ)
        sys.stdout.write(explanation_text(explanation, terminal=terminal, wide=output == "wide"))
    say_problems(problems)
    return ExitCode.DONE
