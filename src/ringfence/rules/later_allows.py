"""What policies of later tiers allow explicitly, as rules that a namespaced policy of ours can hold.

Promises: a copy is as narrow as the rule it comes from: whom the policy selects stands on the copy's own side. A copy
passes, so the later policy still judges: a condition on HTTP is left to it. What a namespaced policy cannot say is told
with the reason, never widened.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from ringfence.dialects.calico.limits import MAX_SELECTOR
from ringfence.dialects.selector import selector_text
from ringfence.model.cluster import Cluster
from ringfence.model.endpoint import Workload
from ringfence.model.inventory import Inventory
from ringfence.model.pod import PodSpec
from ringfence.model.policy import Direction, Match, Policy, Rule, ServiceAccounts, Tier
from ringfence.model.selector import All, Equals, Global, Selector, matches
from ringfence.model.trace import PolicyRef
from ringfence.semantics.connection import Holder
from ringfence.semantics.converted import Converted
from ringfence.semantics.endpoints import Endpoints
from ringfence.semantics.matching import holds
from ringfence.semantics.order import tier_key
from ringfence.semantics.resolve import BUILT_IN_TIERS, conversion
from ringfence.semantics.scopes import in_scope
from ringfence.semantics.selectors import NAMESPACE, ORCHESTRATOR, conjunction, policy_selector
from ringfence.semantics.workloads import Workloads

BEFORE_DEFAULT: Final = Tier("namespace-isolation", 999_999.0, "Deny")
"""Our tier where nothing else is said."""
ALWAYS_LATER: Final = frozenset({"default", "kube-baseline", "baselineadminnetworkpolicy"})
"""Tiers that Calico fixes behind ours, for a snapshot that holds no tiers."""
_DIRECTIONS: Final[tuple[Direction, Direction]] = ("Ingress", "Egress")
_TRIVIAL: Final = (All(), Equals(ORCHESTRATOR, "k8s"))


class Copy(Struct, frozen=True):
    """A rule for a policy of ours. Copies of one number are the same rule, whichever policy they come from."""

    number: int
    rule: Rule


class LaterAllow(Struct, frozen=True):
    """A rule that allows, in a policy after ours. ``copies`` are what it is in a policy of one namespace; none where
    ``obstacle`` says why it cannot be one.
    """

    policy: PolicyRef
    direction: Direction
    rule_index: int
    rule: Rule
    copies: tuple[Copy, ...]
    obstacle: str | None = None


class LaterAllows:
    """The allowing rules of later tiers, asked by scope. Built once for a run."""

    def __init__(self, cluster: Cluster, workloads: Workloads, tier: Tier) -> None:
        """Collect the enforced policies of tiers after ours."""
        later = _later(cluster, tier)
        self._namespaced: dict[str, list[tuple[Converted, Selector]]] = {}
        self._global: list[tuple[Converted, Selector]] = []
        converted = (conversion(each) for each in in_scope(cluster.policies.policies, "enforced"))
        for each in sorted(converted, key=lambda each: each.ref):
            policy = each.policy
            if policy.tier not in later or policy.do_not_track or policy.pre_dnat or not _allows(policy):
                continue
            if policy.namespace is None:
                self._global.append((each, policy_selector(policy)))
            else:
                self._namespaced.setdefault(policy.namespace, []).append((each, policy_selector(policy)))
        self._labels = {each.name: each.labels.as_dict() for each in cluster.inventory.namespaces}
        self._holders = _holders(cluster, workloads) if self._global or self._namespaced else {}
        self._numbers: dict[tuple[Direction, Rule], int] = {}
        self._known: dict[tuple[PolicyRef, Selector | None], tuple[LaterAllow, ...]] = {}

    def of(self, namespace: str, workloads: frozenset[Workload] | None) -> Iterator[LaterAllow]:
        """Yield the rules that may be about pods of a scope, in order of policies and rules.

        A policy that selects none of the scope's pods and templates is about others; where the snapshot knows none of
        them, every policy may be about them.
        """
        own = self._holders.get(namespace, {})
        holders = [each for name, some in own.items() if workloads is None or name in workloads for each in some]
        for each, governed in (*self._namespaced.get(namespace, ()), *self._global):
            if not holders or any(holds(governed, holder, "this endpoint") is not False for holder in holders):
                policy = _without_namespaces(each.policy, namespace, self._labels.get(namespace))
                key = each.ref, policy.namespace_selector
                if key not in self._known:
                    self._known[key] = tuple(self._rules(policy, each.ref))
                yield from self._known[key]

    def _rules(self, policy: Policy, ref: PolicyRef) -> Iterator[LaterAllow]:
        for direction in _DIRECTIONS:
            rules = policy.ingress if direction == "Ingress" else policy.egress
            for index, rule in enumerate(rules if direction in policy.types else ()):
                if rule.action == "Allow":
                    copies = _copies(policy, rule, direction)
                    if isinstance(copies, str):
                        yield LaterAllow(ref, direction, index, rule, (), copies)
                    else:
                        numbered = tuple(Copy(self._number(direction, each), each) for each in copies)
                        yield LaterAllow(ref, direction, index, rule, numbered)

    def _number(self, direction: Direction, rule: Rule) -> int:
        return self._numbers.setdefault((direction, rule), len(self._numbers))


def _later(cluster: Cluster, tier: Tier) -> frozenset[str]:
    """Return the tiers after ours. Of a tier that was not supplied nobody knows."""
    if "Tier" in cluster.inventory.missing:
        return ALWAYS_LATER - {tier.name}
    tiers = {each.name: each for each in (*BUILT_IN_TIERS[cluster.policies.regime], *cluster.policies.tiers)}
    ours = tier_key(tiers.get(tier.name, tier))
    return frozenset(name for name, each in tiers.items() if tier_key(each) > ours)


def _allows(policy: Policy) -> bool:
    return any(rule.action == "Allow" for rule in (*policy.ingress, *policy.egress))


def _holders(cluster: Cluster, workloads: Workloads) -> Mapping[str, Mapping[Workload, list[Holder]]]:
    """Return whom policies may select, by namespace and workload: the kinds of its pods, and its template."""
    specs: dict[Workload, dict[PodSpec, None]] = {}
    for pod in cluster.inventory.pods:
        if not pod.finished:
            specs.setdefault(workloads.of(pod), {})[pod.spec] = None
    for each in cluster.inventory.controllers:
        if each.owner is None:
            specs.setdefault(Workload(each.namespace, each.kind, each.name), {})[each.template] = None
    inventory = cluster.inventory
    endpoints = Endpoints(Inventory(namespaces=inventory.namespaces, service_accounts=inventory.service_accounts))
    found: dict[str, dict[Workload, list[Holder]]] = {}
    for name, some in specs.items():
        policed = [endpoints.holder(name.namespace, each) for each in some if not each.host_network]
        found.setdefault(name.namespace, {})[name] = policed
    return found


def _without_namespaces(policy: Policy, namespace: str, labels: Mapping[str, str] | None) -> Policy:
    """Return a global policy without a namespace selector that surely means this namespace."""
    if policy.namespace_selector is None or labels is None:
        return policy
    known = {**labels, "projectcalico.org/name": namespace}
    return replace(policy, namespace_selector=None) if matches(policy.namespace_selector, known) else policy


def _copies(policy: Policy, rule: Rule, direction: Direction) -> tuple[Rule, ...] | str:
    """Return the rule as one or two rules of a namespaced policy, or why it cannot be."""
    peer, own = (rule.source, rule.destination) if direction == "Ingress" else (rule.destination, rule.source)
    peers = _of_namespace(peer) if policy.namespace is None else (peer,)
    narrowed = _own(policy, own)
    if isinstance(peers, str):
        return peers
    if any(len(selector_text(each)) > MAX_SELECTOR for each in _selectors(narrowed)):
        return f"whom the policy selects and whom the rule selects are together longer than {MAX_SELECTOR} characters"
    passing = replace(rule, action="Pass", http=None, annotations=())
    if direction == "Ingress":
        return tuple(replace(passing, source=each, destination=narrowed) for each in peers)
    return tuple(replace(passing, source=narrowed, destination=each) for each in peers)


def _of_namespace(peer: Match) -> tuple[Match, ...] | str:
    """Return what a peer of a global policy is in a namespaced one, where a selector alone means the own namespace."""
    if peer.namespace_selector is not None or peer.service is not None:
        return (peer,)
    accounts = peer.service_accounts
    if accounts is not None and (accounts.names or accounts.selector is not None):
        return (replace(peer, namespace_selector=All()),)
    if peer.selector is not None:
        return replace(peer, namespace_selector=All()), replace(peer, namespace_selector=Global())
    if peer.not_selector is not None:
        return "it excludes endpoints from all addresses, which a policy of one namespace cannot say"
    return (peer,)


def _own(policy: Policy, own: Match) -> Match:
    """Return the own side of a rule, narrowed to whom its policy selects."""
    itself = None if policy.namespace is None else Equals(NAMESPACE, policy.namespace)
    parts = [each for each in (policy.selector, own.selector) if each is not None]
    parts = [each for each in parts if each not in _TRIVIAL and each != itself]
    spaces = [each for each in (policy.namespace_selector, own.namespace_selector) if each is not None]
    return replace(
        own,
        selector=conjunction(parts) if parts else None,
        namespace_selector=conjunction(spaces) if spaces else None,
        service_accounts=_accounts(policy.service_account_selector, own.service_accounts),
    )


def _accounts(selector: Selector | None, own: ServiceAccounts | None) -> ServiceAccounts | None:
    if selector is None:
        return own
    if own is None:
        return ServiceAccounts(selector=selector)
    both = [each for each in (selector, own.selector) if each is not None]
    return ServiceAccounts(own.names, conjunction(both))


def _selectors(match: Match) -> Iterator[Selector]:
    accounts = match.service_accounts
    parts = (match.selector, match.namespace_selector, None if accounts is None else accounts.selector)
    yield from (each for each in parts if each is not None)
