"""Readings of which only the times matter: who had records in which five-minute slots."""

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from ringfence.flows.evidence import Evidence, EvidenceTable
from tests.learning.evidence_rows import HOUR, table_of

ALL_SLOTS: Final = 0b111111111111
ENOUGH: Final = 0b101111110111
TOO_FEW: Final = 0b101111110101
WEEK: Final = range(7 * 24)


def slots_of(hours: Iterable[int], mask: int = ALL_SLOTS) -> Mapping[int, int]:
    """Return the same slots in each of these hours, counted from HOUR."""
    return {HOUR + hour: mask for hour in hours}


def watched(rows: Iterable[Evidence] = (), *, nodes: Mapping[str, Mapping[int, int]]) -> EvidenceTable:
    """Return the table of some rows, read from nodes with records in these slots; an empty name is no node."""
    hours = sorted({hour for slots in nodes.values() for hour in slots})
    return msgspec.structs.replace(
        table_of(rows),
        hours=dict.fromkeys(hours, 10),
        window_ends={hour: (hour + 1) * 3600 for hour in hours},
        slots=nodes,
    )
