"""What needs a destination and its port together: ports by name, and what stands behind a Service.

Promises: what a name or a Service stands for at each row of ends is laid out once, sorted; a question is a look-up.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from ringfence.model.pod import ContainerPort
from ringfence.semantics.compiled.criteria import Joint, NamedPort
from ringfence.semantics.compiled.end_rows import EndRows
from ringfence.semantics.compiled.label_classes import LabelClasses
from ringfence.semantics.compiled.ternary import MAY, SURELY, Flags
from ringfence.semantics.compiled.traffic_rows import Traffic, among
from ringfence.semantics.effective import ServiceMembers

Integers = NDArray[np.int64]

_NOT_KNOWN: Final = 1 << 16
_EVERY: Final = _NOT_KNOWN + 1
_NO_PORT: Final = _NOT_KNOWN + 2
_PORTS: Final = _NOT_KNOWN + 3
"""Port numbers, and beyond them: a port that is not known, every port, one that no port can be."""
_YES: Final = MAY | SURELY


class _Exposed(Struct, frozen=True):
    """Where endpoints give a port a name: rows, classes of the holders, and whether these are there."""

    port: ContainerPort
    rows: NDArray[np.intp]
    classes: NDArray[np.intp]
    there: Flags


class Joints:
    """The joint criteria of some rules, asked of some rows."""

    def __init__(self, joints: Sequence[Joint], rows: EndRows, labels: LabelClasses) -> None:
        """Lay out what every criterion is true of."""
        self._joints, self._rows, self._labels = joints, rows, labels
        exposed = self._exposed()
        self._protocols: dict[str, int] = {}
        self._keys: list[Integers] = [np.empty(0, np.int64)]
        self._flags: list[Flags] = [np.empty(0, np.uint8)]
        self._everywhere = np.zeros(len(joints), np.uint8)
        self._by_name = np.zeros(len(joints), np.bool_)
        for number, joint in enumerate(joints):
            match joint:
                case NamedPort():
                    self._by_name[number] = True
                    self._lay_names(number, joint, exposed)
                case ServiceMembers():
                    self._everywhere[number] = 0 if joint.unknown is None else MAY
                    self._lay_members(number, joint)
        self._at_every_port = any(
            member.port is None for joint in joints if isinstance(joint, ServiceMembers) for member in joint.members
        )
        keys, flags = np.concatenate(self._keys), np.concatenate(self._flags)
        order = np.argsort(keys, kind="stable")
        self._sorted, starts = np.unique(keys[order], return_index=True)
        self._found: Flags = np.bitwise_or.reduceat(flags[order], starts) if starts.size else flags

    def _exposed(self) -> dict[str, list[_Exposed]]:
        """Return, by name, which rows expose it at which port."""
        found: dict[ContainerPort, list[tuple[int, int, int]]] = {}
        for holder in self._rows.holders():
            for port in self._labels.ports[holder[1]]:
                found.setdefault(port, []).append(holder)
        by_name: dict[str, list[_Exposed]] = {}
        for port, holders in found.items():
            rows, classes, there = (np.array(each) for each in zip(*holders, strict=True))
            by_name.setdefault(port.name, []).append(_Exposed(port, rows, classes, there.astype(np.uint8)))
        return by_name

    def _lay_names(self, number: int, joint: NamedPort, exposed: dict[str, list[_Exposed]]) -> None:
        selected = None if joint.selector is None else self._labels.selected(joint.selector).flags()
        for each in (each for name in dict.fromkeys(joint.ports.names) for each in exposed.get(name, ())):
            flags = each.there if selected is None else each.there & selected[each.classes]
            self._lay(number, each.rows, each.port.protocol, each.port.port, flags)

    def _lay_members(self, number: int, joint: ServiceMembers) -> None:
        for member in joint.members:
            flags = self._rows.within(member.addresses).flags()
            self._lay(number, np.arange(len(self._rows)), member.protocol, member.port, flags)

    def _lay(self, number: int, rows: NDArray[np.intp], protocol: str, port: int | None, flags: Flags) -> None:
        """Note what holds at rows: at a port, and perhaps where the port is not known; or at every port."""
        rows, flags = rows[flags != 0], flags[flags != 0]
        of_protocol = self._protocols.setdefault(protocol, len(self._protocols))
        at = _EVERY if port is None else port
        self._keys.append(self._key(number, rows, of_protocol, at))
        self._flags.append(flags)
        if port is not None:
            self._keys.append(self._key(number, rows, of_protocol, _NOT_KNOWN))
            self._flags.append(flags & MAY)

    def _key(
        self,
        joint: int | Integers,
        row: NDArray[np.intp] | Integers,
        protocol: int | Integers,
        port: int | Integers,
    ) -> Integers:
        return np.asarray(((joint * len(self._rows) + row) * _MOST_PROTOCOLS + protocol) * _PORTS + port, np.int64)

    def about(self, traffic: Sequence[Traffic]) -> "JointsOfTraffic":
        """Return the criteria with what is asked about."""
        return JointsOfTraffic(self, traffic)

    def found(self, joint: Integers, row: Integers, protocol: Integers, port: Integers) -> Flags:
        """Return the flags of each criterion at a row, for a protocol and port by number."""
        found: Flags = self._everywhere[joint] | self._at(joint, row, protocol, port)
        if self._at_every_port:
            found |= self._at(joint, row, protocol, np.full_like(port, _EVERY))
        found |= np.where(self._by_name[joint] & self._rows.unknown[row], MAY, np.uint8(0))
        return found

    def _at(self, joint: Integers, row: Integers, protocol: Integers, port: Integers) -> Flags:
        if not self._sorted.size:
            return np.zeros(joint.size, np.uint8)
        keys = self._key(joint, row, protocol, port)
        places = np.minimum(np.searchsorted(self._sorted, keys), self._sorted.size - 1)
        return np.where((self._sorted[places] == keys) & (protocol >= 0), self._found[places], np.uint8(0))

    def numbers(self, traffic: Sequence[Traffic]) -> Flags:
        """Return the flags of each criterion's ports by number: a row for each criterion, a column for all traffic."""
        found = np.zeros((len(self._joints), len(traffic)), np.uint8)
        for number, joint in enumerate(self._joints):
            if isinstance(joint, NamedPort):
                found[number] = among(joint.ports.numbers, traffic).flags()
        return found

    def protocol(self, name: str) -> int:
        """Return the number of a protocol; -1 for one that nothing is laid out for."""
        return self._protocols.get(name, -1)


_MOST_PROTOCOLS: Final = 1 << 10
"""More than IP has."""


class JointsOfTraffic:
    """Joint criteria about some traffic."""

    def __init__(self, joints: Joints, traffic: Sequence[Traffic]) -> None:
        """Number protocols and ports as the layout does."""
        self._joints = joints
        self._numbers = joints.numbers(traffic)
        self._protocols = np.array([joints.protocol(each.protocol) for each in traffic], np.int64)
        self._ports = np.array([_code(each.port) for each in traffic], np.int64)

    def flags(self, joint: Integers, row: Integers, traffic: Integers) -> Flags:
        """Return the flags of each criterion at a row, for some of the traffic."""
        found = self._joints.found(joint, row, self._protocols[traffic], self._ports[traffic])
        numbers: Flags = self._numbers[joint, traffic]
        # A port that is not known, where one by number might be meant, makes the whole criterion so (`matching`).
        return found | numbers


def _code(port: int | None) -> int:
    return _NOT_KNOWN if port is None else port if 0 <= port < _NOT_KNOWN else _NO_PORT
