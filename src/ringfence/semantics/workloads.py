"""Which pods belong to which workload.

Promises: a pod's workload is what owns it, or what owns that ReplicaSet or Job. Where the snapshot lacks the
ReplicaSet, its name without the pod-template-hash is the Deployment's. A pod without an owner belongs to the
controller whose selector is true of it, else it is a workload of its own; so does a static pod, which its node owns.
"""

from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from ringfence.model.controller import Controller
from ringfence.model.endpoint import Workload, endpoint_key
from ringfence.model.inventory import Inventory
from ringfence.model.pod import Pod
from ringfence.model.selector import matches
from ringfence.semantics.label_selectors import selector_of

_TEMPLATE_HASH: Final = "pod-template-hash"
_OWNED: Final = frozenset({"ReplicaSet", "ReplicationController", "Job"})
"""What another workload usually makes. What owns a Deployment is an operator's object, and no workload."""

_OF_STATIC_PODS: Final = "Node"


class KnownWorkload(Struct, frozen=True):
    """A workload, its running pods, and its template where the snapshot holds it."""

    name: Workload
    pods: tuple[Pod, ...] = ()
    template: Controller | None = None


class Workloads:
    """The workloads of an inventory. Built once, asked often."""

    def __init__(self, inventory: Inventory) -> None:
        """Give every pod its workload."""
        self._controllers = {Workload(each.namespace, each.kind, each.name): each for each in inventory.controllers}
        self._selectors = {
            name: selector_of(each.selector)
            for name, each in self._controllers.items()
            if each.selector is not None and next(self._above(name), None) is None
        }
        self._pods: dict[Workload, list[Pod]] = {name: [] for name in self._controllers}
        self._tops = {each for each in self._controllers if next(self._above(each), None) is None}
        self._names: dict[tuple[str, str], Workload] = {}
        for pod in inventory.pods:
            owners = tuple(self._owners(pod)) or (self._selecting(pod),)
            self._names[pod.namespace, pod.name] = owners[-1]
            self._tops.add(owners[-1])
            for owner in owners:
                pods = self._pods.setdefault(owner, [])
                if not pod.finished:
                    pods.append(pod)
        self._of_name: dict[tuple[str, str], list[Workload]] = {}
        for each in sorted(self._pods, key=endpoint_key):
            self._of_name.setdefault((each.namespace, each.name), []).append(each)

    def of(self, pod: Pod) -> Workload:
        """Return the workload that a pod of the inventory belongs to."""
        return self._names[pod.namespace, pod.name]

    def named(self, namespace: str, name: str, kind: str | None = None) -> tuple[KnownWorkload, ...]:
        """Return the workloads of a name, sorted by kind; without a kind, those that nothing else owns."""
        return tuple(
            KnownWorkload(each, tuple(self._pods[each]), self._controllers.get(each))
            for each in self._of_name.get((namespace, name), ())
            if (each in self._tops if kind is None else each.kind is not None and each.kind.lower() == kind.lower())
        )

    def names(self) -> tuple[Workload, ...]:
        """Return all workloads that nothing else owns, sorted."""
        return tuple(sorted(self._tops, key=endpoint_key))

    def known(self, workload: Workload) -> KnownWorkload | None:
        """Return a workload of this kind and name; of one whose kind is unknown, the only one of its name."""
        found = self.named(workload.namespace, workload.name, workload.kind)
        return found[0] if len(found) == 1 else None

    def above(self, controller: Workload) -> Workload:
        """Return the workload that the pods of a controller belong to."""
        return next(self._above(controller), controller)

    def _owners(self, pod: Pod) -> Iterator[Workload]:
        """Yield what owns a pod, the nearest first."""
        if pod.owner is None or pod.owner.kind == _OF_STATIC_PODS:
            return
        name = Workload(pod.namespace, pod.owner.kind, pod.owner.name)
        yield name
        above = tuple(self._above(name))
        if above or name in self._controllers or name.kind != "ReplicaSet":
            yield from above
            return
        template = pod.spec.labels.get(_TEMPLATE_HASH)
        if template and name.name.endswith(f"-{template}"):
            yield Workload(pod.namespace, "Deployment", name.name.removesuffix(f"-{template}"))

    def _above(self, name: Workload) -> Iterator[Workload]:
        controller = self._controllers.get(name)
        if name.kind in _OWNED and controller is not None and controller.owner is not None:
            yield Workload(name.namespace, controller.owner.kind, controller.owner.name)

    def _selecting(self, pod: Pod) -> Workload:
        labels = pod.spec.labels.as_dict()
        for name, selector in self._selectors.items():
            if name.namespace == pod.namespace and matches(selector, labels):
                return name
        return Workload(pod.namespace, "Pod", pod.name)
