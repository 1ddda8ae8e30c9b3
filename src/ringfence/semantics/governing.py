"""The policies that may govern one endpoint, out of all.

Promises: asking these tiers is asking all of them: a policy that surely does not select the endpoint, or is not of the
direction, is never met. So what is asked often need not meet the policies of others each time.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from ringfence.model.policy import Direction
from ringfence.semantics.connection import Holder
from ringfence.semantics.effective import EffectiveTier
from ringfence.semantics.matching import holds


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
