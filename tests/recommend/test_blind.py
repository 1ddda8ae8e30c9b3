"""Workloads whose older connections nobody could see."""

import pytest

from ringfence.model.endpoint import Workload
from ringfence.model.labels import Labels
from ringfence.model.pod import Owner, Pod, PodSpec
from ringfence.recommend.blind import Sight, collectors_of, sight
from ringfence.semantics.workloads import KnownWorkload

BEGUN = {"a": 100, "b": 200}


def pod(node: str | None, started: int | None, *, created: int | None = None, host_network: bool = False) -> Pod:
    """Return a pod of shop."""
    return Pod("shop", "p", PodSpec(host_network=host_network), node=node, started=started, created=created)


def seen(*pods: Pod) -> Sight:
    """Return the word on one workload with these pods."""
    return sight([KnownWorkload(Workload("shop", "Deployment", "web"), pods)], collectors=BEGUN)


BLIND = Sight(("shop/web",))
UNKNOWN = Sight((), ("shop/web",))
SEEN = Sight()


@pytest.mark.parametrize(
    ("pods", "expected"),
    [
        ((pod("a", 101), pod("b", 201)), SEEN),
        ((pod("a", 101), pod("b", 199)), BLIND),
        ((pod("a", 100),), BLIND),
        ((pod("a", 101), pod("c", 500)), UNKNOWN),
        ((pod("a", 99), pod("c", 500)), BLIND),
        ((pod("a", None),), UNKNOWN),
        ((pod("a", None, created=101),), SEEN),
        ((pod("a", 101, created=99),), SEEN),
        ((pod(None, None),), SEEN),
        ((pod("a", 1, host_network=True),), SEEN),
        ((), SEEN),
    ],
)
def test_a_workload_is_blind_until_all_its_pods_are_younger_than_their_collector(
    pods: tuple[Pod, ...], expected: Sight
) -> None:
    """One older pod suffices; a node without a collector, or a pod without times, is not known."""
    assert seen(*pods) == expected


def collector(
    *,
    namespace: str = "kube-system",
    node: str = "a",
    started: int | None = 5,
    finished: bool = False,
    labels: Labels = Labels((("k8s-app", "calico-node"),)),  # noqa: B008 - a frozen value
    owner: Owner | None = None,
) -> Pod:
    """Return a pod of the collector."""
    return Pod(namespace, "c", PodSpec(labels), node=node, started=started, finished=finished, owner=owner)


@pytest.mark.parametrize(
    "known",
    [
        collector(),
        collector(namespace="calico-system"),
        collector(labels=Labels(), owner=Owner("DaemonSet", "calico-node")),
    ],
)
def test_the_collector_is_known_by_label_or_owner_in_its_two_namespaces(known: Pod) -> None:
    """Where the operator puts it, and where the manifests do."""
    assert collectors_of([known]) == {"a": 5}


@pytest.mark.parametrize(
    "other",
    [collector(namespace="shop"), collector(labels=Labels()), collector(finished=True), collector(started=None)],
)
def test_anything_else_is_no_collector(other: Pod) -> None:
    """Who may label pods in a namespace does not make its workloads look seen."""
    assert collectors_of([other]) == {}


def test_of_two_collectors_on_a_node_the_younger_counts() -> None:
    """The older one is on its way out."""
    assert collectors_of([collector(started=9), collector(started=3)]) == {"a": 9}
