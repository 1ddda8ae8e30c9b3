"""How much of what a rule allows was used.

Promises: a cell is a client workload, a server workload, and a protocol and port that the server is known to serve: one
that its pods declare, or one that somebody was seen to ask for. Cells are counted over the workloads of now; addresses
outside are no cells, and a rule that lets them pass says so. A rule's two ends are independent of each other, so cells
are a product and need not be listed.
"""

from collections.abc import Collection, Iterable, Iterator
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from ringfence.model.edge import Edge
from ringfence.model.endpoint import Workload
from ringfence.model.inventory import Inventory
from ringfence.model.policy import Direction
from ringfence.semantics.connection import Connection, End
from ringfence.semantics.effective import EffectiveMatch, EffectivePolicy, EffectiveRule
from ringfence.semantics.endpoints import EVERYWHERE
from ringfence.semantics.matching import holds, unknowns
from ringfence.semantics.parties import Parties, Party
from ringfence.semantics.workloads import Workloads

_ANYBODY: Final = End("anybody", EVERYWHERE)
_NO_MATCH: Final = EffectiveMatch()
_Served = tuple[str, int]


class Share(Struct, frozen=True):
    """Cells that were used, of those that a rule allows. ``outside``: it also lets addresses outside pass."""

    used: int
    allowed: int
    outside: bool = False

    @property
    def of_one(self) -> float | None:
        """Return the share as a number, None where the rule allows no cell."""
        return self.used / self.allowed if self.allowed else None


class Lattice:
    """The workloads of an inventory with the ports that they serve."""

    def __init__(self, inventory: Inventory, parties: Parties, seen: Iterable[Edge]) -> None:
        """Index the workloads. ``seen`` are edges that tell of further ports."""
        known = Workloads(inventory)
        self._parties = {name: parties.of(name) for name in known.names()}
        self._served: dict[Workload, set[_Served]] = {name: set() for name in self._parties}
        for name in self._parties:
            workload = known.known(name)
            specs = [] if workload is None else [pod.spec for pod in workload.pods]
            if workload is not None and workload.template is not None:
                specs.append(workload.template.template)
            self._served[name] |= {(port.protocol, port.port) for spec in specs for port in spec.ports}
        for edge in seen:
            if isinstance(edge.server, Workload) and edge.server in self._served and edge.port is not None:
                self._served[edge.server].add((edge.protocol, edge.port))
        self._clients: dict[EffectiveMatch, frozenset[Workload]] = {}
        self._servers: dict[EffectiveRule, frozenset[tuple[Workload, _Served]]] = {}

    def share(
        self, policy: EffectivePolicy, direction: Direction, rule: EffectiveRule, used: Collection[Edge]
    ) -> Share:
        """Return the share of a rule that decided these edges."""
        own = self._governed(policy)
        clients = self._matching_clients(rule.source)
        servers = self._matching_servers(replace(rule, source=_NO_MATCH))
        if direction == "Egress":
            clients &= own
        else:
            servers = frozenset(each for each in servers if each[0] in own)
        cells = {
            edge
            for edge in used
            if edge.port is not None
            and isinstance(edge.server, Workload)
            and edge.client in clients
            and (edge.server, (edge.protocol, edge.port)) in servers
        }
        peer = rule.destination if direction == "Egress" else rule.source
        return Share(len(cells), len(clients) * len(servers), peer.selector is None and peer.service is None)

    def _governed(self, policy: EffectivePolicy) -> frozenset[Workload]:
        return frozenset(
            name
            for name, parties in self._parties.items()
            if any(
                each.end.subject is not None
                and holds(policy.selector, each.end.subject.holder, "this endpoint") is not False
                for each in parties
            )
        )

    def _matching_clients(self, match: EffectiveMatch) -> frozenset[Workload]:
        bare = replace(match, ports=None, not_ports=None)
        if bare not in self._clients:
            rule = EffectiveRule("Allow", bare, _NO_MATCH)
            self._clients[bare] = frozenset(
                name
                for name, parties in self._parties.items()
                if any(_matches(rule, Connection(each.end, _ANYBODY, "TCP")) for each in parties)
            )
        return self._clients[bare]

    def _matching_servers(self, rule: EffectiveRule) -> frozenset[tuple[Workload, _Served]]:
        if rule not in self._servers:
            self._servers[rule] = frozenset(
                (name, (protocol, port))
                for name, protocol, port, party in self._offers()
                if _matches(rule, Connection(_ANYBODY, party.end, protocol, port))
            )
        return self._servers[rule]

    def _offers(self) -> Iterator[tuple[Workload, str, int, Party]]:
        for name, parties in self._parties.items():
            for protocol, port in sorted(self._served[name]):
                for party in parties:
                    yield name, protocol, port, party


def _matches(rule: EffectiveRule, connection: Connection) -> bool:
    return any(unknowns(rule, connection, family) is not None for family in connection.families)
