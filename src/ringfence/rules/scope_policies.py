"""Write a scope's permits as its policies, with the network sets that they name.

Promises: together the policies let pass what the permits allow and nothing else; each permit knows its rule. Where no
policy can select the scope, or more rules are needed than settings want, there are none, and the reason why.
"""

from collections import Counter
from collections.abc import Collection, Sequence

from msgspec import Struct

from ringfence.model.endpoint import endpoint_text
from ringfence.model.network_set_object import NetworkSetObject
from ringfence.model.policy import Policy
from ringfence.rules.assemble import DIRECTIONS, assemble
from ringfence.rules.fit import Fitted, fit, with_network_sets
from ringfence.rules.permit import Permit
from ringfence.rules.scope_baseline import ScopeBaseline
from ringfence.rules.whom import Quiet, Refused, Whom, scope_label, scope_workloads, whom
from ringfence.rules.workload_selector import SHARED


class RulePlace(Struct, frozen=True):
    """The policy that holds a rule, by name, and its index in the direction's list."""

    policy: str
    rule_index: int


class ScopePolicies(Struct, frozen=True):
    """A scope's policies; ``places`` has one entry a permit, in the same order."""

    policies: tuple[Policy, ...]
    permits: tuple[Permit, ...]
    places: tuple[RulePlace, ...]
    network_sets: tuple[NetworkSetObject, ...] = ()


def scope_policies(
    scope: ScopeBaseline, permits: Sequence[Permit], *, tier: str, quiet: Collection[Quiet] = ()
) -> ScopePolicies | Refused:
    """Return the staged policies of a scope with these permits."""
    settings = scope.surroundings.settings
    directions = tuple(each for each in DIRECTIONS if any(permit.direction == each for permit in permits))
    selected = whom(scope, directions, quiet)
    if isinstance(selected, Refused):
        return selected
    network_sets: tuple[NetworkSetObject, ...] = ()
    if settings.max_rules and _most_rules(permits) > settings.max_rules:
        permits, network_sets = with_network_sets(permits, namespace=scope.namespace, label=scope_label(scope))
        if _most_rules(permits) > settings.max_rules:
            return Refused(
                f"{_most_rules(permits)} rules are needed in one direction and maxRules is {settings.max_rules}"
            )
    policies: list[Policy] = []
    places: dict[int, RulePlace] = {}
    for each in selected:
        made, where = _written(scope, permits, each, tier)
        policies += made
        places |= where
    return ScopePolicies(
        tuple(policies), tuple(permits), tuple(places[number] for number in range(len(permits))), network_sets
    )


def _written(
    scope: ScopeBaseline, permits: Sequence[Permit], selected: Whom, tier: str
) -> tuple[tuple[Policy, ...], dict[int, RulePlace]]:
    """Return the policies that select the same endpoints, and where each permit's rule stands, by its number."""
    settings = scope.surroundings.settings
    whole = assemble(scope.namespace, permits, tier=tier, whom=selected, settings=settings, about=_about(scope))
    fitted = fit(whole)
    numbers = [number for number, permit in enumerate(permits) if permit.direction in selected.directions]
    return fitted.policies, dict(zip(numbers, places_of([permits[number] for number in numbers], fitted), strict=True))


def places_of(permits: Sequence[Permit], fitted: Fitted) -> tuple[RulePlace, ...]:
    """Return where the rule of each permit stands: `assemble` writes one rule a permit, in order, per direction."""
    dealt = {"Ingress": iter(fitted.ingress), "Egress": iter(fitted.egress)}
    places = (next(dealt[permit.direction]) for permit in permits)
    return tuple(RulePlace(fitted.policies[part].name, index) for part, index in places)


def _about(scope: ScopeBaseline) -> tuple[tuple[str, str], ...]:
    """Return the annotations that say what a policy is for."""
    if scope.workloads is None:
        return ()
    workloads = scope_workloads(scope)
    told = [
        ("ringfence.io/name", ",".join(endpoint_text(each) for each in workloads)),
        ("ringfence.io/namespace", scope.namespace),
        ("ringfence.io/scope", "workload"),
    ]
    if len(workloads) > 1:
        told.append(("ringfence.io/coarse", SHARED))
    return tuple(told)


def _most_rules(permits: Sequence[Permit]) -> int:
    return max(Counter(permit.direction for permit in permits).values(), default=0)
