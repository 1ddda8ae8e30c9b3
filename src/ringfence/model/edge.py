"""Who talks to whom, on which protocol and port.

Promises: an edge's identity is its content, so the same edge has the same id in every run and on every machine.
"""

from hashlib import blake2b

from msgspec import Struct

from ringfence.model.endpoint import Endpoint, endpoint_key


class Icmp(Struct, frozen=True, order=True):
    """An ICMP type (0–254) and code (0–255)."""

    type: int
    code: int


class Edge(Struct, frozen=True):
    """``client`` opens connections to ``server``. ``port`` is the target port, None where the protocol reports none."""

    client: Endpoint
    server: Endpoint
    protocol: str
    port: int | None = None
    icmp: Icmp | None = None

    @property
    def id(self) -> str:
        """Return 16 hex digits of the BLAKE2b hash of the edge's content."""
        parts = [
            *(str(part) for part in endpoint_key(self.client)),
            *(str(part) for part in endpoint_key(self.server)),
            self.protocol,
            "" if self.port is None else str(self.port),
            "" if self.icmp is None else f"{self.icmp.type}.{self.icmp.code}",
        ]
        return blake2b("\x1f".join(parts).encode(), digest_size=8).hexdigest()


def edge_key(edge: Edge) -> tuple[tuple[int, str, str, str], tuple[int, str, str, str], str, int, int, int]:
    """Return the total order of edges: client, server, protocol, port, ICMP type and code."""
    icmp = edge.icmp or Icmp(-1, -1)
    return (
        endpoint_key(edge.client),
        endpoint_key(edge.server),
        edge.protocol,
        -1 if edge.port is None else edge.port,
        icmp.type,
        icmp.code,
    )
