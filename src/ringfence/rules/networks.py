"""Turn edges to and from networks into permits by address, or by class where addresses are not known.

Law: every address that was seen is let through, but the metadata address, which no learnt rule reaches. Exact, or as
wide as the false-allow budget permits, where every record of a port told its address and there are few; else the whole
class, marked coarse with the reason, in every IP family that the peer may have. Clients on the internet are never
listed one by one. With a snapshot, addresses of nodes are every node, those of the API server its Service, and a class
has in it nothing that the cluster's objects refute. A rule has one IP family, and ICMP exists in one only.
"""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from typing import Final

from msgspec import Struct

from ringfence.flows.evidence import Sample
from ringfence.learning.baseline import AdmittedEdge
from ringfence.model.address_set import AddressSet
from ringfence.model.edge import Icmp
from ringfence.model.policy import Direction
from ringfence.model.port import PortSet
from ringfence.model.protocol import ICMP, ICMPV6, SCTP
from ringfence.rules.address_blocks import METADATA, IpVersion, NetworkScope, class_blocks, class_peer, ip_version
from ringfence.rules.candidates import Question, words_of
from ringfence.rules.cover import NEVER_COVERED, cover
from ringfence.rules.known_cluster import KnownCluster
from ringfence.rules.permit import (
    DomainsPeer,
    NetsPeer,
    NodesPeer,
    Peer,
    Permit,
    PrivatePeer,
    PublicPeer,
    ServicePeer,
)
from ringfence.rules.ports import ports_of
from ringfence.rules.services import API_SERVER
from ringfence.rules.surroundings import Surroundings

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


def versions_of(protocol: str) -> tuple[IpVersion, ...]:
    """Return the IP families in which a protocol exists."""
    return _FAMILIES.get(protocol, _BOTH)


class _Group(Struct, frozen=True):
    """The edges of one port: the addresses that records told (in the protocol's IP families, rising), and whether those
    are all there were. ``beside_nodes`` says that nodes were seen on this port, too.
    """

    targets: Targets
    edges: Sequence[AdmittedEdge]
    ports: PortSet | None
    icmp: Icmp | None
    seen: tuple[str, ...]
    told: bool
    overflow: bool
    beside_nodes: bool

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(sorted({name for each in self.edges for name in each.summary.domains.texts}))

    @property
    def port(self) -> int | None:
        return None if self.ports is None else self.ports.ranges[0].first


def network_permits(
    targets: Targets,
    edges: Sequence[AdmittedEdge],
    *,
    namespace: str,
    surroundings: Surroundings,
    on_nodes: Container[tuple[str, int | None]] = frozenset(),
) -> Iterator[Permit]:
    """Yield the permits of the edges between a scope in a namespace and these addresses, per port or ICMP type.

    ``on_nodes`` are the protocols and ports on which nodes were seen in this direction.
    """
    groups: defaultdict[tuple[PortSet | None, Icmp | None, str | None], list[AdmittedEdge]] = defaultdict(list)
    for each in edges:
        ports, wider = ports_of(each.summary.edge, surroundings.listening)
        groups[ports, each.summary.edge.icmp, wider].append(each)
    for (ports, icmp, wider), some in groups.items():
        beside_nodes = any((targets.protocol, each.summary.edge.port) in on_nodes for each in some)
        group = _group(targets, some, ports, icmp, beside_nodes=beside_nodes)
        classed = not group.told or targets.internet_clients
        ids = tuple(sorted(each.summary.edge.id for each in some))
        for peer, coarse in _by_class(group, surroundings) if classed else _by_address(group, surroundings):
            unknown = isinstance(peer, PrivatePeer | PublicPeer) and not group.told and targets.reason is None
            yield Permit(
                direction=targets.direction,
                peer=peer,
                protocol=targets.protocol,
                ports=None if isinstance(peer, ServicePeer) else ports,
                icmp=icmp,
                edges=ids,
                source="Observed",
                coarse=None if isinstance(peer, ServicePeer) else coarse or wider,
                domains=group.names,
                candidates=_candidates(group, namespace, surroundings.known) if unknown else (),
            )


def _group(
    targets: Targets, edges: Sequence[AdmittedEdge], ports: PortSet | None, icmp: Icmp | None, *, beside_nodes: bool
) -> _Group:
    samples = [_addresses(each, targets.direction) for each in edges]
    seen = {text for sample in samples for text in sample.texts if ip_version(text) in versions_of(targets.protocol)}
    return _Group(
        targets=targets,
        edges=edges,
        ports=ports,
        icmp=icmp,
        seen=tuple(sorted(seen)),
        told=bool(seen) and all(sample.exhaustive for sample in samples),
        overflow=any(sample.overflow for sample in samples),
        beside_nodes=beside_nodes,
    )


def _addresses(each: AdmittedEdge, direction: Direction) -> Sample:
    """Return the addresses of the side that is not the scope's."""
    return each.summary.server_addresses if direction == "Egress" else each.summary.client_addresses


def _by_address(group: _Group, surroundings: Surroundings) -> Iterator[tuple[Peer, str | None]]:
    """Yield whom the told addresses of one port mean, and why that is wider than what was seen, where it is."""
    targets = group.targets
    no_port = "port-not-reported" if targets.protocol == SCTP else None
    left = [address for address in group.seen if address not in METADATA]
    known = surroundings.known
    if known is not None:
        api = known.api_server
        if targets.direction == "Egress" and api.answers(targets.protocol, group.port):
            behind = [address for address in left if address in api.addresses]
            if behind:
                yield ServicePeer(API_SERVER.namespace, API_SERVER.name), None
            left = [address for address in left if address not in behind]
        on_nodes = [address for address in left if address in known.inside.nodes]
        left = [address for address in left if address not in on_nodes]
        if on_nodes:
            yield from ((peer, no_port) for peer in of_families(known.nodes, versions_of(targets.protocol)))
        if on_nodes or group.beside_nodes:
            # A node that is gone, or too new for the snapshot: it stands in a rule for nodes, where such may change.
            former = [address for address in left if address in known.inside.near_nodes]
            yield from ((NodesPeer(nets), no_port) for nets in cover(former))
            left = [address for address in left if address not in former]
    named = targets.internet_servers and group.names and all(each.summary.domains.exhaustive for each in group.edges)
    if named:
        yield from ((DomainsPeer(group.names, nets), "addresses-will-go-stale") for nets in cover(left))
        return
    reserved = NEVER_COVERED if known is None else known.inside.reserved
    covers = cover(left, beside=surroundings.settings.false_allow_budget, reserved=reserved)
    yield from ((NetsPeer(nets), targets.reason or no_port) for nets in covers)


def _by_class(group: _Group, surroundings: Surroundings) -> Iterator[tuple[Peer, str | None]]:
    """Yield the classes that stand for the addresses of one port, and those seen or expected that no class holds."""
    targets, known = group.targets, surroundings.known
    reason = "internet-clients" if targets.internet_clients else _why_class(group)
    no_port = "port-not-reported" if targets.protocol == SCTP else None
    classes = tuple(_classes(group, surroundings))
    yield from ((peer, reason) for peer in classes)
    apart = AddressSet()
    if known is not None and not group.told and targets.reason is None and targets.direction == "Ingress":
        # A node's tunnels lie in the range of pods, and only ever send.
        missed = [version for scope, version in sorted(known.nodes_apart) if scope in targets.scopes]
        wanted = [version for version in versions_of(targets.protocol) if version in missed]
        if wanted:
            yield from ((peer, _why_class(group)) for peer in of_families(known.nodes, wanted))
            apart = AddressSet(tuple(each for each in known.inside.nodes.ranges if each.family in wanted))
    held = [class_blocks(peer) for peer in classes]
    strays = (each for each in group.seen if not any(each in blocks for blocks in held) and each not in apart)
    yield from ((NetsPeer(nets), no_port) for nets in cover(set(strays).difference(METADATA)))


def _why_class(group: _Group) -> str:
    match group.targets.reason:
        case "node-addresses-as-seen":
            return "node-addresses-unknown"
        case None:
            return "too-many-addresses" if group.overflow else "addresses-not-reported"
        case reason:
            return reason


def _classes(group: _Group, surroundings: Surroundings) -> Iterator[PrivatePeer | PublicPeer]:
    known = surroundings.known
    for scope in group.targets.scopes:
        for version in _class_versions(group, scope, known):
            yield class_peer(scope, version) if known is None else known.classes[scope, version]


def _class_versions(group: _Group, scope: NetworkScope, known: KnownCluster | None) -> tuple[IpVersion, ...]:
    """Return the IP families that a class needs.

    Private addresses are IPv4 by what Calico calls private, IPv6 where such were seen. A public address that no record
    told may be of any family that exists in the cluster, and without a snapshot of any.
    """
    possible = versions_of(group.targets.protocol)
    blocks = {version: class_blocks(class_peer(scope, version)) for version in possible}
    wanted = {version for version in possible if any(address in blocks[version] for address in group.seen)}
    if scope == "private":
        wanted.add(possible[0])
    elif not group.told:
        wanted.update(possible if known is None else known.inside.families.intersection(possible))
    return tuple(version for version in possible if version in wanted) or possible


def of_families(peers: Iterable[Peer], versions: Sequence[IpVersion]) -> Iterator[Peer]:
    """Yield the peers that a rule of these IP families may name."""
    for peer in peers:
        if not isinstance(peer, NetsPeer | NodesPeer) or ip_version(peer.nets[0]) in versions:
            yield peer


def _candidates(group: _Group, namespace: str, known: KnownCluster | None) -> tuple[str, ...]:
    if known is None:
        return ()
    targets = group.targets
    asked = Question(targets.direction, targets.scopes, targets.protocol, group.port, namespace)
    return words_of(known.candidates, asked)
