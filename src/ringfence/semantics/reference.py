"""What a policy set means for one connection: the specification, slow, short and obvious.

The algorithm is that of calico-semantics 4.3: tier by tier, policy by policy, rule by rule, the first rule that matches
decides. Promises: nothing is guessed. Where a criterion cannot be decided, the evaluation goes both ways and the side
has two outcomes; where both ways end alike, the verdict is certain all the same.
"""

from collections.abc import Callable, Iterator, Sequence

from ringfence.model.address_set import Family
from ringfence.model.policy import Direction
from ringfence.model.trace import END_OF_TIER, Action, Hit, PolicyRef, Trace
from ringfence.model.verdict import Judgement, Outcome, Side
from ringfence.semantics.connection import Connection, Subject
from ringfence.semantics.effective import EffectivePolicy, EffectiveTier
from ringfence.semantics.matching import Answer, holds, unknowns

DEFAULT_ALLOW: str = "projectcalico-default-allow"
NAMESPACE_PROFILE: str = "kns."
ACCOUNT_PROFILE: str = "ksa."

Asked = Callable[[EffectivePolicy], bool]
"""Which policies are asked at all, whomever they select."""
Undecided = Callable[[Trace, tuple[str, ...]], Iterator[Outcome]]
"""What happens where no policy decides: given the trace so far and what is not known."""


def judge(tiers: Sequence[EffectiveTier], connection: Connection) -> Judgement:
    """Judge a connection: egress at its source, ingress at its destination. Both must allow (calico-semantics 4.4)."""
    source, destination = connection.source.subject, connection.destination.subject
    return Judgement(
        egress=None if source is None else side(tiers, source, "Egress", connection),
        ingress=None if destination is None else side(tiers, destination, "Ingress", connection),
    )


def side(tiers: Sequence[EffectiveTier], subject: Subject, direction: Direction, connection: Connection) -> Side:
    """Evaluate one direction of one endpoint: policies, then its profiles, then deny. Hosts have more: see `hosts`."""
    return over_families(connection, lambda family: Walk(tiers, subject, direction, connection, family).outcomes())


def over_families(connection: Connection, outcomes: Callable[[Family], Iterator[Outcome]]) -> Side:
    """Return the side over every IP family both ends may speak: the first outcome of each verdict.

    Where the families end differently, which of them is spoken is one more thing that is not known.
    """
    every = [list(outcomes(family)) for family in connection.families]
    differ = len({frozenset(each.verdict for each in found) for found in every}) > 1
    doubt = ("which IP family they speak is not known",) if differ else ()
    first: dict[str, Outcome] = {}
    for outcome in (each for found in every for each in found):
        first.setdefault(outcome.verdict, Outcome(outcome.verdict, outcome.trace, (*outcome.unknown, *doubt)))
    return Side(tuple(first.values()))


def at_endpoint(policy: EffectivePolicy) -> bool:
    """Say whether a policy is asked at an endpoint itself: pods never meet untracked or preDNAT policies."""
    return policy.hook == "normal"


class Walk:
    """One evaluation of one direction in one IP family."""

    def __init__(
        self,
        tiers: Sequence[EffectiveTier],
        subject: Subject,
        direction: Direction,
        connection: Connection,
        family: Family,
        *,
        asked: Asked = at_endpoint,
        tiers_end: bool = True,
        undecided: Undecided | None = None,
    ) -> None:
        """Take the question. Where ``tiers_end`` is false, the end of every tier passes on."""
        self._tiers, self._subject, self._direction = tiers, subject, direction
        self._connection, self._family = connection, family
        self._asked, self._tiers_end = asked, tiers_end
        self._undecided = undecided or self.profiles

    def outcomes(self, trace: Trace = (), unknown: tuple[str, ...] = ()) -> Iterator[Outcome]:
        """Yield how it may end, in the order in which rules decide."""
        return self._from_tier(0, trace, unknown)

    def _from_tier(self, number: int, trace: Trace, unknown: tuple[str, ...]) -> Iterator[Outcome]:
        """Yield how it may end from a tier on. Later tiers are walked once, however many ways lead there."""
        if number == len(self._tiers):
            yield from self._undecided(trace, unknown)
            return
        tier = self._tiers[number]
        if tier.unsupplied is not None:
            reasons = (*unknown, tier.unsupplied)
            yield from self._from_tier(number + 1, trace, reasons)
            yield from (Outcome("Allow", trace, reasons), Outcome("Deny", trace, reasons))
            return
        onward: tuple[Trace, tuple[str, ...]] | None = None
        for hit, doubts in self._hits(tier, index=len(trace)):
            reasons = (*unknown, *doubts)
            if hit is None or hit.action == "Pass":
                onward = onward or ((trace if hit is None else (*trace, hit)), reasons)
            else:
                yield Outcome(hit.action, (*trace, hit), reasons)
        if onward is not None:
            yield from self._from_tier(number + 1, *onward)

    def _hits(self, tier: EffectiveTier, *, index: int) -> Iterator[tuple[Hit | None, tuple[str, ...]]]:
        """Yield what may decide in a tier, up to what surely does; None where the tier is not in play."""
        governing = [
            (policy, answer)
            for policy in tier.policies
            if self._direction in policy.types
            and self._asked(policy)
            and (answer := holds(policy.selector, self._subject.holder, "this endpoint")) is not False
        ]
        doubts = () if tier.unknown is None else (tier.unknown,)
        for policy, governs in governing:
            for number, rule in enumerate(policy.rules(self._direction)):
                if rule.action == "Log":
                    continue
                found = unknowns(rule, self._connection, self._family)
                if found is None:
                    continue
                new = (*_doubt(governs), *found)
                doubts = (*doubts, *new)
                yield _hit(policy.ref, tier.name, rule.action, number, index), doubts
                if not new:
                    if tier.anywhere:
                        yield None, doubts
                    return
        if governing:
            trigger, last = governing[0][0], governing[-1][0]
            recorded = last.ref if tier.recorded and last.ref != trigger.ref else None
            action = tier.default_action if self._tiers_end else "Pass"
            yield _hit(trigger.ref, tier.name, action, END_OF_TIER, index, recorded), doubts
        if not governing:
            yield None, ()
        elif tier.unknown is not None or not any(governs is True for _, governs in governing):
            yield None, (*doubts, *(text for _, governs in governing for text in _doubt(governs)))

    def profiles(self, trace: Trace, unknown: tuple[str, ...]) -> Iterator[Outcome]:
        """Yield what the endpoint's profiles say, and deny where none says anything."""
        for profile in self._subject.profiles:
            if profile.startswith(NAMESPACE_PROFILE) or profile == DEFAULT_ALLOW:
                yield Outcome(
                    "Allow", (*trace, _hit(PolicyRef("Profile", "", profile), "", "Allow", 0, len(trace))), unknown
                )
                return
            if not profile.startswith(ACCOUNT_PROFILE):
                unknown = (*unknown, f"the rules of profile {profile} are not known")
                yield Outcome("Allow", trace, unknown)
        yield Outcome("Deny", trace, unknown)


def _doubt(answer: Answer) -> tuple[str, ...]:
    return (answer,) if isinstance(answer, str) else ()


def _hit(policy: PolicyRef, tier: str, action: Action, rule: int, index: int, recorded: PolicyRef | None = None) -> Hit:
    return Hit(index, tier, policy.kind, policy.namespace, policy.name, action, rule, recorded)
