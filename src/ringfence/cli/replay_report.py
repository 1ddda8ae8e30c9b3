"""All that one replay has to tell, and the words that its formats share.

Promises: what is said of a change is taken from its judgements; the deciding rules stand at the end that decides.
"""

from collections import Counter

from msgspec import Struct

from ringfence.cli.cells import endpoint_cell, port_cell
from ringfence.cli.documents.records_part import RecordsPart
from ringfence.cli.headline import counted, short_count
from ringfence.cli.report import reason_words
from ringfence.model.edge import Edge
from ringfence.model.verdict import Side
from ringfence.model.window import rfc3339
from ringfence.semantics.words import side_words, trace_words
from ringfence.verify.observed import ObservedEdge
from ringfence.verify.overlay import Difference
from ringfence.verify.replay import Change, ChangeKind, Replay, side_of

CHANGE_WORDS: dict[ChangeKind, str] = {
    "Cut": "cut",
    "Opened": "opened",
    "Uncertain": "uncertain",
    "Unchanged": "unchanged",
}


class ReplayReport(Struct, frozen=True):
    """A replay with the records behind it and what the written policies change. ``fails`` are the kinds of change that
    make it fail; ``notes`` say what a reader could miss.
    """

    replayed: Replay
    records: RecordsPart
    difference: Difference
    fails: tuple[ChangeKind, ...]
    notes: tuple[str, ...] = ()

    @property
    def failed(self) -> bool:
        """Say whether there is a change of a kind that fails."""
        return any(each.change in self.fails for each in self.replayed.changes)


def summary_words(replayed: Replay) -> str:
    """Return what becomes of all edges in one sentence."""
    cut, opened, uncertain = (len(replayed.of(kind)) for kind in ("Cut", "Opened", "Uncertain"))
    of = f"of {counted(replayed.judged, 'observed edge')}"
    told = (
        f"Nothing that was observed changes: {counted(replayed.judged, 'edge')} judged"
        if not cut + opened + uncertain
        else f"{of}, {cut} would be cut, {opened} opened, {uncertain} uncertain, {len(replayed.unchanged)} unchanged"
    )
    reasons = Counter(each.reason for each in replayed.not_judged)
    left = ", ".join(f"{reason_words(reason)} {count}" for reason, count in sorted(reasons.items()))
    return f"{told[:1].upper()}{told[1:]}" + (f"; not judged: {left}" if left else "")


def edge_words(edge: Edge) -> str:
    """Write an edge: ``shop/web -> shop/cart 7070/TCP``."""
    return f"{endpoint_cell(edge.client)} -> {endpoint_cell(edge.server)} {port_cell(edge)}"


def use_words(seen: ObservedEdge) -> str:
    """Say how much an edge was used and when."""
    count = seen.connections
    connections = "" if count is None else f"{short_count(count)} {'connection' if count == 1 else 'connections'} "
    return f"{connections}on {counted(seen.days, 'day')}, last seen {rfc3339(seen.last)}"


def side_lines(change: Change) -> tuple[tuple[str, str, str], ...]:
    """Return for each end that decides: its direction, what decides after, and what decided before."""
    return tuple(
        (
            direction.lower(),
            _words(side_of(change.after, direction)),
            _words(side_of(change.before, direction)),
        )
        for direction in change.directions
    )


def partly_words(change: Change) -> str:
    """Say of which part of an edge a change is true, nothing where it is true of all of it."""
    if not change.partly:
        return ""
    if change.addresses:
        return f"only {', '.join(change.addresses)}"
    return f"only some, such as {change.connection.source.name} to {change.connection.destination.name}"


def _words(side: Side | None) -> str:
    if side is None:
        return "nothing is evaluated there"
    if side.verdict != "Uncertain":
        return side_words(side)
    return f"{side_words(side)}; {', or '.join(f'perhaps {trace_words(each)[-1]}' for each in side.outcomes)}"
