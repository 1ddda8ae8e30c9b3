"""What the recommendations of a run would do to everything that was seen: each one's own replay.

Promises: all recommendations of a run are enforced together, in the place of policies of their names, and a change is
told of the one whose policy makes it. Nothing is called ready that would cut anything: the gate opens only where every
edge that was tried, and is not held, is known to stay as it is.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from msgspec.structs import replace

from ringfence.learning.baseline import HeldEdge
from ringfence.learning.narrowing import narrowed
from ringfence.model.cluster import Cluster
from ringfence.model.endpoint import endpoint_text
from ringfence.model.policy import Policy, Tier
from ringfence.model.verdict import Side
from ringfence.recommend.impact import Impact
from ringfence.recommend.recommendation import Gate, Recommendation
from ringfence.recommend.words import counted
from ringfence.rules.as_enforced import enforced
from ringfence.verify.observed import ObservedEdge, is_tried, observed_edge
from ringfence.verify.overlay import Written, overlay
from ringfence.verify.replay import Change, replay, side_of

GATE: Final = "replay"
_NAMED: Final = 3


def impacts(items: Sequence[Recommendation], cluster: Cluster, *, tiers: Iterable[Tier] = ()) -> tuple[Impact, ...]:
    """Return the impact of each recommendation, in their order. ``tiers`` are those that they bring along."""
    written = Written(
        policies=tuple(enforced(policy) for item in items for policy in item.policies),
        tiers=tuple(tiers),
        network_sets=tuple(each for item in items for each in item.network_sets),
    )
    edges = dict.fromkeys(seen for item in items for seen in _all(item))
    replayed = replay(edges, cluster, overlay(cluster, written), "enforced")
    lost = {each.seen for each in replayed.not_judged}
    changes = {each.seen: each for each in replayed.changes}
    makers: dict[ObservedEdge, frozenset[str]] = {seen: _makers(change) for seen, change in changes.items()}
    names = frozenset(_name(policy) for item in items for policy in item.policies)
    return tuple(
        _impact(
            item,
            {
                seen: change
                for seen, change in changes.items()
                if not makers[seen] & names or makers[seen] & {_name(policy) for policy in item.policies}
            },
            judged=sum(observed_edge(each.summary) not in lost for each in item.edges),
        )
        for item in items
    )


def with_impacts(
    items: Sequence[Recommendation], cluster: Cluster | None, *, tiers: Iterable[Tier] = ()
) -> tuple[Recommendation, ...]:
    """Return the recommendations with their impact and the gate that it opens or closes; without a snapshot the gate is
    not known.
    """
    if cluster is None:
        return tuple(replace(item, impact=None, gates=_with_gate(item.gates, replay_gate(None))) for item in items)
    found = impacts(items, cluster, tiers=tiers)
    return tuple(
        replace(item, impact=each, gates=_with_gate(item.gates, replay_gate(each)))
        for item, each in zip(items, found, strict=True)
    )


def replay_gate(impact: Impact | None) -> Gate:
    """Return the gate that stays closed while anything that was seen would be cut."""
    if impact is None:
        return Gate(GATE, "Unknown", "no snapshot: what the policies would decide is not known")
    if impact.cut:
        return Gate(GATE, "False", f"would cut {counted(len(impact.cut), 'observed edge')}: {_named(impact.cut)}")
    if impact.uncertain:
        told = f"for {counted(len(impact.uncertain), 'observed edge')} it is not known: {_named(impact.uncertain)}"
        return Gate(GATE, "Unknown", told)
    lost = [(change, reason) for change, reason in impact.left_out if change.change != "Opened"]
    if lost:
        reasons = Counter(reason for _, reason in lost)
        words = ", ".join(f"{reason} {count}" for reason, count in sorted(reasons.items()))
        told = (
            f"would cut {counted(len(lost), 'edge')} that learning left out ({words}): {_named([e for e, _ in lost])}"
        )
        return Gate(GATE, "Unknown", told)
    held = f"; {counted(len(impact.held), 'held edge')} would be cut" if impact.held else ""
    return Gate(GATE, "True", f"cuts none of {counted(impact.judged, 'observed edge')}{held}")


def _impact(item: Recommendation, changes: Mapping[ObservedEdge, Change], *, judged: int) -> Impact:
    own = [change for each in item.edges if (change := changes.get(observed_edge(each.summary))) is not None]
    held = (changes.get(_held(each)) for each in item.held)
    left_out = {
        seen: each.reason.value
        for each in item.left_out
        if (seen := observed_edge(each.summary)) in changes and is_tried(each.reason)
    }
    admitted = {each.summary.edge for each in item.edges}
    return Impact(
        judged=judged,
        cut=tuple(each for each in own if each.change == "Cut"),
        opened=tuple(each for each in own if each.change == "Opened"),
        uncertain=tuple(each for each in own if each.change == "Uncertain"),
        held=tuple(each for each in held if each is not None and each.change != "Opened"),
        left_out=tuple((changes[seen], reason) for seen, reason in left_out.items() if seen.edge not in admitted),
    )


def _all(item: Recommendation) -> Iterable[ObservedEdge]:
    yield from (observed_edge(each.summary) for each in item.edges)
    yield from (_held(each) for each in item.held)
    yield from (observed_edge(each.summary) for each in item.left_out if is_tried(each.reason))


def _held(held: HeldEdge) -> ObservedEdge:
    """Return what is held of an edge: all of it, or its part to some addresses."""
    edge = narrowed(held.edge, held.addresses) if held.addresses else held.edge
    return observed_edge(edge.summary)


def _makers(change: Change) -> frozenset[str]:
    """Return the policies that have a say where the verdict is another."""
    sides: list[Side] = [
        side for direction in change.directions if (side := side_of(change.after, direction)) is not None
    ]
    return frozenset(
        f"{hit.namespace}/{hit.name}" for side in sides for outcome in side.outcomes for hit in outcome.trace
    )


def _name(policy: Policy) -> str:
    return f"{policy.namespace or ''}/{policy.name}"


def _named(changes: Sequence[Change]) -> str:
    words = [
        f"{endpoint_text(edge.client)} to {endpoint_text(edge.server)} {edge.protocol}"
        + ("" if edge.port is None else f" {edge.port}")
        for edge in (each.seen.edge for each in changes[:_NAMED])
    ]
    if len(changes) > _NAMED:
        words.append(f"and {len(changes) - _NAMED} more")
    return ", ".join(words)


def _with_gate(gates: Sequence[Gate], gate: Gate) -> tuple[Gate, ...]:
    return tuple(gate if each.name == gate.name else each for each in gates)
