"""Object files as documents: decoded one by one, within limits, with the place where each stands.

Promises: a document that cannot be read is a problem with file and number, and the rest is read; nothing of a document
is kept once it was handed out. YAML is cut before it is decoded, at document marks and, in the lists that kubectl
writes, at items, because a decoded document takes many times its text. Aliases, depth and size are limited, and
duplicate keys refused: these files are untrusted.
"""

import gzip
import re
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import msgspec
import yaml_rs
from msgspec import Struct

from ringfence.model.kubernetes_object import Json, KubernetesObject

SUFFIXES: Final = (".yaml", ".yml", ".json")
LARGEST_FILE: Final = 1 << 30
LARGEST_DOCUMENT: Final = 64 << 20
"""Bytes of one YAML document that is not cut at items; what it decodes to takes some twenty times that."""
_MOST_NODES: Final = 200_000
_ALIASES: Final = yaml_rs.AliasLimits(max_total_replayed_events=_MOST_NODES)
_MARK: Final = re.compile(r"^---(?=\s|$)[^\n]*\n?", re.MULTILINE)
_KUBECTL_LIST: Final = re.compile(r"\A(?:apiVersion: [^\n]*\n)?items:\n(?=- )")
_LIST_END: Final = re.compile(r"^[^\s#-]", re.MULTILINE)
_ITEM: Final = re.compile(r"^- ", re.MULTILINE)


class Place(Struct, frozen=True, order=True):
    """A document of a file, from 1; an item of a list has its document's number and its own, from 1."""

    file: str
    document: int
    item: int | None = None

    def __str__(self) -> str:
        item = "" if self.item is None else f", item {self.item}"
        return f"{self.file}, document {self.document}{item}"


class Unreadable(Struct, frozen=True):
    """A document that gives no object, and why."""

    place: Place
    reason: str


class Found(Struct, frozen=True):
    """An object and where it stands."""

    place: Place
    obj: KubernetesObject


class EmptyList(Struct, frozen=True):
    """A list without items. ``kind`` is that of the list, such as ``PodList`` or just ``List``."""

    place: Place
    kind: str


def documents(file: Path, name: str) -> Iterator[Found | EmptyList | Unreadable]:
    """Yield what a file holds, under the name that people know it by."""
    try:
        text = _text(file)
    except _RefusedError as refused:
        yield Unreadable(Place(name, 1), str(refused))
        return
    is_json = file.name.removesuffix(".gz").endswith(".json") or text.lstrip()[:1] == "{"
    for place, value in _json(text, name) if is_json else _yaml(text, name):
        yield from [value] if isinstance(value, Unreadable) else _objects(place, value)


class _RefusedError(Exception):
    """A file that is not read at all."""


def _text(file: Path) -> str:
    try:
        with gzip.open(file) if file.suffix == ".gz" else file.open("rb") as stream:
            data = stream.read(LARGEST_FILE + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise _RefusedError(f"cannot be read: {error}") from error
    if len(data) > LARGEST_FILE:
        raise _RefusedError(f"is larger than {LARGEST_FILE >> 20} MiB; write one file per kind")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _RefusedError(f"is not UTF-8: byte {error.start}") from error
    if "\0" in text:
        raise _RefusedError("holds NUL bytes, so it is no text")
    return text


def _json(text: str, name: str) -> Iterator[tuple[Place, "Json | Unreadable"]]:
    """Yield the objects of a JSON text, a list's items one by one."""
    place = Place(name, 1)
    try:
        head = msgspec.json.decode(text, type=_JsonList)
    except msgspec.DecodeError as error:
        if not isinstance(error, msgspec.ValidationError):
            yield place, Unreadable(place, f"is not JSON: {error}")
            return
        head = _JsonList()
    if not head.items or not head.kind.endswith("List"):
        yield place, _decoded_json(text, place)
        return
    whole: dict[str, Json] = {"apiVersion": head.api_version, "kind": head.kind}
    for number, raw in enumerate(head.items, 1):
        item = Place(name, 1, number)
        value = _decoded_json(raw, item)
        yield item, value if not isinstance(value, dict) or "kind" in value else _typed(value, whole)


class _JsonList(Struct, rename="camel"):
    """A list of objects whose items are left as text."""

    api_version: str = ""
    kind: str = ""
    items: list[msgspec.Raw] | None = None


def _decoded_json(text: str | msgspec.Raw, place: Place) -> "Json | Unreadable":
    try:
        value: Json = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        return Unreadable(place, f"is not JSON: {error}")
    return value


def _yaml(text: str, name: str) -> Iterator[tuple[Place, "Json | Unreadable"]]:
    for number, document in enumerate(_cut(text), 1):
        place = Place(name, number)
        start = _KUBECTL_LIST.match(document)
        if start is None:
            if document.strip():
                yield place, _decoded_yaml(document, place)
            continue
        end = _LIST_END.search(document, start.end())
        body = document[start.end() : None if end is None else end.start()]
        marks = [match.start() for match in _ITEM.finditer(body)]
        for item, (first, last) in enumerate(zip(marks, [*marks[1:], len(body)], strict=True), 1):
            at = Place(name, number, item)
            value = _decoded_yaml(body[first:last], at)
            yield at, value[0] if isinstance(value, list) and len(value) == 1 else value


def _cut(text: str) -> Iterator[str]:
    """Yield the documents of a YAML text. A mark stands at the start of a line, which no block of a document can."""
    begin = 0
    for mark in _MARK.finditer(text):
        yield text[begin : mark.start()]
        begin = mark.end()
    yield text[begin:]


def _decoded_yaml(text: str, place: Place) -> "Json | Unreadable":
    if len(text) > LARGEST_DOCUMENT:
        return Unreadable(place, f"is larger than {LARGEST_DOCUMENT >> 20} MiB; let kubectl write it, or use JSON")
    try:
        value: Json = yaml_rs.loads(text, parse_datetime=False, alias_limits=_ALIASES)
    except (yaml_rs.YAMLDecodeError, RecursionError) as error:
        return Unreadable(place, f"is not YAML: {_first_line(error)}")
    except BaseException as error:  # the parser panics on some hostile texts, and its panic is no Exception
        if isinstance(error, KeyboardInterrupt | SystemExit):
            raise
        return Unreadable(place, f"is not YAML: {_first_line(error)}")
    return value


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return f"{lines[0]}: {lines[-1]}"[:200] if len(lines) > 1 else lines[0][:200]


def _objects(place: Place, value: Json) -> Iterator[Found | EmptyList | Unreadable]:
    """Yield the objects of a decoded document, of which a list has several."""
    if value is None:
        return
    if isinstance(value, list):
        for number, each in enumerate(value, 1):
            yield from _objects(Place(place.file, place.document, number), each)
        return
    if not isinstance(value, Mapping):
        yield Unreadable(place, "is no object with apiVersion and kind")
        return
    kind, items = value.get("kind"), value.get("items")
    if isinstance(items, list) and isinstance(kind, str) and kind.endswith("List"):
        if not items:
            yield EmptyList(place, kind)
        for number, each in enumerate(items, 1):
            item = each if not isinstance(each, dict) or "kind" in each else _typed(each, value)
            yield from _objects(Place(place.file, place.document, number), item)
        return
    if not isinstance(kind, str) or not isinstance(value.get("apiVersion"), str):
        yield Unreadable(place, "is no object with apiVersion and kind")
        return
    yield Found(place, value)


def _typed(item: Mapping[str, Json], whole: Mapping[str, Json]) -> Mapping[str, Json]:
    """Return an item of a typed list (``PodList``), whose items do not repeat their kind."""
    return {"apiVersion": whole.get("apiVersion"), "kind": str(whole.get("kind")).removesuffix("List"), **item}
