"""The hours in which a scope could be seen: its sources were healthy.

Promises: a node is healthy in an hour that has a record of it in at least SLOTS_NEEDED of the twelve five-minute slots.
A scope is, where each node that then hosted its pods is. What hosted pods that are gone is unknown, so before the first
of today's pods came to a node, and where records or snapshot name no nodes, the input as a whole must be healthy: all
nodes together fill the slots. Some sources write only when somebody speaks: a node on which nobody did for a quarter of
an hour is then not healthy, which costs confidence and never lends any.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

from msgspec import Struct

from ringfence.flows.evidence import EvidenceTable
from ringfence.model.pod import Pod
from ringfence.model.window import HOUR

SLOTS_NEEDED: Final = 10


class Health(Struct, frozen=True):
    """The healthy hours (since the epoch) of the input as a whole, and those of them in which a node was not healthy,
    by node; empty where records name no nodes.
    """

    whole: frozenset[int]
    lost: Mapping[str, frozenset[int]]

    def lost_at(self, node: str, *, since: int) -> frozenset[int]:
        """Return the hours from ``since`` on in which a node was not healthy: all, where no record ever named it."""
        return (
            frozenset(hour for hour in self.lost.get(node, self.whole) if hour >= since) if self.lost else frozenset()
        )


def health_of(table: EvidenceTable) -> Health:
    """Return the healthy hours of a reading."""
    together: defaultdict[int, int] = defaultdict(int)
    for slots in table.slots.values():
        for hour, mask in slots.items():
            together[hour] |= mask
    whole = _healthy(together)
    return Health(whole, {node: whole - _healthy(slots) for node, slots in table.slots.items() if node})


def healthy_hours(health: Health, *, hosts: Mapping[str, int]) -> frozenset[int]:
    """Return the healthy hours of a scope whose pods these nodes have hosted, each since an hour."""
    return health.whole.difference(*(health.lost_at(node, since=since) for node, since in hosts.items()))


def hosts_of(pods: Iterable[Pod]) -> Mapping[str, int]:
    """Return the nodes that host pods, by name, and the hour since which each does (0: not told).

    Pods of the host's network are the node's, not the scope's.
    """
    hosts: dict[str, int] = {}
    for pod in pods:
        if pod.node is not None and not pod.spec.host_network:
            since = (pod.created or 0) // HOUR
            hosts[pod.node] = min(hosts.get(pod.node, since), since)
    return dict(sorted(hosts.items()))


def _healthy(slots: Mapping[int, int]) -> frozenset[int]:
    return frozenset(hour for hour, mask in slots.items() if mask.bit_count() >= SLOTS_NEEDED)
