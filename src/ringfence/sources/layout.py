"""Tell from content how a file of flow records is laid out.

Promises: looks at records, never at names; says None rather than guess. A forced format settles the family, content
still settles the form within it.
"""

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Final, Literal

from ringfence.sources import calico, hubble

START_BYTES: Final = 256 * 1024
"""Bytes of a file's start that are enough to tell its layout and its usual record length."""

LONG_START_BYTES: Final = 32 * 1024 * 1024
"""Bytes to look at when the first line alone is longer than START_BYTES."""

Family = Literal["calico", "hubble"]

_KEY: Final = re.compile(rb'"([A-Za-z_]{1,40})"[ \t]*:')
_HUBBLE_ENVELOPE: Final = frozenset({"flow", "node_status", "lost_events", "agent_event", "debug_event"})
_HUBBLE_FLOW: Final = frozenset({"verdict", "IP", "Type"})
_CALICO: Final = frozenset({"source_type", "dest_type", "source_name_aggr", "dest_name_aggr", "reporter"})


class Layout(StrEnum):
    """A format in one of its forms."""

    CALICO = "calico"
    CALICO_WRAPPED = "calico in Elasticsearch's _source"
    HUBBLE = "hubble"
    HUBBLE_BARE = "hubble without envelope"

    @property
    def family(self) -> Family:
        """Return the format that ``--format`` names."""
        return "calico" if self in {Layout.CALICO, Layout.CALICO_WRAPPED} else "hubble"

    @property
    def required(self) -> Sequence[str]:
        """Return the fields without which a record is corrupt."""
        return calico.REQUIRED if self.family == "calico" else hubble.REQUIRED


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


def layout_of(start: bytes, *, forced: Family | None = None) -> Layout | None:
    """Return the layout of a file by its first bytes, None when no record there is of a known format."""
    for keys in _records(start):
        told = _told_by(keys)
        if told is not None and forced in {None, told.family}:
            return told
    match forced:
        case "calico":
            return Layout.CALICO
        case "hubble":
            return Layout.HUBBLE
        case None:
            return None


def _told_by(keys: frozenset[str]) -> Layout | None:
    if "_source" in keys:
        return Layout.CALICO_WRAPPED
    if len(keys & _CALICO) >= 3:  # noqa: PLR2004 - three of its own field names are no accident
        return Layout.CALICO
    if keys & _HUBBLE_ENVELOPE:
        return Layout.HUBBLE
    return Layout.HUBBLE_BARE if len(keys & _HUBBLE_FLOW) > 1 else None


def _records(start: bytes) -> Iterator[frozenset[str]]:
    """Give the keys that each line names, at any depth. Lines need not be valid: a corrupt one tells its layout too."""
    for line in start.split(b"\n"):
        keys = frozenset(key.decode() for key in _KEY.findall(line))
        if keys:
            yield keys
