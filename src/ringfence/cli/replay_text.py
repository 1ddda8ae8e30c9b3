"""A replay for people: one sentence on top, then what changes, by the namespace and workload whose policies do it.

Promises: worst first; each change names the rule that decides and the one that decided before. With ``wide`` also when
the edge was first seen, its id, and which pods or addresses were judged.
"""

from collections.abc import Iterator

from ringfence.cli.cells import endpoint_cell
from ringfence.cli.replay_report import (
    CHANGE_WORDS,
    ReplayReport,
    edge_words,
    partly_words,
    side_lines,
    summary_words,
    use_words,
)
from ringfence.cli.report import records_sentence
from ringfence.cli.terminal import Terminal, heading, sentence, warning
from ringfence.model.window import rfc3339
from ringfence.verify.groups import grouped
from ringfence.verify.replay import Change


def replay_text(report: ReplayReport, *, terminal: Terminal, wide: bool) -> str:
    """Write a replay for people."""
    return "".join(f"{line}\n" for line in _lines(report, terminal=terminal, wide=wide))


def _lines(report: ReplayReport, *, terminal: Terminal, wide: bool) -> Iterator[str]:
    first = warning if report.failed else heading
    yield from first(summary_words(report.replayed), terminal=terminal)
    for group in grouped(report.replayed.changes):
        yield ""
        yield from heading(endpoint_cell(group.endpoint), terminal=terminal)
        for change in group.changes:
            yield from _change(change, terminal=terminal, wide=wide)
    told = dict.fromkeys(f"{each.id}: {each.sentence}" for change in report.replayed.changes for each in change.preview)
    if told:
        yield ""
        yield from heading("About Calico's own preview", terminal=terminal)
        for text in told:
            yield from sentence(text, terminal=terminal, indent=2, mark="- ")
    if wide and report.replayed.not_judged:
        yield ""
        yield from heading("Not judged", terminal=terminal)
        for each in report.replayed.not_judged:
            who = ", ".join(endpoint_cell(end) for end in each.ends)
            yield from sentence(
                f"{edge_words(each.seen.edge)}: {each.reason}{f' ({who})' if who else ''}",
                terminal=terminal,
                indent=2,
                mark="- ",
            )
    yield ""
    records = report.records
    yield from sentence(
        records_sentence(
            read=records.read, admitted=records.admitted, left_out=records.left_out, corrupt=records.corrupt
        ),
        terminal=terminal,
    )


def _change(change: Change, *, terminal: Terminal, wide: bool) -> Iterator[str]:
    partly = partly_words(change)
    line = warning if change.change in {"Cut", "Uncertain"} else sentence
    yield from line(
        f"{CHANGE_WORDS[change.change]}: {edge_words(change.seen.edge)}{f' ({partly})' if partly else ''}; "
        f"{use_words(change.seen)}",
        terminal=terminal,
        indent=2,
        mark="- ",
    )
    for direction, after, before in side_lines(change):
        yield from sentence(f"{direction} {after}", terminal=terminal, indent=6)
        yield from sentence(f"before: {before}", terminal=terminal, indent=6)
    if wide:
        ends = f"{change.connection.source.name} to {change.connection.destination.name}"
        yield from sentence(
            f"judged {ends}; first seen {rfc3339(change.seen.first)}; id {change.seen.edge.id}",
            terminal=terminal,
            indent=6,
        )
