"""Where Calico's own preview of staged policies would mislead about a connection that a replay found to change.

Promises: only policies that can matter to the preview of that connection are looked at, so that its cost does not grow
with all policies: those that may govern an end, staged ones that revise or delete another, and what they revise.
"""

from collections.abc import Hashable

from msgspec.structs import replace

from ringfence.model.cluster import Cluster
from ringfence.model.cluster_policy import ClusterPolicy
from ringfence.model.policy_set import AnyPolicy
from ringfence.semantics.asked import Asked, Question
from ringfence.semantics.deviations import Deviation, deviations
from ringfence.semantics.resolve import resolve
from ringfence.semantics.scopes import in_scope, ref_of, twin_of


class Preview:
    """The pending policies of a cluster, as Calico previews them."""

    def __init__(self, cluster: Cluster) -> None:
        """Take the cluster with its staged policies."""
        policies = cluster.policies
        enforced = in_scope(policies.policies, "enforced")
        by_place: dict[tuple[str, str], list[AnyPolicy]] = {}
        for each in enforced:
            by_place.setdefault((ref_of(each).kind, ref_of(each).namespace), []).append(each)
        revising: list[AnyPolicy] = []
        for each in policies.policies:
            if isinstance(each, ClusterPolicy) or each.staged is None:
                continue
            place = (ref_of(each).kind.removeprefix("Staged"), each.namespace or "")
            twin = twin_of(each, by_place.get(place, ()))
            if twin is not None:
                revising += [each, *(other for other in by_place[place] if ref_of(other) == twin)]
        self._revising = replace(policies, policies=tuple(dict.fromkeys(revising)))
        self._names = {ref_of(each) for each in revising}
        self._tiers = resolve(policies, cluster.inventory, "pending")
        self._asked = Asked(self._tiers)
        self._known: dict[Hashable, tuple[Deviation, ...]] = {}

    def deviations(self, question: Question) -> tuple[Deviation, ...]:
        """Return where the preview misleads about a connection."""
        if question.key not in self._known:
            self._known[question.key] = self._found(question)
        return self._known[question.key]

    def _found(self, question: Question) -> tuple[Deviation, ...]:
        found = self._asked.judgement(question)
        if found is None:
            return ()
        governing = (
            *self._asked.governing(question.client, "Egress"),
            *self._asked.governing(question.server, "Ingress"),
        )
        near = {policy.ref for tier in governing for policy in tier.policies} | self._names
        tiers = tuple(
            replace(tier, policies=tuple(policy for policy in tier.policies if policy.ref in near))
            for tier in self._tiers
        )
        return deviations(self._revising, tiers, question.connection, found)
