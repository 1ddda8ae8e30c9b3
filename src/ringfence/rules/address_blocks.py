"""The address blocks that stand for *private* and *public* where nothing narrower is known.

Promises: public blocks never contain an address that can be a pod, a Service, a node's link-local neighbour or the
cloud's metadata server; blocks are canonical. Private is what Calico's flow logs call private (RFC 1918).
"""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, collapse_addresses, ip_address, ip_network
from typing import Final, Literal

from msgspec import Struct

PRIVATE_4: Final = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
PRIVATE_6: Final = ("fc00::/7",)
PUBLIC_4: Final = ("0.0.0.0/0",)
NOT_PUBLIC_4: Final = (
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "224.0.0.0/4",
    "240.0.0.0/4",
)
PUBLIC_6: Final = ("2000::/3",)

IpVersion = Literal[4, 6]


class Blocks(Struct, frozen=True):
    """Addresses of one IP family: all of ``nets`` but ``not_nets``."""

    nets: tuple[str, ...]
    not_nets: tuple[str, ...] = ()

    def __contains__(self, address: str) -> bool:
        one = ip_address(address)
        inside = any(one in ip_network(net) for net in self.nets)
        return inside and not any(one in ip_network(net) for net in self.not_nets)


PRIVATE: Final[dict[IpVersion, Blocks]] = {4: Blocks(PRIVATE_4), 6: Blocks(PRIVATE_6)}
PUBLIC: Final[dict[IpVersion, Blocks]] = {4: Blocks(PUBLIC_4, NOT_PUBLIC_4), 6: Blocks(PUBLIC_6)}


def cover(addresses: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """Return the smallest blocks that hold exactly the addresses, one tuple per IP family that has any."""
    parsed = {ip_address(address) for address in addresses}
    fours = [IPv4Network(each) for each in parsed if isinstance(each, IPv4Address)]
    sixes = [IPv6Network(each) for each in parsed if isinstance(each, IPv6Address)]
    families = (sorted(collapse_addresses(fours)), sorted(collapse_addresses(sixes)))
    return tuple(tuple(str(net) for net in family) for family in families if family)


def ip_version(text: str) -> IpVersion:
    """Return the IP family of an address or a block."""
    return 6 if ":" in text else 4
