"""Ends of connections that no rule can tell apart, by IP family: the rows of the table of what rules say of ends.

Promises: two ends of one row have the same answer to every criterion of a rule, up to their names in what is not known.
An end has a row for each family that it may have addresses of.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import numpy as np

from ringfence.model.address_set import AddressSet
from ringfence.semantics.compiled.address_intervals import FAMILIES, AddressIntervals, Places, Touched
from ringfence.semantics.compiled.criteria import OfEnd
from ringfence.semantics.compiled.label_classes import NOBODY, LabelClasses
from ringfence.semantics.compiled.ternary import MAY, SURELY, Bools, Flags, Ternary
from ringfence.semantics.connection import End
from ringfence.semantics.effective import ServiceMembers

NO_ROW: Final = -1
_AT_ONCE: Final = 64
"""Columns that are written together, because columns one by one are far apart in memory."""
_THERE: Final = int(MAY | SURELY)
_Held = tuple[int, int]
"""A class of holders, and the flags of whether they are at the addresses of the end."""
_Row = tuple[Touched, tuple[_Held, ...], bool]


class EndRows:
    """The rows of some ends. ``of`` holds, for each family, the row of each end, or `NO_ROW`."""

    def __init__(self, ends: Sequence[End], labels: LabelClasses, intervals: AddressIntervals) -> None:
        """Give every end its rows."""
        self._labels, self._intervals = labels, intervals
        self._covering: dict[AddressSet, frozenset[int]] = {}
        rows: dict[_Row, int] = {}
        self.of = tuple(
            np.fromiter((self._number(end, family, rows) for end in ends), np.int64, len(ends)) for family in (0, 1)
        )
        places: dict[Touched, int] = {}
        self._place = np.array([places.setdefault(touched, len(places)) for touched, _, _ in rows], np.intp)
        self._places = Places(places)
        self._unknown: Bools = np.array([unknown for _, _, unknown in rows], np.bool_)
        self._first = np.array([held[0][0] if held else NOBODY for _, held, _ in rows], np.intp)
        first_there = np.array([held[0][1] if held else _THERE for _, held, _ in rows], np.uint8)
        self._first_there = _flagged(first_there)
        others = [(row, *each) for row, (_, held, _) in enumerate(rows) for each in held[1:]]
        self._other_rows = np.array([row for row, _, _ in others], np.intp)
        self._others = np.array([number for _, number, _ in others], np.intp)
        self._others_there = _flagged(np.array([there for _, _, there in others], np.uint8))

    def __len__(self) -> int:
        return len(self._place)

    def _number(self, end: End, which: int, rows: dict[_Row, int]) -> int:
        touched = self._intervals.touched(end.addresses, FAMILIES[which])
        if not touched:
            return NO_ROW
        add = self._labels.add
        held = {add(holder): _THERE for holder in end.holders}
        for covered, holder in end.partly:
            there = self._within(touched, covered)
            if there:
                number = add(holder)
                held[number] = held.get(number, 0) | there
        key = (touched, tuple(sorted(held.items())), end.unknown is not None)
        return rows.setdefault(key, len(rows))

    def _within(self, touched: Touched, covered: AddressSet) -> int:
        if covered not in self._covering:
            self._covering[covered] = frozenset(
                each for family in FAMILIES for each in self._intervals.touched(covered, family)
            )
        inside = [each in self._covering[covered] for each in touched]
        return _THERE if all(inside) else int(MAY) if any(inside) else 0

    def selected(self, by_class: Ternary) -> Ternary:
        """Return whether somebody is selected at each row, given what a selector says of each class of holders."""
        found = by_class.take(self._first) & self._first_there
        if self._others.size:
            more = by_class.take(self._others) & self._others_there
            np.logical_or.at(found.surely, self._other_rows, more.surely)
            np.logical_or.at(found.may, self._other_rows, more.may)
        return found.doubted(self._unknown)

    def within(self, addresses: AddressSet) -> Ternary:
        """Return whether each row's address is in a set, which is one of those that made the intervals."""
        return self._places.within(self._intervals.covered(addresses)).take(self._place)

    def holders(self) -> Iterator[tuple[int, int, int]]:
        """Yield the row, the class and the flags of every holder who is there, or may be."""
        firsts = zip(range(len(self)), self._first, self._first_there.flags(), strict=True)
        others = zip(self._other_rows, self._others, self._others_there.flags(), strict=True)
        for row, number, there in (*firsts, *others):
            yield int(row), int(number), int(there)

    @property
    def unknown(self) -> Bools:
        """Return for which rows it is not known who has labels there."""
        return self._unknown

    def table(self, criteria: Sequence[OfEnd]) -> Flags:
        """Return the answers: a row for each row, a column for each criterion."""
        found = np.empty((len(self), len(criteria)), np.uint8)
        for first in range(0, len(criteria), _AT_ONCE):
            some = criteria[first : first + _AT_ONCE]
            found[:, first : first + _AT_ONCE] = np.stack([self._answer(each).flags() for each in some], axis=1)
        return found

    def _answer(self, criterion: OfEnd) -> Ternary:
        found = Ternary.all(len(self))
        if criterion.selector is not None:
            found = found & self.selected(self._labels.selected(criterion.selector))
        if criterion.not_selector is not None:
            found = found & ~self.selected(self._labels.selected(criterion.not_selector))
        if criterion.nets is not None:
            found = found & self.within(criterion.nets)
        if criterion.not_nets is not None:
            found = found & ~self.within(criterion.not_nets)
        if criterion.services is not None:
            found = found & self._behind(criterion.services)
        return found

    def _behind(self, services: ServiceMembers) -> Ternary:
        found = Ternary.none(len(self))
        for member in services.members:
            found = found | self.within(member.addresses)
        return found if services.unknown is None else Ternary.none(len(self)).doubted(np.ones(len(self), np.bool_))


def _flagged(flags: Flags) -> Ternary:
    return Ternary((flags & SURELY) != 0, (flags & MAY) != 0)


def addresses_of(ends: Iterable[End]) -> Iterator[AddressSet]:
    """Yield the sets of addresses at which holders of ends may be."""
    yield from {covered for end in ends for covered, _ in end.partly}
