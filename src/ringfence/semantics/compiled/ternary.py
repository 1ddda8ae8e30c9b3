"""Answers to one question for many things at once: yes, no, or not known.

Promises: the logic of `semantics.matching`: a conjunction is no where an operand is, a disjunction yes where one is,
and what is not known stays so. Which text says what is not known is left to the specification.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Flags = NDArray[np.uint8]

MAY: Final = np.uint8(1)
"""The bit of a flag that is set where the answer is not no."""
SURELY: Final = np.uint8(2)
"""The bit of a flag that is set where the answer is yes; then `MAY` is, too."""


@dataclass(frozen=True, slots=True, eq=False)
class Ternary:
    """``surely`` where the answer is yes, ``may`` where it is not no."""

    surely: Bools
    may: Bools

    @classmethod
    def of(cls, known: Bools) -> "Ternary":
        """Return answers that are all known."""
        return cls(known, known)

    @classmethod
    def all(cls, count: int) -> "Ternary":
        """Return yes, so many times."""
        return cls.of(np.ones(count, np.bool_))

    @classmethod
    def none(cls, count: int) -> "Ternary":
        """Return no, so many times."""
        return cls.of(np.zeros(count, np.bool_))

    def __and__(self, other: "Ternary") -> "Ternary":
        return Ternary(self.surely & other.surely, self.may & other.may)

    def __or__(self, other: "Ternary") -> "Ternary":
        return Ternary(self.surely | other.surely, self.may | other.may)

    def __invert__(self) -> "Ternary":
        return Ternary(~self.may, ~self.surely)

    def doubted(self, where: Bools) -> "Ternary":
        """Return the answers of a disjunction with one more operand, which is not known there and no elsewhere."""
        return Ternary(self.surely, self.may | where)

    def take(self, places: NDArray[np.intp]) -> "Ternary":
        """Return the answers at these places."""
        return Ternary(self.surely[places], self.may[places])

    def flags(self) -> Flags:
        """Return both in one byte each."""
        return self.may * MAY + self.surely * SURELY
