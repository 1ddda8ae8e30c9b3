"""The end of every report for people: what became of each record, which scopes have no recommendation, what to do next.

Promises: read = admitted + left out + corrupt is always printed; every skipped scope is named with its reason.
"""

import shlex
from collections.abc import Iterator
from typing import Final

from ringfence.cli.documents.records_part import records_part
from ringfence.cli.report import Report, records_sentence
from ringfence.cli.terminal import Terminal, command_line, heading, sentence

_ITEM: Final = 2
_EXAMPLE_DIRECTORY: Final = "policies"
_FILES_NAMED: Final = 3


def run_summary(report: Report, *, terminal: Terminal) -> Iterator[str]:
    """Yield the lines that close a report."""
    skipped: dict[str, list[str]] = {}
    for each in report.recommendations.skipped:
        skipped.setdefault(each.reason, []).append(each.scope.name)
    if skipped:
        yield from heading("Without a recommendation", terminal=terminal)
        for reason, names in sorted(skipped.items()):
            yield from sentence(f"{', '.join(names)}: {reason}", terminal=terminal, indent=_ITEM, mark="- ")
        yield ""
    if report.recommendations.remarks:
        yield from heading("The snapshot could not tell", terminal=terminal)
        for words in report.recommendations.remarks:
            yield from sentence(words, terminal=terminal, indent=_ITEM, mark="- ")
        yield ""
    yield from sentence(records_line(report), terminal=terminal)
    yield from _listing_lines(report, terminal=terminal)
    yield from sentence(_files_line(report), terminal=terminal)
    if report.recommendations.items:
        yield ""
        yield from heading("Next", terminal=terminal)
        yield from _next_lines(report, terminal=terminal)


def records_line(report: Report) -> str:
    """Account for every record of the run."""
    records = records_part(report.reading.table, baseline=report.baseline)
    return records_sentence(
        read=records.read, admitted=records.admitted, left_out=records.left_out, corrupt=records.corrupt
    )


def _listing_lines(report: Report, *, terminal: Terminal) -> Iterator[str]:
    """Say how to list the records of the most frequent reason that stands on flows."""
    repeats = report.reading.table.records.repeats
    counts = {reason: count for reason, count in report.baseline.left_out_records.items() if reason not in repeats}
    if counts and report.namespaces is None:
        reason = min(counts, key=lambda each: (-counts[each], each))
        yield from sentence("to list the records of a reason, for example:", terminal=terminal)
        yield command_line(report.inputs.command("get flows", "--left-out", reason.value), indent=_ITEM)


def _files_line(report: Report) -> str:
    read, skipped = len(report.reading.files), len(report.reading.skipped)
    line = f"{read} file{'' if read == 1 else 's'} read, {skipped} skipped"
    named = [f"{each.file} {each.reason}" for each in report.reading.skipped[:_FILES_NAMED]]
    if skipped > _FILES_NAMED:
        named.append(f"and {skipped - _FILES_NAMED} more")
    return f"{line}: {'; '.join(named)}" if named else line


def _next_lines(report: Report, *, terminal: Terminal) -> Iterator[str]:
    namespaces = [word for name in sorted(report.namespaces or ()) for word in ("-n", name)]
    if any(placed.permit.coarse for each in report.recommendations.items for placed in each.permits):
        yield from sentence(
            "Review the coarse permits: they are wider than what was seen.", terminal=terminal, indent=_ITEM, mark="- "
        )
    if any(held.rejected is None for each in report.recommendations.items for held in each.held):
        yield from sentence(
            "Accept or reject the held edges by their ids, in a file for --decisions.",
            terminal=terminal,
            indent=_ITEM,
            mark="- ",
        )
    if report.output_directory is None:
        yield from sentence("Write the policies to a directory:", terminal=terminal, indent=_ITEM, mark="- ")
        yield command_line(
            report.inputs.command("recommend", *namespaces, "--output-dir", _EXAMPLE_DIRECTORY), indent=2 * _ITEM
        )
        return
    directory = shlex.quote(report.output_directory)
    yield from sentence(
        "Stage the policies (the tier first; nothing is enforced by this):", terminal=terminal, indent=_ITEM, mark="- "
    )
    yield command_line(f"kubectl apply -f {directory}/tiers && kubectl apply -R -f {directory}", indent=2 * _ITEM)
