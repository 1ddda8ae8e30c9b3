"""Changes of a replay by whose policies make them: namespace and workload.

Promises: each change stands once, at the first end whose verdict is another: the client's where egress decides, else
the server's. Groups are sorted by namespace and workload, what is outside of namespaces last; worst changes first.
"""

from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from ringfence.model.edge import edge_key
from ringfence.model.endpoint import Endpoint, Workload, endpoint_key
from ringfence.model.policy import Direction
from ringfence.verify.replay import Change, ChangeKind

_RANK: Final[dict[ChangeKind, int]] = {"Cut": 0, "Uncertain": 1, "Opened": 2, "Unchanged": 3}


class Group(Struct, frozen=True):
    """The changes at one endpoint."""

    endpoint: Endpoint
    changes: tuple[Change, ...]


def grouped(changes: Iterable[Change]) -> tuple[Group, ...]:
    """Return the changes by endpoint."""
    found: dict[Endpoint, list[Change]] = {}
    for each in changes:
        found.setdefault(decided_at(each), []).append(each)
    return tuple(
        Group(endpoint, tuple(sorted(found[endpoint], key=_worst_first)))
        for endpoint in sorted(found, key=endpoint_key)
    )


def decided_at(change: Change) -> Endpoint:
    """Return the endpoint at which a change is made; of an unchanged edge, the one whose policies come first."""
    edge = change.seen.edge
    directions = change.directions or deciding(change)
    return edge.client if directions and directions[0] == "Egress" else edge.server


def deciding(change: Change) -> tuple[Direction, ...]:
    """Return the ends of an unchanged edge at which any policy is asked, a workload's first."""
    edge = change.seen.edge
    ends: tuple[tuple[Direction, Endpoint], ...] = (("Egress", edge.client), ("Ingress", edge.server))
    return tuple(direction for direction, end in ends if isinstance(end, Workload))


def _worst_first(change: Change) -> tuple[int, int, tuple[object, ...]]:
    return _RANK[change.change], -(change.seen.connections or 0), edge_key(change.seen.edge)
