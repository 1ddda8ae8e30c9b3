"""Cluster policies as people write them, with one part to choose."""

from typing import Any


def policy(**spec: Any) -> dict[str, Any]:
    """Return a ClusterNetworkPolicy with this spec."""
    base = {"tier": "Admin", "priority": 5, "subject": {"namespaces": {}}}
    return {
        "apiVersion": "policy.networking.k8s.io/v1alpha2",
        "kind": "ClusterNetworkPolicy",
        "metadata": {"name": "p"},
        "spec": base | spec,
    }


def rule(**fields: Any) -> dict[str, Any]:
    """Return an egress rule with these fields."""
    return {"action": "Accept", "to": [{"namespaces": {}}]} | fields
