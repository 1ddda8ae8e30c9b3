"""What a network without addresses may be, by the objects of the cluster.

Promises: words for people, the same in any order of the objects; never a reason to allow or to refuse. A candidate has
an address in the class that the flows named, and answers on the port where that is known.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from msgspec import Struct

from ringfence.model.address_set import AddressSet
from ringfence.model.inventory import Inventory
from ringfence.model.policy import Direction
from ringfence.rules.address_blocks import PRIVATE_4, NetworkScope

_PRIVATE: Final = AddressSet.of(PRIVATE_4)
FELIX: Final[Mapping[NetworkScope, AddressSet]] = {
    "private": _PRIVATE,
    "public": AddressSet.of(["0.0.0.0/0", "::/0"]) - _PRIVATE,
}
"""What Calico's flow logs call private, and everything else, which they call public, unique local addresses too."""


class Candidate(Struct, frozen=True):
    """Something with addresses that flows may have meant. ``scopes`` are the classes in which they are; ``ports`` those
    it answers on (protocol, number; None for every port), absent where that is not the question; ``namespace`` is whose
    clients they are, None for everybody's.
    """

    words: str
    scopes: frozenset[NetworkScope]
    directions: tuple[Direction, ...] = ("Ingress", "Egress")
    ports: frozenset[tuple[str, int | None]] | None = None
    namespace: str | None = None


class Question(Struct, frozen=True):
    """A network in one direction of a scope in a namespace, on a port."""

    direction: Direction
    scopes: tuple[NetworkScope, ...]
    protocol: str
    port: int | None
    namespace: str


def candidates(inventory: Inventory, *, sets_reported: bool) -> tuple[Candidate, ...]:
    """Return everything that may stand behind a network, sorted by its words.

    Flows that name network sets call no address of one a network, so with ``sets_reported`` none stands there.
    """
    known = (*_inside(inventory), *(() if sets_reported else _sets(inventory)))
    return tuple(sorted((each for each in known if each.scopes), key=lambda each: each.words))


def words_of(known: Sequence[Candidate], question: Question) -> tuple[str, ...]:
    """Return the words of what a peer may be, each once, sorted."""
    return tuple(sorted({each.words for each in known if _may_be(each, question)}))


def _may_be(candidate: Candidate, question: Question) -> bool:
    if question.direction not in candidate.directions or candidate.scopes.isdisjoint(question.scopes):
        return False
    if question.direction == "Ingress":
        return candidate.namespace in {None, question.namespace}
    ports = candidate.ports
    return ports is None or not ports.isdisjoint({(question.protocol, question.port), (question.protocol, None)})


def _scopes(addresses: Iterable[str]) -> frozenset[NetworkScope]:
    known = AddressSet.of(addresses)
    return frozenset(scope for scope, whole in FELIX.items() if known and known & whole)


def _sets(inventory: Inventory) -> Iterator[Candidate]:
    for each in inventory.network_sets:
        name = each.name if each.namespace is None else f"{each.namespace}/{each.name}"
        yield Candidate(f"an address of network set {name}", _scopes(each.nets))


def _inside(inventory: Inventory) -> Iterator[Candidate]:
    yield Candidate("a node", _scopes(a for node in inventory.nodes for a in (*node.addresses, *node.tunnels)))
    by_hand = {(service.namespace, service.name) for service in inventory.services if service.selector is None}
    for piece in inventory.slices:
        if (piece.namespace, piece.service) in by_hand:
            behind = (a for endpoint in piece.endpoints if endpoint.pod is None for a in endpoint.addresses)
            ports = frozenset((port.protocol, port.port) for port in piece.ports)
            words = f"an endpoint of service {piece.namespace}/{piece.service}"
            yield Candidate(words, _scopes(behind), ("Egress",), ports)
    for service in inventory.services:
        name = f"{service.namespace}/{service.name}"
        outside, own = (*service.external_ips, *service.load_balancer), service.ports
        ports = frozenset((port.protocol, port.port) for port in own)
        yield Candidate(f"an external address of service {name}", _scopes(outside), ("Egress",), ports)
        words = f"a client in the source ranges of service {name}"
        yield Candidate(words, _scopes(service.source_ranges), ("Ingress",), namespace=service.namespace)
