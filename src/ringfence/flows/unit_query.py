"""The one grouped scan of a unit of records.

Promises: reads a relation with the columns of `batch` once and leaves one row per distinct text, with minima, maxima,
integer sums, and per record an identity hash and a packed hour. Two hashes of the texts are kept; where rows of one key
disagree in the second, the caller must group by text instead (`by_text`). The hashes are DuckDB's and salted per run:
they never leave the temporary store. ``agreement`` names a text from then on; a record is the same as
another when agreement, node, window and distinction are the same.

A record's *moment* packs the hour of its start (since the epoch) and how long after that hour began its window ends,
clipped to LONGEST_WINDOW, so that hours, counts per hour and newest ends all come from one list.
"""

from typing import Final

from ringfence.flows.batch import COUNTERS, TEXTUAL
from ringfence.flows.left_out import LeftOut
from ringfence.model.window import HOUR, LONGEST_WINDOW

MOMENT_BITS: Final = LONGEST_WINDOW.bit_length()
LAST_SECOND: Final = 253402300799
"""The last second of the year 9999; no record can be newer, and times in milliseconds are caught by it."""

_TEXTS: Final = ", ".join(TEXTUAL)
_ANY_TEXTS: Final = ",\n    ".join(
    f"coalesce(any_value({name}), '') AS {name}" for name in TEXTUAL if name != "dest_port"
)
_SUMS: Final = ",\n    ".join(f"sum({name}) AS {name}" for name in COUNTERS)
_CHECKED: Final = ", ".join(name for name in TEXTUAL if name != "dest_port")


def keyed(relation: str, *, since: int | None, until: int | None, salt: int) -> str:
    """Return SQL for the rows of a relation with their reason, key, check and identity.

    ``relation`` is SQL of a relation with the columns of `batch`; ``since`` and ``until`` bound start times
    (half-open, Unix seconds).
    """
    outside = " OR ".join(
        [
            *([f"start_time < {since:d}"] if since is not None else []),
            *([f"start_time >= {until:d}"] if until is not None else []),
        ]
    )
    return f"""
SELECT *,
  hash(agreement, node, start_time, end_time, distinction) AS record_id
FROM (
  SELECT *,
    CASE WHEN broken THEN hash('corrupt', file) ELSE hash(reason, silent, {_TEXTS}) END AS key,
    CASE WHEN broken THEN 0::UBIGINT
      ELSE hash(concat_ws(chr(31), {salt:d}, {_CHECKED}), key) END AS agreement
  FROM (
    SELECT *,
      coalesce(corrupt OR start_time < 0 OR end_time < 0
        OR start_time > {LAST_SECOND} OR end_time > {LAST_SECOND}, TRUE) AS broken,
      CASE WHEN stated_left_out <> '' THEN stated_left_out
        WHEN start_time = 0 THEN '{LeftOut.GHOST}'
        {f"WHEN {outside} THEN '{LeftOut.OUTSIDE_TIME_RANGE}'" if outside else ""}
        ELSE '' END AS reason,
      coalesce(packets_in, -1) = 0 AND coalesce(packets_out, -1) = 0 AS silent
    FROM ({relation})
  )
)"""


def grouped(relation: str, *, since: int | None, until: int | None, salt: int, by_text: bool = False) -> str:
    """Return SQL for the groups of a relation's records. ``by_text`` groups by the texts themselves."""
    grouping = f"key, reason, silent, {_TEXTS}" if by_text else "key"
    return f"""
SELECT
    key,
    any_value(broken) AS broken,
    min(agreement) AS agreement,
    min(agreement) <> max(agreement) AS disagrees,
    coalesce(any_value(file), '') AS file,
    coalesce(any_value(reason), '') AS reason,
    any_value(silent) AS silent,
    any_value(dest_port) AS dest_port,
    {_ANY_TEXTS},
    min(start_time) AS first,
    max(end_time) AS last,
    count(*) AS records,
    {_SUMS},
    list(record_id) FILTER (WHERE reason = '' AND NOT broken) AS record_ids,
    list(CASE WHEN NOT broken THEN ((start_time // {HOUR}) << {MOMENT_BITS})
      + greatest(0, least(end_time - (start_time // {HOUR}) * {HOUR}, {LONGEST_WINDOW})) END) AS moments
FROM ({keyed(relation, since=since, until=until, salt=salt)})
GROUP BY {grouping}"""
