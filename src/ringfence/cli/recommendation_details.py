"""One recommendation for people: what it lets through, what is missing, what was left out and how to see it.

Promises: every permit is shown, a coarse one with its reason; a direction that stays open is said to stay open. With
``wide`` each permit also shows its evidence.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from ringfence.cli.cells import count_cell, decided_by_cell, endpoint_cell, port_cell
from ringfence.cli.headline import headline
from ringfence.cli.recommendation_waiting import waiting_lines
from ringfence.cli.report import Report, reason_words
from ringfence.cli.terminal import Terminal, command_line, heading, sentence, warning
from ringfence.flows.left_out import LeftOut
from ringfence.learning.baseline import AdmittedEdge, LeftOutEdge
from ringfence.model.policy import Direction
from ringfence.model.window import rfc3339
from ringfence.recommend.recommendation import Confidence, Gate, PlacedPermit, Recommendation
from ringfence.rules.coarse import COARSE_REASONS
from ringfence.rules.words import permit_words

_DIRECTIONS: Final[tuple[Direction, ...]] = ("Ingress", "Egress")
_REASONS_SHOWN: Final = 5
_EDGES_SHOWN: Final = 10
_QUIET_SHOWN: Final = 3
_SECTION: Final = 2
_ITEM: Final = 4
_DETAIL: Final = 6


def recommendation_details(
    recommendation: Recommendation, *, report: Report, terminal: Terminal, wide: bool
) -> Iterator[str]:
    """Yield the lines that tell one recommendation."""
    readiness = recommendation.readiness
    yield from heading(
        f"{recommendation.scope.name}: {readiness.state}, rules unchanged since {rfc3339(readiness.last_change)}; "
        f"{confidence_words(recommendation.confidence)}",
        terminal=terminal,
    )
    yield from sentence(headline(recommendation), terminal=terminal, indent=_SECTION)
    names = ", ".join(policy.name for policy in recommendation.policies)
    yield from sentence(f"policy {names}, content {recommendation.content_id}", terminal=terminal, indent=_SECTION)
    for direction in _DIRECTIONS:
        yield from _direction_lines(direction, recommendation=recommendation, terminal=terminal, wide=wide)
    yield from waiting_lines(recommendation, terminal=terminal, wide=wide)
    yield from _caution_lines(recommendation, terminal=terminal)
    yield from _confidence_lines(recommendation.confidence, terminal=terminal)
    yield from _gate_lines(recommendation, terminal=terminal, wide=wide)
    yield from _left_out_lines(recommendation, report=report, terminal=terminal)


def confidence_words(confidence: Confidence) -> str:
    """Say the confidence in short: a risk, or that it is unknown."""
    if confidence.risk is None:
        return f"confidence {confidence.state.lower()}"
    return f"confidence {confidence.state.lower()}, risk {confidence.risk:.0%}"


def _direction_lines(
    direction: Direction, *, recommendation: Recommendation, terminal: Terminal, wide: bool
) -> Iterator[str]:
    if not any(direction in policy.types for policy in recommendation.policies):
        yield from sentence(
            f"{direction} stays open: no evidence was admitted in this direction", terminal=terminal, indent=_SECTION
        )
        return
    yield from sentence(f"{direction} lets through", terminal=terminal, indent=_SECTION)
    edges = {each.summary.edge.id: each for each in recommendation.edges}
    for placed in recommendation.permits:
        if placed.permit.direction != direction:
            continue
        words = sentence if placed.permit.coarse is None else warning
        yield from words(permit_words(placed.permit), terminal=terminal, indent=_ITEM, mark="- ")
        if wide:
            yield from _evidence_lines(placed, edges=edges, terminal=terminal)


def _evidence_lines(placed: PlacedPermit, *, edges: Mapping[str, AdmittedEdge], terminal: Terminal) -> Iterator[str]:
    where = f"rule {placed.rule_index} of {placed.policy}"
    named = frozenset(placed.permit.edges)
    behind = [each.summary for edge, each in edges.items() if edge in named]
    if not behind:
        yield from sentence(f"{where}; declared, not observed", terminal=terminal, indent=_DETAIL)
        return
    days = len({hour // 24 for summary in behind for hour in summary.hours})
    counts = [summary.connections for summary in behind if summary.connections is not None]
    yield from sentence(
        f"{where}; seen {rfc3339(min(each.first for each in behind))} to {rfc3339(max(each.last for each in behind))}, "
        f"on {_counted(days, 'day')}, {count_cell(sum(counts) if counts else None)} connections",
        terminal=terminal,
        indent=_DETAIL,
    )
    for summary in behind[:_EDGES_SHOWN]:
        edge = summary.edge
        yield from sentence(
            f"{endpoint_cell(edge.client)} -> {endpoint_cell(edge.server)} {port_cell(edge)}",
            terminal=terminal,
            indent=_DETAIL,
        )
    if len(behind) > _EDGES_SHOWN:
        yield from sentence(
            f"and {_counted(len(behind) - _EDGES_SHOWN, 'edge')} more", terminal=terminal, indent=_DETAIL
        )


def _caution_lines(recommendation: Recommendation, *, terminal: Terminal) -> Iterator[str]:
    """Say what a person should know of the permits and of their evidence before trusting them."""
    reasons = sorted({each.permit.coarse for each in recommendation.permits if each.permit.coarse is not None})
    if reasons:
        yield from sentence("Coarse: wider than what was seen", terminal=terminal, indent=_SECTION)
    for reason in reasons:
        yield from sentence(f"{reason}: {COARSE_REASONS[reason]}", terminal=terminal, indent=_ITEM, mark="- ")
    partly = sum(edge.partly_denied for edge in recommendation.edges)
    unverified = sum(bool(edge.unverified) for edge in recommendation.edges)
    if partly:
        yield from warning(
            f"{_counted(partly, 'edge')} partly denied: some connections were denied in hours in which others were "
            "allowed",
            terminal=terminal,
            indent=_SECTION,
        )
    if unverified:
        yield from sentence(
            f"{_counted(unverified, 'edge')} with a side not verified: only the other side reported it",
            terminal=terminal,
            indent=_SECTION,
        )


def _confidence_lines(confidence: Confidence, *, terminal: Terminal) -> Iterator[str]:
    if not confidence.reasons:
        return
    yield from sentence("Missing for confidence", terminal=terminal, indent=_SECTION)
    for reason in confidence.reasons:
        yield from sentence(reason, terminal=terminal, indent=_ITEM, mark="- ")


def _gate_lines(recommendation: Recommendation, *, terminal: Terminal, wide: bool) -> Iterator[str]:
    """Show the gates that fail, and by name those that are not known; each with its reason where all is asked for."""
    shown = [gate for gate in recommendation.gates if wide or gate.status == "False"]
    if shown:
        yield from sentence("Gates" if wide else "Gates that fail", terminal=terminal, indent=_SECTION)
    for gate in shown:
        words = warning if gate.status == "False" else sentence
        told = f"{gate.name} {gate.status}: {gate.reason}" if wide else _gate_in_short(gate, quiet=recommendation.quiet)
        yield from words(told, terminal=terminal, indent=_ITEM, mark="- ")
    unknown = [gate.name for gate in recommendation.gates if gate.status == "Unknown"]
    if unknown and not wide:
        yield from sentence(f"Gates not known yet: {', '.join(unknown)}", terminal=terminal, indent=_SECTION)


def _gate_in_short(gate: Gate, *, quiet: Sequence[str]) -> str:
    """Say why a gate fails; of many quiet workloads only the first, because ``-o wide`` names them all."""
    if gate.name != "quiet" or len(quiet) <= _QUIET_SHOWN:
        return f"{gate.name}: {gate.reason}"
    shown = ", ".join(quiet[:_QUIET_SHOWN])
    return f"{gate.name}: no evidence of their own: {shown} and {len(quiet) - _QUIET_SHOWN} more (see -o wide)"


def _left_out_lines(recommendation: Recommendation, *, report: Report, terminal: Terminal) -> Iterator[str]:
    by_reason = Counter(reason for _, reason in {(each.summary.edge, each.reason) for each in recommendation.left_out})
    if not by_reason:
        return
    ranked = sorted(by_reason.items(), key=lambda item: (-item[1], item[0]))
    yield from sentence("Left out", terminal=terminal, indent=_SECTION)
    for reason, count in ranked[:_REASONS_SHOWN]:
        yield from sentence(
            f"{_counted(count, 'edge')}: {reason_words(reason)}{_deciders(recommendation.left_out, reason=reason)}",
            terminal=terminal,
            indent=_ITEM,
            mark="- ",
        )
        yield command_line(
            report.inputs.command("get edges", "-n", recommendation.scope.name, "--left-out", reason.value),
            indent=_DETAIL,
        )
    if len(ranked) > _REASONS_SHOWN:
        rest = ", ".join(f"{reason_words(reason)} {count}" for reason, count in ranked[_REASONS_SHOWN:])
        yield from sentence(f"and for other reasons: {rest}", terminal=terminal, indent=_ITEM, mark="- ")


def _deciders(left_out: Sequence[LeftOutEdge], *, reason: LeftOut) -> str:
    deciders = sorted({decided_by_cell((each.by,)) for each in left_out if each.reason == reason and each.by})
    if not deciders:
        return ""
    others = f" and {len(deciders) - 1} more" if len(deciders) > 1 else ""
    return f", by {deciders[0]}{others}"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
