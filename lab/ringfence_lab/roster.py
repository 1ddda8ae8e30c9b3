"""Which pods stand for a workload now: names, nodes, addresses and the labels that change with every rollout.

Promises: names, labels and owner hashes as Kubernetes builds them (ReplicaSet hash in a Deployment's pod names,
ordinals in a StatefulSet's, the scheduled minute in a Job's); replicas stand on different nodes as long as there are
enough. Knows nothing of flow logs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

from ringfence_lab.endpoint import LabelPairs, Workload

_ALPHABET: Final = "bcdfghjklmnpqrstvwxz2456789"
_HASH_LENGTHS: Final = (8, 9, 10)
_LAST_HOST: Final = 250


@dataclass(frozen=True, slots=True)
class Pod:
    """One pod. ``shared_labels`` are those that every pod of its name prefix has; ``labels`` adds its own."""

    name: str
    prefix: str
    node: int
    address: str
    shared_labels: LabelPairs
    labels: LabelPairs

    @property
    def address6(self) -> str:
        """Return its second address, for clusters with two families."""
        _, second, third, fourth = self.address.split(".")
        return f"fd00:10:{second}:{third}::{fourth}"


def node_names(count: int) -> tuple[str, ...]:
    """Return the names of the cluster's nodes."""
    return tuple(f"node-{index:03d}" for index in range(count))


class Roster:
    """The pods of a cluster as time goes on. Addresses are reused only when a node's range has been used up."""

    def __init__(self, *, nodes: int, random: Random) -> None:
        """``nodes``: how many there are; ``random``: where hashes and placement come from."""
        self._nodes = nodes
        self._random = random
        self._used = [0] * nodes
        self._placed = 0
        self._identities: dict[Workload, tuple[str, str]] = {}

    def join(self) -> None:
        """Let one more node join."""
        self._nodes += 1
        self._used.append(0)

    def extend(self, workload: Workload, pods: Sequence[Pod], *, node: int | None = None) -> tuple[Pod, ...]:
        """Return the pods of a workload and one more of the same template, on ``node`` or the next in turn."""
        template, uid = self._identities[workload]
        place = self._placed % self._nodes if node is None else node
        self._placed += 1
        name, prefix, _, own = self._identity(workload, template, ordinal=len(pods), minute=0, uid=uid)
        shared = pods[0].shared_labels
        labels = tuple(sorted((*shared, *own)))
        return (*pods, Pod(name, prefix, place, self._address(place), shared, labels))

    def deploy(self, workload: Workload, *, generation: int, run_minute: int) -> tuple[Pod, ...]:
        """Return new pods of a workload. ``generation`` counts rollouts; ``run_minute`` is a Job's scheduled minute
        since 1970, 0 for workloads that are no CronJob.
        """
        count = self._nodes if workload.kind == "DaemonSet" else min(workload.replicas, self._nodes)
        first = 0 if workload.kind == "DaemonSet" else self._placed
        self._placed += count
        version = (("version", f"v{generation + 1}"),) if workload.cadence is not None and generation % 2 else ()
        template = self._letters(self._random.choice(_HASH_LENGTHS))
        uid = f"{self._random.getrandbits(32):08x}-0000-4000-8000-{self._random.getrandbits(48):012x}"
        self._identities[workload] = template, uid
        pods = []
        for ordinal in range(count):
            node = (first + ordinal) % self._nodes
            name, prefix, shared, own = self._identity(workload, template, ordinal=ordinal, minute=run_minute, uid=uid)
            common = tuple(sorted((*workload.labels, *version, *shared)))
            pods.append(Pod(name, prefix, node, self._address(node), common, tuple(sorted((*common, *own)))))
        return tuple(pods)

    def _identity(
        self, workload: Workload, template: str, *, ordinal: int, minute: int, uid: str
    ) -> tuple[str, str, LabelPairs, LabelPairs]:
        base = workload.name
        shared: LabelPairs
        match workload.kind:
            case "Deployment":
                owner = f"{base}-{template}"
                return f"{owner}-{self._letters(5)}", f"{owner}-", (("pod-template-hash", template),), ()
            case "StatefulSet":
                shared = (("controller-revision-hash", f"{base}-{template}"),)
                own = (
                    ("apps.kubernetes.io/pod-index", f"{ordinal}"),
                    ("statefulset.kubernetes.io/pod-name", f"{base}-{ordinal}"),
                )
                return f"{base}-{ordinal}", f"{base}-", shared, own
            case "DaemonSet":
                shared = (("controller-revision-hash", template), ("pod-template-generation", "1"))
                return f"{base}-{self._letters(5)}", f"{base}-", shared, ()
            case "CronJob":
                job = f"{base}-{minute}"
                shared = (
                    ("batch.kubernetes.io/controller-uid", uid),
                    ("batch.kubernetes.io/job-name", job),
                    ("controller-uid", uid),
                    ("job-name", job),
                )
                return f"{job}-{self._letters(5)}", f"{job}-", shared, ()

    def _letters(self, count: int) -> str:
        return "".join(self._random.choice(_ALPHABET) for _ in range(count))

    def _address(self, node: int) -> str:
        self._used[node] += 1
        host = (self._used[node] - 1) % _LAST_HOST + 2
        return f"10.{240 + node // 256}.{node % 256}.{host}"
