"""One world before and after the judged policies are enforced.

Promises: *before* is the cluster with its enforced policies, *after* has the judged ones too, each instead of its twin
(kind, namespace and name), and *judged* has them alone. An edge is allowed where it is for every pair of parties that
stands for it.
"""

from collections.abc import Iterator, Mapping

from ringfence_lab.case import Case, JudgedEdge
from ringfence_lab.evaluator.cluster import Cluster
from ringfence_lab.evaluator.connection import Connection
from ringfence_lab.evaluator.evaluate import SideTrace, connect, side_trace
from ringfence_lab.evaluator.fields import KubernetesObject
from ringfence_lab.evaluator.policies import DIRECTIONS, Direction, policy_kind
from ringfence_lab.policies import PolicyFolder, as_enforced, deletes
from ringfence_lab.stand_ins import Workload, stand_in, standing_cluster

Names = tuple[tuple[str, ...], tuple[str, ...]]
_Twin = tuple[str, str, str]


class Enforcement:
    """The clusters, and questions about edges. ``after`` and ``judged`` are as in the module's promises."""

    def __init__(self, case: Case, folder: PolicyFolder) -> None:
        """Raises ValueError for a policy of the cluster that is not known."""
        self._case = case
        standing = standing_cluster(case.truth, case.objects)
        existing = {
            _twin(each): each
            for each in case.objects
            if policy_kind(each) is not None and not str(each["kind"]).startswith("Staged")
        }
        added = {_twin(as_enforced(each)): as_enforced(each) for each in folder.objects if not deletes(each)}
        removed = {_twin(as_enforced(each)) for each in folder.objects if deletes(each)}
        later = {twin: each for twin, each in existing.items() if twin not in removed} | added
        others = _without(standing, added)
        self._before = Cluster.from_objects([*standing, *existing.values()]) if existing else None
        self.after = Cluster.from_objects([*others, *later.values()])
        self.judged = Cluster.from_objects([*others, *added.values()])

    def denied_before(self, edge: JudgedEdge, names: Names) -> bool:
        """Say whether the existing policies deny an edge."""
        return self._before is not None and bool(_denying(self._before, edge, names))

    def decided_before(self, edge: JudgedEdge, names: Names) -> frozenset[Direction]:
        """Return the sides that an existing policy decides, either way; one that passes decides nothing."""
        if self._before is None:
            return frozenset()
        pairs = _pairs(self._before, edge, names)
        return frozenset(side.direction for sides in pairs for side in sides if side.hits and side.hits[-1].tier)

    def denying(self, edge: JudgedEdge, names: Names) -> list[Direction]:
        """Return the sides that deny an edge afterwards."""
        return _denying(self.after, edge, names)

    def covers(self, edge: JudgedEdge) -> bool:
        """Say whether the judged policies restrict a side of an edge and allow each one that they restrict."""
        return bool(self.actions(edge)) and not _denying(self.judged, edge, edge.ends)

    def opens(self, edge: JudgedEdge) -> bool:
        """Say whether an edge is denied before and allowed afterwards; without a cluster, truth is believed."""
        if self._case.known:
            return self.denied_before(edge, edge.ends) and not self.denying(edge, edge.ends)
        return self.covers(edge)

    def reaches(self, workload: Workload, address: str, protocol: str, port: int) -> bool:
        """Say whether a rule of the judged policies, and not the lack of any, lets a workload out to an address."""
        connection = connect(self.judged, stand_in(workload, 0), address, protocol, port)
        hits = side_trace(self.judged, connection, "Egress", scope="Enforced").hits
        return bool(hits[0].tier) and hits[0].action in {"Allow", "Pass"} and hits[0].rule_index >= 0

    def actions(self, edge: JudgedEdge) -> list[str]:
        """Return the first action of the judged policies on each side that they restrict."""
        sides = next(_pairs(self.judged, edge, edge.ends), ())
        return [side.hits[0].action for side in sides if side.hits and side.hits[0].tier]


def _denying(cluster: Cluster, edge: JudgedEdge, names: Names) -> list[Direction]:
    denied = {side.direction for sides in _pairs(cluster, edge, names) for side in sides if side.verdict == "Deny"}
    return [direction for direction in DIRECTIONS if direction in denied]


def _pairs(cluster: Cluster, edge: JudgedEdge, names: Names) -> Iterator[tuple[SideTrace, ...]]:
    """Yield what the sides say, pair by pair, so that each party of either end is in one at least."""
    clients, servers = names
    for turn in range(max(len(clients), len(servers)) if clients and servers else 0):
        connection = _connection(cluster, edge, clients[turn % len(clients)], servers[turn % len(servers)])
        yield tuple(
            side_trace(cluster, connection, direction, scope="Enforced")
            for direction, party in zip(DIRECTIONS, (connection.source, connection.destination), strict=True)
            if party.pod is not None
        )


def _connection(cluster: Cluster, edge: JudgedEdge, client: str, server: str) -> Connection:
    if edge.version is None:
        return connect(cluster, client, server, edge.protocol, edge.port, icmp=edge.icmp)
    parties = cluster.party(client, edge.version), cluster.party(server, edge.version)
    return connect(cluster, *parties, edge.protocol, edge.port, icmp=edge.icmp)


def _without(objects: list[KubernetesObject], added: Mapping[_Twin, KubernetesObject]) -> list[KubernetesObject]:
    return [each for each in objects if _twin(each) not in added]


def _twin(document: KubernetesObject) -> _Twin:
    metadata = document["metadata"]
    kind = policy_kind(document) or str(document["kind"])
    return kind, metadata.get("namespace") or "", metadata["name"]
