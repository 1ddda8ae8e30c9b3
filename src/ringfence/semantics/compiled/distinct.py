"""Which of many numbers are the same, fast and nearly all: what is found once need not be answered twice.

Promises: numbers that share a place are equal. Equal ones nearly always share one; where two of different value meet
in the table that looks for them, one of them stands for itself once more, which costs an answer and changes none.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]

_FACTOR: Final = np.uint64(0x9E3779B97F4A7C15)
_LEAST_BITS: Final = 8
_MOST_BITS: Final = 22


def distinct(numbers: Integers) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return where numbers stand that represent all, and for each number which of those represents it."""
    count = numbers.size
    bits = min(max(_LEAST_BITS, int(2 * count).bit_length()), _MOST_BITS)
    places = ((numbers.view(np.uint64) * _FACTOR) >> np.uint64(64 - bits)).view(np.int64)
    every = np.arange(count)
    table = np.zeros(1 << bits, np.intp)
    table[places] = every
    last = table[places]
    represented_by = np.where(numbers[last] == numbers, last, every)
    itself = represented_by == every
    return np.flatnonzero(itself), (np.cumsum(itself) - 1)[represented_by]
