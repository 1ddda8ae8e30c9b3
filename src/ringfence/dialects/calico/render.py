"""Write policies and tiers as Calico v3 objects.

Promises: every field that Calico would default is written out, in one order that reads well: what it is, where it
stands, whom it selects, what it lets through. Does not judge: `valid` says what the API would refuse.
"""

from typing import Final

from ringfence.dialects.selector import written_selector
from ringfence.model.kubernetes_object import Json, KubernetesObject
from ringfence.model.policy import Direction, Match, Policy, Rule, Tier
from ringfence.model.port import PortSet

API_VERSION: Final = "projectcalico.org/v3"


def render_policy(policy: Policy) -> KubernetesObject:
    """Return a NetworkPolicy or GlobalNetworkPolicy, staged with action ``Set`` or enforced.

    A direction that is not in the policy's types has no list of rules; one that is has a list, even an empty one.

    Raises:
        SelectorError: a selector holds a label or value that no selector text can express.
    """
    scope = "NetworkPolicy" if policy.namespace is not None else "GlobalNetworkPolicy"
    spec: dict[str, Json] = {"stagedAction": "Set"} if policy.staged else {}
    spec["tier"] = policy.tier
    if policy.order is not None:
        spec["order"] = _number(policy.order)
    spec["selector"] = written_selector(policy.selector)
    spec["types"] = list(policy.types)
    sides: tuple[tuple[Direction, str, tuple[Rule, ...]], ...] = (
        ("Ingress", "ingress", policy.ingress),
        ("Egress", "egress", policy.egress),
    )
    for direction, field, rules in sides:
        if direction in policy.types:
            spec[field] = [_rule(rule) for rule in rules]
    return {
        "apiVersion": API_VERSION,
        "kind": f"Staged{scope}" if policy.staged else scope,
        "metadata": _metadata(
            policy.name, namespace=policy.namespace, labels=policy.labels, annotations=policy.annotations
        ),
        "spec": spec,
    }


def render_tier(tier: Tier) -> KubernetesObject:
    """Return a Tier with its order and default action."""
    return {
        "apiVersion": API_VERSION,
        "kind": "Tier",
        "metadata": _metadata(tier.name, namespace=None, labels=tier.labels, annotations=()),
        "spec": {"order": _number(tier.order), "defaultAction": tier.default_action},
    }


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


def _rule(rule: Rule) -> dict[str, Json]:
    """Write a rule; its annotations come last, so that the eye meets the action first."""
    fields: dict[str, Json] = {"action": rule.action}
    if rule.ip_version is not None:
        fields["ipVersion"] = rule.ip_version
    if rule.protocol is not None:
        fields["protocol"] = int(rule.protocol) if rule.protocol.isdigit() else rule.protocol
    if rule.icmp is not None:
        fields["icmp"] = {"type": rule.icmp.type, "code": rule.icmp.code}
    if rule.source != Match():
        fields["source"] = _match(rule.source)
    if rule.destination != Match():
        fields["destination"] = _match(rule.destination)
    if rule.annotations:
        fields["metadata"] = {"annotations": dict(rule.annotations)}
    return fields


def _match(match: Match) -> dict[str, Json]:
    fields: dict[str, Json] = {}
    if match.service is not None:
        fields["services"] = {"name": match.service.name, "namespace": match.service.namespace}
    if match.namespace_selector is not None:
        fields["namespaceSelector"] = written_selector(match.namespace_selector)
    if match.selector is not None:
        fields["selector"] = written_selector(match.selector)
    if match.nets is not None:
        fields["nets"] = list(match.nets)
    if match.not_nets is not None:
        fields["notNets"] = list(match.not_nets)
    if match.ports is not None:
        fields["ports"] = _ports(match.ports)
    return fields


def _ports(ports: PortSet) -> list[int | str]:
    return [each.first if each.first == each.last else str(each) for each in ports]


def _number(value: float) -> int | float:
    """Write 1000.0 as people do."""
    return int(value) if value.is_integer() else value
