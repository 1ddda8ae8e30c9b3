"""Which pods belong to which workload.

Promises: a pod's workload is what owns it, or what owns that ReplicaSet or Job. Where the snapshot lacks the
ReplicaSet, its name without the pod-template-hash is the Deployment's. A pod without an owner belongs to the
controller whose selector is true of it, else it is a workload of its own.
"""

from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from ringfence.model.controller import Controller
from ringfence.model.inventory import Inventory
from ringfence.model.pod import Pod
from ringfence.model.selector import matches
from ringfence.semantics.label_selectors import selector_of

_TEMPLATE_HASH: Final = "pod-template-hash"
_OWNED: Final = frozenset({"ReplicaSet", "ReplicationController", "Job"})
"""What another workload usually makes. What owns a Deployment is an operator's object, and no workload."""


class WorkloadName(Struct, frozen=True, order=True):
    """A workload by namespace, kind and name."""

    namespace: str
    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.namespace}/{self.kind}/{self.name}"


class Workload(Struct, frozen=True):
    """A workload, its running pods, and its template where the snapshot holds it."""

    name: WorkloadName
    pods: tuple[Pod, ...] = ()
    template: Controller | None = None


class Workloads:
    """The workloads of an inventory. Built once, asked often."""

    def __init__(self, inventory: Inventory) -> None:
        """Give every pod its workload."""
        self._controllers = {WorkloadName(each.namespace, each.kind, each.name): each for each in inventory.controllers}
        self._selectors = {
            name: selector_of(each.selector)
            for name, each in self._controllers.items()
            if each.selector is not None and next(self._above(name), None) is None
        }
        self._pods: dict[WorkloadName, list[Pod]] = {name: [] for name in self._controllers}
        self._tops = {each for each in self._controllers if next(self._above(each), None) is None}
        self._names: dict[tuple[str, str], WorkloadName] = {}
        for pod in inventory.pods:
            owners = tuple(self._owners(pod)) or (self._selecting(pod),)
            self._names[pod.namespace, pod.name] = owners[-1]
            self._tops.add(owners[-1])
            for owner in owners:
                pods = self._pods.setdefault(owner, [])
                if not pod.finished:
                    pods.append(pod)

    def of(self, pod: Pod) -> WorkloadName:
        """Return the workload that a pod of the inventory belongs to."""
        return self._names[pod.namespace, pod.name]

    def named(self, namespace: str, name: str, kind: str | None = None) -> tuple[Workload, ...]:
        """Return the workloads of a name, sorted by kind; without a kind, those that nothing else owns."""
        return tuple(
            Workload(each, tuple(pods), self._controllers.get(each))
            for each, pods in sorted(self._pods.items(), key=lambda item: item[0])
            if (each.namespace, each.name) == (namespace, name)
            and (each in self._tops if kind is None else each.kind.lower() == kind.lower())
        )

    def names(self) -> tuple[WorkloadName, ...]:
        """Return all workloads that nothing else owns, sorted."""
        return tuple(sorted(self._tops))

    def _owners(self, pod: Pod) -> Iterator[WorkloadName]:
        """Yield what owns a pod, the nearest first."""
        if pod.owner is None:
            return
        name = WorkloadName(pod.namespace, pod.owner.kind, pod.owner.name)
        yield name
        above = tuple(self._above(name))
        if above or name in self._controllers or name.kind != "ReplicaSet":
            yield from above
            return
        template = pod.spec.labels.get(_TEMPLATE_HASH)
        if template and name.name.endswith(f"-{template}"):
            yield WorkloadName(pod.namespace, "Deployment", name.name.removesuffix(f"-{template}"))

    def _above(self, name: WorkloadName) -> Iterator[WorkloadName]:
        controller = self._controllers.get(name)
        if name.kind in _OWNED and controller is not None and controller.owner is not None:
            yield WorkloadName(name.namespace, controller.owner.kind, controller.owner.name)

    def _selecting(self, pod: Pod) -> WorkloadName:
        labels = pod.spec.labels.as_dict()
        for name, selector in self._selectors.items():
            if name.namespace == pod.namespace and matches(selector, labels):
                return name
        return WorkloadName(pod.namespace, "Pod", pod.name)
