"""Which ends a change of policies can matter to at all.

Promises: an end that is not touched is answered before and after by the same rules in the same order, so its answer is
the same, known or not. A policy touches whom it may govern; another order of what both sets have touches everybody.
"""

from collections.abc import Sequence

from ringfence.model.policy import Direction
from ringfence.model.trace import PolicyRef
from ringfence.semantics.effective import EffectivePolicy, EffectiveTier
from ringfence.semantics.matching import holds
from ringfence.semantics.parties import Party

_Place = tuple[str, bool]
"""A tier's name, and whether it is the first of two places that it may have."""


class Touched:
    """The difference of two ordered sets of tiers."""

    def __init__(self, before: Sequence[EffectiveTier], after: Sequence[EffectiveTier]) -> None:
        """Compare the sets, each in the order in which it is asked."""
        old, new = _places(before), _places(after)
        common = old.keys() & new.keys()
        self._everybody = _frame(old, common) != _frame(new, common)
        self._changed: list[EffectivePolicy] = []
        for place in dict.fromkeys((*old, *new)):
            changed = _changed(_policies(old, place), _policies(new, place))
            if changed is None:
                self._everybody = True
            else:
                self._changed.extend(changed)
        self._known: dict[tuple[int, Direction], bool] = {}

    def touches(self, party: Party, direction: Direction) -> bool:
        """Say whether the answer in a direction of a party may differ."""
        subject = party.end.subject
        if subject is None:
            return False
        if self._everybody:
            return True
        key = (party.number, direction)
        if key not in self._known:
            self._known[key] = any(
                direction in policy.types and holds(policy.selector, subject.holder, "this endpoint") is not False
                for policy in self._changed
            )
        return self._known[key]


def _places(tiers: Sequence[EffectiveTier]) -> dict[_Place, EffectiveTier]:
    """Return the tiers that can decide, by place."""
    return {(each.name, each.anywhere): each for each in tiers if each.policies or each.unsupplied is not None}


def _frame(tiers: dict[_Place, EffectiveTier], common: set[_Place]) -> list[tuple[object, ...]]:
    return [
        (place, each.default_action, each.unknown, each.unsupplied) for place, each in tiers.items() if place in common
    ]


def _policies(tiers: dict[_Place, EffectiveTier], place: _Place) -> dict[PolicyRef, EffectivePolicy]:
    return {policy.ref: policy for policy in tiers[place].policies} if place in tiers else {}


def _changed(
    old: dict[PolicyRef, EffectivePolicy], new: dict[PolicyRef, EffectivePolicy]
) -> list[EffectivePolicy] | None:
    """Return the policies of a tier that only one set has, or that differ; None where the others change places."""
    same = {ref for ref in old.keys() & new.keys() if old[ref] == new[ref]}
    if [ref for ref in old if ref in same] != [ref for ref in new if ref in same]:
        return None
    return [policy for policies in (old, new) for ref, policy in policies.items() if ref not in same]
