"""The one grouped scan of a unit of records.

Promises: reads a relation with the columns of `batch` once and leaves one row per distinct text, with minima, maxima,
integer sums, and per record an identity hash and a packed hour. Two hashes of the texts are kept; where rows of one key
disagree in the second, the caller must group by text instead (`by_text`). The hashes are DuckDB's and salted per run:
they never leave the temporary store. ``agreement`` names a text from then on; a record is the same as another when
agreement, node, window and distinction are the same. A side is *early* where the record ended before the side's text
stood for what it stands for now (`Directory.early`); records of either era are groups of their own.

A record's *moment* is its node, by a hash, and ``at``, which packs the hour of its start (since the epoch), the slot of
that hour in which it starts, and how long after the hour began its window ends, clipped to LONGEST_WINDOW; so hours,
counts per hour, newest ends and slots per node all come from one list. Of the texts of nodes a group keeps just one.
"""

from typing import Final

from ringfence.flows.batch import COUNTERS, TEXTUAL
from ringfence.flows.left_out import LeftOut
from ringfence.flows.slots import SLOT, SLOTS_AN_HOUR
from ringfence.model.window import HOUR, LONGEST_WINDOW

SLOT_SHIFT: Final = LONGEST_WINDOW.bit_length()
HOUR_SHIFT: Final = SLOT_SHIFT + SLOTS_AN_HOUR.bit_length()
NODE: Final = "coalesce(node, '')"
LAST_SECOND: Final = 253402300799
"""The last second of the year 9999; no record can be newer, and times in milliseconds are caught by it."""

_TEXTS: Final = ", ".join(TEXTUAL)
_EARLY: Final = "source_early, dest_early"
_NEVER_EARLY: Final = "FALSE AS source_early, FALSE AS dest_early"
_ANY_TEXTS: Final = ",\n    ".join(
    f"coalesce(any_value({name}), '') AS {name}" for name in TEXTUAL if name != "dest_port"
)
_SUMS: Final = ",\n    ".join(f"sum({name}) AS {name}" for name in COUNTERS)
_CHECKED: Final = ", ".join(name for name in TEXTUAL if name != "dest_port")


def keyed(relation: str, *, since: int | None, until: int | None, salt: int, dated: bool) -> str:
    """Return SQL for the rows of a relation with their reason, key, check and identity.

    ``relation`` is SQL of a relation with the columns of `batch`; ``since`` and ``until`` bound start times
    (half-open, Unix seconds). ``dated``: a table ``beginning`` holds `Directory.beginnings`.
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
    CASE WHEN broken THEN hash('corrupt', file) ELSE hash(reason, silent, {_TEXTS}, {_EARLY}) END AS key,
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
    FROM ({_dated(relation) if dated else f"SELECT *, {_NEVER_EARLY} FROM ({relation})"})
  )
)"""


def _dated(relation: str) -> str:
    """Return SQL that says of each side whether its record is early."""
    sides = ("source", "dest")
    columns = ", ".join(
        f"coalesce(r.start_time < {side}.second AND r.end_time <= {side}.second, FALSE) AS {side}_early"
        for side in sides
    )
    joins = "\n".join(
        f"""LEFT JOIN beginning AS {side} ON {side}.type = r.{side}_type
        AND {side}.text = CASE r.{side}_type WHEN 'net' THEN r.{side}_address ELSE r.{side}_namespace END"""
        for side in sides
    )
    return f"SELECT r.*, {columns} FROM ({relation}) AS r {joins}"


def grouped(relation: str, *, since: int | None, until: int | None, salt: int, dated: bool, by_text: bool) -> str:
    """Return SQL for the groups of a relation's records. ``by_text`` groups by the texts themselves."""
    grouping = f"key, reason, silent, {_TEXTS}, {_EARLY}" if by_text else "key"
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
    any_value(source_early) AS source_early,
    any_value(dest_early) AS dest_early,
    {_ANY_TEXTS},
    min(start_time) AS first,
    max(end_time) AS last,
    count(*) AS records,
    {_SUMS},
    list(record_id) FILTER (WHERE reason = '' AND NOT broken) AS record_ids,
    any_value({NODE}) AS some_node,
    list(CASE WHEN NOT broken THEN {{'node': hash({NODE}), 'at': ((start_time // {HOUR}) << {HOUR_SHIFT})
      + ((start_time % {HOUR} // {SLOT}) << {SLOT_SHIFT})
      + greatest(0, least(end_time - (start_time // {HOUR}) * {HOUR}, {LONGEST_WINDOW}))}} END) AS moments
FROM ({keyed(relation, since=since, until=until, salt=salt, dated=dated)})
GROUP BY {grouping}"""
