"""``ringfence get flows``: what reporters saw, with outcome, deciding policy, and the reason where it was left out."""

import os
import sys
from collections.abc import Iterator, Sequence
from typing import Final, Literal, get_args

import click

from ringfence.cli.cells import count_cell, decided_by_cell, endpoint_cell, port_cell
from ringfence.cli.columns import columns
from ringfence.cli.documents.document import document_text
from ringfence.cli.documents.flow_list import flow_list
from ringfence.cli.documents.records_part import records_part
from ringfence.cli.edge_filter import EdgeFilter
from ringfence.cli.exit_code import ExitCode
from ringfence.cli.flow_inputs import FlowInputs, takes_flow_inputs
from ringfence.cli.judged_flows import JudgedFlow, judged_flows
from ringfence.cli.listing import takes_edge_filter
from ringfence.cli.read_inputs import read_inputs
from ringfence.cli.terminal import Terminal, terminal_of
from ringfence.flows.evidence import Unplaced
from ringfence.flows.left_out import LeftOut
from ringfence.model.window import rfc3339

FlowsFormat = Literal["table", "wide", "json"]

_TITLES: Final = ("CLIENT", "SERVER", "PORT", "REPORTER", "OUTCOME", "LEFT-OUT", "RECORDS")
_WIDE_TITLES: Final = (*_TITLES, "DECIDED-BY", "CONNECTIONS", "FIRST-SEEN", "LAST-SEEN")


@click.command("flows", short_help="What each reporter saw, and what became of it.")
@takes_flow_inputs
@takes_edge_filter
@click.option(
    "-o", "--output", type=click.Choice(get_args(FlowsFormat)), default="table", show_default=True, help="Format."
)
def get_flows_command(
    inputs: FlowInputs, wanted: EdgeFilter, *, left_out: LeftOut | None, output: FlowsFormat
) -> ExitCode:
    """List flows: one line an edge, reporter, outcome and deciding policies, with why it was left out if it was.

    \b
    Example:
      ringfence get flows flows/ -n shop --left-out denied -o wide
    """
    read = read_inputs(inputs)
    reading = read.reading
    _, baseline = read.recommend()
    flows = [
        each
        for each in judged_flows(reading.table, baseline=baseline)
        if (left_out is None or left_out == each.reason)
        and wanted.accepts(
            each.flow.edge, client_addresses=each.flow.client_addresses, server_addresses=each.flow.server_addresses
        )
    ]
    unplaced = [
        each
        for each in reading.table.unplaced
        if (left_out is None or left_out == each.left_out) and wanted == EdgeFilter()
    ]
    if output == "json":
        records = records_part(reading.table, baseline=baseline)
        sys.stdout.write(document_text(flow_list(flows, unplaced=unplaced, records=records)))
    else:
        terminal = terminal_of(sys.stdout, environment=os.environ)
        lines = flow_table(flows, unplaced=unplaced, terminal=terminal, wide=output == "wide")
        sys.stdout.writelines(f"{line}\n" for line in lines)
    if left_out is not None and left_out in reading.table.records.repeats:
        count = reading.table.records.repeats[left_out]
        sys.stderr.write(f"{count} records are left out as {left_out}; they stand on no flow of their own\n")
    elif not flows and not unplaced:
        sys.stderr.write("no flows found\n")
    return ExitCode.DONE


def flow_table(
    flows: Sequence[JudgedFlow], *, unplaced: Sequence[Unplaced], terminal: Terminal, wide: bool
) -> Iterator[str]:
    """Yield a line a flow, then the records that stand on no edge; nothing without either."""
    rows = [_row(flow, wide=wide) for flow in flows] + [_unplaced_row(each, wide=wide) for each in unplaced]
    if rows:
        yield from columns(_WIDE_TITLES if wide else _TITLES, rows=rows, terminal=terminal)


def _row(judged: JudgedFlow, *, wide: bool) -> tuple[str, ...]:
    flow = judged.flow
    row = (
        endpoint_cell(flow.edge.client),
        endpoint_cell(flow.edge.server),
        port_cell(flow.edge),
        flow.reporter,
        flow.outcome,
        "" if judged.reason is None else judged.reason.value,
        str(flow.records),
    )
    if not wide:
        return row
    return (
        *row,
        decided_by_cell(flow.trace),
        count_cell(flow.counters.connections),
        rfc3339(flow.first),
        rfc3339(flow.last),
    )


def _unplaced_row(unplaced: Unplaced, *, wide: bool) -> tuple[str, ...]:
    row = (
        unplaced.client,
        unplaced.server,
        unplaced.protocol,
        "",
        "",
        unplaced.left_out.value,
        str(unplaced.records),
    )
    return (*row, *("",) * (len(_WIDE_TITLES) - len(_TITLES))) if wide else row
