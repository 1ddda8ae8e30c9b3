"""What is taken for granted where a snapshot does not say it, so that application manifests alone can be answered.

Promises: an answer under an assumption comes with that assumption in words. A kind that was not supplied is taken to
have no objects, and a namespace without its object to have only its name; what policies name and nobody supplied (a
tier's order, what is behind a Service) is not assumed but stays unknown.
"""

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from ringfence.model.cluster import Cluster
from ringfence.model.cluster_policy import ClusterPolicy
from ringfence.model.inventory import Inventory
from ringfence.model.labels import Labels
from ringfence.model.namespace import Namespace
from ringfence.model.pod import ServiceAccount
from ringfence.semantics.resolve import BUILT_IN_TIERS, conversion
from ringfence.semantics.scopes import Scope

_ALWAYS: Final = (
    "GlobalNetworkPolicy",
    "GlobalNetworkSet",
    "HostEndpoint",
    "KubernetesNetworkPolicy",
    "Namespace",
    "NetworkPolicy",
    "NetworkSet",
    "Pod",
    "ServiceAccount",
)
_STAGED: Final = ("StagedGlobalNetworkPolicy", "StagedKubernetesNetworkPolicy", "StagedNetworkPolicy")
_NAME_LABEL: Final = "kubernetes.io/metadata.name"


def assumed(cluster: Cluster, mode: Scope) -> tuple[Cluster, tuple[str, ...]]:
    """Return the cluster with what is assumed of it, and the assumptions in words."""
    inventory = cluster.inventory
    kinds = (*_ALWAYS, *(_STAGED if mode != "enforced" else ()))
    absent = sorted(inventory.missing.intersection(kinds))
    if not absent:
        return cluster, ()
    known = replace(inventory, missing=inventory.missing.difference(kinds))
    if "Namespace" in absent:
        used = sorted(set(_namespaces(inventory)) - {each.name for each in inventory.namespaces})
        bare = (Namespace(name, Labels.of({_NAME_LABEL: name})) for name in used)
        known = replace(known, namespaces=(*inventory.namespaces, *bare))
    if "ServiceAccount" in absent:
        accounts = (ServiceAccount(*each) for each in sorted(set(_accounts(inventory))))
        known = replace(known, service_accounts=(*inventory.service_accounts, *accounts))
    if "Tier" in known.missing and not _names_tiers(cluster):
        known = replace(known, missing=known.missing - {"Tier"})
    listed = ", ".join(absent)
    words = f"the snapshot holds no {listed}: this is answered as if the cluster had none of it"
    return replace(cluster, inventory=known), (words,)


def _namespaces(inventory: Inventory) -> Iterator[str]:
    yield from (each.namespace for each in inventory.pods)
    yield from (each.namespace for each in inventory.controllers)
    yield from (each.namespace for each in inventory.network_sets if each.namespace is not None)


def _accounts(inventory: Inventory) -> Iterator[tuple[str, str]]:
    yield from ((each.namespace, each.spec.service_account) for each in inventory.pods)
    yield from ((each.namespace, each.template.service_account) for each in inventory.controllers)


def _names_tiers(cluster: Cluster) -> bool:
    """Say whether a policy names a tier that Calico does not bring along."""
    built_in = {each.name for each in BUILT_IN_TIERS[cluster.policies.regime]}
    return any(
        not isinstance(each, ClusterPolicy) and conversion(each).policy.tier not in built_in
        for each in cluster.policies.policies
    )
