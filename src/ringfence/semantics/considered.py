"""Why the policies that might have decided did not.

Promises: every policy that selects the endpoint and is not in the trace is named once, with one reason, in the order
in which policies are asked; so is every policy of the endpoint's own namespace. Policies of others are left out.
"""

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from ringfence.model.policy import Direction
from ringfence.model.trace import END_OF_TIER, PolicyRef
from ringfence.model.verdict import Considered, Side
from ringfence.semantics.connection import Connection, Subject
from ringfence.semantics.criteria import RuleCheck, checked
from ringfence.semantics.effective import EffectivePolicy, EffectiveTier
from ringfence.semantics.matching import holds
from ringfence.semantics.reference import at_endpoint
from ringfence.semantics.selectors import NAMESPACE
from ringfence.semantics.words import policy_words


class ConsideredPolicy(Struct, frozen=True):
    """A policy that did not decide, with its tier. ``near`` is false where it never had a say: it does not select the
    endpoint, does not govern the direction, or does not count.
    """

    tier: str
    considered: Considered
    near: bool


def considered(
    tiers: Sequence[EffectiveTier],
    subject: Subject,
    direction: Direction,
    connection: Connection,
    side: Side,
    *,
    aside: Mapping[PolicyRef, str],
    aside_tiers: Sequence[EffectiveTier] = (),
) -> tuple[ConsideredPolicy, ...]:
    """Return the policies that did not decide one direction of one endpoint.

    ``tiers`` are those that were judged; ``aside`` tells of policies in ``aside_tiers`` why they do not count.
    """
    look = _Look(subject, direction, connection, side)
    found = [each for number, tier in enumerate(tiers) for each in look.tier(tier, number, tiers)]
    found.extend(
        ConsideredPolicy(tier.name, Considered(policy.ref, aside[policy.ref]), near=False)
        for tier in aside_tiers
        for policy in tier.policies
        if policy.ref in aside and look.concerns(policy)
    )
    return tuple(found)


class _Look:
    """One direction of one endpoint, looked at again once its side is known."""

    def __init__(self, subject: Subject, direction: Direction, connection: Connection, side: Side) -> None:
        self._subject, self._direction, self._connection = subject, direction, connection
        decided = [
            {
                (hit.tier, PolicyRef(hit.kind, hit.namespace, hit.name))
                for hit in outcome.trace
                if hit.kind is not None and hit.rule_index != END_OF_TIER
            }
            for outcome in side.outcomes
        ]
        self._deciders = frozenset().union(*decided)
        self._certain = frozenset(self._deciders).intersection(*decided)
        finals = [outcome.trace[-1] for outcome in side.outcomes if outcome.trace]
        self._profiles = len(finals) < len(side.outcomes) or any(hit.profile or hit.action == "Pass" for hit in finals)
        self._last_tiers = {hit.tier for hit in finals}

    def tier(self, tier: EffectiveTier, number: int, tiers: Sequence[EffectiveTier]) -> Iterator[ConsideredPolicy]:
        """Yield the policies of a tier that did not decide."""
        before = next((each.name for each in self._decided_before(number, tiers)), None)
        decider: PolicyRef | None = None
        for policy in tier.policies:
            reason, near = self._standing(policy)
            if reason is None and before is not None:
                reason, near = f"its tier comes after tier {before}, where this was decided", False
            elif reason is None and (tier.name, policy.ref) in self._deciders:
                decider = policy.ref if (tier.name, policy.ref) in self._certain else decider
                continue
            elif reason is None and decider is not None:
                reason = f"{policy_words(decider)} comes before it and decided"
            elif reason is None:
                reason = self._no_match(policy)
            if near or self.concerns(policy):
                yield ConsideredPolicy(tier.name, Considered(policy.ref, reason or ""), near)

    def _no_match(self, policy: EffectivePolicy) -> str:
        selected = holds(policy.selector, self._subject.holder, "this endpoint")
        reason = _no_match(checked(policy.rules(self._direction), self._connection), self._direction)
        return (
            f"whether it selects this endpoint is not certain ({selected}); {reason}"
            if isinstance(selected, str)
            else reason
        )

    def concerns(self, policy: EffectivePolicy) -> bool:
        """Say whether a policy selects the endpoint or is of its namespace."""
        own = policy.ref.namespace == self._subject.holder.labels.get(NAMESPACE) and bool(policy.ref.namespace)
        return own or holds(policy.selector, self._subject.holder, "this endpoint") is not False

    def _standing(self, policy: EffectivePolicy) -> tuple[str | None, bool]:
        """Return why a policy is not asked here, None where it is."""
        selected = holds(policy.selector, self._subject.holder, "this endpoint")
        if selected is False:
            return "does not select this endpoint", False
        if self._direction not in policy.types:
            return f"does not govern {self._direction.lower()}", False
        if self._subject.host and policy.ref.namespace:
            return "is namespaced, and only global policies are asked at host endpoints", False
        if not at_endpoint(policy) and not self._subject.host:
            return f"is asked before connections are tracked or translated ({policy.hook}), not here", False
        return None, True

    def _decided_before(self, number: int, tiers: Sequence[EffectiveTier]) -> Iterator[EffectiveTier]:
        """Yield the tier before this one in which every outcome had ended, if there is one."""
        if self._profiles:
            return
        places = [place for place, tier in enumerate(tiers) if tier.name in self._last_tiers]
        if places and max(places) < number:
            yield tiers[max(places)]


def _no_match(checks: Sequence[RuleCheck], direction: Direction) -> str:
    """Say why no rule decided, by the rule that comes nearest to matching."""
    if not checks:
        return f"has no rule for {direction.lower()} that decides"
    perhaps = [each for each in checks if not each.failed]
    if perhaps:
        first = perhaps[0]
        return f"rule {first.index} may match: {'; '.join(first.unknown) or 'an earlier policy is not certain'}"
    nearest = min(checks, key=lambda each: (len(each.failed), each.index))
    failed = " and ".join(nearest.failed)
    if len(checks) == 1:
        return f"rule {nearest.index} {failed}"
    return f"none of its {len(checks)} {direction.lower()} rules matches; the nearest, rule {nearest.index}, {failed}"
