"""What policies let pass in a cluster, as the reference evaluator judges it."""

from collections.abc import Iterable, Sequence
from typing import Final

from ringfence.model.inventory import Inventory
from ringfence.model.pod import Pod
from ringfence.model.policy import Tier
from ringfence.model.policy_set import AnyPolicy, PolicySet
from ringfence.semantics.connection import Connection
from ringfence.semantics.endpoints import Endpoints
from ringfence.semantics.reference import judge
from ringfence.semantics.resolve import resolve
from tests.learning.evidence_rows import TIER

OURS: Final = Tier(TIER, 999_999, "Deny")
PORTS: Final = (("TCP", 80), ("TCP", 443), ("TCP", 8080), ("UDP", 53))


def allowed(
    policies: Iterable[AnyPolicy],
    inventory: Inventory,
    *,
    tiers: Sequence[Tier] = (OURS,),
    addresses: Iterable[str] = (),
    ports: Iterable[tuple[str, int]] = PORTS,
) -> set[tuple[str, str, str, int]]:
    """Return all connections between pods, and between pods and addresses, that may be made were the policies enforced.

    Each is client, server, protocol and port; pods by namespace and name. Raises AssertionError for a judgement that is
    not certain: a world of these tests leaves nothing unknown.
    """
    resolved = resolve(PolicySet(tuple(tiers), tuple(policies)), inventory, "what-if")
    ends = Endpoints(inventory)
    pods = [(f"{each.namespace}/{each.name}", ends.pod(each)) for each in inventory.pods]
    every = [*pods, *((address, ends.address(address)) for address in addresses)]
    passing = set()
    for source, client in every:
        for destination, server in every:
            if client.subject is None and server.subject is None:
                continue
            for protocol, port in ports:
                verdict = judge(resolved, Connection(client, server, protocol, port)).verdict
                assert verdict != "Uncertain", (source, destination)
                if verdict == "Allow":
                    passing.add((source, destination, protocol, port))
    return passing


def named(pod: Pod) -> str:
    """Return a pod as `allowed` names it."""
    return f"{pod.namespace}/{pod.name}"
