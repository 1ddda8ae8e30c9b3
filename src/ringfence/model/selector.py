"""Which label sets a policy, a tier's policy or a rule speaks of.

Promises: values that compare and hash by content, and one evaluator. An absent label makes every test false except
``NotEquals`` and ``NotIn``, which are true of it (Calico's selector language). Reading and writing selector text is
`dialects.selector`; which namespaces, prefixes and own labels a policy adds to its selector is `semantics`.
"""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct
from msgspec.structs import force_setattr

FEWEST_OPERANDS: Final = 2


class All(Struct, frozen=True, tag="All"):
    """True of every label set: ``all()``."""


class Global(Struct, frozen=True, tag="Global"):
    """``global()``: true of every label set here; a rule's namespace selector turns it into *has no namespace*."""


class Has(Struct, frozen=True, tag="Has"):
    """True when the label is present, whatever its value."""

    label: str


class Equals(Struct, frozen=True, tag="Equals"):
    """True when the label is present with this value."""

    label: str
    value: str


class NotEquals(Struct, frozen=True, tag="NotEquals"):
    """True when the label is absent or has another value."""

    label: str
    value: str


class In(Struct, frozen=True, tag="In"):
    """True when the label is present with one of the values, which are kept sorted and unique. May be empty: false."""

    label: str
    values: tuple[str, ...]

    def __post_init__(self) -> None:
        force_setattr(self, "values", tuple(sorted(set(self.values))))


class NotIn(Struct, frozen=True, tag="NotIn"):
    """True when the label is absent or has none of the values, which are kept sorted and unique. May be empty: true."""

    label: str
    values: tuple[str, ...]

    def __post_init__(self) -> None:
        force_setattr(self, "values", tuple(sorted(set(self.values))))


class Contains(Struct, frozen=True, tag="Contains"):
    """True when the label is present and its value contains this text."""

    label: str
    value: str


class StartsWith(Struct, frozen=True, tag="StartsWith"):
    """True when the label is present and its value starts with this text."""

    label: str
    value: str


class EndsWith(Struct, frozen=True, tag="EndsWith"):
    """True when the label is present and its value ends with this text."""

    label: str
    value: str


class Not(Struct, frozen=True, tag="Not"):
    """True when the operand is false."""

    operand: "Selector"


class And(Struct, frozen=True, tag="And"):
    """True when every operand is true. Order is kept. Raises ValueError for fewer than two operands."""

    operands: "tuple[Selector, ...]"

    def __post_init__(self) -> None:
        _require_operands("And", self.operands)


class Or(Struct, frozen=True, tag="Or"):
    """True when an operand is true. Order is kept. Raises ValueError for fewer than two operands."""

    operands: "tuple[Selector, ...]"

    def __post_init__(self) -> None:
        _require_operands("Or", self.operands)


Selector = All | Global | Has | Equals | NotEquals | In | NotIn | Contains | StartsWith | EndsWith | Not | And | Or


def matches(selector: Selector, labels: Mapping[str, str]) -> bool:  # noqa: C901, PLR0912 - one case a kind
    """Say whether the selector is true of these labels.

    Recurses with the depth of the value; `dialects.selector` reads none that is too deep for it. What policies say most
    is tried first.
    """
    match selector:
        case Equals(label, value):
            return labels.get(label) == value
        case And(operands):
            for operand in operands:  # noqa: SIM110 - a generator takes two more frames per level
                if not matches(operand, labels):
                    return False
            return True
        case All() | Global():
            return True
        case Has(label):
            return label in labels
        case NotEquals(label, value):
            return labels.get(label) != value
        case In(label, values):
            return labels.get(label) in values
        case NotIn(label, values):
            return labels.get(label) not in values
        case Contains(label, value):
            return value in labels[label] if label in labels else False
        case StartsWith(label, value):
            return labels[label].startswith(value) if label in labels else False
        case EndsWith(label, value):
            return labels[label].endswith(value) if label in labels else False
        case Not(operand):
            return not matches(operand, labels)
        case Or(operands):
            for operand in operands:  # noqa: SIM110 - as above
                if matches(operand, labels):
                    return True
            return False


def _require_operands(name: str, operands: tuple[Selector, ...]) -> None:
    if len(operands) < FEWEST_OPERANDS:
        raise ValueError(f"{name} of {len(operands)} operands; use the operand itself, or All() for none")
