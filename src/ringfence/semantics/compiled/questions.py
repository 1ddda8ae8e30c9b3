"""Many questions, as numbers into the ends and the traffic they are about.

Promises: an end stands once by identity, traffic once by content; the order of the questions is kept.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ringfence.semantics.compiled.traffic_rows import Traffic
from ringfence.semantics.connection import Connection, End

Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Questions:
    """Connections: for each, the numbers of its source and its destination among ``ends``, and of its ``kinds``."""

    ends: tuple[End, ...]
    traffic: tuple[Traffic, ...]
    source: Integers
    destination: Integers
    kind: Integers

    @classmethod
    def of(cls, connections: Iterable[Connection]) -> "Questions":
        """Return the questions about connections."""
        ends: dict[int, tuple[int, End]] = {}
        traffic: dict[Traffic, int] = {}
        source, destination, kind = [], [], []
        for each in connections:
            source.append(ends.setdefault(id(each.source), (len(ends), each.source))[0])
            destination.append(ends.setdefault(id(each.destination), (len(ends), each.destination))[0])
            kind.append(traffic.setdefault(Traffic.of(each), len(traffic)))
        return cls(
            tuple(end for _, end in ends.values()),
            tuple(traffic),
            np.array(source, np.int64),
            np.array(destination, np.int64),
            np.array(kind, np.int64),
        )

    def __len__(self) -> int:
        return len(self.source)

    def connection(self, number: int) -> Connection:
        """Return a question as a connection."""
        kind = self.traffic[self.kind[number]]
        source, destination = self.ends[self.source[number]], self.ends[self.destination[number]]
        return Connection(source, destination, kind.protocol, kind.port, kind.source_port, kind.icmp)
