"""Sets of ports, written as Calico and our documents write them.

Promises: a PortSet is sorted, without overlap and without neighbours that touch, so equal sets compare and print equal.
"""

from collections.abc import Iterable, Iterator
from typing import Final, Self

from msgspec import Struct

LOWEST_PORT: Final = 1
HIGHEST_PORT: Final = 65535


class PortRange(Struct, frozen=True, order=True):
    """Ports from ``first`` to ``last``, both included. Raises ValueError outside 1–65535 or in the wrong order."""

    first: int
    last: int

    def __post_init__(self) -> None:
        if not LOWEST_PORT <= self.first <= self.last <= HIGHEST_PORT:
            raise ValueError(f"ports {self.first}:{self.last} are not within 1-65535 in rising order")

    def __str__(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first}:{self.last}"


class PortSet(Struct, frozen=True, order=True):
    """A set of ports as disjoint rising ranges. Build it with `of`; the empty set holds no port."""

    ranges: tuple[PortRange, ...] = ()

    @classmethod
    def of(cls, ports: Iterable[int | PortRange]) -> Self:
        """Return the set of all given ports and ranges.

        >>> str(PortSet.of([443, 80, 81, PortRange(82, 90)]))
        '80:90,443'
        """
        wanted = sorted(port if isinstance(port, PortRange) else PortRange(port, port) for port in ports)
        merged: list[PortRange] = []
        for each in wanted:
            if merged and each.first <= merged[-1].last + 1:
                merged[-1] = PortRange(merged[-1].first, max(merged[-1].last, each.last))
            else:
                merged.append(each)
        return cls(tuple(merged))

    def __contains__(self, port: int) -> bool:
        return any(each.first <= port <= each.last for each in self.ranges)

    def __iter__(self) -> Iterator[PortRange]:
        return iter(self.ranges)

    def __len__(self) -> int:
        return len(self.ranges)

    def __str__(self) -> str:
        return ",".join(str(each) for each in self.ranges)
