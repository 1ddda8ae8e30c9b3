"""Policies, tiers and network sets as objects, as their owners would have written them.

Promises: rule by rule what `existing_policies` evaluates, at the same indexes; Kubernetes policies have one peer and
one port a rule, so that Calico's conversion keeps the indexes too.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from ringfence_lab.endpoint import Endpoint, NetworkSet, Outside, Workload
from ringfence_lab.existing_policies import TIER_ORDERS, ExistingPolicy, ExistingRule

Object = dict[str, Any]

CALICO: Final = "projectcalico.org/v3"
_SYSTEM_TIERS: Final = {"kube-admin": (1000, "Pass"), "kube-baseline": (10_000_000, "Pass")}
_ACTIONS: Final = {"allow": "Allow", "deny": "Deny", "pass": "Pass"}


def policy_objects(policies: Iterable[ExistingPolicy]) -> list[Object]:
    """Return each policy as an object."""
    return [_object(policy) for policy in policies]


def tier_objects() -> list[Object]:
    """Return the cluster's tiers, built-in ones included."""
    tiers = _SYSTEM_TIERS | {name: (order, "Deny") for name, order in TIER_ORDERS.items()}
    return [
        {
            "apiVersion": CALICO,
            "kind": "Tier",
            "metadata": {"name": name},
            "spec": {"order": order, "defaultAction": action},
        }
        for name, (order, action) in sorted(tiers.items())
    ]


def network_set_object(known: NetworkSet) -> Object:
    """Return a network set as an object."""
    place = {} if known.namespace is None else {"namespace": known.namespace}
    return {
        "apiVersion": CALICO,
        "kind": "GlobalNetworkSet" if known.namespace is None else "NetworkSet",
        "metadata": {"name": known.name, **place, "labels": dict(known.labels)},
        "spec": {"nets": nets(known.addresses)},
    }


def nets(addresses: Iterable[str]) -> list[str]:
    """Return addresses as networks of one address each."""
    return [f"{address}/{128 if ':' in address else 32}" for address in addresses]


def _object(policy: ExistingPolicy) -> Object:
    name = policy.name if policy.tier == "default" else f"{policy.tier}.{policy.name}"
    place = {} if policy.namespace is None else {"namespace": policy.namespace}
    kubernetes = policy.kind in {"NetworkPolicy", "StagedKubernetesNetworkPolicy"}
    spec = _kubernetes_spec(policy) if kubernetes else _calico_spec(policy)
    if policy.staged:
        spec = {"stagedAction": "Set", **spec}
    return {
        "apiVersion": "networking.k8s.io/v1" if policy.kind == "NetworkPolicy" else CALICO,
        "kind": "NetworkPolicy" if policy.kind == "CalicoNetworkPolicy" else policy.kind,
        "metadata": {"name": name, **place},
        "spec": spec,
    }


def _kubernetes_spec(policy: ExistingPolicy) -> Object:
    (subject,) = policy.subjects
    side = "from" if policy.direction == "ingress" else "to"
    return {
        "podSelector": {"matchLabels": dict(subject.labels)},
        "policyTypes": [policy.direction.capitalize()],
        policy.direction: [_kubernetes_rule(rule, side) for rule in policy.rules],
    }


def _kubernetes_rule(rule: ExistingRule, side: str) -> Object:
    (peer,) = rule.peers or ()
    if not isinstance(peer, Workload) or rule.ports is None:
        raise TypeError(f"{rule} is no rule that a Kubernetes policy can say at one index")
    return {
        side: [
            {
                "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": peer.namespace}},
                "podSelector": {"matchLabels": dict(peer.labels)},
            }
        ],
        "ports": [{"protocol": rule.protocol, "port": rule.ports[0]}],
    }


def _calico_spec(policy: ExistingPolicy) -> Object:
    return {
        "tier": policy.tier,
        "order": policy.order,
        "selector": _subjects(policy),
        "types": [policy.direction.capitalize()],
        **({policy.direction: [_calico_rule(rule, policy) for rule in policy.rules]} if policy.rules else {}),
    }


def _subjects(policy: ExistingPolicy) -> str:
    if policy.namespace is None:
        return (
            "projectcalico.org/orchestrator == 'k8s' && projectcalico.org/namespace not in {'kube-system', 'sandbox'}"
        )
    (subject,) = policy.subjects
    return selector(dict(subject.labels))


def selector(labels: Mapping[str, str]) -> str:
    """Return a Calico selector of exactly these labels."""
    return " && ".join(f"{key} == '{value}'" for key, value in sorted(labels.items()))


def _calico_rule(rule: ExistingRule, policy: ExistingPolicy) -> Object:
    written: Object = {"action": _ACTIONS[rule.action]}
    if rule.protocol is not None:
        written["protocol"] = rule.protocol
    if rule.protocol == "ICMP" and rule.peers is not None:
        written["icmp"] = {"type": 8, "code": 0}
    destination: Object = {}
    source: Object = {}
    peer = source if policy.direction == "ingress" else destination
    peer |= _peers(rule.peers)
    if rule.ports is not None:
        destination["ports"] = [_ports(rule.ports)]
    for name, side in (("source", source), ("destination", destination)):
        if side:
            written[name] = side
    return written


def _peers(peers: tuple[Endpoint, ...] | None) -> Object:
    if peers is None:
        return {}
    (peer,) = peers
    match peer:
        case Workload():
            return {
                "selector": selector(dict(peer.labels)),
                "namespaceSelector": f"projectcalico.org/name == '{peer.namespace}'",
            }
        case NetworkSet():
            place = "global()" if peer.namespace is None else f"projectcalico.org/name == '{peer.namespace}'"
            return {"selector": selector(dict(peer.labels)), "namespaceSelector": place}
        case Outside():
            return {"nets": nets(peer.addresses)}


def _ports(ports: tuple[int, int]) -> int | str:
    low, high = ports
    return low if low == high else f"{low}:{high}"
