"""Which policies count: those enforced now, those Calico previews, or those that would be enforced.

Promises: three scopes and nothing between. *pending* is what Calico computes: staged policies stand beside enforced
ones, a staged deletion has no effect, ``Learn`` and ``Ignore`` count like ``Set`` (calico-semantics 4.3). *what-if* is
what would hold if the staged set were carried out: a staged policy replaces its twin, ``Delete`` deletes it, and
``Ignore`` is set aside, because its owner has dismissed it.
"""

from collections.abc import Iterable
from typing import Literal

from msgspec.structs import replace

from ringfence.model.cluster_policy import ClusterPolicy
from ringfence.model.kubernetes_policy import KubernetesPolicy
from ringfence.model.policy import Policy
from ringfence.model.policy_set import AnyPolicy
from ringfence.model.trace import PolicyKind, PolicyRef

Scope = Literal["enforced", "pending", "what-if"]


def in_scope(policies: Iterable[AnyPolicy], scope: Scope) -> tuple[AnyPolicy, ...]:
    """Return the policies that count, in the order given."""
    every = tuple(policies)
    enforced = tuple(each for each in every if isinstance(each, ClusterPolicy) or each.staged is None)
    if scope == "enforced":
        return enforced
    staged = [each for each in every if not isinstance(each, ClusterPolicy) and each.staged is not None]
    if scope == "pending":
        return (*enforced, *(each for each in staged if each.staged != "Delete"))
    edits = [each for each in staged if each.staged != "Ignore"]
    replaced = {twin for each in edits if (twin := twin_of(each, enforced)) is not None}
    kept = [each for each in enforced if ref_of(each) not in replaced]
    return (*kept, *(each for each in edits if each.staged != "Delete"))


def ref_of(policy: AnyPolicy) -> PolicyRef:
    """Return what a policy is called in traces."""
    namespace = None if isinstance(policy, ClusterPolicy) else policy.namespace
    return PolicyRef(policy.kind, namespace or "", policy.name)


def twin_of(staged: Policy | KubernetesPolicy, enforced: Iterable[AnyPolicy]) -> PolicyRef | None:
    """Return the enforced policy that a staged one is a revision of: same namespace and name, kind without *Staged*."""
    ref = PolicyRef(_enforced_kind(staged), staged.namespace or "", staged.name)
    return same_policy(ref, staged.tier if isinstance(staged, Policy) else "default", map(ref_of, enforced))


def same_policy(wanted: PolicyRef, tier: str, there: Iterable[PolicyRef]) -> PolicyRef | None:
    """Return which of these is the policy of a kind, namespace and name, whose tier is given.

    Before 3.32 names carry their tier (``foo`` is stored as ``default.foo``), so a name that differs only by its tier
    means the same policy where exactly one has it (calico-semantics 2.4).
    """
    known = [each for each in there if (each.kind, each.namespace) == (wanted.kind, wanted.namespace)]
    same = [each for each in known if each.name == wanted.name]
    alike = [each for each in known if _bare(each.name, tier) == _bare(wanted.name, tier)]
    return same[0] if same else alike[0] if len(alike) == 1 else None


def _enforced_kind(staged: Policy | KubernetesPolicy) -> PolicyKind:
    return ref_of(replace(staged, staged=None)).kind


def _bare(name: str, tier: str) -> str:
    return name.removeprefix(f"{tier}.").removeprefix("default.")
