"""Many connections walked through their programs at once, a word of lines at a step.

Promises: what `semantics.reference` finds where nothing is in doubt: the first line that matches decides, a Pass goes
on with the next tier. A connection at which a line may match that does not surely is told as in doubt, not decided.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ringfence.semantics.compiled.blocks import Asked, Blocks, Words
from ringfence.semantics.compiled.joints import JointsOfTraffic
from ringfence.semantics.compiled.lines import PASS
from ringfence.semantics.compiled.programs import WIDTH, Programs
from ringfence.semantics.compiled.ternary import Bools, Flags
from ringfence.semantics.compiled.traces import EMPTY, Traces, code

Integers = NDArray[np.int64]

IN_DOUBT: Final = -2
_ALL: Final = np.uint64(0xFFFF_FFFF_FFFF_FFFF)
_ONE: Final = np.uint64(1)


class Walk:
    """The programs, walked."""

    def __init__(self, programs: Programs, blocks: Blocks, actions: NDArray[np.uint8], traces: Traces) -> None:
        """Take what is walked, and where traces are kept."""
        self._blocks, self._traces = blocks, traces
        self._lines, self._after = programs.lines, programs.after
        self._passes: Bools = actions == PASS

    def codes(self, asked: Asked, traffic: Flags, joints: JointsOfTraffic) -> Integers:
        """Return the number of each connection's trace, or `IN_DOUBT`."""
        found = np.full(asked.block.size, IN_DOUBT, np.int64)
        under = _Under(np.arange(asked.block.size), asked.block * WIDTH, np.full(asked.block.size, EMPTY, np.int64))
        while under.which.size:
            blocks = under.place // WIDTH
            words = self._blocks.words(asked.at(under.which, blocks), traffic, joints)
            words[:, 0] &= _ALL << (under.place % WIDTH).astype(np.uint64)
            under = self._through(under.which, blocks, under.passes, words, found)
        return found

    def _through(self, which: Integers, block: Integers, passes: Integers, words: Words, found: Integers) -> "_Under":
        """Walk through a block of each; note what is decided there, and return those who go on elsewhere."""
        gone = [_Under(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.int64))]
        may, surely = np.ascontiguousarray(words[:, 0]), np.ascontiguousarray(words[:, 1])
        while which.size:
            if not may.all():
                none, some = np.flatnonzero(may == 0), np.flatnonzero(may)
                gone.append(_Under(which[none], (block[none] + 1) * WIDTH, passes[none]))
                which, block, passes, may, surely = which[some], block[some], passes[some], may[some], surely[some]
            lowest = may & (~may + _ONE)
            place = block * WIDTH + np.bitwise_count(lowest - _ONE)
            line = self._lines[place]
            sure, on = (surely & lowest) != 0, self._passes[line]
            decided = np.flatnonzero(sure & ~on)
            found[which[decided]] = code(passes[decided], line[decided])
            passed = np.flatnonzero(sure & on)
            if not passed.size:
                break
            after = self._after[place[passed]]
            which, block, may, surely = which[passed], block[passed], may[passed], surely[passed]
            passes = self._traces.passed(passes[passed], line[passed])
            away, here = np.flatnonzero(after // WIDTH != block), np.flatnonzero(after // WIDTH == block)
            gone.append(_Under(which[away], after[away], passes[away]))
            may = may & (_ALL << (after % WIDTH).astype(np.uint64))
            which, block, passes, may, surely = which[here], block[here], passes[here], may[here], surely[here]
        return _Under(*(np.concatenate(each) for each in zip(*gone, strict=True)))


class _Under(NamedTuple):
    """Connections under way: which, the place among all lines where they go on, and their Passes so far."""

    which: Integers
    place: Integers
    passes: Integers
