"""Written policies laid over those of a cluster.

Promises: a written policy stands in the place of the cluster's policy of its kind, namespace and name; tiers and
network sets likewise, by name. Only a part that is said to be complete loses what was not written, and only policies.
Staged policies that nobody supplied are none: the answer is about what was written, and `unsupplied` names the lack.
"""

from collections.abc import Iterable, Sequence
from typing import Final, Literal

from msgspec import Struct
from msgspec.structs import replace

from ringfence.model.cluster import Cluster
from ringfence.model.network_set_object import NetworkSetObject
from ringfence.model.policy import Tier
from ringfence.model.policy_set import AnyPolicy, PolicySet, Rejected
from ringfence.model.trace import PolicyRef
from ringfence.semantics.resolve import conversion
from ringfence.semantics.scopes import ref_of, same_policy

_STAGED_KINDS: Final = frozenset({"StagedNetworkPolicy", "StagedGlobalNetworkPolicy", "StagedKubernetesNetworkPolicy"})
_ENFORCED_KINDS: Final = frozenset({"NetworkPolicy", "GlobalNetworkPolicy", "KubernetesNetworkPolicy"})


class CompletePart(Struct, frozen=True, order=True):
    """A part of a cluster's policies of which all were written: those of a tier, of a namespace, or all."""

    kind: Literal["tier", "namespace", "all"]
    name: str = ""

    def has(self, policy: AnyPolicy) -> bool:
        """Say whether a policy is of the part. Kubernetes' own are of the tiers that Calico puts them in."""
        match self.kind:
            case "all":
                return True
            case "tier":
                return conversion(policy).policy.tier == self.name
            case "namespace":
                return ref_of(policy).namespace == self.name


class Written(Struct, frozen=True):
    """Objects as a directory holds them, and of which parts of the cluster it holds every policy."""

    policies: tuple[AnyPolicy, ...] = ()
    tiers: tuple[Tier, ...] = ()
    network_sets: tuple[NetworkSetObject, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    complete: tuple[CompletePart, ...] = ()


def overlay(there: Cluster, written: Written) -> Cluster:
    """Return the cluster with the written objects, sorted as a snapshot is."""
    inventory, policies = there.inventory, there.policies
    sets = {(each.namespace or "", each.name): each for each in (*inventory.network_sets, *written.network_sets)}
    tiers = {each.name: each for each in (*policies.tiers, *written.tiers)}
    supplied = _STAGED_KINDS
    if any(part.kind == "all" for part in written.complete):
        supplied |= _ENFORCED_KINDS
    return Cluster(
        replace(
            inventory,
            network_sets=tuple(sets[name] for name in sorted(sets)),
            missing=inventory.missing - supplied,
        ),
        PolicySet(
            tiers=tuple(tiers[name] for name in sorted(tiers)),
            policies=(*_kept(policies.policies, written), *written.policies),
            regime=policies.regime,
            rejected=_rejected(policies.rejected, written),
        ),
    )


def unsupplied(there: Cluster, written: Written) -> tuple[str, ...]:
    """Return the staged kinds that the snapshot lacks, so that only the written ones of them are known, sorted."""
    complete = any(part.kind == "all" for part in written.complete)
    return () if complete else tuple(sorted(there.inventory.missing & _STAGED_KINDS))


class Difference(Struct, frozen=True):
    """The policies that only one of two sets has, or that both have and write otherwise, each sorted."""

    added: tuple[PolicyRef, ...]
    changed: tuple[PolicyRef, ...]
    deleted: tuple[PolicyRef, ...]


def difference(before: PolicySet, after: PolicySet) -> Difference:
    """Return what an overlay did, as objects: staged ones are apart from those they preview."""
    old, new = ({ref_of(each): each for each in policies.policies} for policies in (before, after))
    return Difference(
        added=tuple(sorted(new.keys() - old.keys())),
        changed=tuple(sorted(ref for ref in old.keys() & new.keys() if _as_meant(old[ref]) != _as_meant(new[ref]))),
        deleted=tuple(sorted(old.keys() - new.keys())),
    )


def _as_meant(policy: AnyPolicy) -> AnyPolicy:
    """Return a policy without its labels and annotations, which mean nothing to a connection."""
    return replace(policy, labels=(), annotations=())


def _kept(there: Sequence[AnyPolicy], written: Written) -> Iterable[AnyPolicy]:
    replaced = _replaced(there, written)
    return (each for each in there if ref_of(each) not in replaced and not _is_complete(each, written.complete))


def _replaced(there: Sequence[AnyPolicy], written: Written) -> frozenset[PolicyRef]:
    """Return the cluster's policies that written ones stand for."""
    by_place: dict[tuple[str, str], list[PolicyRef]] = {}
    for each in map(ref_of, there):
        by_place.setdefault((each.kind, each.namespace), []).append(each)
    found = (
        same_policy(ref, conversion(each).policy.tier, by_place.get((ref.kind, ref.namespace), ()))
        for each in written.policies
        for ref in (ref_of(each),)
    )
    return frozenset(each for each in found if each is not None)


def _is_complete(policy: AnyPolicy, parts: Iterable[CompletePart]) -> bool:
    return any(part.has(policy) for part in parts)


def _rejected(there: Iterable[Rejected], written: Written) -> tuple[Rejected, ...]:
    names = {(ref.kind, ref.namespace, ref.name) for ref in map(ref_of, written.policies)}
    kept = (each for each in there if (each.kind, each.namespace, each.name) not in names)
    return tuple(sorted({*kept, *written.rejected}))
