"""The one frontier of columns between sources and everything else.

Promises: from here on nothing knows the format a record came in. A bulk source gives a SQL projection onto COLUMNS, a
live source gives Record values; both mean the same. Text is as the source wrote it (``-`` and the empty text mean
*none*); `identity`, `traces` and the fold read it once per distinct text.
"""

from typing import Final

from msgspec import Struct


class Column(Struct, frozen=True):
    """One column of the frontier: its name, its SQL type, and whether it is part of what a record says (not when,
    where or how much).
    """

    name: str
    sql_type: str
    textual: bool = True


def _side(side: str) -> tuple[Column, ...]:
    return tuple(
        Column(f"{side}_{part}", "VARCHAR")
        for part in ("type", "namespace", "name", "name_aggr", "owner", "labels", "address")
    )


COLUMNS: Final = (
    *_side("source"),
    *_side("dest"),
    Column("protocol", "VARCHAR"),
    Column("dest_port", "BIGINT"),
    Column("service_namespace", "VARCHAR"),
    Column("service_name", "VARCHAR"),
    Column("service_port", "VARCHAR"),
    Column("domains", "VARCHAR"),
    Column("reporter", "VARCHAR"),
    Column("action", "VARCHAR"),
    Column("policies", "VARCHAR"),
    Column("stated_outcome", "VARCHAR"),
    Column("stated_left_out", "VARCHAR"),
    Column("node", "VARCHAR", textual=False),
    Column("start_time", "BIGINT", textual=False),
    Column("end_time", "BIGINT", textual=False),
    Column("distinction", "UBIGINT", textual=False),
    Column("connections", "BIGINT", textual=False),
    Column("packets_in", "BIGINT", textual=False),
    Column("packets_out", "BIGINT", textual=False),
    Column("bytes_in", "BIGINT", textual=False),
    Column("bytes_out", "BIGINT", textual=False),
    Column("corrupt", "BOOLEAN", textual=False),
    Column("file", "VARCHAR", textual=False),
)

COUNTERS: Final = ("connections", "packets_in", "packets_out", "bytes_in", "bytes_out")
TEXTUAL: Final = tuple(column.name for column in COLUMNS if column.textual)


class SightingText(Struct, frozen=True, order=True):
    """What a reporter wrote of one side. ``type`` is ``wep``, ``hep``, ``ns`` or ``net`` (Calico's flow logs).

    ``name`` is a full name, ``name_aggr`` one that ends in ``*`` where pods were aggregated; ``owner`` is
    ``Kind/name`` where the source itself names the pods' owner; ``labels`` is a JSON list of ``key=value`` or Calico's
    ``{"labels": [...]}``.
    """

    type: str = ""
    namespace: str = ""
    name: str = ""
    name_aggr: str = ""
    owner: str = ""
    labels: str = ""
    address: str = ""


class Record(Struct, frozen=True):
    """One flow record on the frontier, as a typed row.

    Times are Unix seconds. ``reporter`` is ``src`` or ``dst``, anything else means unknown. ``policies`` is a JSON list
    of policy strings. ``stated_outcome`` is the word of a source that has no Calico trace (an `evidence.Outcome`);
    ``stated_left_out`` a `left_out.LeftOut` that the source itself knows. ``distinction`` is whatever else makes two
    records different (a hash of source port, process, uuid). A counter the source does not report is None.
    """

    source: SightingText
    dest: SightingText
    protocol: str
    dest_port: int | None
    reporter: str
    node: str
    start_time: int
    end_time: int
    service_namespace: str = ""
    service_name: str = ""
    service_port: str = ""
    domains: str = ""
    action: str = ""
    policies: str = ""
    stated_outcome: str = ""
    stated_left_out: str = ""
    distinction: int = 0
    connections: int | None = None
    packets_in: int | None = None
    packets_out: int | None = None
    bytes_in: int | None = None
    bytes_out: int | None = None
