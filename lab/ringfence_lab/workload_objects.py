"""Workloads and their pods as objects: owners, ReplicaSets of every rollout, jobs that are over.

Promises: the pods are those that stand at the end of the world, with the labels, addresses and owners that its lines
showed; container ports are those that some edge goes to. ``recycled`` counts finished pods whose address another pod
has by now.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from ringfence_lab.edge import Edge
from ringfence_lab.endpoint import Workload
from ringfence_lab.metadata import CREATED, Object, metadata
from ringfence_lab.moment import rfc3339
from ringfence_lab.outside import node_address
from ringfence_lab.rhythm import Scheduled
from ringfence_lab.roster import Pod, node_names

_APPS: Final = "apps/v1"
_BATCH: Final = "batch/v1"
_RECYCLED_EVERY: Final = 2


@dataclass(slots=True)
class WorkloadObjects:
    """The workloads of a cluster at the end of its world; ``templates`` are the name prefixes of their ReplicaSets
    and when these were created, the latest last.
    """

    pods: Mapping[Workload, Sequence[Pod]]
    templates: Mapping[Workload, Sequence[tuple[str, str]]]
    edges: Sequence[Edge]
    recycled: int = 0
    _finished: int = 0
    _ports: dict[Workload, list[tuple[str, int]]] = field(init=False)
    _schedules: dict[Workload, Scheduled] = field(init=False)

    def __post_init__(self) -> None:
        """Gather the ports that are served and the schedules of jobs."""
        self._ports, self._schedules = {}, {}
        for edge in self.edges:
            if isinstance(edge.server, Workload) and edge.port is not None and edge.kind == "legitimate":
                known = self._ports.setdefault(edge.server, [])
                if (edge.protocol, edge.port) not in known:
                    known.append((edge.protocol, edge.port))
            if isinstance(edge.client, Workload) and isinstance(edge.rhythm, Scheduled):
                self._schedules.setdefault(edge.client, edge.rhythm)

    def of(self, workload: Workload) -> Iterator[Object]:
        """Yield a workload's objects, pods last."""
        match workload.kind:
            case "Deployment":
                yield from self._deployment(workload)
            case "StatefulSet":
                spec = {"serviceName": f"{workload.name}-headless", "podManagementPolicy": "OrderedReady"}
                yield self._set(workload, spec | {"replicas": len(self.pods[workload])})
            case "DaemonSet":
                yield self._set(workload, {})
            case "CronJob":
                yield from self._cron_job(workload)
        for pod in self.pods.get(workload, ()):
            yield self._pod(workload, pod)

    def ports(self, workload: Workload) -> Sequence[tuple[str, int]]:
        """Return protocol and number of each port that a workload serves."""
        return self._ports.get(workload, ())

    def _deployment(self, workload: Workload) -> Iterator[Object]:
        replicas = len(self.pods[workload])
        spec = {"replicas": replicas, "selector": _selects(workload), "template": self._template(workload)}
        yield _object(_APPS, "Deployment", workload, workload.name, spec)
        history = self.templates[workload]
        for prefix, created in history:
            name = prefix.removesuffix("-")
            template_hash = name.removeprefix(f"{workload.name}-")
            labels = {**dict(workload.labels), "pod-template-hash": template_hash}
            meta = metadata(
                "ReplicaSet",
                workload.namespace,
                name,
                labels=labels,
                owner=(_APPS, "Deployment", workload.name),
                created=created,
            )
            current = replicas if prefix == history[-1][0] else 0
            yield {
                "apiVersion": _APPS,
                "kind": "ReplicaSet",
                "metadata": meta,
                "spec": {
                    "replicas": current,
                    "selector": {"matchLabels": labels},
                    "template": self._template(workload, {"pod-template-hash": template_hash}),
                },
                "status": {"replicas": current},
            }

    def _set(self, workload: Workload, spec: Object) -> Object:
        whole = {**spec, "selector": _selects(workload), "template": self._template(workload)}
        return _object(_APPS, workload.kind, workload, workload.name, whole)

    def _cron_job(self, workload: Workload) -> Iterator[Object]:
        rhythm = self._schedules.get(workload)
        template = {"spec": {"template": self._template(workload, restart="Never")}}
        spec = {"schedule": _cron(rhythm) if rhythm else "0 0 1 1 *", "jobTemplate": template}
        yield _object(_BATCH, "CronJob", workload, workload.name, spec)
        for pod in self.pods.get(workload, ()):
            labels = dict(pod.labels)
            meta = metadata(
                "Job",
                workload.namespace,
                labels["job-name"],
                labels=labels,
                owner=(_BATCH, "CronJob", workload.name),
                created=_run_at(pod),
            )
            yield {
                "apiVersion": _BATCH,
                "kind": "Job",
                "metadata": meta,
                "spec": {"completions": 1, "template": self._template(workload, labels, restart="Never")},
                "status": {"succeeded": 1, "conditions": [{"type": "Complete", "status": "True"}]},
            }

    def _template(
        self, workload: Workload, more: Mapping[str, str] | None = None, *, restart: str = "Always"
    ) -> Object:
        return {
            "metadata": {"labels": {**dict(workload.labels), **(more or {})}},
            "spec": {**self._pod_spec(workload), "restartPolicy": restart},
        }

    def _pod_spec(self, workload: Workload) -> Object:
        container: Object = {"name": workload.name, "image": f"registry.example/{workload.namespace}/{workload.name}:1"}
        ports = [{"containerPort": port, "protocol": protocol} for protocol, port in self.ports(workload)]
        if ports:
            container["ports"] = ports
        spec: Object = {"serviceAccountName": workload.service_account, "containers": [container]}
        return {**spec, "hostNetwork": True} if workload.host_network else spec

    def _pod(self, workload: Workload, pod: Pod) -> Object:
        over = workload.kind == "CronJob"
        address, second = pod.address, pod.address6
        if over:
            self._finished += 1
        if over and self._finished % _RECYCLED_EVERY == 1:
            other = self._another(pod)
            address, second = other.address, other.address6
            self.recycled += 1
        addresses = f"{address}/32,{second}/128"
        meta = metadata(
            "Pod",
            workload.namespace,
            pod.name,
            labels=dict(pod.labels),
            annotations={"cni.projectcalico.org/podIP": f"{address}/32", "cni.projectcalico.org/podIPs": addresses},
            owner=_owner(workload, pod),
            created=self._created(workload, pod),
        )
        meta["generateName"] = pod.prefix
        return {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": meta,
            "spec": {"nodeName": node_names(pod.node + 1)[-1], **self._pod_spec(workload)},
            "status": {
                "phase": "Succeeded" if over else "Running",
                "hostIP": node_address(pod.node),
                "podIP": address,
                "podIPs": [{"ip": address}, {"ip": second}],
            },
        }

    def _created(self, workload: Workload, pod: Pod) -> str:
        match workload.kind:
            case "Deployment":
                return self.templates[workload][-1][1]
            case "CronJob":
                return _run_at(pod)
            case _:
                return CREATED

    def _another(self, pod: Pod) -> Pod:
        """Return a running pod of the same node, or any: it has the address by now."""
        running = [other for known, pods in self.pods.items() if known.kind != "CronJob" for other in pods]
        return next((other for other in running if other.node == pod.node), running[0])


def service_accounts(workloads: Iterable[Workload]) -> list[Object]:
    """Return the service accounts of all namespaces."""
    names = {(known.namespace, account) for known in workloads for account in ("default", known.service_account)}
    return [
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata("ServiceAccount", namespace, name)}
        for namespace, name in sorted(names)
    ]


def _object(version: str, kind: str, workload: Workload, name: str, spec: Object) -> Object:
    meta = metadata(kind, workload.namespace, name, labels=dict(workload.labels))
    return {"apiVersion": version, "kind": kind, "metadata": meta, "spec": spec}


def _selects(workload: Workload) -> Object:
    return {"matchLabels": dict(workload.labels)}


def _owner(workload: Workload, pod: Pod) -> tuple[str, str, str]:
    match workload.kind:
        case "Deployment":
            return _APPS, "ReplicaSet", pod.prefix.removesuffix("-")
        case "CronJob":
            return _BATCH, "Job", dict(pod.labels)["job-name"]
        case kind:
            return _APPS, kind, workload.name


def _run_at(pod: Pod) -> str:
    """Return when the job of a pod was due: its name ends with the minute."""
    return rfc3339(int(dict(pod.labels)["job-name"].rpartition("-")[2]) * 60)


def _cron(rhythm: Scheduled) -> str:
    hour, minute = divmod(rhythm.minute % (24 * 60), 60)
    match rhythm.period:
        case "hourly":
            return f"{minute} * * * *"
        case "nightly":
            return f"{minute} {hour} * * *"
        case "weekly":
            return f"{minute} {hour} * * {(rhythm.minute // (24 * 60) + 1) % 7}"
        case "monthly":
            return f"{minute} {hour} 28-31 * *"
