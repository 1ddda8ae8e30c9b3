"""Policies asked about many connections by the reference evaluator.

Promises: each distinct question is asked once; a party meets only the policies that may govern it. Host endpoints are
asked as for traffic of the host itself.
"""

from collections.abc import Sequence

from msgspec import Struct

from ringfence.model.edge import Edge, Icmp
from ringfence.model.policy import Direction
from ringfence.model.verdict import Judgement, Side
from ringfence.semantics.connection import Connection
from ringfence.semantics.effective import EffectiveTier
from ringfence.semantics.governing import governing
from ringfence.semantics.hosts import judge_host
from ringfence.semantics.parties import Party
from ringfence.semantics.reference import side


class Question(Struct, frozen=True):
    """Whether one party may open a connection to another. ``port`` and ``icmp`` are None as in an edge."""

    client: Party
    server: Party
    protocol: str
    port: int | None = None
    icmp: Icmp | None = None

    @classmethod
    def of(cls, edge: Edge, client: Party, server: Party) -> "Question":
        """Return the question that an edge asks of two of its parties."""
        return cls(client, server, edge.protocol, edge.port, edge.icmp)

    @property
    def connection(self) -> Connection:
        """Return the connection that evaluators judge."""
        return Connection(self.client.end, self.server.end, self.protocol, self.port, icmp=self.icmp)

    @property
    def key(self) -> tuple[int, int, str, int | None, Icmp | None]:
        """Return what is equal for questions that have the same answer."""
        return self.client.number, self.server.number, self.protocol, self.port, self.icmp


class Asked:
    """Tiers that are asked about parties of one `Parties`."""

    def __init__(self, tiers: Sequence[EffectiveTier]) -> None:
        """Take the tiers, in the order in which they are asked."""
        self._tiers = tuple(tiers)
        self._governing: dict[tuple[int, Direction], tuple[EffectiveTier, ...]] = {}
        self._judgements: dict[tuple[int, int, str, int | None, Icmp | None], Judgement | None] = {}

    def judgement(self, question: Question) -> Judgement | None:
        """Return the answer, None where both parties have no IP family in common."""
        key = question.key
        if key not in self._judgements:
            self._judgements[key] = self._judged(question)
        return self._judgements[key]

    def governing(self, party: Party, direction: Direction) -> tuple[EffectiveTier, ...]:
        """Return the tiers with the policies that may govern a party, none where no policy is asked of it."""
        key = (party.number, direction)
        if key not in self._governing:
            subject = party.end.subject
            self._governing[key] = () if subject is None else governing(self._tiers, subject.holder, direction)
        return self._governing[key]

    def _judged(self, question: Question) -> Judgement | None:
        connection = question.connection
        if not connection.families:
            return None
        return Judgement(
            egress=self._side(question.client, "Egress", connection),
            ingress=self._side(question.server, "Ingress", connection),
        )

    def _side(self, party: Party, direction: Direction, connection: Connection) -> Side | None:
        subject = party.end.subject
        if subject is None:
            return None
        judge = judge_host if subject.host else side
        return judge(self.governing(party, direction), subject, direction, connection)
