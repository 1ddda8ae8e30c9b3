"""The report of ``recommend`` in the format that was asked for.

Promises: the same report gives the same bytes; machine formats hold no word of prose.
"""

from collections.abc import Iterator
from typing import Final, Literal

from ringfence.cli.documents.document import document_text
from ringfence.cli.documents.recommendation_list import recommendation_list
from ringfence.cli.recommendation_brief import recommendation_brief
from ringfence.cli.recommendation_details import recommendation_details
from ringfence.cli.recommendation_markdown import report_markdown
from ringfence.cli.recommendation_summary import recommendation_summary
from ringfence.cli.report import Report
from ringfence.cli.run_summary import run_summary
from ringfence.cli.terminal import Terminal, command_line, sentence

ReportFormat = Literal["table", "wide", "yaml", "json", "name", "markdown"]

_DETAILED: Final = 3
"""With more namespaces than this and none named, the default is a short block each: details would fill screens."""
_BRIEF: Final = 12
"""With more namespaces than this, it is a line each."""


def report_text(report: Report, *, output: ReportFormat, terminal: Terminal) -> str:
    """Write the report."""
    match output:
        case "json":
            return document_text(recommendation_list(report))
        case "yaml":
            return "---\n".join(each.text for each in report.objects)
        case "name":
            return "".join(f"{each.resource}\n" for each in report.objects)
        case "markdown":
            return "".join(f"{line}\n" for line in report_markdown(report))
        case "table" | "wide":
            return "".join(f"{line}\n" for line in _lines(report, wide=output == "wide", terminal=terminal))


def _lines(report: Report, *, wide: bool, terminal: Terminal) -> Iterator[str]:
    items = report.recommendations.items
    if not items:
        yield from sentence("No recommendation: no evidence was admitted for any namespace.", terminal=terminal)
        yield ""
    elif len(items) <= _DETAILED or wide or report.namespaces is not None:
        for recommendation in items:
            yield from recommendation_details(recommendation, report=report, terminal=terminal, wide=wide)
            yield ""
    else:
        show = recommendation_brief if len(items) <= _BRIEF else recommendation_summary
        yield from show(items, terminal=terminal)
        yield ""
        yield from sentence("Rules and reasons of one namespace, for example:", terminal=terminal)
        yield command_line(report.inputs.command("recommend", "-n", items[0].scope.name), indent=2)
        yield ""
    yield from run_summary(report, terminal=terminal)
