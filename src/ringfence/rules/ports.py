"""Say which ports an edge's rule means: its own, or the range that its server hands out.

Promises: the edge's port is among them; the reason tells why they are more.
"""

from ringfence.learning.ephemeral import Listeners
from ringfence.model.edge import Edge
from ringfence.model.port import PortSet

HANDED_OUT = "ports-handed-out"


def ports_of(edge: Edge, listening: Listeners) -> tuple[PortSet | None, str | None]:
    """Return an edge's ports, None for a protocol without, and why they are more than its own."""
    if edge.port is None:
        return None, None
    handed_out = listening.handed_out(edge)
    return PortSet.of([handed_out or edge.port]), None if handed_out is None else HANDED_OUT
