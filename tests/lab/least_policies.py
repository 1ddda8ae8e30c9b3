"""Write the policies that a perfect learner would write for a world: one per namespace, from truth itself.

Promises: every legitimate edge passes, by the peers and ports that a policy per namespace needs. The judge's tests
change these policies and expect the judge to see it.
"""

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

PODS = "projectcalico.org/orchestrator == 'k8s'"
Rule = dict[str, Any]
Policy = dict[str, Any]


def least_policies(truth: Mapping[str, Any]) -> dict[str, Policy]:
    """Return the policies by namespace."""
    rules: dict[tuple[str, str], list[Rule]] = defaultdict(list)
    for edge in truth["legitimate"]:
        for direction, own, peer in (("Egress", "client", "server"), ("Ingress", "server", "client")):
            if edge[own]["kind"] == "Workload":
                rule = _rule(edge, direction, edge[peer])
                written = rules[edge[own]["namespace"], direction]
                if rule not in written:
                    written.append(rule)
    policies: dict[str, Policy] = {}
    for (namespace, direction), written in sorted(rules.items()):
        policy = policies.setdefault(namespace, _policy(namespace))
        policy["spec"]["types"].append(direction)
        policy["spec"][direction.lower()] = written
    return policies


def write_policies(policies: Mapping[str, Policy], out: Path) -> Path:
    """Write policies, one a file, and their tier."""
    tier = {
        "apiVersion": "projectcalico.org/v3",
        "kind": "Tier",
        "metadata": {"name": "namespace-isolation"},
        "spec": {"order": 500, "defaultAction": "Deny"},
    }
    for name, document in {
        "tiers/namespace-isolation": tier,
        **{f"{key}/p": value for key, value in policies.items()},
    }.items():
        file = out / f"{name}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(yaml.safe_dump(document), encoding="utf-8")
    return out


def _policy(namespace: str) -> Policy:
    return {
        "apiVersion": "projectcalico.org/v3",
        "kind": "StagedNetworkPolicy",
        "metadata": {"name": f"namespace-isolation.{namespace}", "namespace": namespace},
        "spec": {
            "tier": "namespace-isolation",
            "order": 100,
            "selector": f"projectcalico.org/namespace == '{namespace}'",
            "types": [],
            "stagedAction": "Set",
        },
    }


def _rule(edge: Mapping[str, Any], direction: str, peer: Mapping[str, Any]) -> Rule:
    rule: Rule = {"action": "Pass", "protocol": edge["protocol"]}
    if "icmp" in edge:
        rule["icmp"] = dict(edge["icmp"])
    match = _match(peer)
    if direction == "Egress":
        destination = match | ({"ports": [int(edge["port"])]} if "port" in edge else {})
        return rule | {"destination": destination}
    if "port" in edge:
        rule["destination"] = {"ports": [int(edge["port"])]}
    return rule | {"source": match}


def _match(peer: Mapping[str, Any]) -> dict[str, Any]:
    match peer["kind"]:
        case "Workload":
            return {"selector": PODS, "namespaceSelector": f"projectcalico.org/name == '{peer['namespace']}'"}
        case "NetworkSet":
            terms = " && ".join(f"{key} == '{value}'" for key, value in sorted(peer["labels"].items()))
            place = f"projectcalico.org/name == '{peer['namespace']}'" if "namespace" in peer else "global()"
            return {"selector": terms, "namespaceSelector": place}
        case _:
            return {"nets": [f"{address}/{128 if ':' in address else 32}" for address in peer["addresses"]]}
