"""Write policies, tiers, network sets and host endpoints as Calico v3 objects.

Promises: every field that Calico would default is written out, in one order that reads well: what it is, where it
stands, whom it selects, what it lets through. Does not judge: `valid` says what the API would refuse.
"""

from typing import Final

from ringfence.dialects.calico.render_rule import protocol_json, render_rule
from ringfence.dialects.kubernetes_parts import render_kubernetes_spec
from ringfence.dialects.selector import written_selector
from ringfence.model.kubernetes_object import Json, KubernetesObject
from ringfence.model.kubernetes_policy import KubernetesPolicy
from ringfence.model.network_set_object import NetworkSetObject
from ringfence.model.node import HostEndpoint
from ringfence.model.policy import Direction, Policy, Rule, Tier

API_VERSION: Final = "projectcalico.org/v3"


def render_policy(policy: Policy) -> KubernetesObject:
    """Return a NetworkPolicy or GlobalNetworkPolicy, staged or enforced.

    A direction has a list of rules, even an empty one, when the policy governs it or has rules for it. A policy staged
    for deletion holds nothing but its tier.

    Raises:
        SelectorError: a selector holds a label or value that no selector text can express.
    """
    spec: dict[str, Json] = {"stagedAction": policy.staged} if policy.staged else {}
    spec["tier"] = policy.tier
    if policy.staged != "Delete":
        spec |= _whom(policy) | _what(policy)
    return _object(
        policy.kind,
        _metadata(policy.name, namespace=policy.namespace, labels=policy.labels, annotations=policy.annotations),
        spec,
    )


def render_staged_kubernetes_policy(policy: KubernetesPolicy) -> KubernetesObject:
    """Return a StagedKubernetesNetworkPolicy, with action ``Set`` where the policy is not staged yet.

    One staged for deletion holds nothing else.
    """
    action = policy.staged or "Set"
    spec: dict[str, Json] = {"stagedAction": action}
    if action != "Delete":
        spec |= render_kubernetes_spec(policy)
    return _object(
        "StagedKubernetesNetworkPolicy",
        _metadata(policy.name, namespace=policy.namespace, labels=policy.labels, annotations=policy.annotations),
        spec,
    )


def render_tier(tier: Tier) -> KubernetesObject:
    """Return a Tier with its order and default action."""
    return _object(
        "Tier",
        _metadata(tier.name, namespace=None, labels=tier.labels, annotations=()),
        {"order": _number(tier.order), "defaultAction": tier.default_action},
    )


def render_network_set(network_set: NetworkSetObject) -> KubernetesObject:
    """Return a NetworkSet or GlobalNetworkSet with its nets as they were written."""
    return _object(
        "GlobalNetworkSet" if network_set.namespace is None else "NetworkSet",
        _metadata(
            network_set.name,
            namespace=network_set.namespace,
            labels=network_set.labels.pairs,
            annotations=network_set.annotations,
        ),
        {"nets": list(network_set.nets)},
    )


def render_host_endpoint(endpoint: HostEndpoint) -> KubernetesObject:
    """Return a HostEndpoint."""
    spec: dict[str, Json] = {"node": endpoint.node}
    if endpoint.interface is not None:
        spec["interfaceName"] = endpoint.interface
    if endpoint.expected_ips:
        spec["expectedIPs"] = list(endpoint.expected_ips)
    if endpoint.profiles:
        spec["profiles"] = list(endpoint.profiles)
    if endpoint.ports:
        spec["ports"] = [
            {"name": each.name, "protocol": protocol_json(each.protocol), "port": each.port} for each in endpoint.ports
        ]
    metadata = _metadata(endpoint.name, namespace=None, labels=endpoint.labels.pairs, annotations=())
    return _object("HostEndpoint", metadata, spec)


def _whom(policy: Policy) -> dict[str, Json]:
    """Write where a policy stands and whom it selects."""
    fields: dict[str, Json] = {}
    if policy.order is not None:
        fields["order"] = _number(policy.order)
    selectors = (
        ("selector", policy.selector),
        ("namespaceSelector", policy.namespace_selector),
        ("serviceAccountSelector", policy.service_account_selector),
    )
    for name, selector in selectors:
        if selector is not None:
            fields[name] = written_selector(selector)
    return fields


def _what(policy: Policy) -> dict[str, Json]:
    """Write what a policy governs and how."""
    flags = (
        ("doNotTrack", policy.do_not_track),
        ("preDNAT", policy.pre_dnat),
        ("applyOnForward", policy.apply_on_forward),
    )
    fields: dict[str, Json] = {name: True for name, is_set in flags if is_set}
    if policy.performance_hints:
        fields["performanceHints"] = list(policy.performance_hints)
    fields["types"] = list(policy.types)
    sides: tuple[tuple[Direction, str, tuple[Rule, ...]], ...] = (
        ("Ingress", "ingress", policy.ingress),
        ("Egress", "egress", policy.egress),
    )
    for direction, name, rules in sides:
        if rules or direction in policy.types:
            fields[name] = [render_rule(rule) for rule in rules]
    return fields


def _object(kind: str, metadata: dict[str, Json], spec: dict[str, Json]) -> KubernetesObject:
    return {"apiVersion": API_VERSION, "kind": kind, "metadata": metadata, "spec": spec}


def _metadata(
    name: str,
    *,
    namespace: str | None,
    labels: tuple[tuple[str, str], ...],
    annotations: tuple[tuple[str, str], ...],
) -> dict[str, Json]:
    metadata: dict[str, Json] = {"name": name}
    if namespace is not None:
        metadata["namespace"] = namespace
    if labels:
        metadata["labels"] = dict(labels)
    if annotations:
        metadata["annotations"] = dict(annotations)
    return metadata


def _number(value: float) -> int | float:
    """Write 1000.0 as people do."""
    return int(value) if float(value).is_integer() else value
