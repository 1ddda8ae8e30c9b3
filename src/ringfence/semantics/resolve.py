"""From written policies to what evaluators read: who counts, in which order, with which selectors and addresses.

Promises: calico-semantics 3.5, 4.1, 4.5 and 4.6. A policy of a tier that does not exist is asked last and its tier ends
with deny; where no tiers were supplied at all, such a tier may stand anywhere, and says so.
"""

from collections.abc import Iterable, Mapping, Sequence
from math import inf
from typing import Final

from msgspec.structs import replace

from ringfence.model.address_set import AddressSet
from ringfence.model.cluster_policy import ClusterPolicy
from ringfence.model.inventory import Inventory
from ringfence.model.kubernetes_policy import KubernetesPolicy
from ringfence.model.policy import Match, Policy, Rule, Tier
from ringfence.model.policy_set import AnyPolicy, PolicySet, Regime
from ringfence.model.port import PortSet
from ringfence.semantics import order, order_331
from ringfence.semantics.cluster_rules import converted_cluster_policy
from ringfence.semantics.converted import Converted
from ringfence.semantics.effective import (
    EffectiveMatch,
    EffectivePolicy,
    EffectiveRule,
    EffectiveTier,
    Hook,
    Ports,
    ServiceMember,
    ServiceMembers,
)
from ringfence.semantics.kubernetes_rules import converted_kubernetes_policy
from ringfence.semantics.scopes import Scope, in_scope, ref_of
from ringfence.semantics.selectors import peer_selectors, policy_selector

_CALICO_KINDS: Final = ("NetworkPolicy", "GlobalNetworkPolicy")
_STAGED_KINDS: Final = ("StagedNetworkPolicy", "StagedGlobalNetworkPolicy", "StagedKubernetesNetworkPolicy")
UNSET_TIER_ORDER: Final = 1_000_000.0
BUILT_IN_TIERS: Final[Mapping[Regime, tuple[Tier, ...]]] = {
    ">=3.32": (
        Tier("kube-admin", 1_000, "Pass"),
        Tier("default", UNSET_TIER_ORDER, "Deny"),
        Tier("kube-baseline", 10_000_000, "Pass"),
    ),
    "<=3.31": (
        Tier("adminnetworkpolicy", 1_000, "Pass"),
        Tier("default", UNSET_TIER_ORDER, "Deny"),
        Tier("baselineadminnetworkpolicy", 10_000_000, "Pass"),
    ),
}


def resolve(policies: PolicySet, inventory: Inventory, scope: Scope) -> tuple[EffectiveTier, ...]:
    """Return the tiers in the order in which they are asked, each with the policies that count in this scope."""
    services = _Services(inventory)
    by_tier: dict[str, list[tuple[tuple[float, str], EffectivePolicy]]] = {}
    key = order.policy_key if policies.regime == ">=3.32" else order_331.policy_key
    for each in in_scope(policies.policies, scope):
        converted = conversion(each)
        effective = _policy(converted, services)
        ref, tier = effective.ref, converted.policy.tier
        kind = ref.kind if scope == "pending" else ref.kind.removeprefix("Staged")
        place = key(effective.order, kind=kind, namespace=ref.namespace, name=ref.name, tier=tier)
        by_tier.setdefault(tier, []).append((place, effective))
    tiers = {each.name: each for each in (*BUILT_IN_TIERS[policies.regime], *policies.tiers)}
    recorded = scope == "enforced"
    known = [
        EffectiveTier(each.name, each.default_action, _sorted(by_tier.pop(each.name, [])), recorded)
        for each in sorted(tiers.values(), key=order.tier_key)
    ]
    others = [
        EffectiveTier(name, "Deny", _sorted(by_tier[name]), recorded, _unknown(name, inventory))
        for name in sorted(by_tier)
    ]
    if "Tier" in inventory.missing:
        first = [replace(each, anywhere=True) for each in others]
        return _with_unsupplied([*first, *known, *others], inventory, scope)
    return _with_unsupplied([*known, *others], inventory, scope)


def _with_unsupplied(tiers: list[EffectiveTier], inventory: Inventory, scope: Scope) -> tuple[EffectiveTier, ...]:
    """Return the tiers with what nobody supplied: Calico's policies may stand anywhere, Kubernetes' own in default."""
    calico: list[str] = [kind for kind in _CALICO_KINDS if kind in inventory.missing]
    if scope != "enforced":
        calico += [kind for kind in _STAGED_KINDS if kind in inventory.missing]
    if calico:
        return (_unsupplied(calico), *tiers)
    if "KubernetesNetworkPolicy" not in inventory.missing:
        return tuple(tiers)
    default = next(number for number, tier in enumerate(tiers) if tier.name == "default")
    return (*tiers[:default], _unsupplied(["KubernetesNetworkPolicy"]), *tiers[default:])


def _unsupplied(kinds: Sequence[str]) -> EffectiveTier:
    reason = f"the snapshot holds no {' and no '.join(kinds)}, so whether one decides is not known"
    return EffectiveTier("", "Pass", (), unsupplied=reason)


def conversion(policy: AnyPolicy) -> Converted:
    """Return a policy as Calico holds it."""
    match policy:
        case Policy():
            return Converted(policy, ref_of(policy))
        case KubernetesPolicy():
            return converted_kubernetes_policy(policy)
        case ClusterPolicy():
            return converted_cluster_policy(policy)


def _sorted(policies: Iterable[tuple[tuple[float, str], EffectivePolicy]]) -> tuple[EffectivePolicy, ...]:
    return tuple(policy for _, policy in sorted(policies, key=lambda each: each[0]))


def _unknown(tier: str, inventory: Inventory) -> str | None:
    return f"the order and default action of tier {tier} were not supplied" if "Tier" in inventory.missing else None


def _policy(converted: Converted, services: "_Services") -> EffectivePolicy:
    policy = converted.policy
    hook: Hook = "untracked" if policy.do_not_track else "preDNAT" if policy.pre_dnat else "normal"
    return EffectivePolicy(
        ref=converted.ref,
        order=inf if policy.order is None else policy.order,
        selector=policy_selector(policy),
        types=policy.types,
        ingress=tuple(_rule(rule, policy.namespace, services) for rule in policy.ingress),
        egress=tuple(_rule(rule, policy.namespace, services) for rule in policy.egress),
        staged=policy.staged is not None,
        hook=hook,
        forward=policy.apply_on_forward,
    )


def _rule(rule: Rule, namespace: str | None, services: "_Services") -> EffectiveRule:
    return EffectiveRule(
        action=rule.action,
        source=_match(rule.source, namespace, services),
        destination=_match(rule.destination, namespace, services),
        protocol=rule.protocol,
        not_protocol=rule.not_protocol,
        ip_version=rule.ip_version,
        icmp=rule.icmp,
        not_icmp=rule.not_icmp,
        http=rule.http,
    )


def _match(match: Match, namespace: str | None, services: "_Services") -> EffectiveMatch:
    selector, not_selector = peer_selectors(match, namespace)
    return EffectiveMatch(
        selector=selector,
        not_selector=not_selector,
        nets=AddressSet.of(match.nets) if match.nets else None,
        not_nets=AddressSet.of(match.not_nets) if match.not_nets else None,
        ports=_ports(match.ports, match.named_ports),
        not_ports=_ports(match.not_ports, match.not_named_ports),
        service=None if match.service is None else services.members(match.service.namespace, match.service.name),
    )


def _ports(numbers: PortSet | None, names: tuple[str, ...]) -> Ports | None:
    return Ports(numbers or PortSet(), names) if numbers or names else None


class _Services:
    """What stands behind each Service: every address of its slices, ready or not (calico-semantics 4.6)."""

    def __init__(self, inventory: Inventory) -> None:
        self._missing = "EndpointSlice" in inventory.missing
        self._members: dict[tuple[str, str], list[ServiceMember]] = {}
        for each in inventory.slices:
            addresses = AddressSet.of(address for endpoint in each.endpoints for address in endpoint.addresses)
            members = [ServiceMember(addresses, port.protocol, port.port) for port in each.ports]
            if each.service is not None:
                self._members.setdefault((each.namespace, each.service), []).extend(members)

    def members(self, namespace: str, name: str) -> ServiceMembers:
        """Return the members of a Service. One named without a namespace is found nowhere, as in Calico."""
        if self._missing and namespace:
            return ServiceMembers(
                unknown=f"the snapshot holds no EndpointSlice, so what is behind service {name} is not known"
            )
        return ServiceMembers(tuple(self._members.get((namespace, name), ())))
