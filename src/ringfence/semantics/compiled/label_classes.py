"""Holders of labels that no selector and no port name of a policy set can tell apart, and what selectors say of them.

Promises: a selector's answer for a class is the specification's for each of its holders. Cost grows with classes and
with what selectors name, not with holders times selectors: a value's classes are looked up, never searched.
"""

from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np

from ringfence.model.pod import ContainerPort
from ringfence.model.selector import (
    All,
    And,
    Contains,
    EndsWith,
    Equals,
    Global,
    Has,
    In,
    Not,
    NotEquals,
    NotIn,
    Or,
    Selector,
    StartsWith,
    matches,
)
from ringfence.semantics.compiled.ternary import Bools, Ternary
from ringfence.semantics.connection import Holder

_Test = Has | Equals | NotEquals | In | NotIn | Contains | StartsWith | EndsWith
_Labels = tuple[tuple[str, str | None], ...]
_Class = tuple[_Labels, tuple[str, ...], tuple[ContainerPort, ...]]
"""Labels that matter, a value that no test names being None; labels that are not known; ports that a policy names."""

NOBODY: Final = 0
"""The class that nothing selects, not even ``all()``: what stands where nobody has labels."""


class LabelClasses:
    """The classes that some selectors and port names make of holders. All are added before a selector is asked."""

    def __init__(self, selectors: Iterable[Selector], port_names: Iterable[str]) -> None:
        """Collect which labels, values and port names matter."""
        self._port_names = frozenset(port_names)
        self._named: dict[str, set[str]] = {}
        self._read: set[str] = set()
        for test in (test for selector in selectors for test in _tests(selector)):
            self._named.setdefault(test.label, set()).update(_values(test))
            if isinstance(test, Contains | StartsWith | EndsWith):
                self._read.add(test.label)
        self._numbers: dict[_Class, int] = {}
        self._known: dict[int, tuple[Holder, int]] = {}
        self._having: dict[str, dict[str | None, list[int]]] = {label: {} for label in self._named}
        self._unknown: dict[str, list[int]] = {label: [] for label in self._named}
        self.ports: list[tuple[ContainerPort, ...]] = [()]

    def __len__(self) -> int:
        return len(self.ports)

    def add(self, holder: Holder) -> int:
        """Return the class of a holder."""
        known = self._known.get(id(holder))
        if known is None:
            known = self._known[id(holder)] = holder, self._number(self._class(holder))
        return known[1]

    def _class(self, holder: Holder) -> _Class:
        named, read = self._named, self._read
        labels = sorted(
            (label, value if label in read or value in named[label] else None)
            for label, value in holder.labels.items()
            if label in named
        )
        unknown: Iterable[str] = ()
        if holder.unknown:
            unknown = sorted(each for each in named if each.startswith(holder.unknown) and each not in holder.labels)
        ports = tuple(each for each in holder.ports if each.name in self._port_names)
        return tuple(labels), tuple(unknown), ports

    def _number(self, each: _Class) -> int:
        number = self._numbers.get(each)
        if number is None:
            number = self._numbers[each] = len(self.ports)
            labels, unknown, ports = each
            self.ports.append(ports)
            for label, value in labels:
                self._having[label].setdefault(value, []).append(number)
            for label in unknown:
                self._unknown[label].append(number)
        return number

    def selected(self, selector: Selector) -> Ternary:
        """Return what a selector says of each class. Raises KeyError for one whose labels were not given before."""
        found = self._answer(selector)
        found.may[NOBODY] = found.surely[NOBODY] = False
        return found

    def _answer(self, selector: Selector) -> Ternary:
        match selector:
            case All() | Global():
                return Ternary(np.ones(len(self), np.bool_), np.ones(len(self), np.bool_))
            case Not(operand):
                return ~self._answer(operand)
            case And(operands):
                found = self._answer(operands[0])
                for each in operands[1:]:
                    found = found & self._answer(each)
                return found
            case Or(operands):
                found = self._answer(operands[0])
                for each in operands[1:]:
                    found = found | self._answer(each)
                return found
            case NotEquals() | NotIn():
                return ~self._holding(selector.label, _values(selector))
            case Equals() | In():
                return self._holding(selector.label, _values(selector))
            case Has(label):
                return self._holding(label, self._having[label])
            case _:
                values = [value for value in self._having[selector.label] if value is not None]
                return self._holding(
                    selector.label, [value for value in values if matches(selector, {selector.label: value})]
                )

    def _holding(self, label: str, values: Iterable[str | None]) -> Ternary:
        """Return which classes have the label with one of the values."""
        surely: Bools = np.zeros(len(self), np.bool_)
        having = self._having[label]
        for value in values:
            surely[having.get(value, [])] = True
        may = surely.copy()
        may[self._unknown[label]] = True
        return Ternary(surely, may)


def _tests(selector: Selector) -> Iterator[_Test]:
    match selector:
        case All() | Global():
            return
        case Not(operand):
            yield from _tests(operand)
        case And(operands) | Or(operands):
            for operand in operands:
                yield from _tests(operand)
        case _:
            yield selector


def _values(test: _Test) -> tuple[str, ...]:
    match test:
        case Equals(_, value) | NotEquals(_, value):
            return (value,)
        case In(_, values) | NotIn(_, values):
            return values
        case _:
            return ()
