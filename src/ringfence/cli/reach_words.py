"""What one class may send to another, in a cell.

Promises: IP families are told only where they differ; what is not known stands as *perhaps*.
"""

from collections.abc import Collection

from ringfence.verify.connectivity import Allowed, Reach
from ringfence.verify.traffic_parts import traffic_words


def reach_words(reach: Reach, protocols: Collection[str]) -> str:
    """Write a reach: ``TCP 80``, ``all``, ``nothing``, ``TCP 80; perhaps UDP 53``, ``IPv4 TCP 80; IPv6 nothing``."""
    said = {each.family: _words(each, protocols) for each in reach}
    if len(set(said.values())) == 1:
        return next(iter(said.values()))
    return "; ".join(f"IPv{family} {words}" for family, words in said.items())


def _words(allowed: Allowed, protocols: Collection[str]) -> str:
    words = traffic_words(allowed.surely, protocols)
    if not allowed.uncertain:
        return words
    perhaps = f"perhaps {traffic_words(allowed.uncertain, protocols)}"
    return f"{words}; {perhaps}" if allowed.surely else perhaps
