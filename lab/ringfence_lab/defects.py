"""What goes wrong between a cluster and its capture, made on purpose and counted.

Promises: each defect is counted by name where it is made, so that truth tells what is in the files. Nothing that is
true gets lost: a corrupt line is a damaged copy, a late one comes later on the same day. Defects that a format cannot
have are absent.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Any, Final

from ringfence_lab.clock import Clock
from ringfence_lab.formats.line import FlowFormat, Line, Record

_CHANCE: Final = 0.0006
_REPLY_CHANCE: Final = 0.004
_LATE_WINDOWS: Final = (3, 9)
_SKEW_SECONDS: Final = 47
_REPLY_PORTS: Final = (50_100, 59_999)
_HALF: Final = 2


@dataclass(frozen=True, slots=True)
class Skew:
    """A node whose clock is fast from a moment on."""

    node: str
    seconds: int
    since: int


class Defects:
    """The defects of one capture. ``counts`` grows while windows are written."""

    def __init__(self, form: FlowFormat, *, seed: int, clock: Clock, days: int, nodes: int) -> None:
        """``nodes``: one of them has a bad clock from the middle of the capture on."""
        self.counts: dict[str, int] = {"late": 0, "outOfOrder": 0, "repeated": 0, "corrupt": 0, "replies": 0}
        self.skew: Skew | None = None
        self._form = form
        self._clock = clock
        self._random = Random(f"defects-{seed}")
        self._answering = Random(f"replies-{seed}")
        self._waiting: dict[int, list[Line]] = {}
        self._replies = 0
        if form.windowed:
            self.counts |= {"overlapping": 0, "stale": 0}
        if form.has_ghosts:
            self.counts["ghosts"] = 0
        if form.names_nodes:
            self.counts["clockSkew"] = 0
            middle = clock.start + days * clock.windows_per_day // 2 * clock.flush
            self.skew = Skew(f"node-{self._random.randrange(nodes):03d}", _SKEW_SECONDS, middle)

    def replies(self, records: Iterable[Record]) -> list[Record]:
        """Return a window's records with some replies that look like new flows."""
        written = list(records)
        for record in tuple(written):
            if _may_answer(record) and self._answering.random() < _REPLY_CHANCE:
                first, last = _REPLY_PORTS
                written.append(_reply(record, port=first + self._replies % (last - first)))
                self._replies += 1
                self.counts["replies"] += 1
        return written

    def apply(self, window: int, lines: Iterable[Line]) -> list[bytes]:
        """Return a window's lines as they come to stand in the file."""
        out: list[bytes] = []
        for line in lines:
            self._count_stale(line)
            line = self._skewed(line)  # noqa: PLW2901 - the same line by another clock
            if self._lucky(line):
                out.append(self._form.encode(line))
            else:
                out += self._spoiled(line, window)
        out += [self._form.encode(line) for line in self._waiting.pop(window, ())]
        return out

    def _lucky(self, line: Line) -> bool:
        skewed = self.skew is not None and line.node == self.skew.node
        return self._random.random() >= 5 * _CHANCE or skewed or _is_empty(line)

    def _spoiled(self, line: Line, window: int) -> list[bytes]:
        written = self._form.encode(line)
        match self._random.randrange(6):
            case 0:
                wait = self._random.randint(*_LATE_WINDOWS)
                return [] if self._put_off(line, window + wait, "late") else [written]
            case 1:
                return [] if self._put_off(line, window + 1, "outOfOrder") else [written]
            case 2:
                self.counts["repeated"] += 1
                return [written, written]
            case 3:
                self.counts["corrupt"] += 1
                return [written, self._damaged(line, written)]
            case 4 if self._form.windowed:
                self.counts["overlapping"] += 1
                half = (line.end - line.start) // _HALF
                return [written, self._form.encode(replace(line, start=line.start + half, end=line.end + half))]
            case 5 if self._form.has_ghosts and (ghost := self._form.ghost(line)) is not None:
                self.counts["ghosts"] += 1
                return [written, ghost]
            case _:
                return [written]

    def _put_off(self, line: Line, window: int, name: str) -> bool:
        """Put a line off; never into another day, whose file is another."""
        if window % self._clock.windows_per_day < window - self._of(line):
            return False
        self.counts[name] += 1
        self._waiting.setdefault(window, []).append(line)
        return True

    def _of(self, line: Line) -> int:
        return (line.start - self._clock.start) // self._clock.flush

    def _damaged(self, line: Line, written: bytes) -> bytes:
        if self._form.separator == b"\n":
            return written[: self._random.randint(len(written) // 4, len(written) * 3 // 4)]
        return self._form.encode(replace(line, data={}))

    def _skewed(self, line: Line) -> Line:
        skew = self.skew
        if skew is None or line.node != skew.node or line.start < skew.since:
            return line
        self.counts["clockSkew"] += 1
        return replace(line, start=line.start + skew.seconds, end=line.end + skew.seconds)

    def _count_stale(self, line: Line) -> None:
        if "stale" in self.counts and _is_empty(line):
            self.counts["stale"] += 1


def _is_empty(line: Line) -> bool:
    return not any(line.data.get(name, 1) for name in ("packets_in", "packets_out", "bytes_in", "bytes_out"))


def _may_answer(record: Record) -> bool:
    pods = record["source_type"] == record["dest_type"] == "wep" and record["proto"] == "tcp"
    return pods and record["reporter"] == "dst" and "__PROFILE__" in record["policies"]["enforced_policies"][-1]


def _reply(record: Record, *, port: int) -> dict[str, Any]:
    """Return the way back of a connection as if it were a connection, written by the server's node."""
    written: dict[str, Any] = dict(record)
    for name, value in record.items():
        side, _, rest = name.partition("_")
        if side in {"source", "dest"} and f"{_other(side)}_{rest}" in record:
            written[f"{_other(side)}_{rest}"] = value
    trace = _way_out(record["policies"]["enforced_policies"], str(record["dest_namespace"]))
    return {
        **written,
        "source_port": record["dest_port"],
        "dest_port": port,
        "reporter": "src",
        "reply": True,
        "policies": {**record["policies"], **dict.fromkeys(_TRACES, trace)},
        "bytes_in": 0,
        "packets_in": 0,
        "bytes_out": 60,
        "packets_out": 1,
        "num_flows": 1,
        "num_flows_started": 1,
        "num_flows_completed": 0,
    }


_TRACES: Final = ("all_policies", "enforced_policies", "pending_policies")


def _way_out(inward: Iterable[str], namespace: str) -> list[str]:
    """Return the egress trace of a server, whose ingress trace ends at the profile."""
    passed = [f"{index}|security|security.blocked-egress|pass|1" for index, hit in enumerate(inward) if "|pass|" in hit]
    return [*passed, f"{len(passed)}|__PROFILE__|__PROFILE__.kns.{namespace}|allow|0"]


def _other(side: str) -> str:
    return "dest" if side == "source" else "source"


def counts_written(counts: Mapping[str, int], *, missing: int) -> dict[str, int]:
    """Return the counts as truth lists them; ``missing``: lines that one of two reporters failed to write."""
    return dict(sorted({**counts, "missingReporters": missing}.items()))
