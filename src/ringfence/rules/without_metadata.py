"""Take the cloud's metadata address out of every rule of addresses, whatever put it there.

Law: never widens, and lets everything else through; no permit of nets holds the address. Rules copied from policies
that people wrote are theirs.
"""

from collections.abc import Iterator, Sequence
from ipaddress import ip_address, ip_network
from typing import Final

from msgspec.structs import replace

from ringfence.model.address_set import AddressSet
from ringfence.rules.address_blocks import METADATA
from ringfence.rules.permit import DomainsPeer, NetsPeer, NodesPeer, Permit

_METADATA: Final = tuple(ip_address(address) for address in METADATA)


def without_metadata(permits: Sequence[Permit]) -> tuple[Permit, ...]:
    """Return the permits without the metadata address, those left without any address not at all."""
    return tuple(_kept(permits))


def _kept(permits: Sequence[Permit]) -> Iterator[Permit]:
    for permit in permits:
        peer = permit.peer
        if not isinstance(peer, NetsPeer | DomainsPeer | NodesPeer) or not any(map(_reaches, peer.nets)):
            yield permit
            continue
        nets = tuple((AddressSet.of(peer.nets) - AddressSet.of(METADATA)).nets())
        if nets:
            yield replace(permit, peer=replace(peer, nets=nets))


def _reaches(net: str) -> bool:
    return any(address in ip_network(net) for address in _METADATA)
