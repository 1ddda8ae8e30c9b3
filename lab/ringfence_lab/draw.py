"""Draw a blueprint: application namespaces of all characters, the platform around them, policies and refusals.

Promises: the first three applications are a shop, a message bus and a batch yard, so that the smallest world has every
kind of traffic; the rest follow a fixed pattern of characters. One seed and size, one blueprint.
"""

from random import Random
from typing import Final, Protocol

from ringfence_lab.blueprint import Blueprint
from ringfence_lab.characters import batch, messaging, services, shop
from ringfence_lab.crossings import crossings
from ringfence_lab.edge import Edge
from ringfence_lab.part import Part
from ringfence_lab.platform_namespaces import platform
from ringfence_lab.refusals import refusals, team_policies

_FEWEST_NODES: Final = 4
_PODS_PER_NODE: Final = 24
_PATTERN: Final = ("shop", "messaging", "batch", "services", "services", "services", "services", "services")
_NAMES: Final = (
    *("shop", "messaging", "batch", "catalog", "search", "media", "identity", "billing", "bazaar", "streams"),
    *("nightly", "pricing", "shipping", "support", "insight", "loyalty", "market", "signals", "archiver", "fraud"),
    *("ledger", "mobile", "partner", "portal", "outlet", "pipeline", "reports", "recommend", "returns", "security"),
)


class _Character(Protocol):
    def __call__(self, namespace: str, /, *, index: int, extras: int, random: Random) -> Part: ...


_CHARACTERS: Final[dict[str, _Character]] = {
    "shop": shop,
    "messaging": messaging,
    "batch": batch,
    "services": services,
}


def draw_blueprint(*, seed: int, size: int, extras: tuple[int, int] = (6, 15)) -> Blueprint:
    """Return a cluster with ``size`` application namespaces, each with about 20 workloads.

    ``extras``: the least and most number of services added to a namespace's character. Raises ValueError below 1.
    """
    if size < 1:
        raise ValueError(f"a world of {size} namespaces has no application; give --size 1 or more")
    random = Random(f"blueprint-{seed}")
    parts = []
    for index in range(size):
        character = _CHARACTERS[_PATTERN[index % len(_PATTERN)]]
        parts.append(character(_name(index), index=index, extras=random.randint(*extras), random=random))
    applications = Part(
        tuple(workload for part in parts for workload in part.workloads),
        tuple(edge for part in parts for edge in part.edges) + crossings(parts, random=random),
    )
    nodes = max(_FEWEST_NODES, sum(workload.replicas for workload in applications.workloads) // _PODS_PER_NODE)
    around, locks = platform(applications, nodes=nodes, random=random)
    policies = team_policies(applications, random=random)
    whole = applications + around
    denied = refusals(applications, policies, random=random)
    return Blueprint(nodes, whole.workloads, _once((*whole.edges, *denied)), (*policies, *locks))


def _name(index: int) -> str:
    turn, place = divmod(index, len(_NAMES))
    return _NAMES[place] if turn == 0 else f"{_NAMES[place]}-{turn + 1}"


def _once(edges: tuple[Edge, ...]) -> tuple[Edge, ...]:
    """Return the edges without repeats of the same client, server, protocol and port; the first stays."""
    first: dict[tuple[object, ...], Edge] = {}
    for edge in edges:
        first.setdefault((edge.client, edge.server, edge.protocol, edge.port, edge.passive), edge)
    return tuple(first.values())
