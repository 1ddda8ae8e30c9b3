"""A recommendation for a pull request: meaning first, then rules with their evidence, then what is open.

Promises: text from flow logs is escaped, so it can neither be markup nor hide anything; the same recommendation gives
the same text.
"""

from collections import Counter
from collections.abc import Iterable, Iterator

from ringfence.cli.cells import decided_by_cell, endpoint_cell, port_cell
from ringfence.cli.documents.held_part import held_ids
from ringfence.cli.headline import counted, headline, short_count
from ringfence.cli.markdown import markdown_text
from ringfence.cli.recommendation_waiting import REMARKS, schedule_words
from ringfence.cli.report import Report, reason_words
from ringfence.cli.run_summary import records_line
from ringfence.model.window import rfc3339
from ringfence.recommend.recommendation import PlacedPermit, Recommendation
from ringfence.rules.coarse import COARSE_REASONS
from ringfence.rules.words import permit_words


def report_markdown(report: Report) -> Iterator[str]:
    """Yield the lines of all recommendations of a run."""
    for recommendation in report.recommendations.items:
        yield from recommendation_markdown(recommendation)
        yield ""
    if report.recommendations.skipped:
        yield "### Without a recommendation"
        yield ""
        for each in report.recommendations.skipped:
            yield f"- {markdown_text(each.scope.name)}: {markdown_text(each.reason)}"
        yield ""
    yield markdown_text(records_line(report))


def recommendation_markdown(recommendation: Recommendation) -> Iterator[str]:
    """Yield the lines of one recommendation."""
    yield f"## {markdown_text(recommendation.scope.name)}"
    yield ""
    yield f"{headline(recommendation)}."
    yield ""
    readiness = recommendation.readiness
    yield (
        f"{readiness.state}: rules unchanged since {rfc3339(readiness.last_change)}. "
        f"Content {recommendation.content_id}; policies "
        f"{', '.join(f'`{policy.name}`' for policy in recommendation.policies)}."
    )
    yield ""
    yield "| direction | lets through | seen | connections |"
    yield "|---|---|---|---:|"
    for placed in recommendation.permits:
        yield _permit_row(placed, recommendation)
    yield from _section("Held: looks like an attack, no rule lets it through", _held(recommendation))
    yield from _section("Coarse: wider than what was seen", _coarse(recommendation))
    yield from _section(
        "Jobs that were not seen running",
        (
            markdown_text(schedule_words(each))
            for each in recommendation.confidence.schedules or ()
            if each.is_unexercised
        ),
    )
    for kind, title in REMARKS.items():
        yield from _section(title, (markdown_text(each.words) for each in recommendation.remarks if each.kind == kind))
    yield from _section(
        "Not confirmed: no evidence of their own", (markdown_text(each) for each in recommendation.quiet)
    )
    yield from _section(
        "Gates that do not hold",
        (
            f"{markdown_text(gate.name)} ({gate.status}): {markdown_text(gate.reason)}"
            for gate in recommendation.gates
            if gate.status != "True"
        ),
    )
    yield from _section("Left out", _left_out(recommendation))


def _permit_row(placed: PlacedPermit, recommendation: Recommendation) -> str:
    named = frozenset(placed.permit.edges)
    behind = [each.summary for each in recommendation.edges if each.summary.edge.id in named]
    seen = (
        f"{rfc3339(min(e.first for e in behind))} to {rfc3339(max(e.last for e in behind))}" if behind else "declared"
    )
    known = [each.connections for each in behind if each.connections is not None]
    connections = short_count(sum(known)) if known else ""
    return f"| {placed.permit.direction} | {markdown_text(permit_words(placed.permit))} | {seen} | {connections} |"


def _held(recommendation: Recommendation) -> Iterator[str]:
    for held in recommendation.held:
        edge = held.edge.summary.edge
        ends = f"{endpoint_cell(edge.client)} -> {endpoint_cell(edge.server)} {port_cell(edge)}"
        reasons = "; ".join(f"{reason.name}: {reason.words}" for reason in held.reasons)
        yield f"{markdown_text(ends)}: {markdown_text(reasons)} (`{', '.join(held_ids(held))}`)"


def _coarse(recommendation: Recommendation) -> Iterator[str]:
    reasons = {placed.permit.coarse for placed in recommendation.permits if placed.permit.coarse is not None}
    for reason in sorted(reasons):
        yield f"{reason}: {COARSE_REASONS[reason]}"


def _left_out(recommendation: Recommendation) -> Iterator[str]:
    edges = {(each.summary.edge, each.reason) for each in recommendation.left_out}
    deciders = {each.reason: decided_by_cell((each.by,)) for each in recommendation.left_out if each.by is not None}
    for reason, count in sorted(Counter(reason for _, reason in edges).items()):
        by = f", by {markdown_text(deciders[reason])}" if reason in deciders else ""
        yield f"{counted(count, 'edge')}: {reason_words(reason)}{by}"


def _section(title: str, items: Iterable[str]) -> Iterator[str]:
    lines = [f"- {item}" for item in items]
    if lines:
        yield ""
        yield f"**{title}**"
        yield ""
        yield from lines
