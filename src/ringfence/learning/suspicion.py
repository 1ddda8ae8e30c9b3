"""What a signal of the guard says: this edge, or this address of it, and why.

Promises: a value. A signal never decides alone what becomes of an edge; `guard` joins signals and people's decisions.
"""

from msgspec import Struct

from ringfence.learning.baseline import HeldReason
from ringfence.model.edge import Edge


class Suspicion(Struct, frozen=True):
    """An edge under suspicion. ``address`` is the address outside the cluster that is meant, None for all of it."""

    edge: Edge
    address: str | None
    reason: HeldReason


def suspect(edge: Edge, name: str, words: str, *, address: str | None = None) -> Suspicion:
    """Return a suspicion; ``words`` carry the numbers behind it."""
    return Suspicion(edge, address, HeldReason(name, words))
