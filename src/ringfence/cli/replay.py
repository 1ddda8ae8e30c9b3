"""``ringfence replay``: what changed policies would do to every flow that was seen.

Promises: exit code 1 where a change is of a kind that ``--fail-on`` names, else 0; standard output holds the report in
the chosen format and nothing else, standard error what could not be read.
"""

import os
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Literal, get_args

import click
from msgspec import Struct

from ringfence.cli.documents.document import document_text
from ringfence.cli.documents.records_part import RecordsPart
from ringfence.cli.documents.replay_document import replay_document
from ringfence.cli.exit_code import ExitCode
from ringfence.cli.flow_inputs import FlowInputs, takes_flows
from ringfence.cli.read_inputs import read_inputs
from ringfence.cli.replay_junit import replay_junit
from ringfence.cli.replay_markdown import replay_markdown
from ringfence.cli.replay_options import complete_parts, failing_changes
from ringfence.cli.replay_records import kept_records, replay_records
from ringfence.cli.replay_report import ReplayReport
from ringfence.cli.replay_text import replay_text
from ringfence.cli.snapshot_input import read_cluster, say_problems
from ringfence.cli.terminal import safe_text, terminal_of
from ringfence.engine.replay_edges import read_edges
from ringfence.engine.replay_policies import WrittenPoliciesError, read_policies
from ringfence.engine.written_file import WrittenFileError
from ringfence.model.cluster import Cluster
from ringfence.semantics.scopes import Scope
from ringfence.verify.observed import ObservedEdge, observed_edges
from ringfence.verify.overlay import CompletePart, Written, difference, overlay, unsupplied
from ringfence.verify.replay import ChangeKind, Replay, replay

ReplayFormat = Literal["table", "wide", "json", "markdown", "junit"]


@click.command("replay", short_help="What changed policies would do to every flow that was seen.")
@partial(takes_flows, instead="kept")
@click.option(
    "--edges",
    "kept",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Judge the edges that `ringfence get edges -o json` wrote, instead of flow logs.",
)
@click.option(
    "--policies",
    "policies",
    type=click.Path(path_type=Path),
    required=True,
    metavar="DIR",
    help="Directory with the policies, laid over those of the snapshot by kind, namespace and name.",
)
@click.option(
    "--mode",
    type=click.Choice(get_args(Scope)),
    default="what-if",
    show_default=True,
    help="How staged policies count: carried out (what-if), beside the enforced ones as Calico previews them "
    "(pending), or not at all (enforced).",
)
@click.option(
    "--replace",
    "complete",
    callback=complete_parts,
    multiple=True,
    metavar="PART",
    help="The directory is complete for tier=NAME, namespace=NAME or all: policies of that part which it lacks are "
    "deleted. May be repeated.",
)
@click.option(
    "--fail-on",
    "fails",
    callback=failing_changes,
    multiple=True,
    default=("cut",),
    show_default=True,
    metavar="CHANGES",
    help="Exit with 1 on any of cut, opened, uncertain (comma-separated, or repeated).",
)
@click.option("--all", "every", is_flag=True, help="Also tell edges that do not change.")
@click.option(
    "-o", "--output", type=click.Choice(get_args(ReplayFormat)), default="table", show_default=True, help="Format."
)
def replay_command(
    inputs: FlowInputs,
    *,
    kept: Path | None,
    policies: Path,
    mode: Scope,
    complete: tuple[CompletePart, ...],
    fails: tuple[ChangeKind, ...],
    every: bool,
    output: ReplayFormat,
) -> ExitCode:
    """Judge every edge that was seen under changed policies, and say what would be cut or opened, and by which rule.

    \b
    Example:
      ringfence replay flows/ --snapshot snapshot/ --policies policies/
    """
    if inputs.snapshot is None:
        raise click.UsageError(
            "replay needs --snapshot DIR: who is selected by a policy stands in the cluster's objects"
        )
    if kept is not None and inputs.flows:
        raise click.UsageError("give FLOWS or --edges FILE, not both")
    seen = _from_flows(inputs) if kept is None else _from_list(inputs.snapshot, kept)
    written = _written(policies, seen.there, complete)
    after = overlay(seen.there, written)
    replayed = replay(seen.edges, seen.there, after, mode, every=every)
    notes = () if mode == "enforced" else tuple(_notes(seen.there, written))
    for note in notes:
        sys.stderr.write(f"note: {note}\n")
    differs = difference(seen.there.policies, after.policies)
    report = ReplayReport(replayed, seen.records(replayed), differs, fails, notes)
    sys.stdout.write(_text(report, output))
    return ExitCode.FINDINGS if report.failed else ExitCode.DONE


class _Seen(Struct, frozen=True):
    """The edges that were seen, the cluster they are of, and what became of the records behind them."""

    edges: tuple[ObservedEdge, ...]
    there: Cluster
    records: Callable[[Replay], RecordsPart]


def _from_flows(inputs: FlowInputs) -> _Seen:
    read = read_inputs(inputs)
    if read.cluster is None:
        raise click.UsageError("a replay of flow logs needs --snapshot DIR")
    table = read.reading.table
    return _Seen(observed_edges(table.evidence), read.cluster, partial(replay_records, table))


def _from_list(snapshot: Path, file: Path) -> _Seen:
    there, problems = read_cluster(snapshot)
    say_problems(problems)
    try:
        kept = read_edges(file)
    except WrittenFileError as error:
        raise click.ClickException(safe_text(str(error))) from error
    return _Seen(kept.edges, there, lambda _: kept_records(kept.records))


def _written(folder: Path, there: Cluster, complete: tuple[CompletePart, ...]) -> Written:
    try:
        return read_policies(folder, regime=there.policies.regime, complete=complete)
    except WrittenPoliciesError as error:
        raise click.ClickException("\n".join(safe_text(line) for line in str(error).split("\n"))) from error


def _notes(there: Cluster, written: Written) -> Iterator[str]:
    kinds = unsupplied(there, written)
    if kinds:
        yield f"the snapshot holds no {' and no '.join(kinds)}, so of these only the written ones are carried out"


def _text(report: ReplayReport, output: ReplayFormat) -> str:
    match output:
        case "json":
            document = replay_document(report.replayed, records=report.records, difference=report.difference)
            return document_text(document)
        case "markdown":
            return replay_markdown(report)
        case "junit":
            return replay_junit(report)
        case "table" | "wide":
            terminal = terminal_of(sys.stdout, environment=os.environ)
            return replay_text(report, terminal=terminal, wide=output == "wide")
