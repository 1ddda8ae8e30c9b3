"""What single texts of a record mean, each read once per distinct text.

Promises: total functions from text to values; the SQL fold joins their answers, the Python fold calls them, so both
mean the same by construction here and are held equal by test elsewhere.
"""

from typing import Final

import msgspec

from ringfence.flows.evidence import Reporter
from ringfence.flows.names import is_dns_label, is_dns_subdomain
from ringfence.model.edge import Icmp
from ringfence.model.policy import ServiceRef
from ringfence.model.port import HIGHEST_PORT, LOWEST_PORT
from ringfence.model.protocol import is_icmp, reports_ports

_NONE: Final = ("", "-")
_CODES: Final = 256
_HIGHEST_TYPE: Final = 254
_DOMAINS_DECODER: Final = msgspec.json.Decoder(list[str])
REPORTERS: Final[dict[str, Reporter]] = {"src": "Source", "dst": "Destination"}


def reporter_named(text: str) -> Reporter:
    """Return who reported; anything but ``src`` and ``dst`` is unknown."""
    return REPORTERS.get(text, "Unknown")


def reported_port(protocol: str, dest_port: int | None) -> int | None:
    """Return what the port field says of this protocol: a port (TCP, UDP), an ICMP type·256+code, or nothing."""
    if dest_port is None:
        return None
    if reports_ports(protocol):
        return dest_port if LOWEST_PORT <= dest_port <= HIGHEST_PORT else None
    if is_icmp(protocol):
        return dest_port if _CODES <= dest_port < _CODES * (_HIGHEST_TYPE + 1) else None
    return None


def port_and_icmp(protocol: str, reported: int | None) -> tuple[int | None, Icmp | None]:
    """Split what `reported_port` returned into an edge's port and ICMP type. Type 0 is never reported apart."""
    if reported is not None and is_icmp(protocol):
        return None, Icmp(*divmod(reported, _CODES))
    return reported, None


def domain_names(text: str) -> tuple[str, ...]:
    """Return the names a record links to its destination: DNS names only, lower case, no trailing dot, sorted."""
    if text in _NONE:
        return ()
    try:
        names = _DOMAINS_DECODER.decode(text)
    except (msgspec.DecodeError, UnicodeError):
        return ()
    cleaned = {name.lower().removesuffix(".") for name in names}
    return tuple(sorted(name for name in cleaned if is_dns_subdomain(name)))


def service_named(namespace: str, name: str) -> ServiceRef | None:
    """Return the Service a record names, or None where it names none that could exist."""
    if not is_dns_label(namespace) or not is_dns_subdomain(name):
        return None
    return ServiceRef(namespace, name)


def service_port(text: str) -> str | None:
    """Return the Service's port as the record names it (a name, a number or ``*``), or None."""
    return None if text in {*_NONE, "0"} else text
