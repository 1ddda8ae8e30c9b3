"""How fast DuckDB alone reads and groups flow logs: what the engine is measured against.

``python -m ringfence_lab.floor --columns all|eight --warm-up FILE FLOWS…`` prints the seconds of one scan.

Promises: one query in this process, two threads, no memory limit; the library, its JSON reader and its operators are
loaded by a scan of the warm-up file that is not timed. Every column is read in its cheapest form: lists and objects
stay the text they are. It decides nothing, checks nothing and writes nothing, so no engine built on DuckDB that reads
the same columns is faster.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Literal, get_args

import duckdb

Columns = Literal["all", "eight"]

THREADS: Final = 2

_TEXTS: Final[dict[Columns, tuple[str, ...]]] = {
    "all": (
        "host",
        "action",
        "source_ip",
        "dest_ip",
        "source_name",
        "dest_name",
        "source_name_aggr",
        "dest_name_aggr",
        "source_namespace",
        "dest_namespace",
        "source_type",
        "dest_type",
        "source_labels",
        "dest_labels",
        "dest_service_name",
        "dest_service_namespace",
        "dest_service_port",
        "dest_domains",
        "reporter",
        "proto",
        "policies",
    ),
    "eight": (
        "source_namespace",
        "source_name_aggr",
        "dest_namespace",
        "dest_name_aggr",
        "proto",
        "action",
        "reporter",
    ),
}
"""The fields of a Calico flow log that a group is made of, beside ``dest_port``. ``all`` has those from ``host`` to
``policies`` in the order of Calico's documentation, without source ports, which are aggregated away by default, and
without the optional processes, TCP statistics, HTTP, NAT and original sources."""

_COUNTERS: Final[dict[Columns, tuple[str, ...]]] = {
    "all": (
        "bytes_in",
        "bytes_out",
        "packets_in",
        "packets_out",
        "num_flows",
        "num_flows_started",
        "num_flows_completed",
    ),
    "eight": (),
}
_SPANS: Final[dict[Columns, dict[str, str]]] = {"all": {"start_time": "min", "end_time": "max"}, "eight": {}}


def grouping(columns: Columns) -> str:
    """Return the query; its one parameter is the list of files."""
    keys = [*_TEXTS[columns], "dest_port"]
    sums = [f"sum({counter})" for counter in _COUNTERS[columns]]
    spans = [f"{function}({time_field})" for time_field, function in _SPANS[columns].items()]
    types = {
        **dict.fromkeys(_TEXTS[columns], "VARCHAR"),
        **dict.fromkeys(["dest_port", *_COUNTERS[columns], *_SPANS[columns]], "BIGINT"),
    }
    return (
        f"SELECT {', '.join([*keys, *sums, *spans, 'count(*) AS lines'])} "  # noqa: S608 - made of the names above
        f"FROM read_json(?, format = 'newline_delimited', columns = {types}) GROUP BY {', '.join(keys)}"
    )


def scan(files: Sequence[Path], *, columns: Columns, connection: duckdb.DuckDBPyConnection) -> int:
    """Read and group all files; return how many lines the groups hold, which no plan can tell without grouping."""
    # Every output column is used, or DuckDB would drop it from the plan: a row is as long as its columns are.
    query = f"SELECT sum(lines), max(length(each::VARCHAR)) FROM ({grouping(columns)}) AS each"  # noqa: S608 - see above
    row = connection.execute(query, [[str(file) for file in files]]).fetchone()
    return int(row[0] or 0) if row else 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(prog="ringfence_lab.floor", description="Time one grouping scan by DuckDB alone.")
    parser.add_argument("--columns", choices=get_args(Columns), required=True, help="which columns are read")
    parser.add_argument("--warm-up", type=Path, required=True, help="a few lines, scanned first and not timed")
    parser.add_argument("flows", type=Path, nargs="+", help="flow logs, plain or gzip")
    given = parser.parse_args(arguments)
    columns: Columns = given.columns
    with duckdb.connect(config={"threads": THREADS}) as connection:
        scan([given.warm_up], columns=columns, connection=connection)
        begin = time.perf_counter()
        scan(given.flows, columns=columns, connection=connection)
        seconds = time.perf_counter() - begin
    sys.stdout.write(f"{seconds:.6f}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
