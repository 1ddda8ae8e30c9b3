"""Split permits that are larger than one rule may be.

Law: keeps the allowed set: the parts of a permit allow together exactly what it allowed. Limits are Calico's.
"""

from collections.abc import Iterator, Sequence

import msgspec

from ringfence.dialects.calico.limits import MAX_NETS, MAX_PORTS
from ringfence.model.port import PortSet
from ringfence.rules.permit import DomainsPeer, NetsPeer, NodesPeer, Peer, Permit


def split(permits: Sequence[Permit]) -> tuple[Permit, ...]:
    """Return permits of at most MAX_PORTS port entries and MAX_NETS nets each, in order."""
    return tuple(part for permit in permits for part in _parts(permit))


def _parts(permit: Permit) -> Iterator[Permit]:
    for peer in _peers(permit.peer):
        for ports in _port_sets(permit.ports):
            yield msgspec.structs.replace(permit, peer=peer, ports=ports)


def _port_sets(ports: PortSet | None) -> Iterator[PortSet | None]:
    if ports is None:
        yield None
        return
    for start in range(0, len(ports), MAX_PORTS):
        yield PortSet(ports.ranges[start : start + MAX_PORTS])


def _peers(peer: Peer) -> Iterator[Peer]:
    if not isinstance(peer, NetsPeer | DomainsPeer | NodesPeer):
        yield peer
        return
    for start in range(0, len(peer.nets), MAX_NETS):
        yield msgspec.structs.replace(peer, nets=peer.nets[start : start + MAX_NETS])
