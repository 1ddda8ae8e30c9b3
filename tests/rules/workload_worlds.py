"""Clusters with shared labels and edges between their workloads, for the laws of workload scopes."""

from collections.abc import Sequence
from typing import Final

from hypothesis import strategies as st
from msgspec import Struct

from ringfence.flows.evidence import Evidence, EvidenceTable
from ringfence.model.cluster import Cluster
from ringfence.model.controller import Controller
from ringfence.model.edge import Edge
from ringfence.model.endpoint import Workload
from ringfence.model.labels import Labels
from ringfence.model.pod import Pod
from tests.learning.evidence_rows import both, row, table_of, tcp
from tests.rules.clusters import cluster, controller, pods_of

KINDS: Final = ("Deployment", "CronJob", "StatefulSet")
NAMESPACES: Final = ("bank", "shop")
SERVED: Final = (80, 443)

label_sets = st.dictionaries(
    st.sampled_from(["app", "component", "team", "version", "commit"]), st.sampled_from(["a", "b"]), max_size=3
).map(Labels.of)


class World(Struct, frozen=True):
    """A cluster and what was seen in it."""

    cluster: Cluster
    rows: tuple[Evidence, ...]

    @property
    def table(self) -> EvidenceTable:
        """Return the evidence, without what flows tell of labels: the snapshot knows better."""
        return table_of(self.rows, labels={})

    def pods(self, workload: Workload) -> Sequence[Pod]:
        """Return the pods of a workload."""
        return [
            each
            for each in self.cluster.inventory.pods
            if each.owner and each.namespace == workload.namespace and each.owner.name == workload.name
        ]


def words(labels: Labels) -> str:
    """Return labels as the clusters of tests write them."""
    return " ".join(f"{key}={value}" for key, value in labels.pairs)


@st.composite
def controllers(draw: st.DrawFn, namespace: str = "shop", most: int = 4) -> list[Controller]:
    """Draw controllers that select their own templates by some of its labels."""
    made = []
    for number in range(draw(st.integers(1, most))):
        template = draw(label_sets)
        chosen = draw(st.sets(st.sampled_from(template.pairs), min_size=1)) if template.pairs else set()
        made.append(
            controller(
                draw(st.sampled_from(KINDS)),
                f"{namespace}-{number}",
                words(template),
                selects=words(Labels.of(chosen)),
                namespace=namespace,
            )
        )
    return made


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Draw two namespaces of workloads with a pod each, and edges between them that one or both sides reported."""
    made = [each for namespace in NAMESPACES for each in draw(controllers(namespace, 3))]
    pods = [pod for number, each in enumerate(made) for pod in pods_of(each, f"10.0.0.{number + 1}")]
    names = [Workload(each.namespace, each.kind, each.name) for each in made]
    edges = draw(
        st.lists(
            st.builds(tcp, st.sampled_from(names), st.sampled_from(names), st.sampled_from(SERVED)),
            min_size=1,
            max_size=6,
            unique=True,
        )
    )
    rows = [each for edge in edges for each in (both(edge) if draw(st.booleans()) else (row(edge),))]
    return World(cluster(*made, pods=pods), tuple(rows))


def edges_of(world: World) -> list[Edge]:
    """Return the edges that were seen, each once."""
    return list(dict.fromkeys(each.edge for each in world.rows))
