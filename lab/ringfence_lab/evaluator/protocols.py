"""Protocols by name and number.

Promises: names in any case, numbers also as text. ``has_ports`` is Calico's: TCP, UDP and SCTP, not UDPLite.
"""

from typing import Final

NUMBERS: Final = {"ICMP": 1, "TCP": 6, "UDP": 17, "ICMPV6": 58, "SCTP": 132, "UDPLITE": 136}
_WITH_PORTS: Final = frozenset({6, 17, 132})
_HIGHEST: Final = 255


def protocol_number(value: object) -> int:
    """Return a protocol's number. Raises ValueError for what is no protocol."""
    written = str(value).upper()
    if written in NUMBERS:
        return NUMBERS[written]
    if not (written.isascii() and written.isdigit() and int(written) <= _HIGHEST):
        raise ValueError(f"{value!r} is no protocol")
    return int(written)


def has_ports(protocol: int) -> bool:
    """Say whether ports mean something in a protocol."""
    return protocol in _WITH_PORTS
