"""Workloads that are new in a scope that is enforced already.

Promises: a workload is uncovered when an enforced policy of our tier selects it and none of its edges was ever
admitted: the policy isolates it and nothing was learnt for it. Where nothing is enforced nobody is uncovered; pods of
the host's network are governed by no policy of a namespace.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from ringfence.learning.baseline import AdmittedEdge
from ringfence.model.endpoint import endpoint_text
from ringfence.model.pod import PodSpec
from ringfence.model.policy import Policy
from ringfence.model.policy_set import PolicySet
from ringfence.model.selector import matches
from ringfence.semantics.workloads import KnownWorkload

_NAMESPACE: Final = "projectcalico.org/namespace"
_ORCHESTRATOR: Final = {"projectcalico.org/orchestrator": "k8s"}


def uncovered(
    workloads: Iterable[KnownWorkload], *, edges: Sequence[AdmittedEdge], policies: PolicySet, tier: str
) -> tuple[str, ...]:
    """Return the uncovered workloads of a scope, as ``namespace/name``, sorted."""
    enforced = [
        each for each in policies.policies if isinstance(each, Policy) and each.tier == tier and each.staged is None
    ]
    known = {side for each in edges for side in (each.summary.edge.client, each.summary.edge.server)}
    return tuple(
        sorted(
            endpoint_text(each.name)
            for each in workloads
            if each.name not in known and any(_selects(policy, each) for policy in enforced)
        )
    )


def _selects(policy: Policy, workload: KnownWorkload) -> bool:
    if policy.namespace != workload.name.namespace:
        return False
    return any(
        policy.selector is None
        or matches(policy.selector, spec.labels.as_dict() | _ORCHESTRATOR | {_NAMESPACE: workload.name.namespace})
        for spec in _specs(workload)
        if not spec.host_network
    )


def _specs(workload: KnownWorkload) -> list[PodSpec]:
    """Return what the pods of a workload look like; of one without pods, what its template says."""
    if workload.pods or workload.template is None:
        return [pod.spec for pod in workload.pods]
    return [workload.template.template]
