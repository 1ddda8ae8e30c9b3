"""Everything that may decide a connection at an endpoint: each rule, each end of a tier, each word of a profile.

Promises: a line stands once, whatever programs it is part of, with the numbers of its parts; equal parts share one.
Rules that only log are no lines, but count in the index of those that are.
"""

from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from ringfence.model.policy import Direction
from ringfence.model.trace import END_OF_TIER, Action, Hit, PolicyRef
from ringfence.semantics.compiled.criteria import Joint, OfEnd, OfTraffic, Parts, parts
from ringfence.semantics.effective import EffectiveTier

DIRECTIONS: Final[tuple[Direction, Direction]] = ("Egress", "Ingress")
ALLOW: Final = 0
DENY: Final = 1
PASS: Final = 2
_ACTIONS: Final = {"Allow": ALLOW, "Deny": DENY, "Pass": PASS}

NEVER: Final = 0
"""The line that fills what is left of a word: no traffic is its."""


class Word(Struct, frozen=True):
    """What a line adds to a trace: a hit, whose index there is settled when its trace is."""

    tier: str
    policy: PolicyRef
    action: Action
    rule: int
    recorded: PolicyRef | None = None

    def hit(self, index: int) -> Hit:
        """Return the hit at a place of a trace."""
        ref = self.policy
        return Hit(index, self.tier, ref.kind, ref.namespace, ref.name, self.action, self.rule, self.recorded)


class _Line(NamedTuple):
    source: int
    destination: int
    traffic: int
    action: int
    word: Word | None
    joints: tuple[tuple[int, bool], ...] = ()


class Lines:
    """The lines of some tiers. Ends of tiers and profiles are added as endpoints need them."""

    def __init__(self, tiers: Sequence[EffectiveTier]) -> None:
        """Make a line of every rule."""
        self.of_end: dict[OfEnd, int] = {OfEnd(): 0}
        self.of_traffic: dict[OfTraffic, int] = {OfTraffic(families=()): 0, OfTraffic(): 1}
        self.joints: dict[Joint, int] = {}
        self._lines = [_Line(0, 0, 0, DENY, None)]
        self._added: dict[tuple[int, Word | None], int] = {}
        self._ranges: dict[tuple[int, Direction], range] = {}
        policies = [(tier, policy) for tier in tiers for policy in tier.policies]
        for number, (tier, policy) in enumerate(policies):
            for direction in DIRECTIONS:
                first = len(self._lines)
                for index, rule in enumerate(policy.rules(direction)):
                    if rule.action != "Log":
                        self._lines.append(self._line(parts(rule), Word(tier.name, policy.ref, rule.action, index)))
                self._ranges[number, direction] = range(first, len(self._lines))

    def _line(self, found: Parts, word: Word) -> _Line:
        return _Line(
            self.of_end.setdefault(found.source, len(self.of_end)),
            self.of_end.setdefault(found.destination, len(self.of_end)),
            self.of_traffic.setdefault(found.traffic, len(self.of_traffic)),
            _ACTIONS[word.action],
            word,
            tuple((self.joints.setdefault(joint, len(self.joints)), holds) for joint, holds in found.joints),
        )

    def rules(self, policy: int, direction: Direction) -> range:
        """Return the lines of a policy's rules; policies are counted over all tiers."""
        return self._ranges[policy, direction]

    def end_of_tier(
        self, tier: str, action: Literal["Deny", "Pass"], trigger: PolicyRef, recorded: PolicyRef | None
    ) -> int:
        """Return the line of a tier's end."""
        return self.always(Word(tier, trigger, action, END_OF_TIER, recorded), _ACTIONS[action])

    def always(self, word: Word | None, action: int) -> int:
        """Return the line that every connection meets which comes there."""
        key = (action, word)
        if key not in self._added:
            self._added[key] = len(self._lines)
            self._lines.append(_Line(0, 0, 1, action, word))
        return self._added[key]

    def column(self, name: Literal["source", "destination", "traffic"]) -> NDArray[np.int64]:
        """Return the number of a part, for each line."""
        place = _Line._fields.index(name)
        return np.array([each[place] for each in self._lines], np.int64)

    def actions(self) -> NDArray[np.uint8]:
        """Return what each line does."""
        return np.array([each.action for each in self._lines], np.uint8)

    def words(self) -> tuple[Word | None, ...]:
        """Return what each line adds to a trace; None where it leaves none."""
        return tuple(each.word for each in self._lines)

    def rule_of(self) -> dict[int, tuple[int, int]]:
        """Return the policy, counted over all tiers, and the index of the rule of each line that is one."""
        return {
            line: (policy, word.rule)
            for (policy, _), lines in self._ranges.items()
            for line in lines
            if (word := self._lines[line].word) is not None
        }

    def joined(self) -> dict[int, tuple[tuple[int, bool], ...]]:
        """Return the joint parts of the lines that have any."""
        return {number: each.joints for number, each in enumerate(self._lines) if each.joints}
