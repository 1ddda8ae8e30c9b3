"""Kubernetes' label selectors in the one selector language.

Promises: what Calico makes of them (calico-semantics 4.7): ``matchLabels`` by key, then ``matchExpressions`` as
written, all of which must hold; one without requirements is ``all()``.
"""

from ringfence.model.label_selector import LabelRequirement, LabelSelector
from ringfence.model.selector import Equals, Has, In, Not, NotIn, Selector
from ringfence.semantics.selectors import conjunction


def selector_of(selector: LabelSelector) -> Selector:
    """Return the selector that is true of the same labels."""
    return conjunction(
        [
            *(Equals(key, value) for key, value in selector.match_labels),
            *(_requirement(each) for each in selector.match_expressions),
        ]
    )


def _requirement(requirement: LabelRequirement) -> Selector:
    match requirement.operator:
        case "In":
            return In(requirement.key, requirement.values)
        case "NotIn":
            return NotIn(requirement.key, requirement.values)
        case "Exists":
            return Has(requirement.key)
        case "DoesNotExist":
            return Not(Has(requirement.key))
