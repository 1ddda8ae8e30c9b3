"""Labels that a rollout, a pod or the run of a job gets anew.

Promises: by the keys that Kubernetes writes, and by values that look like one of its hashes.
"""

import re
from typing import Final

from ringfence_lab.evaluator.selectors import Has, Selector

_KEYS: Final = frozenset(
    {
        "pod-template-hash",
        "controller-revision-hash",
        "pod-template-generation",
        "statefulset.kubernetes.io/pod-name",
        "apps.kubernetes.io/pod-index",
        "controller-uid",
        "job-name",
        "batch.kubernetes.io/controller-uid",
        "batch.kubernetes.io/job-name",
        "batch.kubernetes.io/job-completion-index",
    }
)
_VALUE: Final = re.compile(
    r"(?:\A|-)(?=[a-z0-9]*[0-9])[bcdfghjklmnpqrstvwxz2456789]{8,10}(?:-[bcdfghjklmnpqrstvwxz2456789]{5})?\Z"
)


def names_hash(selector: Selector) -> bool:
    """Say whether a selector ties a policy to one rollout, one pod or one job run."""
    for term in selector.terms():
        values = () if isinstance(term, Has) else getattr(term, "values", None) or (getattr(term, "value", ""),)
        if term.key in _KEYS or any(_VALUE.search(value) for value in values):
            return True
    return False
