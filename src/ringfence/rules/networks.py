"""Turn edges to and from networks into permits by address, or by class where addresses are not known.

Law: every address that was seen is let through. Exact where every record of a port told its address and there are few;
else the whole class, marked coarse with the reason. Clients on the internet are never listed one by one. A rule has one
IP family, and ICMP exists in one only.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final, Literal

from msgspec import Struct

from ringfence.flows.evidence import Sample
from ringfence.learning.baseline import AdmittedEdge
from ringfence.model.edge import Icmp
from ringfence.model.policy import Direction
from ringfence.model.port import PortSet
from ringfence.model.protocol import ICMP, ICMPV6, SCTP
from ringfence.rules.address_blocks import PRIVATE, PUBLIC, Blocks, IpVersion, cover, ip_version
from ringfence.rules.permit import DomainsPeer, NetsPeer, Peer, Permit, PrivatePeer, PublicPeer

NetworkScope = Literal["private", "public"]

_BOTH: Final[tuple[IpVersion, ...]] = (4, 6)
_FAMILIES: Final[dict[str, tuple[IpVersion, ...]]] = {ICMP: (4,), ICMPV6: (6,)}


class Targets(Struct, frozen=True):
    """Addresses of some classes in one direction and protocol. ``reason`` says why a peer that is no network, and that
    no selector can name, stands here.
    """

    direction: Direction
    scopes: tuple[NetworkScope, ...]
    protocol: str
    reason: str | None = None

    @property
    def internet_clients(self) -> bool:
        """Say whether these are clients on the internet."""
        return self.direction == "Ingress" and self.scopes == ("public",) and self.reason is None

    @property
    def internet_servers(self) -> bool:
        """Say whether these are servers on the internet, which names may stand for."""
        return self.direction == "Egress" and self.scopes == ("public",) and self.reason is None


def network_permits(targets: Targets, edges: Sequence[AdmittedEdge]) -> Iterator[Permit]:
    """Yield the permits of the edges between a scope and these addresses, per port or ICMP type."""
    groups: defaultdict[tuple[int | None, Icmp | None], list[AdmittedEdge]] = defaultdict(list)
    for each in edges:
        groups[each.summary.edge.port, each.summary.edge.icmp].append(each)
    for (port, icmp), group in groups.items():
        ports = None if port is None else PortSet.of([port])
        ids = tuple(sorted(each.summary.edge.id for each in group))
        names = tuple(sorted({name for each in group for name in each.summary.domains.texts}))
        for peer, coarse in _peers(targets, group, names):
            yield Permit(
                targets.direction, peer, targets.protocol, ports, icmp, ids, "Observed", coarse=coarse, domains=names
            )


def _peers(
    targets: Targets, group: Sequence[AdmittedEdge], names: tuple[str, ...]
) -> Iterator[tuple[Peer, str | None]]:
    """Yield whom the edges of one port mean, and why that is wider than what was seen, where it is."""
    samples = [_addresses(each, targets.direction) for each in group]
    versions = _FAMILIES.get(targets.protocol, _BOTH)
    seen = sorted({text for sample in samples for text in sample.texts if ip_version(text) in versions})
    no_port = "port-not-reported" if targets.protocol == SCTP else None
    if targets.internet_clients or not seen or not all(sample.exhaustive for sample in samples):
        classes = _classes(targets, seen)
        reason = "internet-clients" if targets.internet_clients else _why_class(targets, samples)
        yield from ((peer, reason) for peer, _ in classes)
        strays = [address for address in seen if not any(address in blocks for _, blocks in classes)]
        yield from ((NetsPeer(nets), no_port) for nets in cover(strays))
    elif targets.internet_servers and names and all(each.summary.domains.exhaustive for each in group):
        yield from ((DomainsPeer(names, nets), "addresses-will-go-stale") for nets in cover(seen))
    else:
        yield from ((NetsPeer(nets), targets.reason or no_port) for nets in cover(seen))


def _addresses(each: AdmittedEdge, direction: Direction) -> Sample:
    """Return the addresses of the side that is not the scope's."""
    return each.summary.server_addresses if direction == "Egress" else each.summary.client_addresses


def _why_class(targets: Targets, samples: Sequence[Sample]) -> str:
    match targets.reason:
        case "node-addresses-as-seen":
            return "node-addresses-unknown"
        case None:
            return "too-many-addresses" if any(sample.overflow for sample in samples) else "addresses-not-reported"
        case reason:
            return reason


def _classes(targets: Targets, seen: Sequence[str]) -> list[tuple[PrivatePeer | PublicPeer, Blocks]]:
    """Return the classes of addresses: IPv4 where the protocol has it, IPv6 where it has nothing else or was seen."""
    versions = _FAMILIES.get(targets.protocol, _BOTH)
    classes: list[tuple[PrivatePeer | PublicPeer, Blocks]] = []
    for scope in targets.scopes:
        blocks, peer = (PRIVATE, PrivatePeer) if scope == "private" else (PUBLIC, PublicPeer)
        classes += [
            (peer(version), blocks[version])
            for version in versions
            if version == versions[0] or any(address in blocks[version] for address in seen)
        ]
    return classes
