"""The address blocks that stand for *private* and *public* where nothing narrower is known.

Promises: public blocks never contain an address that can be a pod, a Service or a node's link-local neighbour, and no
block the cloud's metadata server; blocks are canonical. Private is what Calico's flow logs call private (RFC 1918).
"""

from ipaddress import ip_address, ip_network
from typing import Final, Literal

from msgspec import Struct

from ringfence.rules.permit import PrivatePeer, PublicPeer

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

METADATA: Final = ("169.254.169.254", "fd00:ec2::254")
"""Where clouds hand credentials to whoever asks; no learnt rule reaches them, whatever was seen."""

IpVersion = Literal[4, 6]
NetworkScope = Literal["private", "public"]


class Blocks(Struct, frozen=True):
    """Addresses of one IP family: all of ``nets`` but ``not_nets``."""

    nets: tuple[str, ...]
    not_nets: tuple[str, ...] = ()

    def __contains__(self, address: str) -> bool:
        one = ip_address(address)
        inside = any(one in ip_network(net) for net in self.nets)
        return inside and not any(one in ip_network(net) for net in self.not_nets)


PRIVATE: Final[dict[IpVersion, Blocks]] = {4: Blocks(PRIVATE_4), 6: Blocks(PRIVATE_6, ("fd00:ec2::254/128",))}
PUBLIC: Final[dict[IpVersion, Blocks]] = {4: Blocks(PUBLIC_4, NOT_PUBLIC_4), 6: Blocks(PUBLIC_6)}


def class_peer(scope: NetworkScope, version: IpVersion, refuted: tuple[str, ...] = ()) -> PrivatePeer | PublicPeer:
    """Return the class of a scope and an IP family, without what objects refute."""
    return PrivatePeer(version, refuted) if scope == "private" else PublicPeer(version, refuted)


def class_blocks(peer: PrivatePeer | PublicPeer) -> Blocks:
    """Return the addresses that a class of one IP family stands for."""
    whole = (PRIVATE if isinstance(peer, PrivatePeer) else PUBLIC)[peer.ip_version]
    return Blocks(whole.nets, tuple(sorted({*whole.not_nets, *peer.refuted})))


def ip_version(text: str) -> IpVersion:
    """Return the IP family of an address or a block."""
    return 6 if ":" in text else 4
