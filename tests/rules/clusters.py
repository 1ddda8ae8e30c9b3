"""Clusters built by hand for rules: controllers with their pods, as a snapshot would hold them."""

from collections.abc import Iterable
from typing import Final

from ringfence.model.cluster import Cluster
from ringfence.model.controller import Controller
from ringfence.model.inventory import Inventory
from ringfence.model.label_selector import LabelRequirement, LabelSelector
from ringfence.model.labels import Labels
from ringfence.model.namespace import Namespace
from ringfence.model.network_set_object import NetworkSetObject
from ringfence.model.pod import Owner, Pod, PodSpec
from ringfence.model.policy_set import AnyPolicy, PolicySet
from ringfence.model.selector import Equals, Selector

HASHES: Final = {
    "Deployment": {"pod-template-hash": "7d9f"},
    "StatefulSet": {"statefulset.kubernetes.io/pod-name": "db-0", "apps.kubernetes.io/pod-index": "0"},
    "DaemonSet": {"controller-revision-hash": "5c4d", "pod-template-generation": "1"},
    "Job": {"batch.kubernetes.io/job-name": "run-28", "controller-uid": "c0ffee", "job-name": "run-28"},
}
"""What each kind of controller adds to its pods' labels."""


def labels_of(text: str) -> Labels:
    """Return labels from ``key=value`` words."""
    return Labels.of([(key, value) for key, _, value in (word.partition("=") for word in text.split())])


def controller(
    kind: str,
    name: str,
    template: str,
    *,
    selects: str | None = None,
    expressions: Iterable[LabelRequirement] = (),
    namespace: str = "shop",
    host_network: bool = False,
    owner: Owner | None = None,
) -> Controller:
    """Return a controller whose selector is its template's labels where ``selects`` names no others."""
    spec = PodSpec(labels_of(template), host_network=host_network)
    selector = LabelSelector(labels_of(template if selects is None else selects).pairs, tuple(expressions))
    with_selector = kind not in {"Job", "CronJob"}
    return Controller(kind, namespace, name, spec, selector=selector if with_selector else None, owner=owner)


def pods_of(each: Controller, *addresses: str, kind: str | None = None, owner: Owner | None = None) -> tuple[Pod, ...]:
    """Return running pods of a controller, with what its kind adds to their labels."""
    own = Labels.of(each.template.labels.as_dict() | HASHES.get(kind or each.kind, {}))
    spec = PodSpec(own, host_network=each.template.host_network)
    owned = owner or Owner(each.kind, each.name)
    return tuple(
        Pod(each.namespace, f"{each.name}-{address.rpartition('.')[2]}", spec, (address,), owner=owned)
        for address in addresses
    )


def bare(name: str, own: str, address: str, *, namespace: str = "shop") -> Pod:
    """Return a pod that nothing owns."""
    return Pod(namespace, name, PodSpec(labels_of(own)), (address,))


def cluster(
    *controllers: Controller,
    pods: Iterable[Pod] = (),
    policies: PolicySet | Iterable[AnyPolicy] = (),
    network_sets: Iterable[NetworkSetObject] = (),
    missing: Iterable[str] = (),
) -> Cluster:
    """Return a cluster of the namespaces that its objects name."""
    every = tuple(pods)
    names = sorted({each.namespace for each in (*controllers, *every)})
    return Cluster(
        Inventory(
            namespaces=tuple(Namespace(name, Labels.of({"kubernetes.io/metadata.name": name})) for name in names),
            pods=every,
            controllers=controllers,
            network_sets=tuple(network_sets),
            missing=frozenset(missing),
        ),
        policies if isinstance(policies, PolicySet) else PolicySet(policies=tuple(policies)),
    )


def equal(**labels: str) -> tuple[Selector, ...]:
    """Return the tests that labels have these values."""
    return tuple(Equals(key, value) for key, value in labels.items())
