"""One connection: who, whom, and how.

Promises: values only. A party is an address and whatever is known to have it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

from ringfence_lab.evaluator.endpoints import Address, NetworkSet, Pod

SOURCE_PORT: Final = 45_678

Members = Mapping[tuple[str, str], Collection[tuple[Address, int, int | None]]]


@dataclass(frozen=True, slots=True, eq=False)
class Party:
    """One end. ``pod`` is the endpoint whose policies count, None outside; ``holders`` have or cover the address."""

    address: Address
    pod: Pod | None
    holders: tuple[Pod | NetworkSet, ...]


@dataclass(frozen=True, slots=True)
class Connection:
    """A new connection. ``services`` are the members of Services: address, protocol number and port.

    The destination port is that after translation of the Service, None where the protocol has none.
    """

    source: Party
    destination: Party
    protocol: int
    destination_port: int | None
    source_port: int | None = SOURCE_PORT
    icmp: tuple[int, int] | None = None
    services: Members = field(default_factory=dict)
