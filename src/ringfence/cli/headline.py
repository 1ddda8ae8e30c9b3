"""One recommendation as one sentence.

Promises: says whom the policy lets through in each direction, that nothing else passes, and what that rests on; names
peers of the cluster first, the busiest of them, and counts the rest; that DNS may be asked goes without saying. A
direction that stays open is said to stay open.
"""

from collections.abc import Sequence
from typing import Final

from ringfence.model.policy import Direction
from ringfence.recommend.impact import Impact
from ringfence.recommend.recommendation import Recommendation
from ringfence.rules.permit import IntraNamespacePeer, NamespacePeer, Permit, ResolverPeer, ServicePeer, WorkloadPeer
from ringfence.rules.words import permit_words

_SHOWN: Final = 2
_WORDS: Final[dict[Direction, tuple[str, str]]] = {"Egress": ("reach", "to "), "Ingress": ("be reached from", "from ")}
_NAMED: Final = (NamespacePeer, IntraNamespacePeer, WorkloadPeer, ServicePeer)
_UNITS: Final = ((1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k"))


def headline(recommendation: Recommendation) -> str:
    """Return the sentence."""
    directions: tuple[Direction, ...] = ("Egress", "Ingress")
    isolated = [each for each in directions if any(each in policy.types for policy in recommendation.policies)]
    connections = {each.summary.edge.id: each.summary.connections or 0 for each in recommendation.edges}
    permits = sorted(
        (placed.permit for placed in recommendation.permits),
        key=lambda permit: (
            not isinstance(permit.peer, _NAMED),
            -sum(connections.get(edge, 0) for edge in permit.edges),
        ),
    )
    lets = [_lets([permit for permit in permits if permit.direction == each], each) for each in isolated]
    open_ = [each.lower() for each in directions if each not in isolated]
    told = [f"Lets `{recommendation.scope.name}` {', and '.join(lets)}, and nothing else", _basis(recommendation)]
    if open_:
        told.append(f"{' and '.join(open_)} stays open")
    if recommendation.impact is not None:
        told.append(_effect(recommendation.impact))
    if recommendation.held:
        told.append(f"{counted(len(recommendation.held), 'edge')} held for a decision")
    return "; ".join(told)


def counted(count: int, noun: str) -> str:
    """Write a number with its noun: ``1 edge``, ``2 edges``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def short_count(count: int) -> str:
    """Write a number as people say it: ``1.2 M``.

    >>> short_count(999), short_count(1_234_567)
    ('999', '1.2 M')
    """
    for size, unit in _UNITS:
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return str(count)


def _lets(permits: Sequence[Permit], direction: Direction) -> str:
    verb, preposition = _WORDS[direction]
    wanted = [permit for permit in permits if not isinstance(permit.peer, ResolverPeer)] or permits
    peers = [permit_words(permit).partition(" (coarse")[0].removeprefix(preposition) for permit in wanted]
    named = list(dict.fromkeys(peers))
    if len(named) > _SHOWN + 1:
        named = [*named[:_SHOWN], f"{len(named) - _SHOWN} more"]
    return f"{verb} {', '.join(named[:-1])} and {named[-1]}" if len(named) > 1 else f"{verb} {''.join(named)}"


def _effect(impact: Impact) -> str:
    if impact.cut:
        return f"cuts {counted(len(impact.cut), 'edge')} that was seen"
    if impact.uncertain:
        return f"for {counted(len(impact.uncertain), 'edge')} the effect is not known"
    return "cuts nothing seen"


def _basis(recommendation: Recommendation) -> str:
    summaries = [each.summary for each in recommendation.edges]
    days = len({hour // 24 for summary in summaries for hour in summary.hours})
    known = [summary.connections for summary in summaries if summary.connections is not None]
    connections = f", {short_count(sum(known))} connections" if known else ""
    return f"based on {counted(days, 'day')}{connections}"
