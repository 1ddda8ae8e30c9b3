"""Pods and Services that stand for the workloads of a truth, whatever happens to the real ones.

A policy must hold for the pods of tomorrow too, so a workload is judged by three pods that never existed: with the
labels that outlive every rollout, with the named ports and the service account of its real pods where the cluster was
written, and with addresses from the beginning, the middle and the end of the pod network. A connection counts as
allowed only if it is for each of them: who lists addresses of pods allows nothing.

Promises: the objects of a cluster that hold these pods instead of the real ones, Services with the new addresses, the
network sets that truth knows, and no policy.
"""

from collections.abc import Iterator, Mapping, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any, Final

from ringfence_lab.evaluator.fields import KubernetesObject
from ringfence_lab.evaluator.policies import CALICO, policy_kind

Workload = tuple[str, str, str]

COPIES: Final = 3

_KINDS_WITH_EDGES: Final = ("legitimate", "denied", "guarded", "attack")
_REPLACED: Final = frozenset({"Pod", "EndpointSlice"})
_PODS_BY_IPV6: Final = "fd00:10:240::/64"
_SERVICE_NAME: Final = "kubernetes.io/service-name"


def names_of(end: Mapping[str, Any], addresses: str) -> tuple[str, ...]:
    """Return the names of the parties that stand for an end of an edge; ``addresses`` is the field to take."""
    if end["kind"] == "Workload":
        workload = end["namespace"], end["workloadKind"], end["name"]
        return tuple(stand_in(workload, copy) for copy in range(COPIES))
    named: Sequence[str] = end[addresses]
    return tuple(named)


def stand_in(workload: Workload, copy: int) -> str:
    """Return the name of one of a workload's pods, as ``namespace/name``."""
    namespace, kind, name = workload
    return f"{namespace}/{name}.{kind.lower()}.{copy}"


def standing_cluster(truth: Mapping[str, Any], objects: Sequence[KubernetesObject]) -> list[KubernetesObject]:
    """Return the objects of a cluster in which stand-ins are the pods; ``objects`` are the real ones, if any."""
    real = [each for each in objects if each.get("kind") == "Pod"]
    slices = [each for each in objects if each.get("kind") == "EndpointSlice"]
    kept = [each for each in objects if each.get("kind") not in _REPLACED and policy_kind(each) is None]
    pods = _Pods(truth, real)
    return [*kept, *_namespaces(truth, kept), *_sets(truth, kept), *pods.objects(), *_slices(truth, slices, pods)]


class _Pods:
    """Stand-ins by the workload and by the real pod that they stand for."""

    def __init__(self, truth: Mapping[str, Any], real: Sequence[KubernetesObject]) -> None:
        self._workloads: dict[Workload, Mapping[str, Any]] = {
            (each["namespace"], each["workloadKind"], each["name"]): each for each in truth["workloads"]
        }
        self._addresses = _addresses(truth, list(self._workloads))
        self._models: dict[Workload, KubernetesObject] = {}
        self._of_pod: dict[tuple[str, str], Workload] = {}
        in_namespace: dict[str, list[Workload]] = {}
        for workload in self._workloads:
            in_namespace.setdefault(workload[0], []).append(workload)
        for pod in real:
            place = pod["metadata"]["namespace"], pod["metadata"]["name"]
            near = [each for each in in_namespace.get(place[0], ()) if self._stands_for(each, pod)]
            if near:
                self._of_pod[place] = max(near, key=lambda each: len(each[2]))
                self._models.setdefault(self._of_pod[place], pod)

    def _stands_for(self, workload: Workload, pod: KubernetesObject) -> bool:
        labels = pod["metadata"].get("labels") or {}
        wanted: Mapping[str, str] = self._workloads[workload]["labels"]
        named = str(pod["metadata"]["name"]).startswith(f"{workload[2]}-")
        return named and all(labels.get(key) == value for key, value in wanted.items())

    def objects(self) -> Iterator[KubernetesObject]:
        """Yield all stand-ins."""
        for workload, known in self._workloads.items():
            model = self._models.get(workload, {}).get("spec") or {}
            spec = {key: model[key] for key in ("serviceAccountName", "containers") if key in model}
            for copy in range(COPIES):
                namespace, _, name = stand_in(workload, copy).partition("/")
                yield {
                    "apiVersion": "v1",
                    "kind": "Pod",
                    "metadata": {"namespace": namespace, "name": name, "labels": known["labels"]},
                    "spec": spec,
                    "status": {"podIPs": [{"ip": address} for address in self._addresses[workload, copy]]},
                }

    def of(self, workload: Workload) -> list[str]:
        """Return all addresses of a workload."""
        return [address for copy in range(COPIES) for address in self._addresses.get((workload, copy), ())]

    def of_pod(self, namespace: str, name: str) -> list[str]:
        """Return all addresses of the workload of a real pod."""
        workload = self._of_pod.get((namespace, name))
        return [] if workload is None else self.of(workload)


def _addresses(truth: Mapping[str, Any], workloads: Sequence[Workload]) -> Mapping[tuple[Workload, int], list[str]]:
    """Return addresses that nothing else has: of each copy one of either family."""
    networks: Mapping[str, str] = truth["networks"]
    taken = {address for end in _ends(truth) for address in end.get("addresses", ())}
    found: dict[tuple[Workload, int], list[str]] = {}
    for network in (ip_network(networks["pods"]), ip_network(networks.get("podsIPv6", _PODS_BY_IPV6))):
        for copy in range(COPIES):
            free = (address for address in _walk(network, copy) if address not in taken)
            for workload in workloads:
                found.setdefault((workload, copy), []).append(next(free))
    return found


def _walk(network: IPv4Network | IPv6Network, copy: int) -> Iterator[str]:
    """Yield addresses from the beginning of a network, from its middle, or from its end backwards."""
    size = network.num_addresses
    first, step = ((2, 1), (size // 2, 1), (size - 2, -1))[copy]
    for turn in range(size // COPIES):
        yield str(network[first + step * turn])


def _namespaces(truth: Mapping[str, Any], kept: Sequence[KubernetesObject]) -> Iterator[KubernetesObject]:
    known = {each["metadata"]["name"] for each in kept if each.get("kind") == "Namespace"}
    for name in sorted({each["namespace"] for each in truth["workloads"]} - known):
        labels = {"kubernetes.io/metadata.name": name}
        yield {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def _sets(truth: Mapping[str, Any], kept: Sequence[KubernetesObject]) -> Iterator[KubernetesObject]:
    known = {
        (each["metadata"].get("namespace"), each["metadata"]["name"])
        for each in kept
        if each.get("kind") in {"NetworkSet", "GlobalNetworkSet"}
    }
    nets: dict[tuple[str | None, str], set[str]] = {}
    labels: dict[tuple[str | None, str], Mapping[str, str]] = {}
    for end in _ends(truth):
        if end["kind"] == "NetworkSet" and (end.get("namespace"), end["name"]) not in known:
            place = end.get("namespace"), end["name"]
            nets.setdefault(place, set()).update(end["addresses"])
            labels[place] = end["labels"]
    for (namespace, name), addresses in nets.items():
        metadata: dict[str, Any] = {"name": name, "labels": labels[namespace, name]}
        if namespace is not None:
            metadata["namespace"] = namespace
        kind = "GlobalNetworkSet" if namespace is None else "NetworkSet"
        yield {"apiVersion": CALICO, "kind": kind, "metadata": metadata, "spec": {"nets": sorted(addresses)}}


def _slices(truth: Mapping[str, Any], slices: Sequence[KubernetesObject], pods: _Pods) -> Iterator[KubernetesObject]:
    for known in slices:
        metadata = known["metadata"]
        service = (metadata.get("labels") or {}).get(_SERVICE_NAME)
        addresses: set[str] = set()
        for endpoint in known.get("endpoints") or ():
            target = endpoint.get("targetRef") or {}
            if target.get("kind") == "Pod":
                place = target.get("namespace") or metadata["namespace"], target["name"]
                addresses.update(pods.of_pod(*place))
            else:
                addresses.update(endpoint.get("addresses") or ())
        if service:
            yield _slice(metadata["namespace"], service, sorted(addresses), known.get("ports") or [])
    for kind in ("legitimate", "denied"):
        for edge in truth.get(kind, ()):
            if "service" in edge and "port" in edge:
                server, port = edge["server"], {"protocol": edge["protocol"], "port": int(edge["port"])}
                workload = server.get("namespace", ""), server.get("workloadKind", ""), server["name"]
                served = pods.of(workload) if server["kind"] == "Workload" else server["addresses"]
                yield _slice(edge["service"]["namespace"], edge["service"]["name"], served, [port])


def _slice(
    namespace: str, service: str, addresses: Sequence[str], ports: Sequence[Mapping[str, Any]]
) -> KubernetesObject:
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {"namespace": namespace, "name": service, "labels": {_SERVICE_NAME: service}},
        "endpoints": [{"addresses": list(addresses)}],
        "ports": list(ports),
    }


def _ends(truth: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for kind in _KINDS_WITH_EDGES:
        for edge in truth.get(kind, ()):
            yield from (edge["client"], edge["server"])
