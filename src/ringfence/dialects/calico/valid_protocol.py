"""Read what a rule or a host endpoint names as its protocol.

Promises: one spelling per protocol, whether it was given by name or by number; names are Calico's, in their exact case.
"""

from typing import Final

from ringfence.dialects.calico.shape import shown
from ringfence.model.kubernetes_object import Json
from ringfence.model.protocol import ICMP, ICMPV6, SCTP, TCP, UDP, UDPLITE

PROTOCOLS_WITH_PORTS: Final = frozenset({TCP, UDP, SCTP})
"""UDPLite has ports on the wire, but Calico does not match them."""

_NUMBERS: Final = {1: ICMP, 6: TCP, 17: UDP, 58: ICMPV6, 132: SCTP, 136: UDPLITE}
_NAMES: Final = frozenset(_NUMBERS.values())
_HIGHEST: Final = 255
_MOST_DIGITS: Final = 3


def read_protocol(value: Json) -> str | None:
    """Return a protocol's name, the number as text for one without a name, None for what is no protocol."""
    if isinstance(value, str):
        if value in _NAMES:
            return value
        if not (value.isascii() and value.isdigit() and len(value) <= _MOST_DIGITS):
            return None
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= _HIGHEST:
        return None
    return _NUMBERS.get(value, str(value))


def protocol_problem(value: Json) -> str | None:
    """Return why a text or an integer is no protocol, None where it is one. Other JSON is `shape`'s matter."""
    if isinstance(value, bool) or not isinstance(value, int | str) or read_protocol(value) is not None:
        return None
    return f"{shown(value)} is no protocol; use {', '.join(sorted(_NAMES))} or a number within 1-{_HIGHEST}"
