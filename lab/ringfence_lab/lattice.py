"""How much more policies allow than was seen.

A *cell* is (client workload, server workload, protocol, port), over all ordered pairs of workloads of the truth, a
workload with itself included, and over every TCP or UDP port that some legitimate edge between workloads uses. Counted
are cells in which at least one side is restricted. A cell is *allowed* when every restricted side has a rule that
covers it, and *observed* when it is a legitimate edge seen on a learning day.

Promises: ``over_permission`` is allowed cells divided by observed cells, exact, without walking the cells one by one;
None where nothing was observed. 1.0 is the least policy that cuts nothing.
"""

from collections.abc import Sequence

from ringfence_lab.case import Case
from ringfence_lab.matcher import PoliciesOf, covers_port, peer_matches
from ringfence_lab.policies import DIRECTIONS, Direction, Match, Policy

_Group = tuple[Policy, ...]
_Port = tuple[str, int]


def over_permission(case: Case, policies_of: PoliciesOf) -> float | None:
    """Return allowed cells per observed cell, or None without observed cells."""
    observed = set()
    for edge in case.legitimate:
        client, server = edge.ends
        restricted = policies_of.restricting(client, "Egress") or policies_of.restricting(server, "Ingress")
        if edge.observed and edge.port is not None and client.workload and server.workload and restricted:
            observed.add((client.workload, server.workload, edge.protocol, edge.port))
    return _Lattice(case, policies_of).allowed() / len(observed) if observed else None


class _Lattice:
    """Sets of workloads as the bits of one number, so that a rule's peers are met and counted at once."""

    def __init__(self, case: Case, policies_of: PoliciesOf) -> None:
        self._workloads = case.workloads
        self._peers: dict[tuple[Match, str], int] = {}
        self._ports = sorted(
            {
                (edge.protocol, edge.port)
                for edge in case.legitimate
                if edge.port is not None and all(end.workload is not None for end in edge.ends)
            }
        )
        self._group_of = {
            direction: [policies_of.restricting(end, direction) for end in case.workloads] for direction in DIRECTIONS
        }
        self._clients = _members(self._group_of["Egress"])
        self._servers = _members(self._group_of["Ingress"])

    def allowed(self) -> int:
        """Return the number of allowed cells."""
        return sum(self._allowed_on(port) for port in self._ports)

    def _allowed_on(self, port: _Port) -> int:
        clients_of = {group: self._reach("Ingress", group, port) for group in self._servers}
        total = 0
        for group, members in self._clients.items():
            servers = self._reach("Egress", group, port)
            if not group:
                servers &= ~self._servers.get((), 0)
            reachable = (clients_of[self._group_of["Ingress"][server]] for server in _bits(servers))
            total += sum((clients & members).bit_count() for clients in reachable)
        return total

    def _reach(self, direction: Direction, group: _Group, port: _Port) -> int:
        if not group:
            return (1 << len(self._workloads)) - 1
        reached = 0
        for policy in group:
            for rule in policy.rules[direction]:
                if covers_port(rule, *port):
                    reached |= self._matched(rule.peer, policy.namespace)
        return reached

    def _matched(self, match: Match, namespace: str) -> int:
        own = namespace if match.selector is not None and match.namespace is None else ""
        if (match, own) not in self._peers:
            matched = (peer_matches(match, end, policy_namespace=own) for end in self._workloads)
            self._peers[match, own] = sum(1 << index for index, matches in enumerate(matched) if matches)
        return self._peers[match, own]


def _members(groups: Sequence[_Group]) -> dict[_Group, int]:
    """Return the workloads of each group of policies, in the order in which the groups first occur."""
    members: dict[_Group, int] = {}
    for index, group in enumerate(groups):
        members[group] = members.get(group, 0) | 1 << index
    return members


def _bits(number: int) -> list[int]:
    found = []
    while number:
        lowest = number & -number
        found.append(lowest.bit_length() - 1)
        number ^= lowest
    return found
