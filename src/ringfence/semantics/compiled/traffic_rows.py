"""Traffic that no rule can tell apart, by IP family: the rows of the table of what rules say of protocol and ports.

Promises: ports between neighbouring bounds of all rules' ports share a row, so rows grow with what rules name and not
with the ports that were seen.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Final

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from ringfence.model.edge import Icmp
from ringfence.model.policy import IcmpMatch
from ringfence.model.port import PortSet
from ringfence.semantics.compiled.address_intervals import FAMILIES
from ringfence.semantics.compiled.criteria import OfTraffic
from ringfence.semantics.compiled.ternary import Bools, Flags, Ternary
from ringfence.semantics.connection import Connection

_NONE: Final = -1


class Traffic(Struct, frozen=True):
    """What a connection is apart from its ends; as in `Connection`."""

    protocol: str
    port: int | None = None
    source_port: int | None = None
    icmp: Icmp | None = None

    @classmethod
    def of(cls, connection: Connection) -> "Traffic":
        """Return the traffic of a connection."""
        return cls(connection.protocol, connection.port, connection.source_port, connection.icmp)


class TrafficRows:
    """The rows of some traffic. ``of`` holds, for each family, the row of each."""

    def __init__(self, traffic: Sequence[Traffic], criteria: Sequence[OfTraffic]) -> None:
        """Give all traffic its rows."""
        bounds = sorted({bound for each in criteria for ports in _port_sets(each) for bound in _bounds(ports)})
        rows: dict[tuple[object, ...], int] = {}
        firsts: list[Traffic] = []
        of: list[int] = []
        for each in traffic:
            key = (each.protocol, _class(each.port, bounds), _class(each.source_port, bounds), each.icmp)
            if key not in rows:
                rows[key] = len(firsts)
                firsts.append(each)
            of.append(rows[key])
        self._count = len(firsts)
        self.of = tuple(np.array(of, np.int64) + which * self._count for which in (0, 1))
        self._protocols = np.array([each.protocol for each in firsts] * 2, object)
        self._ports = _numbers([each.port for each in firsts] * 2)
        self._source_ports = _numbers([each.source_port for each in firsts] * 2)
        self._types = _numbers([None if each.icmp is None else each.icmp.type for each in firsts] * 2)
        self._codes = _numbers([None if each.icmp is None else each.icmp.code for each in firsts] * 2)
        self._family = np.repeat(np.array(FAMILIES), self._count)
        self._is: dict[str, Bools] = {}

    def table(self, criteria: Sequence[OfTraffic]) -> Flags:
        """Return the answers: a row for each row, a column for each criterion."""
        found = np.empty((len(criteria), 2 * self._count), np.uint8)
        for number, each in enumerate(criteria):
            found[number] = self._answer(each).flags()
        return np.ascontiguousarray(found.T)

    def _answer(self, criterion: OfTraffic) -> Ternary:
        known = np.zeros(2 * self._count, np.bool_)
        for family in criterion.families:
            known |= self._family == family
        if criterion.protocol is not None:
            known &= self._of_protocol(criterion.protocol)
        if criterion.not_protocol is not None:
            known &= ~self._of_protocol(criterion.not_protocol)
        found = Ternary.of(known)
        if criterion.icmp is not None:
            found = found & self._icmp(criterion.icmp)
        if criterion.not_icmp is not None:
            found = found & ~self._icmp(criterion.not_icmp)
        for ports, seen in ((criterion.ports, self._ports), (criterion.source_ports, self._source_ports)):
            if ports is not None:
                found = found & _among(ports, seen)
        for ports, seen in ((criterion.not_ports, self._ports), (criterion.not_source_ports, self._source_ports)):
            if ports is not None:
                found = found & ~_among(ports, seen)
        return Ternary(np.zeros_like(known), found.may) if criterion.doubt else found

    def _of_protocol(self, protocol: str) -> Bools:
        if protocol not in self._is:
            self._is[protocol] = np.asarray(self._protocols == protocol, np.bool_)
        return self._is[protocol]

    def _icmp(self, wanted: IcmpMatch) -> Ternary:
        same: Bools = self._types == wanted.type
        if wanted.code is not None:
            same = same & (self._codes == wanted.code)
        return Ternary.of(same).doubted(self._types == _NONE)


def among(ports: PortSet, traffic: Sequence[Traffic]) -> Ternary:
    """Return whether the port of each is one of some ports."""
    return _among(ports, _numbers([each.port for each in traffic]))


def _among(ports: PortSet, seen: NDArray[np.int64]) -> Ternary:
    inside: Bools = np.searchsorted(np.array(list(_bounds(ports)), np.int64), seen, side="right") % 2 == 1
    return Ternary.of(inside).doubted(seen == _NONE) if ports else Ternary.of(inside)


def _port_sets(criterion: OfTraffic) -> Iterable[PortSet]:
    every = (criterion.ports, criterion.not_ports, criterion.source_ports, criterion.not_source_ports)
    return (each for each in every if each is not None)


def _bounds(ports: PortSet) -> Iterable[int]:
    """Return where each range begins and where it has ended, rising."""
    return chain.from_iterable((each.first, each.last + 1) for each in ports)


def _class(port: int | None, bounds: Sequence[int]) -> int:
    return _NONE if port is None else bisect_right(bounds, port)


def _numbers(values: Iterable[int | None]) -> NDArray[np.int64]:
    return np.array([_NONE if each is None else each for each in values], np.int64)
