"""Tell whether other policies decide for a scope's pods after ours.

Promises: our rules pass on to whoever stands after our tier. A Kubernetes NetworkPolicy allows for good, so it says the
same only where nobody stands there: no policy of a later tier, of ours, or of none that is known selects a pod or a
template of the scope in a direction that it governs. What is not known counts as somebody. Our own objects do not.
"""

from collections.abc import Iterable, Iterator

from ringfence.learning.baseline import AdmittedEdge
from ringfence.model.cluster import Cluster
from ringfence.model.cluster_policy import ClusterPolicy
from ringfence.model.pod import PodSpec
from ringfence.model.policy import Policy, Tier
from ringfence.model.policy_set import AnyPolicy
from ringfence.rules.assemble import MANAGED_BY
from ringfence.semantics.connection import Holder
from ringfence.semantics.effective import EffectiveTier
from ringfence.semantics.endpoints import Endpoints
from ringfence.semantics.matching import holds
from ringfence.semantics.order import tier_key
from ringfence.semantics.resolve import BUILT_IN_TIERS, resolve
from ringfence.semantics.scopes import ref_of
from ringfence.semantics.selectors import policy_selector


class Followers:
    """The policies enforced in our tier's place and after it. Built once for a run."""

    def __init__(self, cluster: Cluster, tier: Tier) -> None:
        """Resolve the enforced policies; ``tier`` is where ours stand, or would."""
        self._inventory = cluster.inventory
        self._endpoints = Endpoints(cluster.inventory)
        tiers = {each.name: each for each in (*BUILT_IN_TIERS[cluster.policies.regime], *cluster.policies.tiers)}
        earlier = {each.name for each in tiers.values() if tier_key(each) < tier_key(tier)}
        resolved = resolve(cluster.policies, cluster.inventory, "enforced")
        self._tiers = tuple(each for each in resolved if each.name not in earlier or each.unsupplied is not None)
        self._ours = {ref_of(each) for each in cluster.policies.policies if _is_ours(each)}

    def after(self, policy: Policy) -> str | None:
        """Return who decides for the policy's pods after it, in words, None where nobody does."""
        own = policy_selector(policy)
        holders = [
            holder
            for holder in (self._endpoints.holder(policy.namespace or "", spec) for spec in self._specs(policy))
            if holds(own, holder, "the pod") is not False
        ]
        return next((found for tier in self._tiers for found in self._in_tier(tier, policy, holders)), None)

    def _in_tier(self, tier: EffectiveTier, policy: Policy, holders: list[Holder]) -> Iterator[str]:
        if tier.unsupplied is not None:
            yield tier.unsupplied
        for each in tier.policies:
            if each.ref not in self._ours and not set(each.types).isdisjoint(policy.types):
                for holder in holders:
                    if holds(each.selector, holder, "the pod") is not False:
                        where = f"{each.ref.namespace}/" if each.ref.namespace else ""
                        yield f"{each.ref.kind} {where}{each.ref.name} of tier {tier.name} decides for its pods"

    def _specs(self, policy: Policy) -> Iterator[PodSpec]:
        specs = [each.spec for each in self._inventory.pods if each.namespace == policy.namespace and not each.finished]
        specs += [each.template for each in self._inventory.controllers if each.namespace == policy.namespace]
        yield from dict.fromkeys(each for each in specs if not each.host_network)


def seen_after(edges: Iterable[AdmittedEdge]) -> str | None:
    """Return who was seen to decide after ours, in words: all that can be known without a snapshot."""
    hits = sorted({hit for each in edges for hit in each.allowed_by})
    return None if not hits else f"{hits[0].name} of tier {hits[0].tier} decides for its pods"


def _is_ours(policy: AnyPolicy) -> bool:
    return not isinstance(policy, ClusterPolicy) and MANAGED_BY in policy.labels
