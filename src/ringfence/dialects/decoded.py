"""Take a member of untrusted JSON as Calico's and Kubernetes' decoders would: null is absent, another type is refused.

Promises: raises NotUnderstoodError and nothing else. `members` is for judging, which goes on whatever it meets.
"""

from collections.abc import Mapping, Sequence
from math import isfinite

from ringfence.model.kubernetes_object import Json


class NotUnderstoodError(Exception):
    """A value that no decoder takes, so that the whole object is as if it were not there."""


def record(value: Json) -> Mapping[str, Json]:
    """Return an object, empty for null."""
    return entry({} if value is None else value)


def entry(value: Json) -> Mapping[str, Json]:
    """Return an object that stands in a list, where null is none."""
    if not isinstance(value, Mapping):
        raise NotUnderstoodError
    return value


def items(fields: Mapping[str, Json], name: str) -> Sequence[Json]:
    """Return a list, empty where there is none."""
    value = fields.get(name)
    if value is None:
        return ()
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise NotUnderstoodError
    return value


def text(fields: Mapping[str, Json], name: str) -> str:
    """Return a text, empty where there is none."""
    value = fields.get(name)
    return "" if value is None else text_of(value)


def text_of(value: Json) -> str:
    """Return a text that stands in a list."""
    if not isinstance(value, str):
        raise NotUnderstoodError
    return value


def texts(fields: Mapping[str, Json], name: str) -> tuple[str, ...]:
    """Return a list of texts, empty where there is none."""
    return tuple(text_of(each) for each in items(fields, name))


def pairs(fields: Mapping[str, Json], name: str) -> tuple[tuple[str, str], ...]:
    """Return a mapping of texts, sorted by key, empty where there is none."""
    return tuple(sorted((key, text_of(value)) for key, value in record(fields.get(name)).items()))


def flag(fields: Mapping[str, Json], name: str) -> bool:
    """Return a flag, false where there is none."""
    value = fields.get(name)
    if not isinstance(value, bool | None):
        raise NotUnderstoodError
    return value or False


def integer(fields: Mapping[str, Json], name: str) -> int | None:
    """Return an integer, or None."""
    value = fields.get(name)
    if isinstance(value, bool) or not isinstance(value, int | None):
        raise NotUnderstoodError
    return value


def number(fields: Mapping[str, Json], name: str) -> float | None:
    """Return a number, or None. Refuses those that are too great for a float, and NaN, which JSON does not have."""
    value = fields.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise NotUnderstoodError
    try:
        converted = float(value)
    except OverflowError:
        raise NotUnderstoodError from None
    if not isfinite(converted):
        raise NotUnderstoodError
    return converted
