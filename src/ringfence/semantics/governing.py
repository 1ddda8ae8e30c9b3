"""The policies that may govern one endpoint, out of all, and their rules that may match one peer.

Promises: asking these is asking all of them: a policy that surely does not select the endpoint, or is not of the
direction, is never met, and a rule that surely does not match the peer never matches. So what is asked often need not
meet what is of others each time.
"""

from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace

from ringfence.model.policy import Direction
from ringfence.semantics.connection import End, Holder
from ringfence.semantics.effective import EffectiveMatch, EffectivePolicy, EffectiveRule, EffectiveTier
from ringfence.semantics.matching import holds, selects

_IN_PLACE: Final = EffectiveRule("Log", EffectiveMatch(), EffectiveMatch())
"""Decides nothing: it keeps the place of a rule that cannot match, so that the others keep theirs."""


def governing(tiers: Sequence[EffectiveTier], holder: Holder, direction: Direction) -> tuple[EffectiveTier, ...]:
    """Return the tiers with only the policies of a direction that select the endpoint, or may."""
    return tuple(
        replace(
            tier,
            policies=tuple(
                policy
                for policy in tier.policies
                if direction in policy.types and holds(policy.selector, holder, "this endpoint") is not False
            ),
        )
        for tier in tiers
    )


def facing(policy: EffectivePolicy, peer: End, direction: Direction) -> EffectivePolicy:
    """Return the policy with only the rules of a direction that match the peer, or may, at their places."""
    if direction == "Ingress":
        kept = tuple(rule if _may_be(rule.source, peer) else _IN_PLACE for rule in policy.ingress)
        return replace(policy, ingress=kept)
    kept = tuple(rule if _may_be(rule.destination, peer) else _IN_PLACE for rule in policy.egress)
    return replace(policy, egress=kept)


def _may_be(match: EffectiveMatch, end: End) -> bool:
    """Say whether a rule may mean an end, by its nets and its selector. What is false of all the addresses that an end
    may have is false of those of one family.
    """
    if match.nets is not None and not end.addresses & match.nets:
        return False
    return match.selector is None or selects(match.selector, end, end.addresses) is not False
