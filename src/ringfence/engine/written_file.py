"""Files that people write for us: one object each, decoded strictly.

Promises: an error names the file, the key and what to do; an unknown key is an error and says which known one is near.
Leaves what the keys mean to the file's own module.
"""

import re
from difflib import get_close_matches
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from ringfence.cluster.documents import Unreadable, values
from ringfence.cluster.plain_json import NotJsonError, plain_object

T = TypeVar("T")

_UNKNOWN_KEY: Final = re.compile(r"Object contains unknown field `(?P<key>[^`]*)`")
_PATH: Final = re.compile(r" - at `\$\.?(?P<path>[^`]*)`$")


class WrittenFileError(Exception):
    """A file that cannot be taken; the message says what, where and what to do next."""


class Written(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True, omit_defaults=True):
    """Base of everything that people write: camelCase keys, none unknown."""


def read_written(file: Path, kind: str, form: type[T]) -> T:
    """Return the one object of a file in its form. Raises WrittenFileError."""
    objects = []
    for place, value in values(file, str(file)):
        if isinstance(value, Unreadable):
            raise WrittenFileError(f"{place}: {value.reason}")
        if value is not None:
            objects.append(value)
    if len(objects) != 1 or not isinstance(objects[0], dict):
        raise WrittenFileError(f"{file}: holds {len(objects)} documents; write one object of kind {kind}")
    try:
        plain = plain_object(objects[0])
    except NotJsonError as error:
        raise WrittenFileError(f"{file}: {error}") from error
    if plain.get("kind") != kind:
        raise WrittenFileError(f"{file}: kind is {plain.get('kind')!r}; write kind: {kind}")
    try:
        return msgspec.convert(plain, form)
    except msgspec.ValidationError as error:
        raise WrittenFileError(f"{file}: {_told(str(error), form)}") from error


def _told(message: str, form: object) -> str:
    """Return msgspec's message with the key first, and the nearest known key where one is unknown."""
    path = _PATH.search(message)
    where = path["path"] if path else ""
    said = _PATH.sub("", message)
    unknown = _UNKNOWN_KEY.search(said)
    if unknown is None:
        return f"{where}: {said[:1].lower()}{said[1:]}" if where else said
    key = f"{where}.{unknown['key']}" if where else unknown["key"]
    near = get_close_matches(unknown["key"], sorted(_keys(form)), n=1)
    return f"{key}: is no key we know" + (f"; did you mean {near[0]}?" if near else "")


def _keys(form: object) -> set[str]:
    """Return every key that a form, and what it is made of, has."""
    definitions = msgspec.json.schema(form).get("$defs", {})
    return {key for definition in definitions.values() for key in definition.get("properties", {})}
