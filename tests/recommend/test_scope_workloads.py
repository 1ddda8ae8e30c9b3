"""The workloads of each namespace, with their running pods."""

from ringfence.model.controller import Controller
from ringfence.model.endpoint import Workload
from ringfence.model.inventory import Inventory
from ringfence.model.pod import Owner, Pod, PodSpec
from ringfence.recommend.scope_workloads import workloads_by_namespace


def test_every_workload_stands_once_with_its_running_pods() -> None:
    """A ReplicaSet is its Deployment's, a CronJob without pods is there, a bare pod is its own workload."""
    owned = Pod("shop", "web-1-x", PodSpec(), owner=Owner("ReplicaSet", "web-1"))
    over = Pod("shop", "web-1-y", PodSpec(), owner=Owner("ReplicaSet", "web-1"), finished=True)
    bare = Pod("lab", "bench", PodSpec())
    deployment = Controller("Deployment", "shop", "web", PodSpec())
    replicas = Controller("ReplicaSet", "shop", "web-1", PodSpec(), owner=Owner("Deployment", "web"))
    job = Controller("CronJob", "shop", "report", PodSpec())

    found = workloads_by_namespace(Inventory(pods=(owned, over, bare), controllers=(deployment, replicas, job)))

    assert {name: [(each.name, each.pods, each.template) for each in known] for name, known in found.items()} == {
        "lab": [(Workload("lab", "Pod", "bench"), (bare,), None)],
        "shop": [
            (Workload("shop", "CronJob", "report"), (), job),
            (Workload("shop", "Deployment", "web"), (owned,), deployment),
        ],
    }
