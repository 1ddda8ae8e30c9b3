"""The floor of the benchmark: DuckDB alone, scanning and grouping the same file.

Promises: one warm-up, then the seconds of one scan, printed. Two threads, no memory limit, in a process of its own.
``all`` reads every column that learning could need and groups by every text; ``eight`` reads eight.
"""

import sys
import time
from typing import Final

import duckdb

_TEXTS: Final = (
    *("host", "action", "source_ip", "dest_ip", "source_name", "dest_name", "source_name_aggr", "dest_name_aggr"),
    *("source_namespace", "dest_namespace", "source_type", "dest_type", "source_labels", "dest_labels"),
    *("dest_service_name", "dest_service_namespace", "dest_service_port", "dest_domains", "reporter", "proto"),
    "policies",
)
_COUNTERS: Final = (
    *("bytes_in", "bytes_out", "packets_in", "packets_out"),
    *("num_flows", "num_flows_started", "num_flows_completed"),
)
_EIGHT: Final = (
    *("source_namespace", "dest_namespace", "source_name_aggr", "dest_name_aggr"),
    *("proto", "action", "reporter"),
)


def query(files: list[str], columns: str) -> str:
    """Return the SQL of a floor over files."""
    texts = _TEXTS if columns == "all" else _EIGHT
    numbers = ("dest_port", "start_time", "end_time", *_COUNTERS) if columns == "all" else ("dest_port",)
    types = dict.fromkeys(texts, "VARCHAR") | dict.fromkeys(numbers, "BIGINT")
    fields = ", ".join(f"{name}: '{kind}'" for name, kind in types.items())
    paths = ", ".join("'" + file.replace("'", "''") + "'" for file in files)
    key = ", ".join((*texts, "dest_port"))
    sums = ", ".join(f"sum({name})" for name in _COUNTERS)
    kept = f"min(start_time), max(end_time), {sums}" if columns == "all" else "1"
    return (
        f"SELECT {key}, count(*), {kept} FROM read_json([{paths}], format = 'newline_delimited', "  # noqa: S608
        f"columns = {{{fields}}}, ignore_errors = TRUE) GROUP BY {key}"
    )


def main() -> int:
    """Time one floor: ``floor all|eight FILE…``."""
    columns, *files = sys.argv[1:]
    connection = duckdb.connect()
    connection.execute("SET threads = 2")
    text = query(files, columns)
    connection.execute(text).fetchall()
    began = time.perf_counter()
    connection.execute(text).fetchall()
    sys.stdout.write(f"{time.perf_counter() - began:.3f}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
