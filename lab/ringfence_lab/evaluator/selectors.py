"""Calico's selector language: read, print in canonical form, and ask.

Promises: ``parse_selector`` takes exactly what Calico takes and raises SelectorError for the rest; the text of a
selector is its canonical form. ``all()`` and ``global()`` are both simply true here; what they mean in a policy is
`scoping`'s question.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NoReturn

Labels = Mapping[str, str]

_LONGEST_LABEL: Final = 512
_BLANK: Final = re.compile(r"[ \t]*")
_LABEL: Final = re.compile(r"[A-Za-z0-9_./-]+")
_STRING: Final = re.compile(r"\"([^\"]*)\"|'([^']*)'")
_CALL: Final = re.compile(r"(all|global)\([ \t]*\)")
_HAS: Final = re.compile(r"has\([ \t]*([A-Za-z0-9_./-]+)[ \t]*\)")
_OPENED: Final = re.compile(r"(?:all|global|has)\(")
_SET_OPERATOR: Final = re.compile(r"(not[ \t]*)?in(?![A-Za-z0-9_./-])")
_TEXT_OPERATOR: Final = re.compile(r"contains|starts[ \t]*with|ends[ \t]*with")


class SelectorError(ValueError):
    """A text that Calico does not take as a selector."""


class Selector(ABC):
    """A condition on labels. Its text is canonical: equal texts are equal conditions."""

    __slots__ = ()

    @abstractmethod
    def holds(self, labels: Labels) -> bool:
        """Say whether labels fulfil the condition."""

    @abstractmethod
    def prefixed(self, prefix: str) -> "Selector":
        """Return the same condition on labels whose keys begin with a prefix."""

    def terms(self) -> Iterator["Has | Comparison | Membership"]:
        """Yield every condition on one label, also those that are negated."""
        yield from ()


@dataclass(frozen=True, slots=True)
class Everything(Selector):
    """``all()`` or ``global()``."""

    word: str

    def __str__(self) -> str:
        return f"{self.word}()"

    def holds(self, labels: Labels) -> bool:  # noqa: ARG002 - the interface's argument
        """Always true."""
        return True

    def prefixed(self, prefix: str) -> Selector:  # noqa: ARG002 - the interface's argument
        """There is no key to put it before."""
        return self


@dataclass(frozen=True, slots=True)
class Has(Selector):
    """``has(key)``."""

    key: str

    def __str__(self) -> str:
        return f"has({self.key})"

    def holds(self, labels: Labels) -> bool:
        """True where the label exists."""
        return self.key in labels

    def prefixed(self, prefix: str) -> Selector:
        """See `Selector`."""
        return Has(prefix + self.key)

    def terms(self) -> Iterator["Has | Comparison | Membership"]:
        """See `Selector`."""
        yield self


@dataclass(frozen=True, slots=True)
class Comparison(Selector):
    """A label against one text. ``!=`` is true for a missing label, all others are false."""

    key: str
    operator: str
    value: str

    def __str__(self) -> str:
        return f"{self.key} {self.operator} {_quoted(self.value)}"

    def holds(self, labels: Labels) -> bool:
        """See the class."""
        actual = labels.get(self.key)
        if actual is None:
            return self.operator == "!="
        match self.operator:
            case "==":
                return actual == self.value
            case "!=":
                return actual != self.value
            case "contains":
                return self.value in actual
            case "starts with":
                return actual.startswith(self.value)
            case _:
                return actual.endswith(self.value)

    def prefixed(self, prefix: str) -> Selector:
        """See `Selector`."""
        return Comparison(prefix + self.key, self.operator, self.value)

    def terms(self) -> Iterator["Has | Comparison | Membership"]:
        """See `Selector`."""
        yield self


@dataclass(frozen=True, slots=True)
class Membership(Selector):
    """A label in a set of texts, or ``not in``, which is true for a missing label."""

    key: str
    negated: bool
    values: tuple[str, ...]

    def __str__(self) -> str:
        values = ", ".join(_quoted(value) for value in self.values)
        return f"{self.key} {'not in' if self.negated else 'in'} {{{values}}}"

    def holds(self, labels: Labels) -> bool:
        """See the class."""
        return (labels.get(self.key) in self.values) != self.negated

    def prefixed(self, prefix: str) -> Selector:
        """See `Selector`."""
        return Membership(prefix + self.key, self.negated, self.values)

    def terms(self) -> Iterator["Has | Comparison | Membership"]:
        """See `Selector`."""
        yield self


@dataclass(frozen=True, slots=True)
class Not(Selector):
    """The opposite."""

    part: Selector

    def __str__(self) -> str:
        return f"!{self.part}"

    def holds(self, labels: Labels) -> bool:
        """See the class."""
        return not self.part.holds(labels)

    def prefixed(self, prefix: str) -> Selector:
        """See `Selector`."""
        return Not(self.part.prefixed(prefix))

    def terms(self) -> Iterator["Has | Comparison | Membership"]:
        """See `Selector`."""
        yield from self.part.terms()


@dataclass(frozen=True, slots=True)
class Several(Selector):
    """All parts (``&&``), or any (``||``)."""

    operator: str
    parts: tuple[Selector, ...]

    def __str__(self) -> str:
        return f"({f' {self.operator} '.join(map(str, self.parts))})"

    def holds(self, labels: Labels) -> bool:
        """See the class."""
        held = (part.holds(labels) for part in self.parts)
        return all(held) if self.operator == "&&" else any(held)

    def prefixed(self, prefix: str) -> Selector:
        """See `Selector`."""
        return Several(self.operator, tuple(part.prefixed(prefix) for part in self.parts))

    def terms(self) -> Iterator["Has | Comparison | Membership"]:
        """See `Selector`."""
        for part in self.parts:
            yield from part.terms()


def parse_selector(text: str) -> Selector:
    """Return the selector; blank text is ``all()``. Raises SelectorError with the place of what is wrong."""
    reader = _Reader(text)
    if reader.at_end():
        return Everything("all")
    selector = reader.any_of()
    if not reader.at_end():
        reader.refuse("the end")
    return selector


def _quoted(value: str) -> str:
    return f"'{value}'" if '"' in value else f'"{value}"'


class _Reader:
    """Reads one text from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def refuse(self, wanted: str) -> NoReturn:
        raise SelectorError(f"selector {self._text!r}: expected {wanted} at character {self._at}")

    def at_end(self) -> bool:
        self._skip()
        return self._at == len(self._text)

    def any_of(self) -> Selector:
        parts = [self._all_of()]
        while self._take("||"):
            parts.append(self._all_of())
        return parts[0] if len(parts) == 1 else Several("||", tuple(parts))

    def _all_of(self) -> Selector:
        parts = [self._unary()]
        while self._take("&&"):
            parts.append(self._unary())
        return parts[0] if len(parts) == 1 else Several("&&", tuple(parts))

    def _unary(self) -> Selector:
        negated = False
        while self._take("!"):
            negated = not negated
        part = self._primary()
        return Not(part) if negated else part

    def _primary(self) -> Selector:
        if self._take("("):
            inner = self.any_of()
            if not self._take(")"):
                self.refuse("')'")
            return inner
        if found := self._match(_CALL):
            return Everything(found[1])
        if found := self._match(_HAS):
            return Has(self._short_enough(found[1]))
        if self._match(_OPENED):
            self.refuse("what belongs between the parentheses")
        found = self._match(_LABEL)
        if found is None:
            self.refuse("a label")
        return self._condition(self._short_enough(found[0]))

    def _condition(self, key: str) -> Selector:
        for operator in ("==", "!="):
            if self._take(operator):
                return Comparison(key, operator, self._string())
        if found := self._match(_SET_OPERATOR):
            return Membership(key, found[1] is not None, self._set())
        if found := self._match(_TEXT_OPERATOR):
            word = found[0]
            operator = "contains" if word == "contains" else f"{word.removesuffix('with').rstrip()} with"
            return Comparison(key, operator, self._string())
        return self.refuse("an operator")

    def _set(self) -> tuple[str, ...]:
        if not self._take("{"):
            self.refuse("'{'")
        values: set[str] = set()
        while not self._take("}"):
            values.add(self._string())
            if not self._take(","):
                if not self._take("}"):
                    self.refuse("'}'")
                break
        return tuple(sorted(values))

    def _string(self) -> str:
        found = self._match(_STRING)
        if found is None:
            self.refuse("a quoted text")
        return found[1] if found[1] is not None else found[2]

    def _short_enough(self, label: str) -> str:
        if len(label) > _LONGEST_LABEL:
            self.refuse(f"a label of at most {_LONGEST_LABEL} characters before")
        return label

    def _skip(self) -> None:
        blank = _BLANK.match(self._text, self._at)
        self._at = blank.end() if blank else self._at

    def _take(self, token: str) -> bool:
        self._skip()
        taken = self._text.startswith(token, self._at)
        self._at += len(token) if taken else 0
        return taken

    def _match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        self._skip()
        found = pattern.match(self._text, self._at)
        if found is not None:
            self._at = found.end()
        return found
