"""Who stands for each endpoint now, and what lines show of them: pods come and go, faces with them.

Promises: a rollout gives a workload new pods at a random time after its cadence; a CronJob has new pods for each run;
everyone else stays. What happens does not depend on how much is shown.
"""

from collections.abc import Iterator, Sequence
from heapq import heapify, heappop, heappush
from random import Random
from typing import Final, Literal

from ringfence_lab.blueprint import Blueprint, Growth
from ringfence_lab.clock import Clock
from ringfence_lab.endpoint import Endpoint, NetworkSet, Outside, Workload
from ringfence_lab.faces import Aggregation, Face, outer_face, pod_face
from ringfence_lab.rhythm import Scheduled
from ringfence_lab.roster import Pod, Roster

Format = Literal["calico", "calico-addresses", "everything"]
Shown = tuple[Sequence[Face], Sequence[Face]]
"""An endpoint's faces, in the same order: as allowed rows show them and as denied rows do."""


_LEVELS: Final = {
    "calico": (Aggregation.PREFIX, Aggregation.POD),
    "calico-addresses": (Aggregation.POD, Aggregation.CONNECTION),
    "everything": (Aggregation.EVERYTHING, Aggregation.EVERYTHING),
}


class Standing:
    """The faces of a cluster as time goes on."""

    def __init__(self, blueprint: Blueprint, *, seed: int, clock: Clock, log_format: Format) -> None:
        """``log_format`` says how much of an endpoint is shown."""
        self.pods: dict[Workload, tuple[Pod, ...]] = {}
        """The pods that stand now."""
        self.templates: dict[Workload, list[tuple[int, str]]] = {}
        """The windows in which a workload's templates came, and the prefixes of the names of their pods."""
        self._workloads = blueprint.workloads
        self._nodes = blueprint.nodes
        self._growth = list(blueprint.growth)
        self._clock = clock
        self._levels = _LEVELS[log_format]
        self._random = Random(f"pods-{seed}")
        self._roster = Roster(nodes=blueprint.nodes, random=self._random)
        self._generation = dict.fromkeys(blueprint.workloads, 0)
        self._run: dict[Workload, int] = {}
        self._shown = {workload: self._new_pods(workload, minute=0, window=0) for workload in blueprint.workloads}
        self._rollouts = [
            (self._gap(workload.cadence), position)
            for position, workload in enumerate(blueprint.workloads)
            if workload.cadence is not None
        ]
        heapify(self._rollouts)

    def roll_out(self, window: int) -> Iterator[Workload]:
        """Replace the pods of all workloads that are due; yield those workloads."""
        while self._rollouts and self._rollouts[0][0] <= window:
            due, position = heappop(self._rollouts)
            workload = self._workloads[position]
            self._generation[workload] += 1
            self._shown[workload] = self._new_pods(workload, minute=0, window=window)
            heappush(self._rollouts, (due + self._gap(workload.cadence or 1.0), position))
            yield workload
        while self._growth and self._growth[0].day <= self._clock.day(window):
            yield from self._grow(self._growth.pop(0))

    def _grow(self, growth: Growth) -> Iterator[Workload]:
        node = None
        if growth.workload is None:
            self._roster.join()
            node, self._nodes = self._nodes, self._nodes + 1
            growing = [workload for workload in self._workloads if workload.kind == "DaemonSet"]
        else:
            growing = [growth.workload]
        for workload in growing:
            self.pods[workload] = self._roster.extend(workload, self.pods[workload], node=node)
            self._shown[workload] = self._faces(workload)
            yield workload

    def start_job(self, workload: Workload, *, schedule: Scheduled, window: int) -> int:
        """Make sure that a CronJob's pods are those of its run in ``window``; return the run's first window."""
        run = self._clock.run(schedule, window=window)
        if self._run.get(workload) != run:
            self._run[workload] = run
            self._shown[workload] = self._new_pods(workload, minute=self._clock.begin(run) // 60, window=window)
        return run

    def alive(self) -> dict[Workload, tuple[Pod, ...]]:
        """Return the pods that stand or stood last; a CronJob that never ran has none."""
        return {known: pods for known, pods in self.pods.items() if known.kind != "CronJob" or known in self._run}

    def shown(self, endpoint: Endpoint, *, day: int) -> Shown:
        """Return an endpoint's faces: a workload's pods, or the addresses that are in use on a day."""
        match endpoint:
            case Workload():
                return self._shown[endpoint]
            case NetworkSet(addresses=addresses):
                return self._outer(endpoint, addresses)
            case Outside():
                return self._outer(endpoint, endpoint.addresses_on(day))

    def _new_pods(self, workload: Workload, *, minute: int, window: int) -> Shown:
        pods = self._roster.deploy(workload, generation=self._generation[workload], run_minute=minute)
        self.pods[workload] = pods
        if workload.kind == "Deployment":
            self.templates.setdefault(workload, []).append((window, pods[0].prefix))
        return self._faces(workload)

    def _faces(self, workload: Workload) -> Shown:
        own = len(workload.name) % 2 == 0  # half of the StatefulSets show labels that belong to one pod
        allowed, denied = (
            [pod_face(pod, workload=workload, aggregation=level, keeps_pod_labels=own) for pod in self.pods[workload]]
            for level in self._levels
        )
        return allowed, denied

    def _outer(self, endpoint: NetworkSet | Outside, addresses: Sequence[str]) -> Shown:
        allowed, denied = (
            [outer_face(endpoint, address, aggregation=level) for address in addresses] for level in self._levels
        )
        return allowed, denied

    def _gap(self, cadence: float) -> int:
        return 1 + int(self._random.expovariate(1.0 / cadence) * self._clock.windows_per_day)
