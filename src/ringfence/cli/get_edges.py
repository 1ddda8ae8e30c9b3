"""``ringfence get edges``: who talks to whom, and what learning said of it."""

import os
import sys
from collections.abc import Iterator, Sequence
from typing import Final, Literal, get_args

import click

from ringfence.cli.cells import count_cell, endpoint_cell, port_cell
from ringfence.cli.columns import columns
from ringfence.cli.documents.document import document_text
from ringfence.cli.documents.edge_list import edge_list
from ringfence.cli.documents.records_part import records_part
from ringfence.cli.edge_filter import EdgeFilter
from ringfence.cli.exit_code import ExitCode
from ringfence.cli.flow_inputs import FlowInputs, takes_flow_inputs
from ringfence.cli.judged_edges import JudgedEdge, judged_edges
from ringfence.cli.listing import takes_edge_filter
from ringfence.cli.read_inputs import read_inputs
from ringfence.cli.terminal import Terminal, terminal_of
from ringfence.flows.left_out import LeftOut
from ringfence.model.window import rfc3339

EdgeFormat = Literal["table", "wide", "json", "name"]

_TITLES: Final = ("CLIENT", "SERVER", "PORT", "ADMITTED", "LEFT-OUT")
_WIDE_TITLES: Final = (*_TITLES, "REPORTERS", "CONNECTIONS", "DAYS", "FIRST-SEEN", "LAST-SEEN", "ID")


@click.command("edges", short_help="Who opens connections to whom, and what became of it.")
@takes_flow_inputs
@takes_edge_filter
@click.option(
    "-o", "--output", type=click.Choice(get_args(EdgeFormat)), default="table", show_default=True, help="Format."
)
def get_edges_command(
    inputs: FlowInputs, wanted: EdgeFilter, *, left_out: LeftOut | None, output: EdgeFormat
) -> ExitCode:
    """List edges: who opens connections to whom, on which port, and whether that becomes a rule.

    \b
    Example:
      ringfence get edges flows/ -n shop --peer payments --port 8443/tcp
    """
    read = read_inputs(inputs)
    _, baseline = read.recommend()
    edges = [
        edge
        for edge in judged_edges(baseline.admitted, left_out=baseline.left_out, held=baseline.held)
        if (left_out is None or left_out in edge.reasons)
        and wanted.accepts(
            edge.summary.edge,
            client_addresses=edge.summary.client_addresses,
            server_addresses=edge.summary.server_addresses,
        )
    ]
    match output:
        case "json":
            sys.stdout.write(
                document_text(edge_list(edges, records=records_part(read.reading.table, baseline=baseline)))
            )
        case "name":
            sys.stdout.writelines(f"edge.ringfence.io/{edge.summary.edge.id}\n" for edge in edges)
        case "table" | "wide":
            terminal = terminal_of(sys.stdout, environment=os.environ)
            sys.stdout.writelines(f"{line}\n" for line in edge_table(edges, terminal=terminal, wide=output == "wide"))
    if not edges:
        sys.stderr.write("no edges found\n")
    return ExitCode.DONE


def edge_table(edges: Sequence[JudgedEdge], *, terminal: Terminal, wide: bool) -> Iterator[str]:
    """Yield a line an edge; nothing without edges."""
    if edges:
        rows = [_row(edge, wide=wide) for edge in edges]
        yield from columns(_WIDE_TITLES if wide else _TITLES, rows=rows, terminal=terminal)


def _row(judged: JudgedEdge, *, wide: bool) -> tuple[str, ...]:
    summary = judged.summary
    edge = summary.edge
    row = (
        endpoint_cell(edge.client),
        endpoint_cell(edge.server),
        port_cell(edge),
        ",".join(judged.admitted),
        ",".join((*judged.reasons, *(f"held:{name}" for name in judged.held))),
    )
    if not wide:
        return row
    return (
        *row,
        ",".join(summary.reporters),
        count_cell(summary.connections),
        str(summary.days),
        rfc3339(summary.first),
        rfc3339(summary.last),
        edge.id,
    )
