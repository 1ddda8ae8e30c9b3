"""In which order tiers and policies are asked, from Calico 3.32 on.

Promises: total orders. Tiers: order, then name. Policies of a tier: order (unset last), then ``name/namespace/Kind`` as
plain text (calico-semantics 4.1). Before 3.32 the tie of equal orders was another one: `order_331`.
"""

from ringfence.model.policy import Tier


def tier_key(tier: Tier) -> tuple[float, str]:
    """Return where a tier stands."""
    return tier.order, tier.name


def policy_key(order: float, *, kind: str, namespace: str, name: str, tier: str) -> tuple[float, str]:  # noqa: ARG001 - as in order_331
    """Return where a policy stands in its tier."""
    return order, f"{name}/{namespace}/{kind}"
