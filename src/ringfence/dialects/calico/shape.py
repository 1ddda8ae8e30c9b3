"""Which JSON a field of a Calico object may hold, apart from what its neighbours hold.

Promises: any JSON can be checked, to the depth of the shape and no deeper; every difference is a problem with a path;
a member that is null counts as absent, as in Kubernetes. Rules between fields are `valid` and its parts.
"""

from collections.abc import Iterator, Mapping, Sequence
from math import isfinite
from typing import Final, TypeAlias

from msgspec import Struct

from ringfence.dialects.problem import Problem, RefusedBy
from ringfence.model.kubernetes_object import Json


class Anything(Struct, frozen=True):
    """Not judged here."""


class Flag(Struct, frozen=True):
    """True or false."""


class Number(Struct, frozen=True):
    """An integer or a fraction that a float can hold."""


class Integer(Struct, frozen=True):
    """An integer between two bounds, both included."""

    lowest: int
    highest: int
    refused_by: RefusedBy = "API"


class IntegerOrText(Struct, frozen=True):
    """An integer or a text; which of them are good is judged by their reader."""


class Text(Struct, frozen=True):
    """A text of at most ``longest`` characters."""

    longest: int | None = None


class Choice(Struct, frozen=True):
    """One of a few texts or integers."""

    values: tuple[str | int, ...]
    refused_by: RefusedBy = "API"


class Items(Struct, frozen=True):
    """A list. ``unique`` lists may not hold a value twice."""

    item: "Shape"
    fewest: int = 0
    most: int | None = None
    unique: bool = False


class Texts(Struct, frozen=True):
    """A mapping from texts to texts, such as labels."""


class Record(Struct, frozen=True):
    """An object with these members; with others only where it is ``extensible``."""

    members: "Mapping[str, Shape]"
    required: tuple[str, ...] = ()
    extensible: bool = False


Shape: TypeAlias = Anything | Flag | Number | Integer | IntegerOrText | Text | Choice | Items | Texts | Record

_LONGEST_SHOWN: Final = 60


def shown(value: Json) -> str:
    """Show a value of untrusted kind and size on one short line."""
    if isinstance(value, str):
        return repr(value if len(value) <= _LONGEST_SHOWN else f"{value[:_LONGEST_SHOWN]}…")
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, Sequence):
        return "a list"
    if isinstance(value, int) and value.bit_length() > _LONGEST_SHOWN:
        return "a huge number"
    return str(value)


def shape_problems(value: Json, shape: Shape, *, path: str) -> Iterator[Problem]:  # noqa: C901, PLR0912 - one case a shape
    """Yield how a value differs from its shape, in the order of the value."""
    match shape:
        case Anything():
            return
        case Flag():
            if not isinstance(value, bool):
                yield _expected("true or false", value, path=path)
        case Number():
            if not _is_number(value):
                yield _expected("a number", value, path=path)
        case IntegerOrText():
            if isinstance(value, bool) or not isinstance(value, int | str):
                yield _expected("an integer or a text", value, path=path)
        case Integer():
            yield from _integer_problems(value, shape, path=path)
        case Text():
            yield from _text_problems(value, shape, path=path)
        case Choice(values, refused_by):
            if not isinstance(value, int | str) or isinstance(value, bool) or value not in values:
                yield _expected(" or ".join(str(each) for each in values), value, path=path, refused_by=refused_by)
        case Items():
            yield from _list_problems(value, shape, path=path)
        case Texts():
            yield from _mapping_problems(value, path=path)
        case Record():
            yield from _record_problems(value, shape, path=path)


def _is_number(value: Json) -> bool:
    """Say whether a value is a number that a float can hold. JSON has neither infinity nor NaN."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return isfinite(value)
    except OverflowError:
        return False


def _integer_problems(value: Json, shape: Integer, *, path: str) -> Iterator[Problem]:
    if isinstance(value, bool) or not isinstance(value, int):
        yield _expected("an integer", value, path=path)
    elif not shape.lowest <= value <= shape.highest:
        yield Problem(path, f"{shown(value)} is not within {shape.lowest}-{shape.highest}", shape.refused_by)


def _text_problems(value: Json, shape: Text, *, path: str) -> Iterator[Problem]:
    if not isinstance(value, str):
        yield _expected("a text", value, path=path)
    elif shape.longest is not None and len(value) > shape.longest:
        yield Problem(path, f"{len(value)} characters, of which {shape.longest} are allowed")


def _list_problems(value: Json, shape: Items, *, path: str) -> Iterator[Problem]:
    if isinstance(value, str) or not isinstance(value, Sequence):
        yield _expected("a list", value, path=path)
        return
    if len(value) < shape.fewest:
        yield Problem(path, f"{len(value)} entries, of which {shape.fewest} are needed")
    if shape.most is not None and len(value) > shape.most:
        yield Problem(path, f"{len(value)} entries, of which {shape.most} are allowed")
    seen: set[str] = set()
    for index, item in enumerate(value):
        yield from shape_problems(item, shape.item, path=f"{path}[{index}]")
        if shape.unique and isinstance(item, str):
            if item in seen:
                yield Problem(f"{path}[{index}]", f"{shown(item)} stands here twice")
            seen.add(item)


def _mapping_problems(value: Json, *, path: str) -> Iterator[Problem]:
    if not isinstance(value, Mapping):
        yield _expected("a mapping of texts", value, path=path)
        return
    for key, member in value.items():
        if not isinstance(member, str):
            yield _expected("a text", member, path=f"{path}[{shown(key)}]")


def _record_problems(value: Json, shape: Record, *, path: str) -> Iterator[Problem]:
    if not isinstance(value, Mapping):
        yield _expected("an object", value, path=path)
        return
    for name in shape.required:
        if value.get(name) is None:
            yield Problem(f"{path}.{name}".removeprefix("."), "is required")
    for name, member in value.items():
        if name not in shape.members:
            if not shape.extensible:
                yield Problem(f"{path}[{shown(name)}]", "Calico has no such field")
        elif member is not None:
            yield from shape_problems(member, shape.members[name], path=f"{path}.{name}".removeprefix("."))


def _expected(what: str, value: Json, *, path: str, refused_by: RefusedBy = "API") -> Problem:
    return Problem(path, f"expected {what}, found {shown(value)}", refused_by)
