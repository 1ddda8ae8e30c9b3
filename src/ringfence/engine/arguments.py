"""What a person asks of a connection: ``DST:PORT/PROTO`` as an end, a protocol and a port.

Promises: the last colon separates the port, so IPv6 needs no brackets; the protocol is TCP where none is written. What
cannot be meant is refused with what to write instead.
"""

import re
from ipaddress import ip_address
from typing import Final

from msgspec import Struct

from ringfence.model.edge import Icmp
from ringfence.model.port import HIGHEST_PORT, LOWEST_PORT
from ringfence.model.protocol import SCTP, TCP, UDP, UDPLITE, is_icmp, protocol_named

_WITH_PORTS: Final = frozenset({TCP, UDP, SCTP, UDPLITE})
_ICMP: Final = re.compile(r"(\d{1,3})(?:\.(\d{1,3}))?")
_HIGHEST_ICMP: Final = 255
_FORM: Final = "write it as DST:PORT/PROTO, for example shop/redis:6379/tcp, or DST:8.0/icmp"


class ArgumentError(Exception):
    """An argument names nothing, or more than one thing; the message says what it could have been."""


class Asked(Struct, frozen=True):
    """The text of an end, and what is asked of it. ``port`` is as written: a Service's port for a Service."""

    end: str
    protocol: str
    port: int | None = None
    icmp: Icmp | None = None


def asked_of(text: str) -> Asked:
    """Return what a destination argument asks. Raises ArgumentError.

    >>> asked_of("fd00::5:443")
    Asked(end='fd00::5', protocol='TCP', port=443, icmp=None)
    """
    before, slash, last = text.rpartition("/")
    protocol = protocol_named(last) if slash else None
    if protocol is not None and is_icmp(protocol):
        return _icmp(before, protocol)
    end, colon, rest = text.rpartition(":")
    if not colon or not end or "/" in rest.partition("/")[2]:
        raise ArgumentError(f"{text!r} names no port: {_FORM}")
    number, slash, name = rest.partition("/")
    if not slash and (alone := protocol_named(number)) is not None and is_icmp(alone):
        return _icmp(end, alone)
    protocol = protocol_named(name) if slash else TCP
    if protocol is None:
        raise ArgumentError(f"{name!r} is no protocol: tcp, udp, sctp, icmp, icmpv6, or a number")
    if protocol not in _WITH_PORTS and not number:
        return Asked(_address_text(end), protocol)
    if not (number.isascii() and number.isdigit() and len(number) <= len(str(HIGHEST_PORT))):
        raise ArgumentError(f"{number!r} in {text!r} is no port: {_FORM}")
    port = int(number)
    if not LOWEST_PORT <= port <= HIGHEST_PORT:
        raise ArgumentError(f"port {port} in {text!r} is not within {LOWEST_PORT}-{HIGHEST_PORT}")
    if protocol not in _WITH_PORTS:
        raise ArgumentError(f"{protocol} has no ports: write {end}:/{name}")
    return Asked(_address_text(end), protocol, port)


def is_address(text: str) -> bool:
    """Say whether a text is one IP address."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _icmp(text: str, protocol: str) -> Asked:
    """Take ``DST``, ``DST:`` or ``DST:TYPE[.CODE]``. A colon of an IPv6 address separates nothing."""
    end, colon, number = text.rpartition(":")
    if not colon or (is_address(text) and not is_address(end)):
        return Asked(_address_text(text), protocol)
    if not number:
        return Asked(_address_text(end), protocol)
    found = _ICMP.fullmatch(number)
    values = [] if found is None else [int(each) for each in found.groups(default="0")]
    if not values or max(values) > _HIGHEST_ICMP:
        raise ArgumentError(f"{number!r} is no ICMP type: write {end}:TYPE.CODE/icmp, each 0-{_HIGHEST_ICMP}")
    return Asked(_address_text(end), protocol, None, Icmp(values[0], values[1]))


def _address_text(text: str) -> str:
    return text[1:-1] if text.startswith("[") and text.endswith("]") and is_address(text[1:-1]) else text
