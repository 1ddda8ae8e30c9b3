"""``ringfence recommend``: from flow logs to least-privilege policies.

Promises: standard output holds the report in the chosen format and nothing else; standard error holds everything else.
"""

import os
import sys
from pathlib import Path
from typing import Final, Literal, get_args

import click

from ringfence.cli.choices import FailCondition, fail_conditions
from ringfence.cli.exit_code import ExitCode
from ringfence.cli.flow_inputs import FlowInputs, takes_flow_inputs
from ringfence.cli.read_inputs import read_inputs
from ringfence.cli.report import Report
from ringfence.cli.report_text import ReportFormat, report_text
from ringfence.cli.run_summary import records_line
from ringfence.cli.terminal import safe_text, terminal_of
from ringfence.cli.written_as import Dialect, written_as
from ringfence.delivery.files import deliver_files, planned_files
from ringfence.recommend.recommend import Grain

_NOT_COMPUTED: Final[dict[FailCondition, str]] = {
    "conflict": "--fail-on conflict has no effect: this version does not look for conflicts",
}


_NEEDS_CALICO: Final = (
    "the flows are Hubble's, and these policies need Calico 3.30 or later; "
    "--dialect kubernetes writes NetworkPolicy where that says the same, --dialect calico silences this"
)


@click.command("recommend")
@takes_flow_inputs
@click.option(
    "-n", "--namespace", "namespaces", multiple=True, metavar="NS", help="Only this namespace; may be repeated."
)
@click.option(
    "--by",
    "grain",
    type=click.Choice(get_args(Grain)),
    help="What one recommendation covers. Default: the settings' granularity.",
)
@click.option(
    "--as",
    "standing",
    type=click.Choice(("staged", "enforced")),
    default="staged",
    show_default=True,
    help="Write policies to be reviewed first, or to be enforced.",
)
@click.option(
    "--dialect",
    type=click.Choice(get_args(Dialect)),
    help="Whose policies to write. Default: calico.",
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
    grain: Grain | None,
    standing: Literal["staged", "enforced"],
    dialect: Dialect | None,
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
    read = read_inputs(inputs)
    reading = read.reading
    learnt, baseline = read.recommend(chosen, grain=grain)
    written = written_as(learnt, standing=standing, dialect=dialect or "calico", cluster=read.cluster)
    report = Report(
        inputs,
        reading,
        baseline,
        written.recommendations,
        chosen,
        None if directory is None else os.fspath(directory),
        kubernetes=written.kubernetes,
    )
    if dialect is None and reading.formats == ("hubble",):
        sys.stderr.write(f"note: {_NEEDS_CALICO}\n")
    if directory is not None:
        objects = {each.place: each.text for each in report.objects}
        for change in deliver_files(planned_files(objects, directory=directory, namespaces=chosen)):
            sys.stderr.write(safe_text(f"{change.path} {change.change}") + "\n")
    sys.stdout.write(report_text(report, output=output, terminal=terminal_of(sys.stdout, environment=os.environ)))
    if output not in {"table", "wide"}:
        sys.stderr.write(f"{records_line(report)}\n")
    for condition in fail_on:
        if condition in _NOT_COMPUTED:
            sys.stderr.write(f"note: {_NOT_COMPUTED[condition]}\n")
    undecided = any(held.rejected is None for held in baseline.held)
    failed = ("corrupt" in fail_on and reading.table.records.corrupt) or ("held" in fail_on and undecided)
    return ExitCode.FINDINGS if failed else ExitCode.DONE
