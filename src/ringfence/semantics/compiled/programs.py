"""What an endpoint's connections meet, in order: lines of the policies that govern it, of tiers' ends, of its profiles.

Promises: a connection's answer is the first line that matches; after a Pass, the first from the next tier on. Endpoints
that the same policies govern share a program. A line is *sure* where nothing but its own parts can be in doubt; at any
other, and at one whose parts are not known, only the specification answers.
"""

from collections.abc import Iterator, Sequence
from itertools import chain, groupby
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ringfence.model.policy import Direction
from ringfence.model.selector import Selector
from ringfence.model.trace import PolicyRef
from ringfence.semantics.compiled.label_classes import LabelClasses
from ringfence.semantics.compiled.lines import ALLOW, DENY, DIRECTIONS, NEVER, Lines, Word
from ringfence.semantics.connection import End, Subject
from ringfence.semantics.effective import EffectiveTier
from ringfence.semantics.reference import ACCOUNT_PROFILE, DEFAULT_ALLOW, NAMESPACE_PROFILE, at_endpoint

WIDTH: Final = 64
"""Lines that are answered at once: the bits of a machine word."""
NO_PROGRAM: Final = -1

Integers = NDArray[np.int64]


class Program(NamedTuple):
    """What a program was made of: tiers by number, with their policies by number over all tiers; and its blocks."""

    tiers: tuple[tuple[int, tuple[int, ...]], ...]
    blocks: int


class _Segment(NamedTuple):
    """The lines of a program in one tier, and which of them are sure. A Pass in them goes on after them."""

    lines: list[int]
    sure: list[bool]


_Governing = tuple[tuple[int, bool], ...]
"""Policies by number over all tiers, and whether each surely governs the endpoint."""


class Programs:
    """The programs of some ends, as blocks of `WIDTH` lines.

    ``of`` holds the first block of each end's program, or `NO_PROGRAM`, for egress and for ingress. ``lines`` are those
    of all blocks, ``sure`` whether they are, ``after`` where a Pass at them goes on: a place among ``lines``.
    """

    def __init__(self, tiers: Sequence[EffectiveTier], ends: Sequence[End], labels: LabelClasses, lines: Lines) -> None:
        """Lay out the programs of all ends that policies are asked at."""
        self._tiers, self._rules = tiers, lines
        self._policies = [policy for tier in tiers for policy in tier.policies]
        self._tier_of = [number for number, tier in enumerate(tiers) for _ in tier.policies]
        self._unsupplied = [number for number, tier in enumerate(tiers) if tier.unsupplied is not None]
        self._doubt = lines.always(None, ALLOW)
        self._known: dict[tuple[Direction, _Governing], _Segment] = {}
        self._padding = [_segment(NEVER, count) for count in range(WIDTH)]
        self._segments: list[_Segment] = []
        self._length = 0
        self._laid: dict[int, tuple[_Governing, int]] = {}
        self._profiles: dict[tuple[str, ...], int] = {}
        asked: dict[tuple[int, int], int] = {}
        subjects = np.array([self._asked(end.subject, asked, labels) for end in ends], np.int64)
        classes = np.array([holder for holder, _ in asked], np.intp)
        profiles = [profile for _, profile in asked]
        governing = self._governing(classes, labels)
        self.of = tuple(
            np.array([*self._starts(direction, profiles, governing), NO_PROGRAM], np.int64)[subjects]
            for direction in DIRECTIONS
        )
        lengths = np.array([len(segment.lines) for segment in self._segments], np.int64)
        self.lines = np.fromiter(chain.from_iterable(each.lines for each in self._segments), np.int64, self._length)
        self.sure = np.fromiter(chain.from_iterable(each.sure for each in self._segments), np.bool_, self._length)
        self.after: Integers = np.repeat(np.cumsum(lengths), lengths)

    def laid(self, block: int) -> Program:
        """Return what the program was made of that begins with a block."""
        governing, blocks = self._laid[block]
        tiers = tuple((number, tuple(policy for policy, _ in each)) for number, each in self._by_tier(governing))
        return Program(tiers, blocks)

    def _asked(self, subject: Subject | None, asked: dict[tuple[int, int], int], labels: LabelClasses) -> int:
        if subject is None:
            return NO_PROGRAM
        if subject.profiles not in self._profiles:
            self._profiles[subject.profiles] = self._profile(subject.profiles)
        return asked.setdefault((labels.add(subject.holder), self._profiles[subject.profiles]), len(asked))

    def _profile(self, profiles: Sequence[str]) -> int:
        """Return the line of what profiles say."""
        for profile in profiles:
            if profile.startswith(NAMESPACE_PROFILE) or profile == DEFAULT_ALLOW:
                return self._rules.always(Word("", PolicyRef("Profile", "", profile), "Allow", 0), ALLOW)
            if not profile.startswith(ACCOUNT_PROFILE):
                return self._doubt
        return self._rules.always(None, DENY)

    def _starts(self, direction: Direction, profiles: Sequence[int], governing: Sequence[_Governing]) -> Iterator[int]:
        """Yield the first block of the program of each endpoint."""
        directed = [direction in policy.types for policy in self._policies]
        programs: dict[tuple[int, _Governing], int] = {}
        for profile, of_both in zip(profiles, governing, strict=True):
            key = profile, tuple([each for each in of_both if directed[each[0]]])
            if key not in programs:
                programs[key] = self._program(direction, key[1], profile)
            yield programs[key]

    def _governing(self, classes: NDArray[np.intp], labels: LabelClasses) -> list[_Governing]:
        """Return, for each class of holders, the policies that govern it, or may."""
        known: dict[Selector, list[tuple[int, bool]]] = {}
        found: list[list[tuple[int, bool]]] = [[] for _ in classes]
        for number, policy in enumerate(self._policies):
            if at_endpoint(policy):
                if policy.selector not in known:
                    answers = labels.selected(policy.selector).take(classes)
                    places = np.flatnonzero(answers.may)
                    known[policy.selector] = list(zip(places.tolist(), answers.surely[places].tolist(), strict=True))
                for place, surely in known[policy.selector]:
                    found[place].append((number, surely))
        return [tuple(each) for each in found]

    def _program(self, direction: Direction, governing: _Governing, profile: int) -> int:
        start = self._length
        for number, of_tier in self._by_tier(governing):
            self._append(self._tier(direction, self._tiers[number], of_tier))
        self._append(_segment(profile, sure=profile != self._doubt))
        self._append(self._padding[-self._length % WIDTH])
        self._laid[start // WIDTH] = governing, (self._length - start) // WIDTH
        return start // WIDTH

    def _by_tier(self, governing: _Governing) -> list[tuple[int, _Governing]]:
        """Return the tiers that are met, by number, with those of their policies that govern."""
        found = {tier: tuple(each) for tier, each in groupby(governing, key=lambda each: self._tier_of[each[0]])}
        return sorted({**dict.fromkeys(self._unsupplied, ()), **found}.items())

    def _append(self, segment: _Segment) -> None:
        self._segments.append(segment)
        self._length += len(segment.lines)

    def _tier(self, direction: Direction, tier: EffectiveTier, governing: _Governing) -> _Segment:
        """Return the lines of a tier for all whom the same policies of it govern."""
        if tier.unsupplied is not None:
            return _segment(self._doubt, sure=False)
        key = direction, governing
        if key not in self._known:
            self._known[key] = self._new(direction, tier, governing)
        return self._known[key]

    def _new(self, direction: Direction, tier: EffectiveTier, governing: _Governing) -> _Segment:
        known = tier.unknown is None
        lines: list[int] = []
        sure: list[bool] = []
        for number, surely in governing:
            rules = self._rules.rules(number, direction)
            lines += rules
            sure += [surely and known] * len(rules)
        trigger, last = self._policies[governing[0][0]].ref, self._policies[governing[-1][0]].ref
        recorded = last if tier.recorded and last != trigger else None
        lines.append(self._rules.end_of_tier(tier.name, tier.default_action, trigger, recorded))
        sure.append(known and any(surely for _, surely in governing))
        return _Segment(lines, sure)


def _segment(line: int, count: int = 1, *, sure: bool = True) -> _Segment:
    return _Segment([line] * count, [sure] * count)
