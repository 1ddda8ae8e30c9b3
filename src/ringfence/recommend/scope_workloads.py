"""The workloads of each namespace, with their running pods.

Promises: each workload that nothing else owns stands once, also one without pods; made once for all scopes.
"""

from collections import defaultdict
from collections.abc import Mapping

from ringfence.model.endpoint import Workload, endpoint_key
from ringfence.model.inventory import Inventory
from ringfence.model.pod import Pod
from ringfence.semantics.workloads import KnownWorkload, Workloads


def workloads_by_namespace(inventory: Inventory) -> Mapping[str, tuple[KnownWorkload, ...]]:
    """Return the workloads of an inventory by namespace, sorted."""
    workloads = Workloads(inventory)
    templates = {Workload(each.namespace, each.kind, each.name): each for each in inventory.controllers}
    pods: dict[Workload, list[Pod]] = {name: [] for name in workloads.names()}
    for pod in inventory.pods:
        if not pod.finished:
            pods[workloads.of(pod)].append(pod)
    found: defaultdict[str, list[KnownWorkload]] = defaultdict(list)
    for name in sorted(pods, key=endpoint_key):
        found[name.namespace].append(KnownWorkload(name, tuple(pods[name]), templates.get(name)))
    return {namespace: tuple(known) for namespace, known in found.items()}
