"""Write Kubernetes objects as YAML for people and diffs.

Promises: block style, one scalar a line, members in the order given; a text is left plain only where YAML 1.1 and 1.2
both read it as that text, so every reader gets back what was written; only ASCII leaves here. Same object, same bytes.
Reading YAML is the shell's matter.
"""

import re
from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Final

from ringfence.model.kubernetes_object import Json, KubernetesObject

LONGEST_KEY: Final = 1000
"""YAML readers give up on a plain ``key:`` of more than 1,024 characters."""

_PLAIN: Final = re.compile(
    r"(?:[A-Za-z_/(]|[0-9][0-9A-Fa-f.:]*/)"  # no indicator, sign or dot; a digit only where a network follows
    r"(?:[!-~]|[ ](?!\#|\Z))*",  # printable ASCII; a blank never before # and never last
)
_MAPPING_SIGN: Final = re.compile(r":(?: |\Z)")
_RESERVED: Final = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
_PRINTABLE: Final = re.compile(r"[ -~]*")
_ESCAPES: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_HIGHEST_FOUR_DIGITS: Final = 0xFFFF


def yaml_text(obj: KubernetesObject) -> str:
    """Write one object, ending with a line break. Lists are indented two spaces below their key.

    Raises:
        ValueError: a number that is not finite, or a key of more than `LONGEST_KEY` characters as written.

    >>> print(yaml_text({"kind": "Tier", "spec": {"order": 1, "ports": ["80:90", 443], "nets": []}}), end="")
    kind: Tier
    spec:
      order: 1
      ports:
        - '80:90'
        - 443
      nets: []
    """
    return "".join(f"{line}\n" for line in _lines(obj))


def _lines(value: Json) -> list[str]:
    """Return the lines of a value, the first of which may follow ``- ``."""
    match value:
        case str():
            return [_string(value)]
        case Mapping() if value:
            return [line for key, member in value.items() for line in _member_lines(_key(key), member)]
        case Sequence() if value:
            return [line for item in value for line in _item_lines(item)]
        case _:
            return [_scalar(value)]


def _member_lines(key: str, member: Json) -> list[str]:
    lines = _lines(member)
    if _is_block(member):
        return [f"{key}:", *(f"  {line}" for line in lines)]
    return [f"{key}: {lines[0]}"]


def _item_lines(item: Json) -> list[str]:
    first, *rest = _lines(item)
    return [f"- {first}", *(f"  {line}" for line in rest)]


def _is_block(value: Json) -> bool:
    return isinstance(value, Mapping | Sequence) and not isinstance(value, str) and len(value) > 0


def _key(key: str) -> str:
    text = _string(key)
    if len(text) > LONGEST_KEY:
        raise ValueError(f"a key of {len(text)} characters, {key[:40]!r}…; YAML allows {LONGEST_KEY}, shorten it")
    return text


def _scalar(value: Json) -> str:
    """Write what is neither text nor a collection with something in it."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return _float(value)
        case Mapping():
            return "{}"
        case _:
            return "[]"


def _float(value: float) -> str:
    """Write a float with a point, without which YAML 1.1 reads ``1e+16`` as text."""
    if not isfinite(value):
        raise ValueError(f"{value} is no JSON number; use a finite one")
    mantissa, exponent_sign, exponent = repr(value).partition("e")
    return f"{mantissa if '.' in mantissa else f'{mantissa}.0'}{exponent_sign}{exponent}"


def _string(text: str) -> str:
    if _is_plain(text):
        return text
    if not _PRINTABLE.fullmatch(text):
        return f'"{"".join(_escaped(character) for character in text)}"'
    if "'" in text and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return f"'{text.replace(chr(39), chr(39) * 2)}'"


def _is_plain(text: str) -> bool:
    return bool(_PLAIN.fullmatch(text)) and not _MAPPING_SIGN.search(text) and text.lower() not in _RESERVED


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if _PRINTABLE.fullmatch(character):
        return character
    code = ord(character)
    return f"\\u{code:04x}" if code <= _HIGHEST_FOUR_DIGITS else f"\\U{code:08x}"
