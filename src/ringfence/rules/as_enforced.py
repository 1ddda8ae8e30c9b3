"""Turn a staged policy into the enforced one.

Promises: the same name, whom it selects and what it lets through; gone is what only a proposal carries: the staged
action, its label, and the annotations of the policy and of its rules (vendor-behaviour 2.4, 2.7). The label that says
the object is ours stays.
"""

from typing import Final

from msgspec.structs import replace

from ringfence.model.policy import Policy, Rule

STAGED_ACTION: Final = "projectcalico.org/spec.stagedAction"
_OURS: Final = "ringfence.io/"


def enforced(policy: Policy) -> Policy:
    """Return the policy to enforce; one that is enforced already, without what was learnt of it."""
    return replace(
        policy,
        staged=None,
        labels=tuple((key, value) for key, value in policy.labels if key != STAGED_ACTION),
        annotations=tuple((key, value) for key, value in policy.annotations if not key.startswith(_OURS)),
        ingress=tuple(_bare(rule) for rule in policy.ingress),
        egress=tuple(_bare(rule) for rule in policy.egress),
    )


def _bare(rule: Rule) -> Rule:
    return replace(rule, annotations=())
