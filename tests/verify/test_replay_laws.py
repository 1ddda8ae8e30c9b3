"""What replay passes over is what would not have changed: judged pair by pair by the reference evaluator."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ringfence.model.cluster import Cluster
from ringfence.model.edge import Edge
from ringfence.model.endpoint import Workload
from ringfence.model.inventory import Inventory
from ringfence.model.pod import Pod
from ringfence.model.policy import Policy
from ringfence.model.policy_set import PolicySet
from ringfence.semantics.asked import FEW
from ringfence.semantics.connection import Connection
from ringfence.semantics.endpoints import Endpoints
from ringfence.semantics.reference import judge
from ringfence.semantics.resolve import resolve
from ringfence.verify.observed import ObservedEdge
from ringfence.verify.replay import replay
from tests.semantics.generated import inventories, policies, policy_sets

PORTS = (80, 443, 8080)


@pytest.mark.parametrize("few", [0, FEW])
@given(policy_sets(), policies(), inventories(), st.sets(st.integers(0, 9)))
def test_every_edge_changes_as_the_reference_says(
    few: int, there: PolicySet, added: tuple[Policy, ...], inventory: Inventory, dropped: set[int]
) -> None:
    """Some policies are deleted and some added; however many questions there are, they are answered as the reference
    answers them one by one.
    """
    kept = tuple(each for number, each in enumerate(there.policies) if number not in dropped)
    fresh = tuple(replace(each, name=f"new-{each.name}") for each in added)
    after = replace(there, policies=(*kept, *fresh))
    pods = [pod for pod in inventory.pods if not pod.finished]
    ends = Endpoints(inventory)
    old, new = (resolve(each, inventory, "enforced") for each in (there, after))
    edges, expected = [], {}
    for client in pods:
        for server in pods:
            for port in PORTS:
                edge = Edge(_workload(client), _workload(server), "TCP", port)
                connection = Connection(ends.pod(client), ends.pod(server), "TCP", port)
                verdicts = judge(old, connection).verdict, judge(new, connection).verdict
                edges.append(ObservedEdge(edge, 0, 1, 1, None, ()))
                expected[edge] = {("Allow", "Deny"): "Cut", ("Deny", "Allow"): "Opened"}.get(verdicts)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ringfence.verify.replay.FEW", few)
        found = replay(edges, Cluster(inventory, there), Cluster(inventory, after), "enforced")

    changed = {each.seen.edge: each.change for each in found.changes}
    assert {edge: changed.get(edge) for edge in expected} == expected


def _workload(pod: Pod) -> Workload:
    return Workload(pod.namespace, "Pod", pod.name)
