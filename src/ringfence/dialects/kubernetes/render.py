"""Write a Kubernetes NetworkPolicy. Promises: defaults are written out; reading it again gives the equal policy."""

from ringfence.dialects.kubernetes.valid import API_VERSION
from ringfence.dialects.kubernetes_parts import render_kubernetes_spec
from ringfence.model.kubernetes_object import Json, KubernetesObject
from ringfence.model.kubernetes_policy import KubernetesPolicy


def render_network_policy(policy: KubernetesPolicy) -> KubernetesObject:
    """Return a NetworkPolicy. The staged kind is Calico's own, so a staged policy is refused with ValueError."""
    if policy.staged is not None:
        raise ValueError(f"{policy.namespace}/{policy.name} is staged; only Calico has a staged kind for it")
    metadata: dict[str, Json] = {"name": policy.name, "namespace": policy.namespace}
    if policy.labels:
        metadata["labels"] = dict(policy.labels)
    if policy.annotations:
        metadata["annotations"] = dict(policy.annotations)
    return {
        "apiVersion": API_VERSION,
        "kind": "NetworkPolicy",
        "metadata": metadata,
        "spec": render_kubernetes_spec(policy),
    }
