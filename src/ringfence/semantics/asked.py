"""Policies asked about many connections by the reference evaluator.

Promises: each distinct question is asked once; a party meets only the policies that may govern it, and of these the
rules that may match the other party. Host endpoints are asked as for traffic of the host itself.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from ringfence.model.edge import Edge, Icmp
from ringfence.model.policy import Direction
from ringfence.model.verdict import Judgement, Side
from ringfence.semantics.compiled.compiled import judge_all
from ringfence.semantics.connection import Connection
from ringfence.semantics.effective import EffectivePolicy, EffectiveTier
from ringfence.semantics.governing import facing, governing
from ringfence.semantics.hosts import judge_host
from ringfence.semantics.parties import Party
from ringfence.semantics.reference import side

FEW: Final = 1_000
"""Questions up to which compiling takes longer than asking the specification."""


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
        self._tiers_alike: dict[tuple[int, ...], EffectiveTier] = {}
        self._tiers_facing: dict[tuple[int, int, Direction], EffectiveTier] = {}
        self._policies_facing: dict[tuple[int, int, Direction], EffectivePolicy] = {}
        self._judgements: dict[tuple[int, int, str, int | None, Icmp | None], Judgement | None] = {}

    def judgement(self, question: Question) -> Judgement | None:
        """Return the answer, None where both parties have no IP family in common."""
        key = question.key
        if key not in self._judgements:
            self._judgements[key] = self._judged(question)
        return self._judgements[key]

    def ask(self, questions: Iterable[Question], *, few: int = FEW) -> None:
        """Answer many questions at once, so that asking for their judgements finds them. The answers are the same."""
        new = {each.key: each for each in questions if each.key not in self._judgements and _is_compiled(each)}
        if len(new) > few:
            judged = judge_all(self._tiers, [each.connection for each in new.values()])
            self._judgements.update(zip(new, judged, strict=True))

    def governing(self, party: Party, direction: Direction) -> tuple[EffectiveTier, ...]:
        """Return the tiers with the policies that may govern a party, none where no policy is asked of it."""
        key = (party.number, direction)
        if key not in self._governing:
            subject = party.end.subject
            found = () if subject is None else governing(self._tiers, subject.holder, direction)
            self._governing[key] = tuple(self._alike(number, tier) for number, tier in enumerate(found))
        return self._governing[key]

    def _judged(self, question: Question) -> Judgement | None:
        connection = question.connection
        if not connection.families:
            return None
        return Judgement(
            egress=self._side(question.client, question.server, "Egress", connection),
            ingress=self._side(question.server, question.client, "Ingress", connection),
        )

    def _side(self, party: Party, peer: Party, direction: Direction, connection: Connection) -> Side | None:
        subject = party.end.subject
        if subject is None:
            return None
        judge = judge_host if subject.host else side
        return judge(self._facing(party, peer, direction), subject, direction, connection)

    def _facing(self, party: Party, peer: Party, direction: Direction) -> tuple[EffectiveTier, ...]:
        """Return the tiers with what may govern a party when it speaks with a peer."""
        return tuple(self._tier_facing(tier, peer, direction) for tier in self.governing(party, direction))

    def _tier_facing(self, tier: EffectiveTier, peer: Party, direction: Direction) -> EffectiveTier:
        key = (id(tier), peer.number, direction)
        if key not in self._tiers_facing:
            policies = tuple(self._policy_facing(policy, peer, direction) for policy in tier.policies)
            self._tiers_facing[key] = replace(tier, policies=policies)
        return self._tiers_facing[key]

    def _policy_facing(self, policy: EffectivePolicy, peer: Party, direction: Direction) -> EffectivePolicy:
        key = (id(policy), peer.number, direction)
        if key not in self._policies_facing:
            self._policies_facing[key] = facing(policy, peer.end, direction)
        return self._policies_facing[key]

    def _alike(self, number: int, tier: EffectiveTier) -> EffectiveTier:
        """Return one value for the tier of each number wherever the same policies may govern."""
        return self._tiers_alike.setdefault((number, *map(id, tier.policies)), tier)


def _is_compiled(question: Question) -> bool:
    """Say whether the compiled form answers: not of host endpoints, nor where there is no IP family in common."""
    ends = (question.client.end, question.server.end)
    return bool(question.connection.families) and not any(end.subject is not None and end.subject.host for end in ends)
