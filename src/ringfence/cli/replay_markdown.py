"""A replay as a comment on a pull request: what it means for whom, then what changes as text.

Promises: text from flow logs and objects is escaped, so it can neither be markup nor hide anything; the same replay
gives the same text. Long lists are cut with their count, because forges refuse long comments.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from ringfence.cli.cells import endpoint_cell, port_cell
from ringfence.cli.headline import counted
from ringfence.cli.markdown import markdown_text
from ringfence.cli.replay_report import (
    ReplayReport,
    partly_words,
    side_lines,
    summary_words,
    use_words,
)
from ringfence.cli.report import records_sentence
from ringfence.model.trace import PolicyRef
from ringfence.semantics.words import policy_words
from ringfence.verify.groups import grouped
from ringfence.verify.replay import Change, ChangeKind

_SHOWN: Final = 50
_TITLES: Final[tuple[tuple[ChangeKind, str], ...]] = (
    ("Cut", "Would be cut"),
    ("Uncertain", "Not known"),
    ("Opened", "Would be opened"),
)


def replay_markdown(report: ReplayReport) -> str:
    """Write a replay as Markdown."""
    return "".join(f"{line}\n" for line in _lines(report))


def _lines(report: ReplayReport) -> Iterator[str]:
    yield f"## Replay: {'fails' if report.failed else 'passes'}"
    yield ""
    yield f"{markdown_text(summary_words(report.replayed))}."
    for kind, title in _TITLES:
        yield from _section(title, report.replayed.of(kind))
    yield from _policies(report)
    told = dict.fromkeys(f"{each.id}: {each.sentence}" for change in report.replayed.changes for each in change.preview)
    yield from _list("About Calico's own preview", map(markdown_text, told))
    yield from _list("Notes", map(markdown_text, report.notes))
    records = report.records
    yield ""
    yield markdown_text(
        records_sentence(
            read=records.read, admitted=records.admitted, left_out=records.left_out, corrupt=records.corrupt
        )
    )


def _section(title: str, changes: Sequence[Change]) -> Iterator[str]:
    """Say first, for each workload, what it means; then each edge with its rules."""
    if not changes:
        return
    yield ""
    yield f"### {title}"
    yield ""
    shown = 0
    for group in grouped(changes):
        kept = group.changes[: max(0, _SHOWN - shown)]
        shown += len(kept)
        for change in kept:
            yield f"- {_meaning(change)}"
            for direction, after, before in side_lines(change):
                yield f"  - {direction}: {markdown_text(after)}"
                yield f"  - before: {markdown_text(before)}"
    if shown < len(changes):
        yield f"- and {counted(len(changes) - shown, 'edge')} more"


def _meaning(change: Change) -> str:
    edge = change.seen.edge
    client, server = (f"**{markdown_text(endpoint_cell(end))}**" for end in (edge.client, edge.server))
    partly = partly_words(change)
    verb = {
        "Cut": "could no longer reach",
        "Opened": "could newly reach",
        "Uncertain": "may or may not reach",
        "Unchanged": "reaches as before",
    }[change.change]
    only = f" ({markdown_text(partly)})" if partly else ""
    return f"{client} {verb} {server} on {port_cell(edge)}{only}: {use_words(change.seen)}"


def _policies(report: ReplayReport) -> Iterator[str]:
    difference = report.difference
    yield from _list(
        "Policies that differ",
        (
            f"{word} {markdown_text(policy_words(each))}"
            for word, refs in _words(difference.deleted, difference.changed, difference.added)
            for each in refs
        ),
    )


def _words(
    deleted: Sequence[PolicyRef], changed: Sequence[PolicyRef], added: Sequence[PolicyRef]
) -> tuple[tuple[str, Sequence[PolicyRef]], ...]:
    return ("deleted", deleted), ("changed", changed), ("added", added)


def _list(title: str, items: Iterable[str]) -> Iterator[str]:
    lines = [f"- {item}" for item in items]
    if lines:
        yield ""
        yield f"### {title}"
        yield ""
        yield from lines[:_SHOWN]
        if len(lines) > _SHOWN:
            yield f"- and {len(lines) - _SHOWN} more"
