"""A few recommendations on one screen: a short block a namespace.

Promises: every permit is in it in words; what is missing for confidence in all of them is told once. Details of one
namespace are `recommendation_details`.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from ringfence.cli.recommendation_details import confidence_words
from ringfence.cli.report import reason_words
from ringfence.cli.terminal import Terminal, heading, sentence, warning
from ringfence.model.policy import Direction
from ringfence.model.window import rfc3339
from ringfence.recommend.recommendation import Recommendation
from ringfence.rules.words import permit_words

_DIRECTIONS: Final[tuple[tuple[Direction, str], ...]] = (("Ingress", "in   "), ("Egress", "out  "))
_INDENT: Final = 2


def recommendation_brief(recommendations: Sequence[Recommendation], *, terminal: Terminal) -> Iterator[str]:
    """Yield a block for each recommendation and what is missing for confidence."""
    for each in recommendations:
        yield from heading(
            f"{each.scope.name}: {each.readiness.state}, rules unchanged since {rfc3339(each.readiness.last_change)}; "
            f"{confidence_words(each.confidence)}",
            terminal=terminal,
        )
        for direction, mark in _DIRECTIONS:
            yield from sentence(_permits(each, direction), terminal=terminal, indent=_INDENT, mark=mark)
        if each.held:
            signals = Counter(reason.name for held in each.held for reason in held.reasons)
            told = ", ".join(f"{reason_words(name)} {count}" for name, count in sorted(signals.items()))
            yield from warning(f"edges held: {told}", terminal=terminal, indent=_INDENT)
        left_out = Counter(reason for _, reason in {(edge.summary.edge, edge.reason) for edge in each.left_out})
        if left_out:
            told = ", ".join(f"{reason_words(reason)} {count}" for reason, count in sorted(left_out.items()))
            yield from sentence(f"edges left out: {told}", terminal=terminal, indent=_INDENT)
    missing = [frozenset(each.confidence.reasons) for each in recommendations]
    shared = frozenset.intersection(*missing) if missing else frozenset()
    if any(missing):
        yield ""
        yield from sentence("Missing for confidence", terminal=terminal)
    for reason in sorted(shared):
        yield from sentence(reason, terminal=terminal, indent=_INDENT, mark="- ")
    if any(each - shared for each in missing):
        differ = "what differs by namespace: see one with -n"
        yield from sentence(differ, terminal=terminal, indent=_INDENT, mark="- ")


def _permits(recommendation: Recommendation, direction: Direction) -> str:
    """Return all permits of a direction in words, or that it stays open."""
    permits = [placed.permit for placed in recommendation.permits if placed.permit.direction == direction]
    return "; ".join(permit_words(permit) for permit in permits) or "stays open: no evidence was admitted"
