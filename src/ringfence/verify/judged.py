"""Many questions answered under one set of tiers: the compiled form where there are many, the specification else.

Promises: the answers are those of the specification. Questions of one key are answered once; those of host endpoints,
which the compiled form does not know, go to the specification.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence

from ringfence.model.policy import Direction
from ringfence.model.verdict import Judgement, Side
from ringfence.semantics.asked import Asked, Question
from ringfence.semantics.compiled.compiled import Compiled
from ringfence.semantics.compiled.questions import Questions
from ringfence.semantics.effective import EffectiveTier

FEW: int = 1_000
"""Distinct questions up to which compiling takes longer than asking."""


class Judged:
    """The answers, by question."""

    def __init__(self, tiers: Sequence[EffectiveTier], questions: Iterable[Question]) -> None:
        """Answer the questions, all of which have parties of a common IP family."""
        self._asked = Asked(tiers)
        self._judgements: dict[Hashable, Judgement] = {}
        distinct: dict[Hashable, Question] = {each.key: each for each in questions if not _of_host(each)}
        if len(distinct) > FEW:
            self._compile(tiers, distinct)

    def judgement(self, question: Question) -> Judgement:
        """Return the answer. Raises ValueError for a question of parties that have no IP family in common."""
        known = self._judgements.get(question.key)
        if known is not None:
            return known
        found = self._asked.judgement(question)
        if found is None:
            raise ValueError("parties without a common IP family have no answer")
        return found

    def _compile(self, tiers: Sequence[EffectiveTier], distinct: Mapping[Hashable, Question]) -> None:
        asked = Questions.of(each.connection for each in distinct.values())
        answers = Compiled(tiers, asked.ends).judge(asked)
        sides: dict[tuple[Direction, int], Side | None] = {}

        def side(number: int, direction: Direction, code: int) -> Side | None:
            if (direction, code) not in sides:
                sides[direction, code] = answers.side(number, direction)
            return sides[direction, code]

        codes = zip(answers.egress.tolist(), answers.ingress.tolist(), strict=True)
        for number, (key, (egress, ingress)) in enumerate(zip(distinct, codes, strict=True)):
            self._judgements[key] = Judgement(side(number, "Egress", egress), side(number, "Ingress", ingress))


def _of_host(question: Question) -> bool:
    return any(party.end.subject is not None and party.end.subject.host for party in (question.client, question.server))
