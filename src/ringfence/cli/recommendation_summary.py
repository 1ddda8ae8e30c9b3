"""Many recommendations on one screen: a line a namespace.

Promises: the same counts that the details tell; a direction that stays open is ``<none>``.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from ringfence.cli.columns import columns
from ringfence.cli.terminal import Terminal
from ringfence.model.policy import Direction
from ringfence.recommend.recommendation import Recommendation

_TITLES: Final = ("NAMESPACE", "READINESS", "CONFIDENCE", "INGRESS", "EGRESS", "COARSE", "HELD", "LEFT-OUT")


def recommendation_summary(recommendations: Sequence[Recommendation], *, terminal: Terminal) -> Iterator[str]:
    """Yield a table: permits by direction, how many of them are coarse, and how many edges were left out."""
    rows = [
        (
            each.scope.name,
            each.readiness.state,
            each.confidence.state if each.confidence.risk is None else f"risk {each.confidence.risk:.0%}",
            _permits(each, direction="Ingress"),
            _permits(each, direction="Egress"),
            str(sum(placed.permit.coarse is not None for placed in each.permits)),
            str(len(each.held)),
            str(len({edge.summary.edge for edge in each.left_out})),
        )
        for each in recommendations
    ]
    yield from columns(_TITLES, rows=rows, terminal=terminal)


def _permits(recommendation: Recommendation, *, direction: Direction) -> str:
    if not any(direction in policy.types for policy in recommendation.policies):
        return ""
    return str(sum(placed.permit.direction == direction for placed in recommendation.permits))
