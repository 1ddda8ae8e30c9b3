"""In which order policies of a tier are asked up to Calico 3.31.

Promises: order (unset last), then the name of the internal key as plain text: ``ns/tier.name``, ``staged:`` before the
name of a staged policy, ``knp.default.name`` for Kubernetes' own (calico-semantics 4.1).
"""

from typing import Final

_PREFIXES: Final = {
    "KubernetesNetworkPolicy": "knp.default.",
    "StagedKubernetesNetworkPolicy": "staged:knp.default.",
    "AdminNetworkPolicy": "kanp.adminnetworkpolicy.",
    "BaselineAdminNetworkPolicy": "kbanp.baselineadminnetworkpolicy.",
}


def policy_key(order: float, *, kind: str, namespace: str, name: str, tier: str) -> tuple[float, str]:
    """Return where a policy stands in its tier."""
    prefix = _PREFIXES.get(kind)
    if prefix is None:
        named = name if name.startswith(f"{tier}.") else f"{tier}.{name}"
        key = f"staged:{named}" if kind.startswith("Staged") else named
    else:
        key = prefix + name
    return order, f"{namespace}/{key}" if namespace else key
