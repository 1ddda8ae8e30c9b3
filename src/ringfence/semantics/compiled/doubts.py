"""What is in doubt, told by the specification, which is asked only about what may match.

Promises: outcomes, traces and texts are the specification's own. A policy that does not govern the endpoint is left
out; a rule that surely does not match stands as one that only logs, so that numbers stay and nothing else does.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

from msgspec.structs import replace

from ringfence.model.policy import Direction
from ringfence.model.verdict import Side
from ringfence.semantics import reference
from ringfence.semantics.compiled.lines import Lines
from ringfence.semantics.compiled.programs import Program
from ringfence.semantics.connection import Connection
from ringfence.semantics.effective import EffectiveMatch, EffectivePolicy, EffectiveRule, EffectiveTier

_NO_MATCH: Final = EffectiveRule("Log", EffectiveMatch(), EffectiveMatch())


class Doubts:
    """The specification, asked about a few lines of a program."""

    def __init__(self, tiers: Sequence[EffectiveTier], lines: Lines) -> None:
        """Take the tiers and the lines that were made of them."""
        self._tiers = tiers
        self._policies = [policy for tier in tiers for policy in tier.policies]
        self._bare = [replace(policy, ingress=(), egress=()) for policy in self._policies]
        self._rule_of = lines.rule_of()

    def side(self, program: Program, direction: Direction, connection: Connection, *, may_match: Iterable[int]) -> Side:
        """Return the answer at one end of a connection, of whose program only these lines may match."""
        rules: defaultdict[int, list[int]] = defaultdict(list)
        for line in may_match:
            if line in self._rule_of:
                policy, index = self._rule_of[line]
                rules[policy].append(index)
        tiers = [
            replace(
                self._tiers[number],
                policies=tuple(
                    self._only(policy, rules[policy], direction) if policy in rules else self._bare[policy]
                    for policy in policies
                ),
            )
            for number, policies in program.tiers
        ]
        end = connection.source if direction == "Egress" else connection.destination
        if end.subject is None:
            raise ValueError(f"{end.name} is no endpoint, so no policy is asked")
        return reference.side(tiers, end.subject, direction, connection)

    def _only(self, policy: int, indices: Sequence[int], direction: Direction) -> EffectivePolicy:
        rules = self._policies[policy].rules(direction)
        kept = [_NO_MATCH] * (max(indices) + 1)
        for index in indices:
            kept[index] = rules[index]
        if direction == "Ingress":
            return replace(self._bare[policy], ingress=tuple(kept))
        return replace(self._bare[policy], egress=tuple(kept))
