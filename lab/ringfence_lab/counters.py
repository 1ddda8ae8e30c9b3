"""Counters of a flow-log line: packets, bytes, connections, requests and TCP statistics.

Promises: the two reporters' counters mirror each other, because *in* and *out* are relative to the reporting endpoint;
a denied row counts attempts only; a stale denied row counts nothing. TCP statistics stand in the source's rows of TCP
requests. Prepared in pools, so that writing a line costs a choice and not a calculation.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Final

from ringfence_lab.edge import Traffic
from ringfence_lab.faces import members

POOL_BITS: Final = 6

Pair = tuple[bytes, bytes]
"""The counters of one exchange as the source's node and as the destination's node write them."""


@dataclass(frozen=True, slots=True)
class _Shape:
    connections: tuple[int, int]
    packets: tuple[int, int]
    request: tuple[int, int]
    reply: tuple[int, int]
    measured: bool = True


_SHAPES: Final[Mapping[Traffic, _Shape]] = {
    "request": _Shape((1, 90), (6, 24), (80, 400), (200, 1400)),
    "bulk": _Shape((1, 12), (200, 4000), (300, 1400), (300, 1400), measured=False),
    "name": _Shape((2, 300), (1, 2), (60, 90), (90, 240), measured=False),
    "scrape": _Shape((5, 10), (12, 60), (60, 120), (900, 1400), measured=False),
    "probe": _Shape((1, 2), (1, 1), (60, 60), (0, 0), measured=False),
    "upload": _Shape((1, 3), (2000, 9000), (1300, 1400), (40, 60), measured=False),
    "echo": _Shape((1, 3), (5, 60), (84, 98), (84, 98), measured=False),
}


def counter_pool(traffic: Traffic, *, datagrams: bool, random: Random) -> tuple[Pair, ...]:
    """Return 2^POOL_BITS exchanges of allowed traffic; ``datagrams`` has no TCP statistics."""
    shape = _SHAPES[traffic]
    return tuple(_exchange(shape, tcp=shape.measured and not datagrams, random=random) for _ in range(1 << POOL_BITS))


def denied_pool(random: Random) -> tuple[Pair, ...]:
    """Return 2^POOL_BITS denied exchanges: requests only, counted by the side that refuses."""
    pool = []
    for _ in range(1 << POOL_BITS):
        attempts = random.randint(1, 9)
        packets = attempts * random.randint(1, 4)
        size = packets * 60
        pool.append(
            (_columns(attempts, attempts, (0, 0, packets, size)), _columns(attempts, attempts, (packets, size, 0, 0)))
        )
    return tuple(pool)


def _exchange(shape: _Shape, *, tcp: bool, random: Random) -> Pair:
    started = random.randint(*shape.connections)
    completed = random.randint(0, started)
    packets = started * random.randint(*shape.packets)
    asked, answered = packets * random.randint(*shape.request), packets * random.randint(*shape.reply)
    trip = random.randint(300, 40_000) if tcp else 0
    received = packets if answered else 0
    source = _columns(started, completed, (received, answered, packets, asked), trip=trip)
    destination = _columns(started, completed, (packets, asked, received, answered))
    return source, destination


def _columns(started: int, completed: int, counts: tuple[int, int, int, int], *, trip: int = 0) -> bytes:
    packets_in, bytes_in, packets_out, bytes_out = counts
    columns: dict[str, object] = {
        "bytes_in": bytes_in,
        "bytes_out": bytes_out,
        "packets_in": packets_in,
        "packets_out": packets_out,
        "num_flows": started,
        "num_flows_started": started,
        "num_flows_completed": completed,
        "http_requests_allowed_in": 0,
        "http_requests_denied_in": 0,
    }
    if trip:
        columns |= {
            "tcp_mean_send_congestion_window": 10,
            "tcp_min_send_congestion_window": 10,
            "tcp_mean_smooth_rtt": trip,
            "tcp_max_smooth_rtt": trip * 2,
            "tcp_mean_min_rtt": trip // 2,
            "tcp_max_min_rtt": trip,
            "tcp_mean_mss": 1398,
            "tcp_min_mss": 536,
            "tcp_total_retransmissions": started // 40,
            "tcp_lost_packets": started // 60,
            "tcp_unrecovered_to": 0,
        }
    return members(columns) + b"}\n"


STALE: Final[Pair] = (_columns(0, 0, (0, 0, 0, 0)), _columns(0, 0, (0, 0, 0, 0)))
"""A denied row that lingers after its connection: Calico writes such rows with zero counters."""
