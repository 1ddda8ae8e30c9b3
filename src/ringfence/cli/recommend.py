"""``ringfence recommend``: from flow logs to least-privilege policies.

Promises: standard output holds the report in the chosen format and nothing else; standard error holds everything else.
"""

import os
import sys
from pathlib import Path
from typing import Final, get_args

import click

from ringfence.cli.choices import FailCondition, fail_conditions
from ringfence.cli.exit_code import ExitCode
from ringfence.cli.flow_inputs import FlowInputs, takes_flow_inputs
from ringfence.cli.read_inputs import read_inputs
from ringfence.cli.report import Report
from ringfence.cli.report_text import ReportFormat, report_text
from ringfence.cli.run_summary import records_line
from ringfence.cli.terminal import safe_text, terminal_of
from ringfence.delivery.files import deliver_files, planned_files
from ringfence.delivery.objects import recommended_objects
from ringfence.recommend.recommend import recommend
from ringfence.recommend.settings import Settings

_NOT_COMPUTED: Final[dict[FailCondition, str]] = {
    "held": "--fail-on held has no effect: this version holds no edge",
    "conflict": "--fail-on conflict has no effect: this version does not look for conflicts",
}


@click.command("recommend")
@takes_flow_inputs
@click.option(
    "-n", "--namespace", "namespaces", multiple=True, metavar="NS", help="Only this namespace; may be repeated."
)
@click.option(
    "-o",
    "--output",
    type=click.Choice(get_args(ReportFormat)),
    default="table",
    show_default=True,
    help="Format of the report on standard output.",
)
@click.option(
    "--output-dir",
    "directory",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Also write one file per object here; files of ours that are no longer recommended are removed.",
)
@click.option(
    "--fail-on",
    callback=fail_conditions,
    multiple=True,
    metavar="CONDITIONS",
    help="Exit with 1 on any of held, corrupt, conflict (comma-separated, or repeated).",
)
def recommend_command(
    inputs: FlowInputs,
    *,
    namespaces: tuple[str, ...],
    output: ReportFormat,
    directory: Path | None,
    fail_on: tuple[FailCondition, ...],
) -> ExitCode:
    """Recommend least-privilege Calico policies from flow logs.

    FLOWS are files, directories, globs, or - for standard input. Nothing is written to a cluster: the policies are
    staged ones, to be reviewed first.

    \b
    Example:
      ringfence recommend flows/ --output-dir policies
    """
    chosen = frozenset(namespaces) or None
    reading = read_inputs(inputs)
    recommendations, baseline = recommend(reading.table, settings=Settings(), namespaces=chosen)
    report = Report(
        inputs, reading, baseline, recommendations, chosen, None if directory is None else os.fspath(directory)
    )
    if directory is not None:
        objects = {each.place: each.text for each in recommended_objects(recommendations)}
        for change in deliver_files(planned_files(objects, directory=directory, namespaces=chosen)):
            sys.stderr.write(safe_text(f"{change.path} {change.change}") + "\n")
    sys.stdout.write(report_text(report, output=output, terminal=terminal_of(sys.stdout, environment=os.environ)))
    if output not in {"table", "wide"}:
        sys.stderr.write(f"{records_line(report)}\n")
    for condition in fail_on:
        if condition in _NOT_COMPUTED:
            sys.stderr.write(f"note: {_NOT_COMPUTED[condition]}\n")
    return ExitCode.FINDINGS if "corrupt" in fail_on and reading.table.records.corrupt else ExitCode.DONE
