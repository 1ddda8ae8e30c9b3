"""In which order tiers and policies are asked.

Promises: tiers by order, then name, tiers that do not exist last; policies by order, unset last, then by the text
``name/namespace/Kind``. A tier without order has 1000000.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from ringfence_lab.evaluator.fields import KubernetesObject, choice, mapping, number
from ringfence_lab.evaluator.policies import DEFAULT_TIER, Policy

_UNSET_ORDER: Final = 1_000_000.0


@dataclass(frozen=True, slots=True)
class Tier:
    """One tier. ``default_action`` is Pass or Deny; ``exists`` is false for one that only policies name."""

    name: str
    order: float
    default_action: str = "Deny"
    exists: bool = True


BUILT_IN: Final = (
    Tier("kube-admin", 1000.0, "Pass"),
    Tier(DEFAULT_TIER, _UNSET_ORDER),
    Tier("kube-baseline", 10_000_000.0, "Pass"),
)


def read_tier(document: KubernetesObject) -> Tier:
    """Return a tier. Raises ObjectError for what is not known."""
    spec = mapping(document.get("spec"), "spec", {"order", "defaultAction"})
    order = number(spec.get("order"), "spec.order")
    action = choice(spec.get("defaultAction") or "Deny", "spec.defaultAction", {"Deny", "Pass"})
    return Tier(document["metadata"]["name"], _UNSET_ORDER if order is None else order, action)


def in_order(tiers: Iterable[Tier], policies: Iterable[Policy]) -> tuple[tuple[Tier, tuple[Policy, ...]], ...]:
    """Return each tier that has policies, in order, with its policies in order."""
    by_tier: dict[str, list[Policy]] = {}
    for policy in policies:
        by_tier.setdefault(policy.tier, []).append(policy)
    known: Mapping[str, Tier] = {tier.name: tier for tier in (*BUILT_IN, *tiers)}
    asked = [known.get(name, Tier(name, 0.0, exists=False)) for name in by_tier]
    asked.sort(key=lambda tier: (not tier.exists, tier.order, tier.name))
    return tuple((tier, tuple(sorted(by_tier[tier.name], key=_place))) for tier in asked)


def _place(policy: Policy) -> tuple[float, str]:
    return policy.order, f"{policy.name}/{policy.namespace}/{policy.kind}"
