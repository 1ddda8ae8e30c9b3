"""Object files as documents: decoded one by one, within limits, with the place where each stands.

Promises: a document that cannot be read is a problem with file and number, and the rest is read; nothing of a document
is kept once it was handed out. YAML is cut before it is decoded, at document marks and, in the lists that kubectl
writes, at items, because a decoded document takes many times its text. Aliases, depth and size are limited, because
these files are untrusted. A key that stands twice is refused in YAML; of JSON, as in an API server, the last counts.
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

from ringfence.cluster.nesting import is_too_deep
from ringfence.model.kubernetes_object import Json, KubernetesObject

SUFFIXES: Final = (".yaml", ".yml", ".json")
LARGEST_FILE: Final = 1 << 30
LARGEST_DOCUMENT: Final = 64 << 20
"""Bytes of one YAML document that is not cut at items; what it decodes to takes some twenty times that."""
MOST_TOLD: Final = 1_000
"""Problems of one file that are told one by one."""
_MOST_NODES: Final = 200_000
_LISTS_IN_LISTS: Final = 8
_ALIASES: Final = yaml_rs.AliasLimits(max_total_replayed_events=_MOST_NODES)
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")
_BRACE: Final = re.compile(rb"\s*\{")
_MARK: Final = re.compile(rb"\n---(?=\s|\Z)")
_FIRST_MARK: Final = re.compile(rb"---(?=\s|\Z)")
_NO_CONTENT: Final = re.compile(rb"(?:[ \t\r]*(?:[#%][^\n]*)?(?:\n|\Z))*\Z")
_KUBECTL_LIST: Final = re.compile(rb"\s*(?:apiVersion: [^\n]*\n)?items:\n(?=- )")
_LIST_END: Final = re.compile(rb"\n(?=[^\s#-])")
_ITEM: Final = re.compile(rb"\n(?=- )")


class Place(Struct, frozen=True, order=True):
    """A document of a file, from 1; an item of a list has its document's number and its own, from 1, else 0."""

    file: str
    document: int
    item: int = 0

    def __str__(self) -> str:
        item = f", item {self.item}" if self.item else ""
        return f"{self.file}, document {self.document}{item}"


class Unreadable(Struct, frozen=True):
    """A document that gives no object, and why."""

    place: Place
    reason: str


class Found(Struct, frozen=True):
    """An object and where it stands. What YAML has and JSON has not may still be in it."""

    place: Place
    obj: KubernetesObject


class EmptyList(Struct, frozen=True):
    """A list without items. ``kind`` is that of the list, such as ``PodList`` or just ``List``."""

    place: Place
    api_version: str
    kind: str


Document = Found | EmptyList | Unreadable


def documents(file: Path, name: str) -> Iterator[Document]:
    """Yield what a file holds, under the name that people know it by."""
    untold = 0
    for place, value in values(file, name):
        for each in [value] if isinstance(value, Unreadable) else _objects(place, value, _LISTS_IN_LISTS):
            untold += isinstance(each, Unreadable)
            if untold <= MOST_TOLD or not isinstance(each, Unreadable):
                yield each
    if untold > MOST_TOLD:
        yield Unreadable(Place(name, 1), f"has {untold - MOST_TOLD} problems more, which are not told one by one")


def values(file: Path, name: str) -> Iterator[tuple[Place, "Json | Unreadable"]]:
    """Yield the documents of a file, whether they are objects or not."""
    try:
        data = _data(file)
    except _RefusedError as refused:
        yield Place(name, 1), Unreadable(Place(name, 1), str(refused))
        return
    is_json = file.name.removesuffix(".gz").endswith(".json") or (_BRACE.match(data) is not None and _is_json(data))
    yield from _json(data, name) if is_json else _yaml(data, name)


class _RefusedError(Exception):
    """A file that is not read at all."""


def _data(file: Path) -> bytes:
    try:
        with gzip.open(file) if file.suffix == ".gz" else file.open("rb") as stream:
            data = stream.read(LARGEST_FILE + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise _RefusedError(f"cannot be read: {error}") from error
    if len(data) > LARGEST_FILE:
        raise _RefusedError(f"is larger than {LARGEST_FILE >> 20} MiB; write one file per kind")
    if data.startswith(_UTF_16):
        raise _RefusedError("is not UTF-8 but UTF-16, as Windows PowerShell redirects; write it as UTF-8")
    if b"\0" in data:
        raise _RefusedError("holds NUL bytes, so it is no text")
    return data.removeprefix(_BYTE_ORDER_MARK)


def _is_json(data: bytes) -> bool:
    try:
        msgspec.json.decode(data, type=msgspec.Raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True


def _json(data: bytes, name: str) -> Iterator[tuple[Place, "Json | Unreadable"]]:
    """Yield the objects of a JSON text, a list's items one by one."""
    place = Place(name, 1)
    try:
        head = msgspec.json.decode(data, type=_JsonList)
    except msgspec.ValidationError:
        head = _JsonList()
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        yield place, _not_json(place, error)
        return
    if not head.items or not head.kind.endswith("List"):
        yield place, _decoded_json(data, place)
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


def _decoded_json(data: bytes | msgspec.Raw, place: Place) -> "Json | Unreadable":
    try:
        value: Json = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return _not_json(place, error)
    return value


def _not_json(place: Place, error: Exception) -> Unreadable:
    match error:
        case UnicodeDecodeError():
            return Unreadable(place, "is not UTF-8")
        case RecursionError():
            return Unreadable(place, "is not JSON that we read: it nests too deeply")
        case _:
            return Unreadable(place, f"is not JSON: {error}")


def _yaml(data: bytes, name: str) -> Iterator[tuple[Place, "Json | Unreadable"]]:
    for number, (begin, end) in enumerate(_cut(data), 1):
        place = Place(name, number)
        document = data[begin:end]
        if document and not document.isspace():
            yield from _yaml_list(document, place) or [(place, _decoded_yaml(document, place))]


def _cut(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield where documents begin and end. A mark stands at a line's start, which no block of a document can.

    What stands before the first mark is a document only if it is more than comments and directives.
    """
    first = _FIRST_MARK.match(data)
    begin = 0 if first is None else first.end()
    for mark in _MARK.finditer(data):
        if begin or not _NO_CONTENT.match(data, 0, mark.start()):
            yield begin, mark.start()
        begin = mark.end()
    yield begin, len(data)


def _yaml_list(document: bytes, place: Place) -> "Iterator[tuple[Place, Json | Unreadable]] | None":
    """Return the items of a list as kubectl writes it, None where the document is none."""
    start = _KUBECTL_LIST.match(document)
    if start is None:
        return None
    end = _LIST_END.search(document, start.end())
    stop = len(document) if end is None else end.end()
    whole = _decoded_yaml(document[: start.end()].rstrip() + b" []\n" + document[stop:], place)
    if not isinstance(whole, dict) or not str(whole.get("kind", "List")).endswith("List"):
        return None
    return _yaml_items(document[start.end() : stop], place, whole)


def _yaml_items(body: bytes, place: Place, whole: Mapping[str, Json]) -> Iterator[tuple[Place, "Json | Unreadable"]]:
    marks = [0, *(match.end() for match in _ITEM.finditer(body))]
    for number, (first, last) in enumerate(zip(marks, [*marks[1:], len(body)], strict=True), 1):
        at = Place(place.file, place.document, number)
        value = _decoded_yaml(body[first:last], at)
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
        yield at, value if not isinstance(value, dict) or "kind" in value else _typed(value, whole)
    if "kind" not in whole:
        yield place, Unreadable(place, "is a list that ends early, so objects are missing; take it anew")


def _decoded_yaml(data: bytes, place: Place) -> "Json | Unreadable":
    if len(data) > LARGEST_DOCUMENT:
        return Unreadable(place, f"is larger than {LARGEST_DOCUMENT >> 20} MiB; let kubectl write it, or use JSON")
    if is_too_deep(data):
        return Unreadable(place, "is not YAML that we read: it nests too deeply")
    try:
        value: Json = yaml_rs.loads(data.decode(), parse_datetime=False, alias_limits=_ALIASES)
    except UnicodeDecodeError as error:
        return Unreadable(place, f"is not UTF-8: byte {error.start}")
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


def _objects(place: Place, value: Json, levels: int) -> Iterator[Document]:
    """Yield the objects of a decoded document, of which a list has several, and in it lists up to so many levels."""
    if value is None:
        return
    if isinstance(value, list) and levels:
        for number, each in enumerate(value, 1):
            yield from _objects(Place(place.file, place.document, number), each, levels - 1)
        return
    if not isinstance(value, Mapping):
        yield Unreadable(place, "is no object with apiVersion and kind")
        return
    kind, version, items = value.get("kind"), value.get("apiVersion"), value.get("items", False)
    if isinstance(kind, str) and kind.endswith("List") and isinstance(items, list | None) and levels:
        if not items:
            yield EmptyList(place, version if isinstance(version, str) else "", kind)
        for number, each in enumerate(items or (), 1):
            item = each if not isinstance(each, dict) or "kind" in each else _typed(each, value)
            yield from _objects(Place(place.file, place.document, number), item, levels - 1)
        return
    if not isinstance(kind, str) or not isinstance(version, str):
        yield Unreadable(place, "is no object with apiVersion and kind")
        return
    yield Found(place, value)


def _typed(item: Mapping[str, Json], whole: Mapping[str, Json]) -> Mapping[str, Json]:
    """Return an item of a typed list (``PodList``), whose items do not repeat their kind."""
    return {"apiVersion": whole.get("apiVersion"), "kind": str(whole.get("kind")).removesuffix("List"), **item}
