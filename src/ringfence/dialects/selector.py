"""Read and write Calico's selector language.

Promises: takes exactly the texts that Calico's parser takes, up to `DEEPEST` levels, and writes the same canonical
text (Calico's ``String()``). Every refusal names its place. Nothing recurses while reading, so no input can exhaust
the stack. Leaves the API's limit of 1,024 characters to `calico`, the meaning to `model.selector`.

The language, tightest binding first: ``!``, ``&&``, ``||``. An even number of ``!`` cancels. Strings stand in single
or double quotes, without escapes. Blanks are spaces and tabs; a line break between words is an error.
"""

import re
from typing import Final

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
)

LONGEST_LABEL: Final = 512
DEEPEST: Final = 340
"""Levels of a selector. No text of 1,024 characters is deeper, because a level costs three, as in ``!(…)``."""

_BLANKS: Final = re.compile(r"[ \t]*")
_LABEL: Final = re.compile(r"[A-Za-z0-9_./-]+")
_OPERATOR: Final = re.compile(r"==|!=|contains|starts[ \t]*with|ends[ \t]*with|not[ \t]*in|in")
_STRING: Final = re.compile(r""""([^"]*)"|'([^']*)'""")
_EXCERPT: Final = 30


class SelectorError(ValueError):
    """A text that is no selector, or a label or value that no selector text can hold.

    ``position`` counts characters of the text from 0; ``reason`` says what is wrong there and what to write instead.
    """

    def __init__(self, text: str, *, position: int, reason: str) -> None:
        before = text[max(0, position - _EXCERPT) : position]
        after = text[position : position + _EXCERPT]
        super().__init__(f"selector, character {position + 1}, between {before!r} and {after!r}: {reason}")
        self.text = text
        self.position = position
        self.reason = reason


def parse_selector(text: str) -> Selector:
    """Read a selector. Empty or blank text selects everything, as in Calico.

    Raises:
        SelectorError: the text is no selector, or is deeper than `DEEPEST` levels.

    >>> parse_selector("has(app) && tier != 'db'")
    And(operands=(Has(label='app'), NotEquals(label='tier', value='db')))
    """
    reader = _Reader(text)
    selector = All() if reader.at_end() else _expression(reader)
    if _deeper_than(selector, levels=DEEPEST):
        raise SelectorError(text, position=0, reason=f"more than {DEEPEST} levels deep; write fewer parentheses")
    return selector


def selector_text(selector: Selector) -> str:
    """Write the canonical text, by which Calico tells selectors apart: equal text means the same selector.

    Reading it back keeps the meaning but not always the value: ``!(!(x))`` is written ``!!x``, which is read as ``x``.

    Raises:
        SelectorError: a label or value that no selector text can hold.

    >>> selector_text(parse_selector("a == 'x' && !(b in {'z', 'y'})"))
    '(a == "x" && !b in {"y", "z"})'
    """
    return _text(selector, canonical=True)


def written_selector(selector: Selector) -> str:
    """Write the text as people do: single quotes, no outer parentheses. Reading it back gives the same value.

    Raises:
        SelectorError: a label or value that no selector text can hold.

    >>> written_selector(And((Equals("projectcalico.org/namespace", "shop"), Not(Equals("app", "web")))))
    "projectcalico.org/namespace == 'shop' && !(app == 'web')"
    """
    text = _text(selector, canonical=False)
    return text[1:-1] if isinstance(selector, And | Or) else text


class _Group:
    """What has been read of one pair of parentheses, or of the whole selector."""

    def __init__(self, *, opened_at: int) -> None:
        self.opened_at = opened_at
        self.negated = False
        self._conjunctions: list[list[Selector]] = [[]]

    def add(self, selector: Selector) -> None:
        """Take one operand and the negation that stood before it."""
        self._conjunctions[-1].append(Not(selector) if self.negated else selector)
        self.negated = False

    def end_conjunction(self) -> None:
        """Start the next operand of ``||``."""
        self._conjunctions.append([])

    def value(self) -> Selector:
        """Return the selector of the group; parentheses around a single operand leave no trace."""
        parts = [And(tuple(tests)) if len(tests) > 1 else tests[0] for tests in self._conjunctions]
        return Or(tuple(parts)) if len(parts) > 1 else parts[0]


class _Reader:
    """The text and how far it has been read. Blanks are skipped before every word."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0

    def error(self, reason: str) -> SelectorError:
        return SelectorError(self.text, position=self.position, reason=reason)

    def at_end(self) -> bool:
        self._skip_blanks()
        return self.position == len(self.text)

    def takes(self, word: str) -> bool:
        """Read the word if it is next."""
        self._skip_blanks()
        if not self.text.startswith(word, self.position):
            return False
        self.position += len(word)
        return True

    def test(self) -> Selector:
        """Read what holds no other selector. A label may be called ``has``, ``all`` or ``in``: what follows decides."""
        label = self._label()
        if self.text.startswith("(", self.position):
            return self._call(label)
        operator = self._match(_OPERATOR)
        if operator is None:
            raise self.error(
                "expected an operator after the label: ==, !=, in, not in, contains, starts with or ends with"
            )
        match operator[0].replace(" ", "").replace("\t", ""):
            case "==":
                return Equals(label, self._string())
            case "!=":
                return NotEquals(label, self._string())
            case "in":
                return In(label, self._set())
            case "notin":
                return NotIn(label, self._set())
            case "contains":
                return Contains(label, self._string())
            case "startswith":
                return StartsWith(label, self._string())
            case _:
                return EndsWith(label, self._string())

    def _call(self, function: str) -> Selector:
        if function not in {"has", "all", "global"}:
            raise self.error("only has, all and global stand before (; join tests with && or ||")
        self.position += 1
        call = Has(self._label()) if function == "has" else All() if function == "all" else Global()
        if not self.takes(")"):
            raise self.error(f"expected ) to close {function}(")
        return call

    def _label(self) -> str:
        label = self._match(_LABEL)
        if label is None:
            raise self.error("expected a label of letters, digits and _ . / -, has(label), all() or (")
        if len(label[0]) > LONGEST_LABEL:
            self.position = label.start()
            raise self.error(f"a label of {len(label[0])} characters; {LONGEST_LABEL} are allowed")
        return label[0]

    def _string(self) -> str:
        string = self._match(_STRING)
        if string is None:
            raise self.error("expected a value in quotes that close, as in label == 'value'")
        return string[string.lastindex or 0]

    def _set(self) -> tuple[str, ...]:
        if not self.takes("{"):
            raise self.error("expected a set of values, as in label in {'a', 'b'}")
        values: list[str] = []
        while not self.takes("}"):
            values.append(self._string())
            if not self.takes(","):
                if not self.takes("}"):
                    raise self.error("expected , or } after a value of the set")
                break
        return tuple(values)

    def _match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        self._skip_blanks()
        found = pattern.match(self.text, self.position)
        if found is not None:
            self.position = found.end()
        return found

    def _skip_blanks(self) -> None:
        blanks = _BLANKS.match(self.text, self.position)
        self.position = blanks.end() if blanks else self.position


def _expression(reader: _Reader) -> Selector:
    """Read tests joined by ``&&`` and ``||`` up to the end of the text, with a stack of our own."""
    groups = [_Group(opened_at=0)]
    while True:
        while reader.takes("!"):
            groups[-1].negated = not groups[-1].negated
        if reader.takes("("):
            groups.append(_Group(opened_at=reader.position - 1))
            continue
        groups[-1].add(reader.test())
        while len(groups) > 1 and reader.takes(")"):
            closed = groups.pop()
            groups[-1].add(closed.value())
        if reader.takes("||"):
            groups[-1].end_conjunction()
        elif not reader.takes("&&"):
            break
    if not reader.at_end():
        raise reader.error("expected && or || between tests, or the end of the selector")
    if len(groups) > 1:
        raise SelectorError(reader.text, position=groups[-1].opened_at, reason="this ( is never closed; add a )")
    return groups[0].value()


def _deeper_than(selector: Selector, *, levels: int) -> bool:
    """Say whether selectors stand within selectors more than so many levels, without recursing."""
    level = [selector]
    for _ in range(levels):
        level = [operand for each in level for operand in _operands(each)]
        if not level:
            return False
    return True


def _operands(selector: Selector) -> tuple[Selector, ...]:
    match selector:
        case Not(operand):
            return (operand,)
        case And(operands) | Or(operands):
            return operands
        case _:
            return ()


def _text(selector: Selector, *, canonical: bool) -> str:  # noqa: C901, PLR0912 - one case a kind
    """Write a selector, conjunctions and disjunctions always in parentheses."""
    match selector:
        case All():
            return "all()"
        case Global():
            return "global()"
        case Has(label):
            return f"has({_label_text(label)})"
        case Equals(label, value):
            return f"{_label_text(label)} == {_string_text(value, canonical=canonical)}"
        case NotEquals(label, value):
            return f"{_label_text(label)} != {_string_text(value, canonical=canonical)}"
        case In(label, values):
            return f"{_label_text(label)} in {_set_text(values, canonical=canonical)}"
        case NotIn(label, values):
            return f"{_label_text(label)} not in {_set_text(values, canonical=canonical)}"
        case Contains(label, value):
            return f"{_label_text(label)} contains {_string_text(value, canonical=canonical)}"
        case StartsWith(label, value):
            return f"{_label_text(label)} starts with {_string_text(value, canonical=canonical)}"
        case EndsWith(label, value):
            return f"{_label_text(label)} ends with {_string_text(value, canonical=canonical)}"
        case Not(operand):
            bare = canonical or isinstance(operand, All | Global | Has | And | Or)
            text = _text(operand, canonical=canonical)
            return f"!{text}" if bare else f"!({text})"
        case And(operands):
            return f"({' && '.join([_text(operand, canonical=canonical) for operand in operands])})"
        case Or(operands):
            return f"({' || '.join([_text(operand, canonical=canonical) for operand in operands])})"


def _label_text(label: str) -> str:
    if len(label) > LONGEST_LABEL or not _LABEL.fullmatch(label):
        raise SelectorError(
            label, position=0, reason=f"no label: 1 to {LONGEST_LABEL} letters, digits and _ . / - make one"
        )
    return label


def _set_text(values: tuple[str, ...], *, canonical: bool) -> str:
    return f"{{{', '.join([_string_text(value, canonical=canonical) for value in values])}}}"


def _string_text(value: str, *, canonical: bool) -> str:
    for quote in ('"', "'") if canonical else ("'", '"'):
        if quote not in value:
            return f"{quote}{value}{quote}"
    raise SelectorError(value, position=0, reason="a value with both kinds of quotes cannot be written; use one kind")
