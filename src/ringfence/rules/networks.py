"""Turn edges to and from networks into permits by address, or by class where addresses are not known.

Law: every address that was seen is let through. Exact where every record of a port told its address and there are few;
else the whole class, marked coarse with the reason. Clients on the internet are never listed one by one.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Literal

from msgspec import Struct

from ringfence.flows.evidence import Sample
from ringfence.learning.baseline import AdmittedEdge
from ringfence.model.edge import Icmp
from ringfence.model.policy import Direction
from ringfence.model.port import PortSet
from ringfence.model.protocol import SCTP
from ringfence.rules.address_blocks import PRIVATE, PUBLIC, Blocks, IpVersion, cover, ip_version
from ringfence.rules.permit import DomainsPeer, NetsPeer, Peer, Permit, PrivatePeer, PublicPeer

NetworkScope = Literal["private", "public"]


class Targets(Struct, frozen=True):
    """A class of networks in one direction and protocol. ``reason`` says why a peer that is no network stands here."""

    direction: Direction
    scope: NetworkScope
    protocol: str
    reason: str | None = None


def network_permits(targets: Targets, edges: Sequence[AdmittedEdge]) -> Iterator[Permit]:
    """Return the permits of the edges between a scope and a class of networks, per port or ICMP type."""
    groups: defaultdict[tuple[int | None, Icmp | None], list[AdmittedEdge]] = defaultdict(list)
    for each in edges:
        groups[each.summary.edge.port, each.summary.edge.icmp].append(each)
    for (port, icmp), group in groups.items():
        yield from _port_permits(targets, None if port is None else PortSet.of([port]), icmp, group)


def _port_permits(
    targets: Targets, ports: PortSet | None, icmp: Icmp | None, group: Sequence[AdmittedEdge]
) -> Iterator[Permit]:
    samples = [_addresses(each, targets.direction) for each in group]
    seen = sorted({address for sample in samples for address in sample.texts})
    names = tuple(sorted({name for each in group for name in each.summary.domains.texts}))
    named = bool(names) and all(each.summary.domains.exhaustive for each in group)
    ids = tuple(sorted(each.summary.edge.id for each in group))
    peers: list[tuple[Peer, str | None]] = []
    internet = targets.scope == "public" and targets.direction == "Ingress" and targets.reason is None
    no_port = "port-not-reported" if targets.protocol == SCTP else None
    if not internet and all(sample.exhaustive for sample in samples):
        for nets in cover(seen):
            if named and targets.scope == "public":
                peers.append((DomainsPeer(names, nets), "addresses-will-go-stale"))
            else:
                peers.append((NetsPeer(nets), targets.reason or no_port))
    else:
        reason = "internet-clients" if internet else _why_class(targets, samples)
        classes = list(_classes(targets.scope, seen))
        strays = [address for address in seen if not any(address in blocks for _, blocks in classes)]
        peers += [(peer, reason) for peer, _ in classes]
        peers += [(NetsPeer(nets), no_port) for nets in cover(strays)]
    for peer, coarse in peers:
        yield Permit(
            targets.direction, peer, targets.protocol, ports, icmp, ids, "Observed", coarse=coarse, domains=names
        )


def _addresses(each: AdmittedEdge, direction: Direction) -> Sample:
    """Return the addresses of the side that is not the scope's."""
    return each.summary.server_addresses if direction == "Egress" else each.summary.client_addresses


def _why_class(targets: Targets, samples: Sequence[Sample]) -> str:
    if targets.reason is not None:
        return targets.reason if targets.scope == "public" else targets.reason.replace("-as-seen", "-unknown")
    return "too-many-addresses" if any(sample.overflow for sample in samples) else "addresses-not-reported"


def _classes(scope: NetworkScope, seen: Sequence[str]) -> Iterator[tuple[PrivatePeer | PublicPeer, Blocks]]:
    """Give the class for each IP family that exists: IPv4 always, IPv6 where such an address was seen."""
    versions: list[IpVersion] = [4]
    if any(ip_version(address) == 6 and (scope == "private") == (address in PRIVATE[6]) for address in seen):  # noqa: PLR2004
        versions.append(6)
    for version in versions:
        if scope == "private":
            yield PrivatePeer(version), PRIVATE[version]
        else:
            yield PublicPeer(version), PUBLIC[version]
