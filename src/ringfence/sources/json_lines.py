"""Read JSON lines with DuckDB: one record a line, nothing guessed.

Promises: the types of fields are given, never guessed from the data; a line that is no JSON object, or a value that
does not fit its type, becomes NULL instead of an error, so that a projection can count it. Blank lines are no records.
That lines are records is said too: asked to guess, DuckDB takes a file of one column for one of bare values as soon as
one line is no object.
What DuckDB's reader does with odd values (a fraction rounds, a quoted number is a number, the first of two equal keys
counts, …) is listed in docs/design/reading.md, one test a row.
"""

from collections.abc import Mapping, Sequence
from typing import Final

LONGEST_RECORD: Final = 16 * 1024 * 1024
"""Bytes of the longest line that is read as a record."""


def quoted(text: str) -> str:
    """Return a SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def json_lines(files: Sequence[str], fields: Mapping[str, str]) -> str:
    """Return a SQL relation over uncompressed files with the given fields and ``filename``."""
    columns = ", ".join(f"{quoted(name)}: {quoted(kind)}" for name, kind in fields.items())
    paths = ", ".join(quoted(file) for file in files)
    return (
        f"read_json([{paths}], format = 'newline_delimited', records = 'true', columns = {{{columns}}}, "
        f"ignore_errors = TRUE, compression = 'none', filename = TRUE, maximum_object_size = {LONGEST_RECORD})"
    )
