"""Which ports of workloads their objects declare.

Promises: a port that a container of a workload's pods or template declares, or that is the target of a Service which
selects them. A named target is a container's port, so it needs no second look.
"""

from collections import defaultdict

from ringfence.learning.ephemeral import Listener
from ringfence.model.endpoint import Workload
from ringfence.model.inventory import Inventory
from ringfence.model.pod import PodSpec
from ringfence.semantics.workloads import Workloads


def declared_ports(inventory: Inventory) -> frozenset[Listener]:
    """Return every declared listener of the inventory's workloads."""
    workloads = Workloads(inventory)
    specs: defaultdict[Workload, list[PodSpec]] = defaultdict(list)
    for pod in inventory.pods:
        specs[workloads.of(pod)].append(pod.spec)
    for each in inventory.controllers:
        specs[Workload(each.namespace, each.kind, each.name)].append(each.template)
    targets: defaultdict[str, list[tuple[frozenset[tuple[str, str]], str, int]]] = defaultdict(list)
    for service in inventory.services:
        if service.selector:
            chosen = frozenset(service.selector)
            numbers = ((port.protocol, port.target) for port in service.ports if isinstance(port.target, int))
            targets[service.namespace] += [(chosen, protocol, target) for protocol, target in numbers]
    found: set[Listener] = set()
    for workload, known in specs.items():
        for spec in set(known):
            found |= {(workload, port.protocol, port.port) for port in spec.ports}
            labels = frozenset(spec.labels.pairs)
            found |= {
                (workload, protocol, port) for chosen, protocol, port in targets[workload.namespace] if chosen <= labels
            }
    return frozenset(found)
