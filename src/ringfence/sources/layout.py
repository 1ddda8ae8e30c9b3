"""Tell from content how a file of flow records is laid out.

Promises: looks at records, never at file names, and answers None rather than guess. A forced format settles which
it is; the records still settle which form of it.
"""

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Final, Literal

from ringfence.sources import calico, goldmane, hubble, whisker
from ringfence.sources.required_field import RequiredField

START_BYTES: Final = 256 * 1024
"""Bytes of a file's start that are enough to tell its layout and its usual record length."""

LONG_START_BYTES: Final = 32 * 1024 * 1024
"""Bytes to look at when the first line alone is longer than START_BYTES."""

Family = Literal["calico", "hubble", "goldmane", "whisker", "elasticsearch"]

_KEY: Final = re.compile(rb'"([A-Za-z_]{1,40})"[ \t]*:')
_HUBBLE_ENVELOPE: Final = frozenset({"flow", "node_status", "lost_events", "agent_event", "debug_event"})
_HUBBLE_FLOW: Final = frozenset({"verdict", "IP", "Type"})
_GOLDMANE_KEYS: Final = ("Key", "key")
_GOLDMANE: Final = frozenset(
    {"source_name", "sourceName", "source_namespace", "sourceNamespace", "dest_name", "destName", "dest_namespace"}
    | {"destNamespace", "reporter", "policies"}
)
_WHISKER: Final = frozenset({"source_name", "dest_name", "protocol"})
_CALICO: Final = frozenset({"source_type", "dest_type", "source_name_aggr", "dest_name_aggr", "reporter"})


class Layout(StrEnum):
    """A format in one of its forms."""

    CALICO = "calico"
    CALICO_WRAPPED = "calico in Elasticsearch's _source"
    HUBBLE = "hubble"
    HUBBLE_BARE = "hubble without envelope"
    GOLDMANE = "goldmane"
    GOLDMANE_LOWER = "goldmane with its key object in lower case"
    GOLDMANE_RESULT = "goldmane results"
    GOLDMANE_RESULT_LOWER = "goldmane results with their key objects in lower case"
    WHISKER = "whisker"

    @property
    def families(self) -> Sequence[Family]:
        """Return the formats that ``--format`` names and that have this form."""
        match self:
            case Layout.CALICO | Layout.CALICO_WRAPPED:
                return ("calico", "elasticsearch")
            case Layout.HUBBLE | Layout.HUBBLE_BARE:
                return ("hubble",)
            case Layout.WHISKER:
                return ("whisker",)
            case _:
                return ("goldmane",)

    @property
    def required(self) -> Sequence[RequiredField]:
        """Return the fields without which a record is corrupt."""
        match self:
            case Layout.CALICO | Layout.CALICO_WRAPPED:
                return calico.REQUIRED
            case Layout.HUBBLE | Layout.HUBBLE_BARE:
                return hubble.REQUIRED
            case Layout.WHISKER:
                return whisker.REQUIRED
            case Layout.GOLDMANE | Layout.GOLDMANE_RESULT:
                return goldmane.required("Key")
            case Layout.GOLDMANE_LOWER | Layout.GOLDMANE_RESULT_LOWER:
                return goldmane.required("key")


def relation(layout: Layout, files: Sequence[str]) -> str:
    """Return the SQL projection of files of one layout onto the columns of `batch`."""
    match layout:
        case Layout.CALICO:
            return calico.relation(files, wrapped=False)
        case Layout.CALICO_WRAPPED:
            return calico.relation(files, wrapped=True)
        case Layout.HUBBLE:
            return hubble.relation(files, bare=False)
        case Layout.HUBBLE_BARE:
            return hubble.relation(files, bare=True)
        case Layout.GOLDMANE:
            return goldmane.relation(files, enveloped=False, key="Key")
        case Layout.GOLDMANE_LOWER:
            return goldmane.relation(files, enveloped=False, key="key")
        case Layout.GOLDMANE_RESULT:
            return goldmane.relation(files, enveloped=True, key="Key")
        case Layout.GOLDMANE_RESULT_LOWER:
            return goldmane.relation(files, enveloped=True, key="key")
        case Layout.WHISKER:
            return whisker.relation(files)


def layout_of(start: bytes, *, forced: Family | None = None) -> Layout | None:
    """Return the layout of a file by its first bytes, None when no record there is of a known format."""
    for keys in _records(start):
        told = _told_by(keys)
        if told is not None and (forced is None or forced in told.families):
            return told
    match forced:
        case "calico":
            return Layout.CALICO
        case "elasticsearch":
            return Layout.CALICO_WRAPPED
        case "hubble":
            return Layout.HUBBLE
        case "goldmane":
            return Layout.GOLDMANE
        case "whisker":
            return Layout.WHISKER
        case None:
            return None


def _told_by(keys: frozenset[str]) -> Layout | None:
    if "_source" in keys:
        return Layout.CALICO_WRAPPED
    if len(keys & _GOLDMANE) >= 3:  # noqa: PLR2004 - three of its own field names are no accident
        for key in _GOLDMANE_KEYS:
            if key in keys:
                return _goldmane(key, enveloped="flow" in keys)
    if len(keys & _CALICO) >= 3:  # noqa: PLR2004 - three of its own field names are no accident
        return Layout.CALICO
    if keys & _HUBBLE_ENVELOPE:
        return Layout.HUBBLE
    if keys >= _WHISKER:
        return Layout.WHISKER
    return Layout.HUBBLE_BARE if len(keys & _HUBBLE_FLOW) > 1 else None


def _goldmane(key: str, *, enveloped: bool) -> Layout:
    if key == "Key":
        return Layout.GOLDMANE_RESULT if enveloped else Layout.GOLDMANE
    return Layout.GOLDMANE_RESULT_LOWER if enveloped else Layout.GOLDMANE_LOWER


def _records(start: bytes) -> Iterator[frozenset[str]]:
    """Give the keys that each line names, at any depth. Lines need not be valid: a corrupt one tells its layout too."""
    for line in start.split(b"\n"):
        keys = frozenset(key.decode() for key in _KEY.findall(line))
        if keys:
            yield keys
