"""Merge permits that differ only in their ports, and order the rest.

Law: allows exactly what the inputs allowed together, no more: permits are merged only when direction, peer, protocol,
ICMP type and reason are the same, and their ports become one set; an ICMP type goes into a permit for every type. The
order is specific before broad and total.
"""

from collections import defaultdict
from collections.abc import Sequence

import msgspec

from ringfence.model.port import PortSet
from ringfence.rules.permit import (
    DeclaredPeer,
    DomainsPeer,
    EveryPodPeer,
    HostPeer,
    IntraNamespacePeer,
    NamespacePeer,
    NetsPeer,
    NetworkSetPeer,
    NodesPeer,
    Peer,
    Permit,
    PrivatePeer,
    PublicPeer,
    ResolverPeer,
    ServicePeer,
    WorkloadPeer,
)


def merge(permits: Sequence[Permit]) -> tuple[Permit, ...]:
    """Return merged permits in total order."""
    groups: defaultdict[tuple[object, ...], list[Permit]] = defaultdict(list)
    every_type = {_grain(permit) for permit in permits if permit.icmp is None}
    for permit in permits:
        grain = _grain(permit)
        groups[grain, None if grain in every_type else permit.icmp].append(permit)
    return tuple(sorted((_merged(group) for group in groups.values()), key=permit_key))


def _grain(permit: Permit) -> tuple[object, ...]:
    """Return what permits must share to be merged, but for ICMP types."""
    every_port = permit.ports is None
    return permit.direction, permit.peer, permit.protocol, every_port, permit.coarse, permit.source


def _merged(group: Sequence[Permit]) -> Permit:
    first = group[0]
    ports = [each for permit in group if permit.ports is not None for each in permit.ports]
    return msgspec.structs.replace(
        first,
        ports=None if first.ports is None else PortSet.of(ports),
        icmp=None if any(permit.icmp is None for permit in group) else first.icmp,
        edges=tuple(sorted({edge for permit in group for edge in permit.edges})),
        domains=tuple(sorted({name for permit in group for name in permit.domains})),
        candidates=tuple(sorted({words for permit in group for words in permit.candidates})),
    )


def permit_key(permit: Permit) -> tuple[object, ...]:
    """Return the total order of a scope's permits: ingress, then egress; specific peers before broad ones."""
    icmp = permit.icmp
    return (
        permit.direction != "Ingress",
        *_peer_key(permit.peer),
        permit.protocol or "",
        permit.ports or PortSet(),
        (-1, -1) if icmp is None else (icmp.type, icmp.code),
        permit.coarse or "",
        permit.source,
        permit.edges,
    )


def _peer_key(peer: Peer) -> tuple[int, tuple[str, ...]]:  # noqa: C901, PLR0912 - one case a kind
    match peer:
        case ResolverPeer(namespace, name, _):
            return 0, (namespace, name)
        case ServicePeer(namespace, name):
            return 1, (namespace, name)
        case DomainsPeer(names, nets):
            return 2, (*names, *nets)
        case WorkloadPeer(namespace, kind, name, selector):
            return 3, (namespace, name, kind or "", repr(selector))
        case NamespacePeer(name):
            return 4, (name,)
        case IntraNamespacePeer(name):
            return 5, (name,)
        case EveryPodPeer():
            return 5, ("",)
        case NetworkSetPeer(namespace, name, _):
            return 6, (namespace or "", name)
        case NetsPeer(nets):
            return 7, nets
        case HostPeer(labels):
            return 8, tuple(f"{key}={value}" for key, value in labels.pairs)
        case NodesPeer(nets):
            return 9, nets
        case PrivatePeer(version):
            return 10, (str(version),)
        case PublicPeer(version):
            return 11, (str(version),)
        case DeclaredPeer(_, policy, index):
            return 12, (policy.kind, policy.namespace, policy.name, f"{index:05d}")
