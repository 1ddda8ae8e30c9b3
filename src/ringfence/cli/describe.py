"""``ringfence describe``: one namespace's recommendation, told whole.

Promises: standard output holds the description and nothing else; standard error holds everything else.
"""

import os
import sys
from typing import Literal, get_args

import click

from ringfence.cli.exit_code import ExitCode
from ringfence.cli.flow_inputs import FlowInputs, takes_flow_inputs
from ringfence.cli.read_inputs import read_inputs
from ringfence.cli.report import Report
from ringfence.cli.report_text import report_text
from ringfence.cli.terminal import terminal_of

DescribeFormat = Literal["table", "markdown", "json"]


@click.command("describe", short_help="One namespace's recommendation with its evidence, told whole.")
@takes_flow_inputs
@click.option("-n", "--namespace", required=True, metavar="NS", help="The namespace.")
@click.option(
    "-o",
    "--output",
    type=click.Choice(get_args(DescribeFormat)),
    default="table",
    show_default=True,
    help="Format; markdown suits a pull request.",
)
def describe_command(inputs: FlowInputs, *, namespace: str, output: DescribeFormat) -> ExitCode:
    """Say what the recommendation for a namespace lets through, why, what is open, and what to do next.

    \b
    Example:
      ringfence describe flows/ -n shop --snapshot snapshot/
    """
    chosen = frozenset([namespace])
    read = read_inputs(inputs)
    recommendations, baseline = read.recommend(chosen)
    report = Report(inputs, read.reading, baseline, recommendations, chosen)
    shown = "wide" if output == "table" else output
    sys.stdout.write(report_text(report, output=shown, terminal=terminal_of(sys.stdout, environment=os.environ)))
    return ExitCode.DONE
