"""Say where our tier stands.

Promises: a tier that exists is never moved, and never written where it is not ours. A new one goes midway between the
last tier before ``default`` and ``default``, so that what others decide there keeps its word and what they decide in
``default`` is met after ours. Without tiers in the input it goes directly before ``default``.
"""

from typing import Final

from msgspec import Struct

from ringfence.model.cluster import Cluster
from ringfence.model.policy import Tier
from ringfence.rules.assemble import MANAGED_BY
from ringfence.rules.later_allows import BEFORE_DEFAULT
from ringfence.rules.whom import Refused
from ringfence.semantics.resolve import BUILT_IN_TIERS, UNSET_TIER_ORDER

_FIRST_ORDER: Final = 1_000.0
"""Where Calico's own first tier stands."""


class TierPlace(Struct, frozen=True):
    """Our tier. ``written`` is false where the cluster has it and it is another's to write."""

    tier: Tier
    written: bool


def new_tier(name: str) -> Tier:
    """Return a tier of ours for where no other tier's order is known."""
    return Tier(name, BEFORE_DEFAULT.order, "Deny", (MANAGED_BY,))


def tier_place(name: str, cluster: Cluster | None) -> TierPlace | Refused:
    """Return the tier of this name as the cluster has it, else where a new one goes, or why it cannot be used."""
    if any(name == each.name for tiers in BUILT_IN_TIERS.values() for each in tiers):
        return Refused(
            f"tier {name} is Calico's own; its end decides for policies of others too: choose another tierName"
        )
    if cluster is None or "Tier" in cluster.inventory.missing:
        return TierPlace(new_tier(name), written=True)
    known = {each.name: each for each in cluster.policies.tiers}
    if name in known:
        there = known[name]
        if there.default_action != "Deny":
            return Refused(
                f"tier {name} exists with defaultAction {there.default_action}, so policies in it isolate nobody; "
                "set it to Deny or choose another tierName"
            )
        return TierPlace(there, written=MANAGED_BY in there.labels)
    earlier = [each.order for each in known.values() if _FIRST_ORDER < each.order < UNSET_TIER_ORDER]
    order = (max(earlier, default=_FIRST_ORDER) + UNSET_TIER_ORDER) / 2
    return TierPlace(Tier(name, order, "Deny", (MANAGED_BY,)), written=True)
