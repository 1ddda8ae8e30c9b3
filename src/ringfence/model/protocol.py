"""Name an IP protocol the way policies and people write it.

Promises: one spelling per protocol (``TCP``, ``UDP``, ``SCTP``, ``ICMP``, ``ICMPv6``, ``UDPLite``, else the number as
text), so equal protocols compare equal. Ports exist for TCP and UDP only in what sources report: Felix writes 0 for
SCTP and type·256+code for ICMP in the port field (Calico flow generation). Whether a *rule* may carry ports is the
dialect's question.
"""

from typing import Final

TCP: Final = "TCP"
UDP: Final = "UDP"
SCTP: Final = "SCTP"
ICMP: Final = "ICMP"
ICMPV6: Final = "ICMPv6"
UDPLITE: Final = "UDPLite"

_SPELLINGS: Final = {
    "tcp": TCP,
    "6": TCP,
    "udp": UDP,
    "17": UDP,
    "sctp": SCTP,
    "132": SCTP,
    "icmp": ICMP,
    "icmpv4": ICMP,
    "1": ICMP,
    "icmp6": ICMPV6,
    "icmpv6": ICMPV6,
    "ipv6-icmp": ICMPV6,
    "58": ICMPV6,
    "udplite": UDPLITE,
    "136": UDPLITE,
    "ipip": "4",
    "esp": "50",
    "gre": "47",
    "igmp": "2",
    "vrrp": "112",
}
_HIGHEST_NUMBER: Final = 255


def protocol_named(text: str) -> str | None:
    """Return the one spelling of a protocol, or None when the text names no protocol we know.

    >>> protocol_named("tcp"), protocol_named("132"), protocol_named("89"), protocol_named("quic")
    ('TCP', 'SCTP', '89', None)
    """
    lowered = text.strip().lower()
    if lowered in _SPELLINGS:
        return _SPELLINGS[lowered]
    if lowered.isascii() and lowered.isdigit() and 0 < int(lowered[:4]) <= _HIGHEST_NUMBER and len(lowered) < 4:  # noqa: PLR2004
        return str(int(lowered))
    return None


def reports_ports(protocol: str) -> bool:
    """Say whether the port a source reports for this protocol is a port."""
    return protocol in {TCP, UDP}


def is_icmp(protocol: str) -> bool:
    """Say whether the protocol has types and codes instead of ports."""
    return protocol in {ICMP, ICMPV6}
