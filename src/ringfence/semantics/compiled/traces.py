"""Traces as numbers: the Passes so far, and the line that decided.

Promises: a trace is one number, equal for equal traces of the same walk; it becomes hits only when somebody asks.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ringfence.model.trace import Trace
from ringfence.semantics.compiled.distinct import distinct
from ringfence.semantics.compiled.lines import Word

Integers = NDArray[np.int64]

EMPTY: Final = 0
"""The Passes of a trace that has none."""
_BITS: Final = 32
_LINE: Final = (1 << _BITS) - 1


def code(passes: Integers, line: Integers) -> Integers:
    """Return the number of a trace: its Passes, then the line that decides."""
    return passes << _BITS | line


def deciding(codes: Integers) -> Integers:
    """Return the line that decides, of each trace."""
    return codes & _LINE


class Traces:
    """The traces that were met."""

    def __init__(self, words: Sequence[Word | None]) -> None:
        """Take what each line adds to a trace."""
        self._words = words
        self._numbers: dict[int, int] = {}
        self._codes = [EMPTY]

    def passed(self, passes: Integers, line: Integers) -> Integers:
        """Return the number of Passes that one more line has been added to."""
        codes = code(passes, line)
        first, each = distinct(codes)
        return np.array([self._number(one) for one in codes[first].tolist()], np.int64)[each]

    def _number(self, passed: int) -> int:
        if passed not in self._numbers:
            self._numbers[passed] = len(self._codes)
            self._codes.append(passed)
        return self._numbers[passed]

    def line(self, number: int) -> int:
        """Return the line that decides a trace."""
        return number & _LINE

    def trace(self, number: int) -> Trace:
        """Return the hits of a trace."""
        lines = [number & _LINE]
        while (passes := number >> _BITS) != EMPTY:
            number = self._codes[passes]
            lines.append(number & _LINE)
        words = [word for line in reversed(lines) if (word := self._words[line]) is not None]
        return tuple(word.hit(index) for index, word in enumerate(words))
