"""All programs as words of 64 lines: which of them match, for many connections at once.

Promises: bit *i* of a word is line *i* of its block. Words come in pairs: in the first a bit is set where the line may
match, in the second where it surely does. What a block says of a row is found once, however many connections ask.
"""

import sys
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ringfence.semantics.compiled.distinct import distinct
from ringfence.semantics.compiled.joints import JointsOfTraffic
from ringfence.semantics.compiled.lines import Lines
from ringfence.semantics.compiled.programs import WIDTH, Programs
from ringfence.semantics.compiled.ternary import MAY, SURELY, Bools, Flags

Integers = NDArray[np.int64]
Words = NDArray[np.uint64]

_AT_ONCE: Final = 1 << 10
"""Rows whose places and flags stay in a processor's cache, in the same memory each time."""


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """Connections, each at a block: rows of source, destination and traffic, and which traffic it is."""

    block: Integers
    source: Integers
    destination: Integers
    row: Integers
    traffic: Integers

    def at(self, which: Integers, block: Integers) -> "Asked":
        """Return some of the connections, each at another block."""
        return Asked(block, self.source[which], self.destination[which], self.row[which], self.traffic[which])


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """One part of all lines: its number at each line of each block, and which blocks ask anything by it."""

    numbers: Integers
    asks: Bools

    @classmethod
    def of(cls, column: Integers, programs: Programs) -> "_Part":
        numbers = column[programs.lines].reshape(-1, WIDTH)
        return cls(numbers, np.asarray(numbers.any(axis=1), np.bool_))

    def words(self, block: Integers, row: Integers, table: Flags) -> Words:
        """Return the pairs of words of rows of a table."""
        first, each = distinct(block * len(table) + row)
        words = np.empty((first.size, 2), np.uint64)
        blocks, rows, flat = block[first], row[first] * table.shape[1], table.reshape(-1)
        places, found = np.empty((_AT_ONCE, WIDTH), np.int64), np.empty((_AT_ONCE, WIDTH), np.uint8)
        for start in range(0, first.size, _AT_ONCE):
            some = slice(start, start + _AT_ONCE)
            count = blocks[some].size
            at, flags = places[:count], found[:count]
            np.take(self.numbers, blocks[some], axis=0, out=at, mode="clip")
            np.add(at, rows[some, None], out=at)
            np.take(flat, at, out=flags, mode="clip")
            words[some, 0], words[some, 1] = _packed(flags), _packed(flags & SURELY)
        return np.take(words, each, axis=0)


class _Joined:
    """The joint parts of all lines, in order of their blocks."""

    def __init__(self, lines: Lines, programs: Programs) -> None:
        joined = lines.joined()
        places = np.flatnonzero(np.isin(programs.lines, list(joined)))
        every = [(place, joint, holds) for place in places.tolist() for joint, holds in joined[programs.lines[place]]]
        self._place = np.array([place for place, _, _ in every], np.int64)
        self._joint = np.array([joint for _, joint, _ in every], np.int64)
        self._bit = np.uint64(1) << (self._place % WIDTH).astype(np.uint64)
        self._holds = np.array([holds for _, _, holds in every], np.bool_)
        blocks = len(programs.lines) // WIDTH
        self._first = np.searchsorted(self._place, np.arange(blocks) * WIDTH)
        self._counts = np.bincount(self._place // WIDTH, minlength=blocks)
        self._bits = np.zeros(blocks, np.uint64)
        np.bitwise_or.at(self._bits, self._place // WIDTH, self._bit)

    def narrow(self, asked: Asked, about: JointsOfTraffic, words: Words) -> None:
        """Take out of the words what no joint part lets match; lines that are out already are not asked."""
        asking = np.flatnonzero(words[:, 0] & self._bits[asked.block])
        counts, first = self._counts[asked.block[asking]], self._first[asked.block[asking]]
        many = np.repeat(np.arange(asking.size), counts)
        each = first[many] + np.arange(many.size) - np.repeat(np.cumsum(counts) - counts, counts)
        in_play = np.flatnonzero(words[asking[many], 0] & self._bit[each])
        if not in_play.size:
            return
        some, each = asking[many[in_play]], each[in_play]
        flags = about.flags(self._joint[each], asked.destination[some], asked.traffic[some])
        holds, bit = self._holds[each], self._bit[each]
        starts = np.flatnonzero(np.diff(some, prepend=-1))
        for which, (if_so, if_not) in enumerate(((MAY, SURELY), (SURELY, MAY))):
            left = np.where(holds, flags & if_so, ~flags & if_not) != 0
            words[some[starts], which] &= ~np.bitwise_or.reduceat(np.where(left, np.uint64(0), bit), starts)


class Blocks:
    """The blocks of all programs with the answers of their parts."""

    def __init__(self, programs: Programs, lines: Lines, ends: Flags) -> None:
        """Lay out the parts of all blocks. ``ends`` holds a row for each row of ends, a column for each criterion."""
        self._ends = ends
        self._source = _Part.of(lines.column("source"), programs)
        self._destination = _Part.of(lines.column("destination"), programs)
        self._traffic = _Part.of(lines.column("traffic"), programs)
        self._joined = _Joined(lines, programs)
        self._sure = _packed(programs.sure.astype(np.uint8))
        self._doubted = not programs.sure.all()

    def words(self, asked: Asked, traffic: Flags, joints: JointsOfTraffic) -> Words:
        """Return which lines may match each connection, and which surely do: a pair of words for each."""
        words = self._traffic.words(asked.block, asked.row, traffic)
        if self._doubted:
            words[:, 1] &= self._sure[asked.block]
        for part, row in ((self._source, asked.source), (self._destination, asked.destination)):
            asks = part.asks[asked.block]
            if asks.all():
                words &= part.words(asked.block, row, self._ends)
            elif asks.any():
                some = np.flatnonzero(asks)
                words[some] &= part.words(asked.block[some], row[some], self._ends)
        self._joined.narrow(asked, joints, words)
        return words


def _packed(flags: Flags) -> Words:
    """Return a word for every 64 flags, bit by bit in their order."""
    packed = np.packbits(flags.reshape(-1), bitorder="little").view(np.uint64)
    return packed if sys.byteorder == "little" else packed.byteswap()


def unpacked(words: Words) -> NDArray[np.intp]:
    """Return the places of the bits that are set, over all words."""
    ordered = words if sys.byteorder == "little" else words.byteswap()
    return np.flatnonzero(np.unpackbits(ordered.view(np.uint8), bitorder="little"))
