"""What policy sets allow over all possible connections: for each pair of endpoint classes, exactly which traffic.

Promises: a connection is allowed where egress of its source and ingress of its destination allow it, as
`semantics.reference` says of each single one. What is not known is neither allowed nor denied, but uncertain, with the
reason. Cost grows with classes and rules, not with pods. Pairs at neither end of which a policy is asked are left out.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from numpy.typing import NDArray

from ringfence.model.address_set import Family
from ringfence.model.policy import Direction
from ringfence.semantics.compiled.address_intervals import FAMILIES
from ringfence.semantics.connection import Connection
from ringfence.semantics.hosts import FAILSAFE_INBOUND, FAILSAFE_OUTBOUND
from ringfence.semantics.matching import family_space
from ringfence.verify.decisions import Decisions, Fate, Side, Verdicts
from ringfence.verify.endpoint_classes import EndpointClasses
from ringfence.verify.members import Situation
from ringfence.verify.rule_tables import NOWHERE
from ringfence.verify.traffic import TrafficSet
from ringfence.verify.traffic_atoms import TrafficAtoms

Ids = NDArray[np.int32]
_NOTHING: Final = 0
_NO_FAMILY: Final = -1
_COUNTABLE: Final = 1 << 24


class Allowed(Struct, frozen=True):
    """What is allowed in one IP family: surely, and perhaps beside that."""

    family: Family
    surely: TrafficSet
    uncertain: TrafficSet


Reach = tuple[Allowed, ...]
"""What one class may send to another, in each IP family that both speak, IPv4 first."""


class Connectivity:
    """The answer of one situation. ``reasons`` say what is not known, where something is uncertain."""

    def __init__(self, classes: EndpointClasses, place: int, atoms: TrafficAtoms, known: dict[Verdicts, int]) -> None:
        """Judge every class as client and as server of every other. ``known`` numbers verdicts, and grows."""
        self.classes = classes.all
        self._standings = tuple(each[place] for each in classes.standings)
        self._atoms = atoms
        self._decisions = Decisions(classes.tables[place], atoms, known)
        self.policed = np.array([each.subject is not None for each in self._standings], np.bool_)
        self._both: tuple[Ids, Ids] = (self._family(0), self._family(1))
        self._known = tuple(self._decisions.known)
        self.reasons: tuple[str, ...] = tuple(sorted(self._decisions.reasons))

    def _family(self, which: int) -> Ids:
        """Return the verdict of each pair in a family, by number: a row for each source."""
        numbers = np.array([each.numbers[which] for each in self._standings], np.int64)
        here = numbers != NOWHERE
        peers = np.unique(numbers[here])
        if not peers.size:
            return np.full((len(self.classes), len(self.classes)), _NO_FAMILY, np.int32)
        places = np.searchsorted(peers, np.where(here, numbers, peers[0]))
        egress = self._side("Egress", which, peers)[:, places]
        ingress = self._side("Ingress", which, peers)[:, places].T
        known = list(self._decisions.known)
        pairs, inverse = _distinct(egress, ingress, len(known))
        met = [self._decisions.id(_meet(known[one], known[other])) for one, other in pairs]
        found = np.array(met, np.int32)[inverse]
        found[~here, :] = _NO_FAMILY
        found[:, ~here] = _NO_FAMILY
        return found

    def _side(self, direction: Direction, which: int, peers: NDArray[np.int64]) -> Ids:
        """Return what each class says of each peer by number: everything where no policy is asked of it."""
        everything = self._decisions.id(Verdicts(self._atoms.everything, self._atoms.everything))
        found = np.full((len(self._standings), len(peers)), everything, np.int32)
        for place, standing in enumerate(self._standings):
            own = standing.numbers[which]
            if own == NOWHERE or standing.subject is None:
                continue
            side = Side(standing.subject, direction, standing.governing)
            found[place] = self._decisions.verdicts(side, own, peers, FAMILIES[which])
        return found

    @property
    def protocols(self) -> tuple[str, ...]:
        """Return the protocols that are told apart; all others are alike."""
        return self._atoms.protocols

    @property
    def complete(self) -> bool:
        """Say whether nothing is uncertain."""
        return not self.reasons

    def rows(self, source: int) -> tuple[Ids, Ids]:
        """Return, for each family, what is equal where a source reaches two destinations alike, by what is allowed."""
        return self._both[0][source], self._both[1][source]

    def key(self, source: int, destination: int) -> tuple[int, int]:
        """Return what is equal for pairs that reach alike."""
        return int(self._both[0][source, destination]), int(self._both[1][source, destination])

    def bits(self, key: tuple[int, int]) -> tuple[Verdicts | None, Verdicts | None]:
        """Return the verdicts of both families, None in one that a pair does not share."""
        four, six = (None if each == _NO_FAMILY else self._known[each] for each in key)
        return four, six

    def reach(self, source: int, destination: int) -> Reach:
        """Return what a class may send to another, by their places."""
        return self.reach_of(self.key(source, destination))

    def reach_of(self, key: tuple[int, int]) -> Reach:
        """Return what pairs of a key reach."""
        return tuple(
            Allowed(family, self._atoms.traffic(each.surely), self._atoms.traffic(each.may & ~each.surely))
            for family, each in zip(FAMILIES, self.bits(key), strict=True)
            if each is not None
        )

    def pairs(self) -> Iterator[tuple[int, int]]:
        """Yield the pairs that may send each other something, by place, where a policy is asked of one of them."""
        for source in range(len(self.classes)):
            row = np.zeros(len(self.classes), np.bool_)
            for both in self._both:
                row |= both[source] > _NOTHING
            if not self.policed[source]:
                row &= self.policed
            yield from ((source, destination) for destination in np.flatnonzero(row).tolist())

    def fates(self, direction: Direction, source: int, destination: int) -> tuple[Fate | None, Fate | None]:
        """Return what the tiers alone make of a pair at one of its ends, in both families: what reaches later tiers or
        profiles is undecided. None where no policy is asked, or in a family that the pair does not share.
        """
        own, peer = (source, destination) if direction == "Egress" else (destination, source)
        four, six = (self._fate(direction, own, peer, which) for which in (0, 1))
        return four, six

    def _fate(self, direction: Direction, own: int, peer: int, which: int) -> Fate | None:
        standing = self._standings[own]
        numbers = standing.numbers[which], self._standings[peer].numbers[which]
        if standing.subject is None or NOWHERE in numbers:
            return None
        side = Side(standing.subject, direction, standing.governing)
        return self._decisions.fate(side, *numbers, FAMILIES[which])

    def witness(self, source: int, destination: int, family: Family, traffic: int) -> Connection:
        """Return one connection of a pair in one IP family, of traffic that is given as atoms."""
        example = self._atoms.witness(traffic)
        ends = (self._standings[place].end for place in (source, destination))
        client, server = (replace(end, addresses=end.addresses & family_space(family)) for end in ends)
        return Connection(
            client,
            server,
            example.protocol,
            example.port,
            example.source_port,
            example.icmp,
        )


def connectivity(*situations: Situation) -> tuple[Connectivity, ...]:
    """Return the answers of some situations of one cluster, over the same classes, so that they can be compared."""
    classes = EndpointClasses(situations)
    atoms = TrafficAtoms(
        (each for tables in classes.tables for each in tables.traffic()),
        (*(each for tables in classes.tables for each in tables.served()), *FAILSAFE_INBOUND, *FAILSAFE_OUTBOUND),
    )
    known = {Verdicts(0, 0): _NOTHING}
    return tuple(Connectivity(classes, place, atoms, known) for place in range(len(situations)))


def _meet(egress: Verdicts, ingress: Verdicts) -> Verdicts:
    return Verdicts(egress.surely & ingress.surely, egress.may & ingress.may)


def _distinct(egress: Ids, ingress: Ids, width: int) -> tuple[list[tuple[int, int]], Ids]:
    """Return the distinct pairs of two numbers below a width, and the place of each pair among them."""
    if width * width <= _COUNTABLE:
        keys = egress * np.int32(width) + ingress
        there = np.bincount(keys.ravel(), minlength=width * width) > 0
        places = np.cumsum(there, dtype=np.int32) - 1
        found = np.flatnonzero(there)
        return [divmod(each, width) for each in found.tolist()], places[keys]
    found, inverse = np.unique(egress.astype(np.int64) * width + ingress, return_inverse=True)
    return [divmod(each, width) for each in found.tolist()], inverse.reshape(egress.shape).astype(np.int32)
