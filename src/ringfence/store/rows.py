"""Typed rows as a unit: what sources that do not speak SQL hand over.

Promises: the rows go through the same scan as bulk files, as JSON lines with one key a column of `batch`.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec

from ringfence.flows.batch import COLUMNS, Record

_STATED: Final = tuple(column for column in COLUMNS if column.name not in {"corrupt", "file"})


def rows_relation(records: Iterable[Record], file: Path) -> str:
    """Write the records into a file and return SQL that reads it with the columns of `batch`."""
    with file.open("wb") as lines:
        for record in records:
            lines.write(msgspec.json.encode(_flat(record)) + b"\n")
    columns = ", ".join(f"'{column.name}': '{column.sql_type}'" for column in _STATED)
    path = str(file).replace("'", "''")
    return (
        f"SELECT *, FALSE AS corrupt, '' AS file FROM read_json(['{path}'], format = 'newline_delimited', "
        f"columns = {{{columns}}}, compression = 'none')"
    )


def _flat(record: Record) -> dict[str, object]:
    values = {name: getattr(record, name) for name in Record.__struct_fields__ if name not in {"source", "dest"}}
    for side, sighting in (("source", record.source), ("dest", record.dest)):
        values |= {f"{side}_{name}": getattr(sighting, name) for name in type(sighting).__struct_fields__}
    return values
