"""What the rules of some tiers say of some ends, laid out so that ends which no rule tells apart share a number.

Promises: two ends of one number in a family have the same answer to every criterion of every rule that is asked of an
end, alone or with its port. The answers are those of `semantics.matching`, known or not.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ringfence.model.address_set import AddressSet
from ringfence.model.policy import Direction
from ringfence.model.selector import Selector
from ringfence.semantics.compiled.address_intervals import AddressIntervals
from ringfence.semantics.compiled.criteria import Joint, NamedPort, OfEnd, OfTraffic, parts
from ringfence.semantics.compiled.end_rows import NO_ROW, EndRows, addresses_of
from ringfence.semantics.compiled.label_classes import LabelClasses
from ringfence.semantics.compiled.ternary import MAY, SURELY, Flags
from ringfence.semantics.connection import End, Holder
from ringfence.semantics.effective import EffectivePolicy, EffectiveRule, EffectiveTier, ServiceMembers

Numbers = NDArray[np.int64]
NOWHERE: Final = -1
"""The number of an end in a family that it has no address of."""
DIRECTIONS: Final[tuple[Direction, Direction]] = ("Egress", "Ingress")
_YES: Final = int(MAY | SURELY)

Served = tuple[str, int | None, bool]
"""A protocol, a port (None: each), and whether it is surely there."""


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """A rule of one direction: whom it asks for, by number of criterion, and about which traffic."""

    number: int
    rule: EffectiveRule
    mine: int
    theirs: int
    traffic: OfTraffic
    joints: tuple[tuple[int, bool], ...]


@dataclass(frozen=True, slots=True, eq=False)
class PolicyLines:
    """A policy with the lines of both directions, without what only logs."""

    policy: EffectivePolicy
    egress: tuple[Line, ...]
    ingress: tuple[Line, ...]

    def lines(self, direction: Direction) -> tuple[Line, ...]:
        """Return the lines of a direction."""
        return self.egress if direction == "Egress" else self.ingress


class RuleTables:
    """The tables. ``tiers`` hold each tier's policies by number; ``numbers`` the ends' numbers, for each family."""

    def __init__(self, tiers: Sequence[EffectiveTier], ends: Sequence[End]) -> None:
        """Lay out the rules and ask them of every end."""
        self.ends = tuple(ends)
        self.policies: list[PolicyLines] = []
        self._criteria: dict[OfEnd, int] = {}
        self._joints: dict[Joint, int] = {}
        self._line_count = 0
        self.tiers = tuple((tier, self._laid(tier)) for tier in tiers)
        self._labels = LabelClasses(self._selectors(), self._port_names())
        self._rows = EndRows(self.ends, self._labels, AddressIntervals(self._addresses()))
        self._served = [self._facts(joint) for joint in self._joints]
        answers = self._rows.table(tuple(self._criteria))
        self.numbers, firsts = self._numbered(answers)
        self.flags: Flags = answers[firsts]
        self.answers: list[bytes] = [each.tobytes() for each in self.flags]
        self._first_rows = firsts
        selected = [self._labels.selected(each.policy.selector).flags() for each in self.policies]
        self._governed = np.array(selected, np.uint8).reshape(len(self.policies), len(self._labels)).T
        self._end_of: dict[int, End] = {}
        for family in (0, 1):
            for place, number in enumerate(self.numbers[family].tolist()):
                self._end_of.setdefault(number, self.ends[place])

    def _laid(self, tier: EffectiveTier) -> tuple[int, ...]:
        start = len(self.policies)
        for policy in tier.policies:
            egress, ingress = (tuple(self._lines(policy, direction)) for direction in DIRECTIONS)
            self.policies.append(PolicyLines(policy, egress, ingress))
        return tuple(range(start, len(self.policies)))

    def _lines(self, policy: EffectivePolicy, direction: Direction) -> Iterator[Line]:
        for rule in policy.rules(direction) if direction in policy.types else ():
            if rule.action == "Log":
                continue
            each = parts(rule)
            source, destination = (
                self._criteria.setdefault(one, len(self._criteria)) for one in (each.source, each.destination)
            )
            joints = tuple((self._joints.setdefault(one, len(self._joints)), holds) for one, holds in each.joints)
            mine, theirs = (source, destination) if direction == "Egress" else (destination, source)
            self._line_count += 1
            yield Line(self._line_count, rule, mine, theirs, each.traffic, joints)

    @property
    def joints(self) -> tuple[Joint, ...]:
        """Return what is asked of destinations together with their ports, by number."""
        return tuple(self._joints)

    def traffic(self) -> Iterator[OfTraffic]:
        """Yield every line's criterion of traffic, and ports by number that stand in a list with names."""
        for each in self.policies:
            yield from (line.traffic for line in (*each.egress, *each.ingress))
        for joint in self._joints:
            if isinstance(joint, NamedPort) and joint.ports.numbers:
                yield OfTraffic(ports=joint.ports.numbers)

    def served(self) -> Iterator[tuple[str, int | None]]:
        """Yield every protocol and port that a name or a Service stands for."""
        for facts in self._served:
            yield from ((protocol, port) for each in facts.values() for protocol, port, _ in each)

    def served_by(self, joint: int, number: int) -> tuple[Served, ...]:
        """Return what a joint criterion is true of at the ends of a number, beside ports by number."""
        return self._served[joint].get(int(self._first_rows[number]), ())

    def served_alike(self, joint: int) -> Numbers:
        """Return a number for the ends of each number, equal where a joint criterion is true of the same ports."""
        alike: dict[tuple[object, ...], int] = {}
        every = range(len(self._first_rows))
        keys = ((self.served_by(joint, number), self.unknown(number)) for number in every)
        return np.fromiter((alike.setdefault(each, len(alike)) for each in keys), np.int64, len(every))

    def unknown(self, number: int) -> bool:
        """Say whether it is not known who has labels at the ends of a number."""
        return bool(self._rows.unknown[self._first_rows[number]])

    def end(self, number: int) -> End:
        """Return an end of a number."""
        return self._end_of[number]

    def governing(self, holder: Holder) -> bytes:
        """Return the flags of whether each policy governs an endpoint."""
        flags: bytes = self._governed[self._labels.add(holder)].tobytes()
        return flags

    def _facts(self, joint: Joint) -> dict[int, tuple[Served, ...]]:
        found: dict[int, dict[tuple[str, int | None], bool]] = {}

        def note(row: int, protocol: str, port: int | None, *, surely: bool) -> None:
            facts = found.setdefault(row, {})
            facts[protocol, port] = facts.get((protocol, port), False) or surely

        match joint:
            case NamedPort(ports, selector):
                selected = None if selector is None else self._labels.selected(selector).flags()
                for row, each, there in self._rows.holders():
                    flags = there & (_YES if selected is None else int(selected[each]))
                    for port in self._labels.ports[each] if flags else ():
                        if port.name in ports.names:
                            note(row, port.protocol, port.port, surely=flags == _YES)
            case ServiceMembers(members):
                for member in members:
                    within = self._rows.within(member.addresses)
                    for row in np.flatnonzero(within.may).tolist():
                        note(row, member.protocol, member.port, surely=bool(within.surely[row]))
        return {
            row: tuple(sorted(((*key, surely) for key, surely in facts.items()), key=str))
            for row, facts in found.items()
        }

    def _numbered(self, answers: Flags) -> tuple[tuple[Numbers, Numbers], Numbers]:
        """Return the number of each end in each family, and the first row of each number."""
        numbers: dict[tuple[object, ...], int] = {}
        of_row = np.zeros(len(self._rows), np.int64)
        firsts: list[int] = []
        families = np.zeros(len(self._rows), np.int64)
        for family in (0, 1):
            rows = self._rows.of[family]
            families[rows[rows != NO_ROW]] = family
        for row in range(len(self._rows)):
            facts = tuple(each.get(row, ()) for each in self._served)
            key = (families[row], answers[row].tobytes(), bool(self._rows.unknown[row]), facts)
            if key not in numbers:
                numbers[key] = len(firsts)
                firsts.append(row)
            of_row[row] = numbers[key]
        four, six = (
            np.where(rows == NO_ROW, NOWHERE, of_row[np.maximum(rows, 0)] if rows.size and of_row.size else NOWHERE)
            for rows in self._rows.of
        )
        return (four, six), np.array(firsts, np.int64)

    def _selectors(self) -> Iterator[Selector]:
        yield from (each.policy.selector for each in self.policies)
        for end in self._criteria:
            yield from (selector for selector in (end.selector, end.not_selector) if selector is not None)
        for joint in self._joints:
            if isinstance(joint, NamedPort) and joint.selector is not None:
                yield joint.selector

    def _port_names(self) -> Iterator[str]:
        return (name for joint in self._joints if isinstance(joint, NamedPort) for name in joint.ports.names)

    def _addresses(self) -> Iterable[AddressSet]:
        yield from addresses_of(self.ends)
        yield from nets_of(self._criteria, self._joints)


def nets_of(criteria: Iterable[OfEnd], joints: Iterable[Joint]) -> Iterator[AddressSet]:
    """Yield every set of addresses that some criteria name."""
    services = [joint for joint in joints if isinstance(joint, ServiceMembers)]
    for each in criteria:
        yield from (nets for nets in (each.nets, each.not_nets) if nets is not None)
        if each.services is not None:
            services.append(each.services)
    for service in services:
        yield from (member.addresses for member in service.members)


def named_nets(tiers: Iterable[EffectiveTier]) -> tuple[AddressSet, ...]:
    """Return every set of addresses that a rule names, each once, in the order of rules."""
    every = (parts(rule) for tier in tiers for policy in tier.policies for rule in (*policy.ingress, *policy.egress))
    found: dict[AddressSet, None] = {}
    for each in every:
        found.update(dict.fromkeys(nets_of((each.source, each.destination), (joint for joint, _ in each.joints))))
    return tuple(found)
