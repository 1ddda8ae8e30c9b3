"""Calico Enterprise's flow log as JSON lines, or as one Elasticsearch answer a day.

Promises: aggregation 2 hides pods and addresses of allowed traffic and shows those of denied traffic, aggregation 1
shows pods and addresses everywhere and source ports of denied traffic. One line per node, window and key. Source:
Calico Enterprise flow-log data types.
"""

from collections.abc import Iterable
from typing import Any, Final, Literal

from ringfence_lab.formats.line import Line, Record, address, compact, merge

COUNTERS: Final = (
    *("bytes_in", "bytes_out", "packets_in", "packets_out", "num_flows", "num_flows_started", "num_flows_completed"),
    *("http_requests_allowed_in", "http_requests_denied_in"),
)
TCP_STATISTICS: Final = (
    *("tcp_mean_send_congestion_window", "tcp_min_send_congestion_window", "tcp_mean_smooth_rtt", "tcp_max_smooth_rtt"),
    *("tcp_mean_min_rtt", "tcp_max_min_rtt", "tcp_mean_mss", "tcp_min_mss", "tcp_total_retransmissions"),
    *("tcp_lost_packets", "tcp_unrecovered_to"),
)
_HELPERS: Final = frozenset(
    {"family", "reply", "@timestamp", "start_time", "end_time"}
    | {
        f"{side}_{name}"
        for side in ("source", "dest")
        for name in ("kind", "owner", "ip6", "own_labels", "shared_labels", "node")
    }
)
_UNCOUNTED: Final = frozenset({*COUNTERS, *TCP_STATISTICS, "dest_domains"})
"""Columns that do not make a line another one."""
_SHOWS_PODS: Final = 1
_SHOWS_PORTS: Final = 0


class CalicoFormat:
    """Calico Enterprise's lines."""

    windowed = True
    names_nodes = True
    has_ghosts = False

    def __init__(self, *, aggregation: Literal[1, 2], document: bool = False) -> None:
        """``document``: one ``hits.hits`` document a day and not lines."""
        self._aggregation = aggregation
        self._document = document
        self.shows_addresses = aggregation == _SHOWS_PODS
        self.suffix = ".json" if document else ".jsonl"
        self.prologue = b'{"took":12,"timed_out":false,"hits":{"max_score":null,"hits":[' if document else b""
        self.separator = b"," if document else b"\n"
        self.epilogue = b"]}}\n" if document else b"\n"

    def lines(self, records: Iterable[Record]) -> list[Line]:
        """Return a window's lines: one per node and key."""
        found: dict[bytes, tuple[int, int, dict[str, Any]]] = {}
        for record in records:
            data = self._data(record)
            key = compact((record["start_time"], [value for name, value in data.items() if name not in _UNCOUNTED]))
            if key in found:
                known = found[key][2]
                merge(known, data, keys=[name for name in COUNTERS if name in data])
                domains = {*(known["dest_domains"] or ()), *(data["dest_domains"] or ())}
                known["dest_domains"] = sorted(domains) or None
            else:
                found[key] = record["start_time"], record["end_time"], data
        lines = [Line(start, end, data["host"], data) for start, end, data in found.values()]
        return sorted(lines, key=lambda line: line.start)

    def encode(self, line: Line) -> bytes:
        """Return a line, or an element of ``hits.hits``."""
        times = {"@timestamp": line.end * 1000, "start_time": line.start, "end_time": line.end}
        written = compact({**times, **line.data})
        if not self._document:
            return written
        return b'{"_index":"tigera_secure_ee_flows.cluster.lma","_source":' + written + b"}"

    def ghost(self, _line: Line) -> None:
        """Return None: this source has none."""

    def _level(self, record: Record) -> int:
        return self._aggregation - 1 if record["action"] == "deny" else self._aggregation

    def _data(self, record: Record) -> dict[str, Any]:
        level = self._level(record)
        data = {name: value for name, value in record.items() if name not in _HELPERS}
        for side in ("source", "dest"):
            data[f"{side}_ip"] = address(record, side) if level <= _SHOWS_PODS else None
            if record[f"{side}_type"] == "wep" and level > _SHOWS_PODS:
                data[f"{side}_name"] = "-"
                data[f"{side}_labels"] = {"labels": record[f"{side}_shared_labels"]}
        if level > _SHOWS_PORTS:
            data["source_port"] = None
        return data
