"""How much more policies allow than is right.

A *cell* is (client workload, server workload, protocol, port), over all ordered pairs of workloads of the truth, a
workload with itself included, and over every TCP or UDP port of an edge between workloads that was seen on a learning
day. Counted are cells in which the policies restrict at least one side.

Promises: ``over_permission`` is the number of cells that the judged policies alone allow and that are neither
legitimate nor observed, divided by the number of legitimate cells, exact, without walking the cells one by one; None
where no cell is legitimate. 0.0 is the least policy: nothing is allowed beyond what is right.
"""

from collections.abc import Iterator, Sequence

from ringfence_lab.case import Case
from ringfence_lab.evaluator.cluster import Cluster
from ringfence_lab.evaluator.connection import Connection, Party
from ringfence_lab.evaluator.order import Tier
from ringfence_lab.evaluator.policies import DIRECTIONS, Direction, Policy
from ringfence_lab.evaluator.protocols import has_ports
from ringfence_lab.evaluator.rules import Rule, Side
from ringfence_lab.stand_ins import COPIES, Workload, stand_in

Governing = tuple[tuple[Tier, tuple[Policy, ...]], ...]
Port = tuple[int, int]


def over_permission(case: Case, judged: Cluster) -> float | None:
    """Return cells allowed beyond what is right, for each legitimate one; ``judged`` has no other policies."""
    lattice = _Lattice(case.workloads, judged)
    edges = (*case.legitimate, *case.denied, *(case.attack or ()))
    seen = {cell for edge in edges if edge.observed and (cell := edge.cell) is not None and has_ports(cell[2])}
    ports = sorted({cell[2:] for cell in seen})
    legitimate = {
        cell
        for edge in case.legitimate
        if (cell := edge.cell) is not None and cell[2:] in ports and lattice.counts(cell[0], cell[1])
    }
    if not legitimate:
        return None
    right = legitimate | {cell for cell in seen if lattice.counts(cell[0], cell[1])}
    allowed = sum(lattice.allowed_on(port) for port in ports)
    return (allowed - sum(lattice.allows(*cell[:2], cell[2:]) for cell in right)) / len(legitimate)


class _Lattice:
    """Sets of workloads as the bits of one number, so that a rule's peers are met and counted at once."""

    def __init__(self, workloads: Sequence[Workload], cluster: Cluster) -> None:
        self._index = {workload: index for index, workload in enumerate(workloads)}
        copies = [[cluster.party(stand_in(each, copy), 4) for each in workloads] for copy in range(COPIES)]
        first = _Reach(cluster, copies[0])
        self._reaches = [first, *(_Reach(cluster, parties, alike=first) for parties in copies[1:])]
        self._everyone = (1 << len(workloads)) - 1
        self._groups: dict[Direction, dict[object, int]] = {direction: {} for direction in DIRECTIONS}
        self._group_of: dict[Direction, list[object]] = {direction: [] for direction in DIRECTIONS}
        for direction in DIRECTIONS:
            for index in range(len(workloads)):
                group = tuple(reach.group(direction, index) for reach in self._reaches)
                self._group_of[direction].append(group)
                members = self._groups[direction]
                members[group] = members.get(group, 0) | 1 << index
        self._restricted = {
            direction: sum(
                1 << index for index in range(len(workloads)) if self._reaches[0].governing(direction, index)
            )
            for direction in DIRECTIONS
        }
        self._known: dict[tuple[Direction, object, Port], int] = {}

    def counts(self, client: Workload, server: Workload) -> bool:
        """Say whether the policies restrict at least one side of a pair."""
        return bool(
            self._restricted["Egress"] >> self._index[client] & 1
            or self._restricted["Ingress"] >> self._index[server] & 1
        )

    def allows(self, client: Workload, server: Workload, port: Port) -> bool:
        """Say whether both sides of a cell allow it."""
        first, second = self._index[client], self._index[server]
        leaving = self._reached("Egress", first, port) >> second & 1
        return bool(leaving and self._reached("Ingress", second, port) >> first & 1)

    def allowed_on(self, port: Port) -> int:
        """Return the number of allowed cells of a port."""
        entering = {
            group: (members, self._reached("Ingress", _lowest(members), port))
            for group, members in self._groups["Ingress"].items()
        }
        total = 0
        for clients in self._groups["Egress"].values():
            servers = self._reached("Egress", _lowest(clients), port)
            if not self._restricted["Egress"] & clients:
                servers &= self._restricted["Ingress"]
            for members, reached in entering.values():
                total += (servers & members).bit_count() * (clients & reached).bit_count()
        return total

    def _reached(self, direction: Direction, index: int, port: Port) -> int:
        key = direction, self._group_of[direction][index], port
        if key not in self._known:
            reached = self._everyone
            for reach in self._reaches:
                reached &= reach.allowed(direction, index, port)
            self._known[key] = reached
        return self._known[key]


class _Reach:
    """All peers of one party at once, by one copy of each workload.

    ``alike`` is the reach of copies with the same labels, which are asked once unless addresses count;
    ``covered_by_sets`` says whether network sets hold addresses of pods.
    """

    def __init__(self, cluster: Cluster, parties: Sequence[Party], alike: "_Reach | None" = None) -> None:
        self._cluster = cluster
        self._parties = parties
        self._first = alike
        self.covered_by_sets = any(len(party.holders) > 1 for party in parties)
        self._alike = None if self.covered_by_sets or (alike and alike.covered_by_sets) else alike
        self._peers: dict[tuple[int, Direction], int] = {}
        self._fitting: dict[tuple[int, Direction, Port], bool] = {}

    def governing(self, direction: Direction, index: int) -> Governing:
        """Return the tiers and policies of a party."""
        pod = self._parties[index].pod
        return () if pod is None else self._cluster.governing(pod, direction, pending=False)

    def group(self, direction: Direction, index: int) -> object:
        """Return what makes a party's reach: parties of one group have the same."""
        governing = self.governing(direction, index)
        own = self._parties[index]
        rules = list(_rules(governing, direction))
        fits = tuple(_own_side(rule, direction).covers_party(own) for rule in rules)
        return governing, fits, index if any(_by_party(rule) for rule in rules) else None

    def allowed(self, direction: Direction, index: int, port: Port) -> int:
        """Return the peers that a party's side allows on a port, by walking tiers with all of them."""
        asked, allowed = (1 << len(self._parties)) - 1, 0
        for tier, policies in self.governing(direction, index):
            passed = 0
            for rule in (rule for policy in policies for rule in policy.rules[direction] if rule.action != "Log"):
                hit = asked & self._covered(rule, direction, index, port) if asked else 0
                allowed |= hit if rule.action == "Allow" else 0
                passed |= hit if rule.action == "Pass" else 0
                asked &= ~hit
            asked = passed | (asked if tier.default_action == "Pass" else 0)
        return allowed | asked

    def _covered(self, rule: Rule, direction: Direction, index: int, port: Port) -> int:
        own = self._parties[index]
        if not _own_side(rule, direction).covers_party(own) or not self.fits(rule, direction, port):
            return 0
        if not _by_party(rule):
            return self.met(rule, direction)
        ports = (rule.covers_ports(self._connection(direction, own, peer, port)) for peer in self._parties)
        return self.met(rule, direction) & sum(1 << place for place, fits in enumerate(ports) if fits)

    def fits(self, rule: Rule, direction: Direction, port: Port) -> bool:
        """Say whether a rule is for a protocol and port, as far as that does not depend on who has it."""
        if self._first is not None:
            return self._first.fits(rule, direction, port)
        key = id(rule), direction, port
        if key not in self._fitting:
            some = self._connection(direction, self._parties[0], self._parties[0], port)
            self._fitting[key] = rule.covers_protocol(some) and (_by_party(rule) or rule.covers_ports(some))
        return self._fitting[key]

    def met(self, rule: Rule, direction: Direction) -> int:
        """Return the parties that a rule means as the peer, whatever the port."""
        side = rule.destination if direction == "Egress" else rule.source
        if self._alike is not None and side.nets is None and side.not_nets is None:
            return self._alike.met(rule, direction)
        key = id(rule), direction
        if key not in self._peers:
            met = (side.covers_party(peer) for peer in self._parties)
            self._peers[key] = sum(1 << place for place, covered in enumerate(met) if covered)
        return self._peers[key]

    def _connection(self, direction: Direction, own: Party, peer: Party, port: Port) -> Connection:
        source, destination = (own, peer) if direction == "Egress" else (peer, own)
        return Connection(source, destination, port[0], port[1], services=self._cluster.services)


def _rules(governing: Governing, direction: Direction) -> Iterator[Rule]:
    for _, policies in governing:
        for policy in policies:
            yield from policy.rules[direction]


def _own_side(rule: Rule, direction: Direction) -> Side:
    return rule.source if direction == "Egress" else rule.destination


def _by_party(rule: Rule) -> bool:
    """Say whether a rule's ports depend on who has them."""
    sides = rule.source, rule.destination
    named = any(ports is not None and ports.names for side in sides for ports in (side.ports, side.not_ports))
    return named or any(side.service is not None for side in sides)


def _lowest(members: int) -> int:
    return (members & -members).bit_length() - 1
