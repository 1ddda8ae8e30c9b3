"""Tiers compiled for some ends: what they mean for millions of connections between these.

Promises: equal to `semantics.reference.judge`, by verdict, trace and what is not known. Cost grows with what rules can
tell apart, not with endpoints. Where a criterion is in doubt the specification answers, and is counted.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ringfence.model.address_set import AddressSet
from ringfence.model.selector import Selector
from ringfence.model.verdict import Judgement, Side
from ringfence.semantics.compiled.address_intervals import FAMILIES, AddressIntervals
from ringfence.semantics.compiled.answers import FIRST_DOUBT, NO_SIDE, Answers
from ringfence.semantics.compiled.blocks import Asked, Blocks, unpacked
from ringfence.semantics.compiled.criteria import NamedPort
from ringfence.semantics.compiled.doubts import Doubts
from ringfence.semantics.compiled.end_rows import NO_ROW, EndRows, addresses_of
from ringfence.semantics.compiled.joints import Joints, JointsOfTraffic
from ringfence.semantics.compiled.label_classes import LabelClasses
from ringfence.semantics.compiled.lines import DIRECTIONS, Lines
from ringfence.semantics.compiled.programs import NO_PROGRAM, WIDTH, Programs
from ringfence.semantics.compiled.questions import Questions
from ringfence.semantics.compiled.ternary import Flags
from ringfence.semantics.compiled.traces import Traces, deciding
from ringfence.semantics.compiled.traffic_rows import TrafficRows
from ringfence.semantics.compiled.walk import IN_DOUBT, Walk
from ringfence.semantics.connection import Connection, End
from ringfence.semantics.effective import EffectiveTier, ServiceMembers

Integers = NDArray[np.int64]

_AT_ONCE: Final = 1 << 17
_DOUBTS_AT_ONCE: Final = 1 << 12


class Compiled:
    """Tiers, compiled for the ends of all questions that will be asked."""

    def __init__(self, tiers: Sequence[EffectiveTier], ends: Sequence[End]) -> None:
        """Find the classes, lay out the programs, answer the criteria of ends."""
        self._ends = tuple(ends)
        lines = Lines(tiers)
        labels = LabelClasses(_selectors(tiers, lines), _port_names(lines))
        self._rows = EndRows(self._ends, labels, AddressIntervals(_addresses(lines, self._ends)))
        self._programs = Programs(tiers, self._ends, labels, lines)
        self._criteria = tuple(lines.of_traffic)
        self._joints = Joints(tuple(lines.joints), self._rows, labels)
        self._blocks = Blocks(self._programs, lines, self._rows.table(tuple(lines.of_end)))
        self._words, self._actions = lines.words(), lines.actions()
        self._doubts = Doubts(tiers, lines)

        self._doubts = Doubts(tiers, lines)

    def judge(self, questions: Questions) -> Answers:
        """Return the answers to questions about these ends. Raises ValueError for questions about others."""
        if questions.ends != self._ends:
            raise ValueError("the questions are about other ends than those the tiers were compiled for")
        rows = TrafficRows(questions.traffic, self._criteria)
        about = _About(rows, rows.table(self._criteria), self._joints.about(questions.traffic))
        traces = Traces(self._words)
        walk = Walk(self._programs, self._blocks, self._actions, traces)
        codes, doubts = [], list[Side]()
        for which in range(len(DIRECTIONS)):
            found = np.full(len(questions), NO_SIDE, np.int64)
            starts = self._programs.of[which][self._end(questions, which)]
            asked = np.flatnonzero(starts != NO_PROGRAM)
            asked = asked[_by_size(starts[asked])]
            for first in range(0, asked.size, _AT_ONCE):
                some = asked[first : first + _AT_ONCE]
                found[some] = self._codes(walk, questions, some, starts[some], about)
            doubtful = np.flatnonzero(found == IN_DOUBT)
            for first in range(0, doubtful.size, _DOUBTS_AT_ONCE):
                some = doubtful[first : first + _DOUBTS_AT_ONCE]
                for number, side in self._in_doubt(questions, some, which, about):
                    found[number] = FIRST_DOUBT - len(doubts)
                    doubts.append(side)
            codes.append(found)
        return Answers(codes[0], codes[1], doubts, traces, self._actions)

    def _end(self, questions: Questions, which: int) -> Integers:
        return questions.source if DIRECTIONS[which] == "Egress" else questions.destination

    def _codes(self, walk: Walk, questions: Questions, some: Integers, starts: Integers, about: "_About") -> Integers:
        """Return the code of one side of some questions: as all families have it, else in doubt."""
        found = np.full(some.size, IN_DOUBT, np.int64)
        doubt = np.zeros(some.size, np.bool_)
        for family in range(len(FAMILIES)):
            asked, both = self._asked(questions, some, starts, family, about)
            if not both.size:
                continue
            codes = walk.codes(asked, about.table, about.joints)
            before = found[both]
            same = self._actions[deciding(np.maximum(before, 0))] == self._actions[deciding(np.maximum(codes, 0))]
            doubt[both] |= (codes == IN_DOUBT) | ((before != IN_DOUBT) & ~same)
            found[both] = np.where(before == IN_DOUBT, codes, before)
        found[doubt] = IN_DOUBT
        return found

    def _asked(
        self, questions: Questions, some: Integers, blocks: Integers, family: int, about: "_About"
    ) -> tuple[Asked, NDArray[np.intp]]:
        """Return what is asked of blocks in a family, of the questions that both ends may speak it in, and which."""
        rows = self._rows.of[family]
        source, destination = rows[questions.source[some]], rows[questions.destination[some]]
        both = np.flatnonzero((source != NO_ROW) & (destination != NO_ROW))
        kind = questions.kind[some[both]]
        return Asked(blocks[both], source[both], destination[both], about.rows.of[family][kind], kind), both

    def _in_doubt(
        self, questions: Questions, some: Integers, which: int, about: "_About"
    ) -> Iterator[tuple[int, Side]]:
        """Yield what the specification says of one side of each of some questions."""
        starts = self._programs.of[which][self._end(questions, which)[some]]
        programs = [self._programs.laid(int(start)) for start in starts]
        each = np.repeat(np.arange(some.size), [program.blocks for program in programs])
        blocks = starts[each] + np.arange(each.size) - np.searchsorted(each, each)
        may = np.zeros(each.size, np.uint64)
        for family in range(len(FAMILIES)):
            asked, both = self._asked(questions, some[each], blocks, family, about)
            may[both] |= self._blocks.words(asked, about.table, about.joints)[:, 0]
        for number, (question, program) in enumerate(zip(some.tolist(), programs, strict=True)):
            mine = slice(*np.searchsorted(each, (number, number + 1)))
            lines = self._programs.lines[blocks[mine][0] * WIDTH : (blocks[mine][-1] + 1) * WIDTH]
            connection = questions.connection(question)
            may_match = lines[unpacked(may[mine])].tolist()
            yield question, self._doubts.side(program, DIRECTIONS[which], connection, may_match=may_match)


def judge_all(tiers: Sequence[EffectiveTier], connections: Iterable[Connection]) -> Iterator[Judgement]:
    """Yield what `semantics.reference.judge` says of each of many connections, in their order."""
    questions = Questions.of(connections)
    answers = Compiled(tiers, questions.ends).judge(questions)
    return (answers.judgement(number) for number in range(len(questions)))


@dataclass(frozen=True, slots=True, eq=False)
class _About:
    """The traffic of some questions: its rows, what rules say of them, and what they say of it with a destination."""

    rows: TrafficRows
    table: Flags
    joints: JointsOfTraffic


def _by_size(numbers: Integers) -> NDArray[np.intp]:
    """Return the order of numbers. Short ones are sorted by their digits, which is faster by far."""
    short = not numbers.size or numbers.max() < 1 << 16
    return np.argsort(numbers.astype(np.uint16) if short else numbers, kind="stable")


def _selectors(tiers: Sequence[EffectiveTier], lines: Lines) -> Iterator[Selector]:
    yield from (policy.selector for tier in tiers for policy in tier.policies)
    for each in lines.of_end:
        yield from (selector for selector in (each.selector, each.not_selector) if selector is not None)
    for joint in lines.joints:
        if isinstance(joint, NamedPort) and joint.selector is not None:
            yield joint.selector


def _port_names(lines: Lines) -> Iterator[str]:
    for joint in lines.joints:
        if isinstance(joint, NamedPort):
            yield from joint.ports.names


def _addresses(lines: Lines, ends: Sequence[End]) -> Iterator[AddressSet]:
    yield from addresses_of(ends)
    services = [joint for joint in lines.joints if isinstance(joint, ServiceMembers)]
    for each in lines.of_end:
        yield from (nets for nets in (each.nets, each.not_nets) if nets is not None)
        if each.services is not None:
            services.append(each.services)
    for service in services:
        yield from (member.addresses for member in service.members)
