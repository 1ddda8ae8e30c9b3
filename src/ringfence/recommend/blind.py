"""Workloads whose older connections nobody could see.

Promises: a connection that was open before the collector came to a node may never have made a flow, so a workload is
blind until all its pods are younger than the collector on their node: that node's ``calico-node`` pod. Where the
snapshot has no such pod for a node, or no times, whether the workload is blind is not known, and it says which. Pods of
the host's network are the node's own and no policy of the scope is about them.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from msgspec import Struct

from ringfence.model.endpoint import endpoint_text
from ringfence.model.pod import Owner, Pod
from ringfence.semantics.workloads import KnownWorkload

_NAMESPACES: Final = frozenset({"calico-system", "kube-system"})
_LABEL: Final = ("k8s-app", "calico-node")
_OWNER: Final = Owner("DaemonSet", "calico-node")

Collectors = Mapping[str, int]
"""When the collector of each node started, in Unix seconds; a node that is absent has none in the snapshot."""


class Sight(Struct, frozen=True):
    """The blind workloads of a scope, and those of which it is not known, as ``namespace/name``, sorted."""

    blind: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def collectors_of(pods: Iterable[Pod]) -> Collectors:
    """Return when each node's collector started; of several on a node, the youngest that runs."""
    started: dict[str, int] = {}
    for pod in pods:
        begun = _begun(pod)
        if _collects(pod) and pod.node is not None and begun is not None:
            started[pod.node] = max(started.get(pod.node, begun), begun)
    return started


def sight(workloads: Sequence[KnownWorkload], *, collectors: Collectors) -> Sight:
    """Return the workloads that are blind, and those of which it is not known."""
    blind: set[str] = set()
    unknown: set[str] = set()
    for workload in workloads:
        younger = [_is_younger(pod, collectors) for pod in workload.pods if not pod.spec.host_network]
        if False in younger:
            blind.add(endpoint_text(workload.name))
        elif None in younger:
            unknown.add(endpoint_text(workload.name))
    return Sight(tuple(sorted(blind)), tuple(sorted(unknown - blind)))


def _is_younger(pod: Pod, collectors: Collectors) -> bool | None:
    if pod.node is None:  # not scheduled yet, so it has opened nothing
        return True
    begun, collecting = _begun(pod), collectors.get(pod.node)
    return None if begun is None or collecting is None else begun > collecting


def _begun(pod: Pod) -> int | None:
    return pod.created if pod.started is None else pod.started


def _collects(pod: Pod) -> bool:
    is_collector = _LABEL in pod.spec.labels.pairs or pod.owner == _OWNER
    return is_collector and pod.namespace in _NAMESPACES and not pod.finished
