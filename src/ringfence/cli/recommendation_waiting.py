"""What of a recommendation waits for a person or for time: held edges, cuts, jobs that have not run, remarks.

Promises: what is held shows the numbers behind it and the id by which to decide; of many of a kind the first few, and
how many more.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from ringfence.cli.cells import endpoint_cell, port_cell
from ringfence.cli.documents.held_part import held_ids
from ringfence.cli.headline import counted
from ringfence.cli.terminal import Terminal, sentence, warning
from ringfence.model.window import rfc3339
from ringfence.recommend.recommendation import Recommendation
from ringfence.recommend.schedules import UnseenRun
from ringfence.semantics.words import side_words
from ringfence.verify.replay import side_of

_HELD_SHOWN: Final = 10
_REMARKS_SHOWN: Final = 3
_RUNS_SHOWN: Final = 2
_SECTION: Final = 2
_ITEM: Final = 4
_DETAIL: Final = 6


def waiting_lines(recommendation: Recommendation, *, terminal: Terminal, wide: bool) -> Iterator[str]:
    """Yield the lines of all four."""
    yield from _held_lines(recommendation, terminal=terminal)
    yield from _cut_lines(recommendation, terminal=terminal)
    yield from _schedule_lines(recommendation, terminal=terminal)
    yield from _remark_lines(recommendation, terminal=terminal, wide=wide)


def _held_lines(recommendation: Recommendation, *, terminal: Terminal) -> Iterator[str]:
    """Show what waits for a person, with the numbers behind it and the id by which to decide."""
    if recommendation.held:
        yield from warning(
            "Held: looks like an attack, so no rule lets it through until a person accepts it (--decisions)",
            terminal=terminal,
            indent=_SECTION,
        )
    for held in recommendation.held[:_HELD_SHOWN]:
        edge = held.edge.summary.edge
        where = f" ({', '.join(held.addresses)})" if held.addresses else ""
        decided = "" if held.rejected is None else f"; rejected: {held.rejected or 'no reason given'}"
        yield from sentence(
            f"{endpoint_cell(edge.client)} -> {endpoint_cell(edge.server)}{where} {port_cell(edge)}{decided}",
            terminal=terminal,
            indent=_ITEM,
            mark="- ",
        )
        for reason in held.reasons:
            yield from sentence(f"{reason.name}: {reason.words}", terminal=terminal, indent=_DETAIL)
        yield from sentence(f"id {', '.join(held_ids(held))}", terminal=terminal, indent=_DETAIL)
    if len(recommendation.held) > _HELD_SHOWN:
        more = len(recommendation.held) - _HELD_SHOWN
        yield from sentence(f"and {counted(more, 'edge')} more (see -o json)", terminal=terminal, indent=_ITEM)


def _cut_lines(recommendation: Recommendation, *, terminal: Terminal) -> Iterator[str]:
    """Show what was seen and the policies would cut, with what denies it."""
    cut = () if recommendation.impact is None else recommendation.impact.cut
    if cut:
        yield from warning("Would cut what was seen", terminal=terminal, indent=_SECTION)
    for each in cut[:_HELD_SHOWN]:
        edge = each.seen.edge
        yield from sentence(
            f"{endpoint_cell(edge.client)} -> {endpoint_cell(edge.server)} {port_cell(edge)}",
            terminal=terminal,
            indent=_ITEM,
            mark="- ",
        )
        for direction in each.directions:
            side = side_of(each.after, direction)
            if side is not None:
                yield from sentence(f"{direction.lower()}: {side_words(side)}", terminal=terminal, indent=_DETAIL)
    if len(cut) > _HELD_SHOWN:
        yield from sentence(f"and {counted(len(cut) - _HELD_SHOWN, 'edge')} more", terminal=terminal, indent=_ITEM)


def _schedule_lines(recommendation: Recommendation, *, terminal: Terminal) -> Iterator[str]:
    """Show the jobs that were never seen running, with their next runs."""
    waiting = [each for each in recommendation.confidence.schedules or () if each.is_unexercised]
    if waiting:
        yield from sentence("Jobs that were not seen running", terminal=terminal, indent=_SECTION)
    for each in waiting:
        yield from sentence(schedule_words(each), terminal=terminal, indent=_ITEM, mark="- ")


def schedule_words(run: UnseenRun) -> str:
    """Say when a job runs next."""
    zone = f" {run.time_zone}" if run.time_zone else ""
    told = ", ".join(map(rfc3339, run.next_runs[:_RUNS_SHOWN]))
    return f"{run.name} ({run.cron}{zone}): " + (f"next {told}" if told else run.unknown or "no next run")


def _remark_lines(recommendation: Recommendation, *, terminal: Terminal, wide: bool) -> Iterator[str]:
    by_kind: defaultdict[str, list[str]] = defaultdict(list)
    for remark in recommendation.remarks:
        by_kind[remark.kind].append(remark.words)
    for kind, words in by_kind.items():
        yield from sentence(REMARKS[kind], terminal=terminal, indent=_SECTION)
        shown = words if wide else words[:_REMARKS_SHOWN]
        for each in shown:
            yield from sentence(each, terminal=terminal, indent=_ITEM, mark="- ")
        if len(words) > len(shown):
            yield from sentence(f"and {len(words) - len(shown)} more (see -o wide)", terminal=terminal, indent=_ITEM)


REMARKS: Final[dict[str, str]] = {
    "Disagreement": "Records and today's policies disagree",
    "Kept": "Kept: declared by later policies, unseen",
    "Narrowed": "Taken away: declared by later policies, unseen",
    "Tightens": "Allowed earlier: reached only without that",
    "Shared": "Shared: workloads that no label tells apart",
}
"""What each kind of remark is called in reports."""
