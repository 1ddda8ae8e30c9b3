"""Answers to many questions: numbers, made into verdicts, traces and outcomes when somebody asks.

Promises: for each question what `semantics.reference.judge` says of it, trace and doubts included.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ringfence.model.policy import Direction
from ringfence.model.verdict import Judgement, Outcome, Side, Verdict
from ringfence.semantics.compiled.lines import ALLOW
from ringfence.semantics.compiled.traces import Traces, deciding

Integers = NDArray[np.int64]
Codes = NDArray[np.uint8]

NO_SIDE: Final = -1
"""The code of a side that is no endpoint of Calico's."""
FIRST_DOUBT: Final = -2
"""The code of the first side that is in doubt; those of further ones go down from it."""
VERDICTS: Final[tuple[Verdict, ...]] = ("Allow", "Deny", "Uncertain")
"""What the codes of verdicts mean; a side that is none has the code after them."""
_ALLOW, _DENY, _UNCERTAIN, _NONE = (np.uint8(each) for each in range(4))


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """Codes of both sides of each question: a trace, `NO_SIDE`, or one of the sides in ``doubts``."""

    egress: Integers
    ingress: Integers
    doubts: Sequence[Side]
    traces: Traces
    actions: Codes
    _sides: dict[int, Side] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.egress)

    def side_verdicts(self, direction: Direction) -> Codes:
        """Return the verdict of one side of each question, as its place among `VERDICTS`."""
        codes = self._codes(direction)
        found = np.where(self.actions[deciding(np.maximum(codes, 0))] == ALLOW, _ALLOW, _DENY)
        found[codes == NO_SIDE] = _NONE
        some = np.flatnonzero(codes <= FIRST_DOUBT)
        if some.size:
            of_doubts = np.array([VERDICTS.index(each.verdict) for each in self.doubts], np.uint8)
            found[some] = of_doubts[FIRST_DOUBT - codes[some]]
        return found

    def verdicts(self) -> Codes:
        """Return the verdict of each question, as its place among `VERDICTS` (`Judgement.verdict`)."""
        egress, ingress = self.side_verdicts("Egress"), self.side_verdicts("Ingress")
        found = np.where((egress == _UNCERTAIN) | (ingress == _UNCERTAIN), _UNCERTAIN, _ALLOW)
        return np.where((egress == _DENY) | (ingress == _DENY), _DENY, found)

    def side(self, number: int, direction: Direction) -> Side | None:
        """Return one side of a question."""
        code = int(self._codes(direction)[number])
        if code == NO_SIDE:
            return None
        if code <= FIRST_DOUBT:
            return self.doubts[FIRST_DOUBT - code]
        if code not in self._sides:
            allows = self.actions[self.traces.line(code)] == ALLOW
            self._sides[code] = Side((Outcome("Allow" if allows else "Deny", self.traces.trace(code)),))
        return self._sides[code]

    def judgement(self, number: int) -> Judgement:
        """Return both sides of a question."""
        return Judgement(egress=self.side(number, "Egress"), ingress=self.side(number, "Ingress"))

    def _codes(self, direction: Direction) -> Integers:
        return self.egress if direction == "Egress" else self.ingress
