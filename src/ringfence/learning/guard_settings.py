"""The thresholds of the guard, each with what it means.

Promises: a value; every number that decides whether an edge is held stands here. Shares are 0 to 1.
"""

from msgspec import Struct


class GuardSettings(Struct, frozen=True):
    """When an edge of the learning period looks like an attack."""
