"""Read the fields of an object strictly.

Promises: a field that is not known, or has another form, is an ObjectError with its path, never ignored: who ignores a
field judges a policy that nobody wrote.
"""

from collections.abc import Callable, Collection, Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any, TypeVar

from ringfence_lab.evaluator.selectors import Selector, SelectorError, parse_selector

KubernetesObject = Mapping[str, Any]
Network = IPv4Network | IPv6Network

_Value = TypeVar("_Value")


class ObjectError(ValueError):
    """An object holds something that the evaluator does not know."""


def mapping(value: object, where: str, known: Collection[str]) -> KubernetesObject:
    """Return an object's fields, none of which is unknown; null is an object without any."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ObjectError(f"{where}: {value!r} is no object")
    for key in value:
        if key not in known:
            raise ObjectError(f"{where}: key {key!r} is not known to the evaluator")
    return value


def each(value: object, where: str, read: Callable[[object, str], _Value]) -> tuple[_Value, ...]:
    """Return the items of a list, each read with its own path; null is an empty list."""
    if value is None:
        return ()
    if not isinstance(value, list):
        raise ObjectError(f"{where}: {value!r} is no list")
    return tuple(read(item, f"{where}[{index}]") for index, item in enumerate(value))


def text(value: object, where: str) -> str:
    """Return a text; null is an empty one."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ObjectError(f"{where}: {value!r} is no text")
    return value


def choice(value: object, where: str, choices: Collection[str]) -> str:
    """Return one of the choices."""
    if not isinstance(value, str) or value not in choices:
        raise ObjectError(f"{where}: {value!r} is none of {', '.join(sorted(choices))}")
    return value


def number(value: object, where: str) -> float | None:
    """Return a number, or None for null."""
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        return value
    raise ObjectError(f"{where}: {value!r} is no number")


def whole(value: object, where: str) -> int | None:
    """Return an integer, or None for null."""
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    raise ObjectError(f"{where}: {value!r} is no whole number")


def network(value: object, where: str) -> Network:
    """Return a prefix, or an address as the prefix of itself; what stands behind the prefix is cut off."""
    try:
        return ip_network(text(value, where), strict=False)
    except ValueError as error:
        raise ObjectError(f"{where}: {error}") from error


def selector(value: object, where: str) -> Selector:
    """Return a selector."""
    try:
        return parse_selector(text(value, where))
    except SelectorError as error:
        raise ObjectError(f"{where}: {error}") from error
