"""Choose the labels of an endpoint that a selector may name.

Promises: no label that a rollout, a scheduler or a controller changes (template and revision hashes, pod names and
indexes, job and batch uids, versions, topology), none that Calico adds, and none whose text could not stand in a
selector. Source: Kubernetes' well-known labels; field experience of generators whose rules broke at the next rollout.
"""

import re
from typing import Final

from ringfence.model.labels import Labels

_CHANGING: Final = frozenset(
    {
        "app.kubernetes.io/version",
        "apps.kubernetes.io/pod-index",
        "batch.kubernetes.io/controller-uid",
        "batch.kubernetes.io/job-completion-index",
        "batch.kubernetes.io/job-name",
        "controller-revision-hash",
        "controller-uid",
        "helm.sh/chart",
        "istio.io/rev",
        "job-name",
        "kubernetes.io/hostname",
        "pod-template-generation",
        "pod-template-hash",
        "rollouts-pod-template-hash",
        "service.istio.io/canonical-revision",
        "statefulset.kubernetes.io/pod-name",
        "version",
    }
)
_CHANGING_PREFIXES: Final = ("topology.kubernetes.io/", "failure-domain.beta.kubernetes.io/")
_CALICO_PREFIX: Final = "projectcalico.org/"
_KEY: Final = re.compile(r"[A-Za-z0-9_./-]{1,317}")
_VALUE: Final = re.compile(r"[A-Za-z0-9_.-]{0,253}")


def selectable(labels: Labels) -> Labels:
    """Return the pairs whose text can stand in a selector, Calico's own labels included."""
    return Labels(tuple((key, value) for key, value in labels.pairs if _KEY.fullmatch(key) and _VALUE.fullmatch(value)))


def stable_labels(labels: Labels) -> Labels:
    """Return the pairs that outlive a rollout and that a person or a chart put there."""
    return Labels(tuple((key, value) for key, value in selectable(labels).pairs if is_stable(key)))


def is_stable(key: str) -> bool:
    """Say whether a label of this key outlives a rollout and was put there by a person or a chart."""
    return key not in _CHANGING and not key.startswith((*_CHANGING_PREFIXES, _CALICO_PREFIX))
