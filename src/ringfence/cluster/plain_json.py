"""Values that a YAML parser gives, as JSON: YAML has more kinds of keys and numbers than an API server takes.

Promises: what kubectl turns into JSON is turned as it does; what it cannot turn raises NotJsonError with the reason.
"""

from collections.abc import Mapping
from math import isfinite

from ringfence.model.kubernetes_object import Json, KubernetesObject


class NotJsonError(Exception):
    """A value that no JSON can hold."""


def plain_object(obj: Mapping[object, object] | KubernetesObject) -> dict[str, Json]:
    """Return an object with JSON values only. Raises NotJsonError."""
    return {_key(key): _plain(value) for key, value in obj.items()}


def _plain(value: object) -> Json:
    match value:
        case None | bool() | int() | str():
            return value
        case float() if isfinite(value):
            return value
        case list():
            return [_plain(each) for each in value]
        case dict():
            return plain_object(value)
        case _:
            raise NotJsonError(f"holds a value that JSON does not have: {type(value).__name__} {str(value)[:40]!r}")


def _key(key: object) -> str:
    match key:
        case str():
            return key
        case bool():
            return "true" if key else "false"
        case int():
            return str(key)
        case _:
            raise NotJsonError(f"holds a key that is no text: {str(key)[:40]!r}")
