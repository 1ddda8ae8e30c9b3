"""What policies decide of all traffic between an endpoint and every peer, as sets of atoms.

Promises: the algorithm of `semantics.reference` and `semantics.hosts`, walked with sets instead of one connection:
what may be allowed and what may be denied, both at once where something is not known. Peers that the rules which
govern an endpoint cannot tell apart are walked once.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from ringfence.model.address_set import Family
from ringfence.model.policy import Direction
from ringfence.semantics.compiled.address_intervals import FAMILIES
from ringfence.semantics.compiled.criteria import NamedPort
from ringfence.semantics.compiled.ternary import MAY, SURELY
from ringfence.semantics.connection import Connection, Subject
from ringfence.semantics.effective import EffectiveTier
from ringfence.semantics.hosts import FAILSAFE_INBOUND, FAILSAFE_OUTBOUND, hooks
from ringfence.semantics.matching import holds, unknowns
from ringfence.semantics.reference import Asked, Walk, at_endpoint
from ringfence.verify.rule_tables import DIRECTIONS, Line, PolicyLines, RuleTables
from ringfence.verify.traffic_atoms import TrafficAtoms

_MAY: Final = int(MAY)
_SURELY: Final = int(SURELY)
_FLAGS: Final = 4
_MOST_PATTERNS: Final = 1 << 62

Ids = NDArray[np.int64]


class Fate(Struct, frozen=True):
    """What may become of traffic, as atoms: ``undecided`` is what no policy may have decided."""

    allow: int = 0
    deny: int = 0
    undecided: int = 0


class Verdicts(Struct, frozen=True):
    """What is surely allowed of all traffic, and what may be, as atoms."""

    surely: int
    may: int


class Side(Struct, frozen=True):
    """One direction of an endpoint that policies are asked of. ``governing`` holds flags by number of policy."""

    subject: Subject
    direction: Direction
    governing: bytes


class _Rule(Struct, frozen=True):
    """A line as it stands in one family: the traffic that it surely and that it may match."""

    line: Line
    surely: int
    may: int


class Decisions:
    """The decisions of one set of tables. ``reasons`` gathers what is not known, as it is met."""

    def __init__(self, tables: RuleTables, atoms: TrafficAtoms, known: dict[Verdicts, int]) -> None:
        """Turn the criteria of traffic into atoms. ``known`` gives verdicts their numbers, and grows."""
        self._tables, self._atoms = tables, atoms
        self._lines = [
            {
                (direction, family): tuple(self._in_family(each, direction, family))
                for direction in DIRECTIONS
                for family in FAMILIES
            }
            for each in tables.policies
        ]
        self._joint_atoms: dict[tuple[int, int], tuple[int, int]] = {}
        self._patterns: dict[tuple[int, Direction, Family], tuple[Ids, int]] = {}
        self.known = known
        self._doubts: dict[tuple[int, int, int], tuple[str, ...]] = {}
        self.reasons: dict[str, None] = {}

    def _in_family(self, policy: PolicyLines, direction: Direction, family: Family) -> Iterator[_Rule]:
        for line in policy.lines(direction):
            if family in line.traffic.families:
                bits = self._atoms.of(line.traffic)
                yield _Rule(line, 0 if line.traffic.doubt else bits, bits)

    def verdicts(self, side: Side, own: int, peers: Ids, family: Family) -> Ids:
        """Return, by number in `known`, what is allowed between an endpoint and each of some peers, all by number."""
        asked = [self._asked_at(side, asked) for asked in _filters(side)]
        firsts, patterns = self._patterns_of(side, asked, peers, family)
        found = [self._verdict(asked, _Meeting(side, own, int(peers[first]), family, {})) for first in firsts]
        return np.array([self.id(each) for each in found], np.int64)[patterns]

    def id(self, verdicts: Verdicts) -> int:
        """Return the number of verdicts."""
        return self.known.setdefault(verdicts, len(self.known))

    def fate(self, side: Side, own: int, peer: int, family: Family) -> Fate:
        """Return what the tiers make of traffic with one peer, by number, before any profile is asked."""
        paths = [self._asked_at(side, asked) for asked in _filters(side)]
        return self._along(_Meeting(side, own, peer, family, {}), paths)

    def _asked_at(self, side: Side, asked: Asked) -> "_Path":
        """Return the tiers with the policies that are asked, by number, and whether they surely govern."""
        return tuple(
            (
                tier,
                tuple(
                    _Governing(number, side.governing[number] & _SURELY != 0)
                    for number in numbers
                    if side.governing[number]
                    and side.direction in (policy := self._tables.policies[number].policy).types
                    and asked(policy)
                ),
            )
            for tier, numbers in self._tables.tiers
        )

    def _patterns_of(self, side: Side, paths: Sequence["_Path"], peers: Ids, family: Family) -> tuple[Ids, Ids]:
        """Return the first peer of each number, and each peer's number: one for all that these policies treat alike."""
        found, most = np.zeros(peers.size, np.int64), 1
        for policy in dict.fromkeys(each.number for path in paths for _, every in path for each in every):
            numbers, width = self._policy_pattern(policy, side.direction, family)
            if most > _MOST_PATTERNS // width:
                _, found = np.unique(found, return_inverse=True)
                most = int(found.max(initial=0)) + 1
            found, most = found * width + numbers[peers], most * width
        _, firsts, patterns = np.unique(found, return_index=True, return_inverse=True)
        return firsts, patterns

    def _policy_pattern(self, policy: int, direction: Direction, family: Family) -> tuple[Ids, int]:
        """Return a number for all ends, equal where no line of a policy tells two apart as peers, and how many."""
        key = (policy, direction, family)
        if key not in self._patterns:
            lines = [each.line for each in self._lines[policy][direction, family]]
            found: Ids = np.zeros(len(self._tables.flags), np.int64)
            for column in dict.fromkeys(line.theirs for line in lines):
                _, found = np.unique(found * _FLAGS + self._tables.flags[:, column], return_inverse=True)
            for joint in dict.fromkeys(joint for line in lines for joint, _ in line.joints):
                if direction == "Egress":
                    _, found = np.unique(found * len(found) + self._tables.served_alike(joint), return_inverse=True)
            self._patterns[key] = found, int(found.max(initial=0)) + 1
        return self._patterns[key]

    def _joint(self, joint: int, number: int) -> tuple[int, int]:
        """Return the traffic that a joint criterion surely and may be true of, at a destination of a number."""
        key = (joint, number)
        if key not in self._joint_atoms:
            self._joint_atoms[key] = self._joint_of(joint, number)
        return self._joint_atoms[key]

    def _joint_of(self, joint: int, number: int) -> tuple[int, int]:
        surely = may = 0
        criterion = self._tables.joints[joint]
        if isinstance(criterion, NamedPort):
            surely = may = self._atoms.ports(criterion.ports.numbers)
            if self._tables.unknown(number):
                may = self._atoms.everything
        elif criterion.unknown is not None:
            return 0, self._atoms.everything
        for protocol, port, is_sure in self._tables.served_by(joint, number):
            bits = self._atoms.port(protocol, port)
            may |= bits
            surely |= bits if is_sure else 0
        return surely, may

    def _verdict(self, paths: Sequence["_Path"], meeting: "_Meeting") -> Verdicts:
        fate = self._along(meeting, paths)
        allow, deny = fate.allow, fate.deny
        if fate.undecided:
            subject, end = meeting.side.subject, self._tables.end(meeting.own)
            walk = Walk((), subject, meeting.side.direction, Connection(end, end, ""), meeting.family)
            for outcome in walk.profiles((), ()):
                allow |= fate.undecided if outcome.verdict == "Allow" else 0
                deny |= fate.undecided if outcome.verdict == "Deny" else 0
                meeting.doubt(outcome.unknown)
        if allow & deny:
            self.reasons.update(meeting.doubts)
        return Verdicts(allow & ~deny, allow)

    def _along(self, meeting: "_Meeting", paths: Sequence["_Path"]) -> Fate:
        """Walk the places of a packet's path; an endpoint of a pod has one, a host several."""
        side = meeting.side
        if not side.subject.host:
            return self._walk(meeting, paths[0], self._atoms.everything, ends=True)
        failsafe = FAILSAFE_INBOUND if side.direction == "Ingress" else FAILSAFE_OUTBOUND
        allow = deny = 0
        for protocol, port in failsafe:
            allow |= self._atoms.port(protocol, port)
        live = self._atoms.everything & ~allow
        for hook, path in zip(hooks(side.direction, forwarded=False), paths, strict=True):
            found = self._walk(meeting, path, live, ends=hook.tiers_end)
            allow, deny, live = allow | found.allow, deny | found.deny, found.undecided
        return Fate(allow, deny, live)

    def _walk(self, meeting: "_Meeting", path: "_Path", live: int, *, ends: bool) -> Fate:
        """Walk all tiers with what is live: what may still be decided."""
        allow = deny = 0
        for tier, policies in path:
            if tier.unsupplied is not None:
                meeting.doubt([tier.unsupplied])
                allow, deny = allow | live, deny | live
                continue
            if policies and tier.unknown is not None:
                meeting.doubt([tier.unknown])
            passed, remaining = live if tier.anywhere else 0, live
            for policy in policies:
                remaining, found = self._policy(meeting, policy, remaining)
                allow, deny, passed = allow | found.allow, deny | found.deny, passed | found.undecided
            if policies and tier.default_action == "Deny" and ends:
                deny |= remaining
            elif policies:
                passed |= remaining
            if tier.unknown is not None or not any(policy.surely for policy in policies):
                passed |= remaining
            live = passed
        return Fate(allow, deny, live)

    def _policy(self, meeting: "_Meeting", policy: "_Governing", live: int) -> tuple[int, Fate]:
        """Return what a policy leaves, and what it decides; what it passes on is undecided."""
        fates = {"Allow": 0, "Deny": 0, "Pass": 0}
        egress = meeting.side.direction == "Egress"
        mine, theirs = self._tables.answers[meeting.own], self._tables.answers[meeting.peer]
        if not policy.surely:
            meeting.doubt(self._why_governs(meeting.side, policy.number))
        for rule in self._lines[policy.number][meeting.side.direction, meeting.family]:
            line = rule.line
            flags = mine[line.mine] & theirs[line.theirs]
            if not flags & _MAY or not rule.may & live:
                continue
            may, surely = rule.may, rule.surely if flags & _SURELY else 0
            for joint, wanted in line.joints:
                there, perhaps = self._joint(joint, meeting.peer if egress else meeting.own)
                surely &= there if wanted else ~perhaps
                may &= perhaps if wanted else ~there
            doubtful = may & live & ~surely
            if doubtful:
                meeting.doubt(self._why(meeting, line, doubtful))
            fates[line.rule.action] |= may & live
            live &= ~surely if policy.surely else -1
        return live, Fate(fates["Allow"], fates["Deny"], fates["Pass"])

    def _why(self, meeting: "_Meeting", line: Line, traffic: int) -> tuple[str, ...]:
        """Return what is not known of whether a line matches, in the words of the specification."""
        key = (line.number, meeting.own, meeting.peer)
        if key not in self._doubts:
            own, peer = self._tables.end(meeting.own), self._tables.end(meeting.peer)
            source, destination = (own, peer) if meeting.side.direction == "Egress" else (peer, own)
            example = self._atoms.witness(traffic)
            connection = Connection(
                source, destination, example.protocol, example.port, example.source_port, example.icmp
            )
            self._doubts[key] = unknowns(line.rule, connection, meeting.family) or ()
        return self._doubts[key]

    def _why_governs(self, side: Side, number: int) -> tuple[str, ...]:
        answer = holds(self._tables.policies[number].policy.selector, side.subject.holder, "this endpoint")
        return (answer,) if isinstance(answer, str) else ()


class _Governing(Struct, frozen=True):
    """A policy that is asked, by number, and whether it surely governs."""

    number: int
    surely: bool


_Path = tuple[tuple[EffectiveTier, tuple[_Governing, ...]], ...]


class _Meeting(Struct, frozen=True):
    """An endpoint and a peer in one IP family, by their numbers, and what was found not to be known of them."""

    side: Side
    own: int
    peer: int
    family: Family
    doubts: dict[str, None]

    def doubt(self, texts: Iterable[str]) -> None:
        """Note what is not known."""
        self.doubts.update(dict.fromkeys(texts))


def _filters(side: Side) -> list[Asked]:
    """Return which policies are asked at each place that a packet passes at an endpoint."""
    if not side.subject.host:
        return [at_endpoint]
    return [hook.asks for hook in hooks(side.direction, forwarded=False)]
