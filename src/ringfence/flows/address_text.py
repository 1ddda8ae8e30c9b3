"""Addresses as texts.

Promises: equal addresses have equal texts, and an IPv4 address that is mapped into IPv6 is the IPv4 one.
"""

from ipaddress import IPv4Address, ip_address


def canonical(text: str) -> str:
    """Return an address as Kubernetes and Calico write it, the empty text for what is no address.

    >>> canonical("fd00:0:0:0::1"), canonical("::ffff:10.0.0.7"), canonical("-")
    ('fd00::1', '10.0.0.7', '')
    """
    try:
        parsed = ip_address(text)
    except ValueError:
        return ""
    mapped = None if isinstance(parsed, IPv4Address) else parsed.ipv4_mapped
    return str(mapped or parsed)
