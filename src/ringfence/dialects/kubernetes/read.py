"""Read a Kubernetes NetworkPolicy.

Promises: never raises, whatever the JSON. What the API would refuse is a problem; a rule that Calico cannot convert is
left out, which fails closed because the policy still selects its pods; what is no NetworkPolicy at all has no value.
"""

from typing import Final

from ringfence.dialects.decoded import NotUnderstoodError, pairs, record, text
from ringfence.dialects.kubernetes.valid import problems
from ringfence.dialects.kubernetes_parts import read_kubernetes_spec
from ringfence.dialects.object_reading import ObjectReading
from ringfence.dialects.problem import Problem
from ringfence.model.kubernetes_object import KubernetesObject
from ringfence.model.kubernetes_policy import KubernetesPolicy

_GROUP: Final = "networking.k8s.io/"
_NOT_UNDERSTOOD: Final = Problem("", "is no NetworkPolicy of networking.k8s.io/v1: a member has another JSON type")


def read_network_policy(obj: KubernetesObject) -> ObjectReading[KubernetesPolicy]:
    """Read a NetworkPolicy of networking.k8s.io/v1; one without a namespace is in ``default``, as kubectl takes it."""
    found = problems(obj)
    try:
        metadata = record(obj.get("metadata"))
        spec = read_kubernetes_spec(record(obj.get("spec")))
        name = text(metadata, "name")
        ours = text(obj, "kind") == "NetworkPolicy" and text(obj, "apiVersion").startswith(_GROUP)
        if not ours or spec is None or not name:
            return ObjectReading(None, found or (_NOT_UNDERSTOOD,))
        policy = KubernetesPolicy(
            namespace=text(metadata, "namespace") or "default",
            name=name,
            pod_selector=spec.pod_selector,
            types=spec.types,
            ingress=spec.ingress,
            egress=spec.egress,
            labels=pairs(metadata, "labels"),
            annotations=pairs(metadata, "annotations"),
        )
    except NotUnderstoodError:
        return ObjectReading(None, found or (_NOT_UNDERSTOOD,))
    known = {each.path for each in found}
    return ObjectReading(policy, (*found, *(each for each in spec.problems if each.path not in known)))
