"""Say a permit in words.

Promises: one line a person reads as a sentence; every part of the rule is in it, and nothing that is not.
"""

from typing import Final

from ringfence.model.policy import Direction
from ringfence.model.port import PortSet
from ringfence.rules.address_blocks import ip_version
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

_SHOWN_NETS: Final = 3


def permit_words(permit: Permit) -> str:
    """Return a permit as words, such as ``to namespace payments on TCP 8443``."""
    protocol = _protocol_words(permit)
    words = _peer_words(permit.peer, permit.direction)
    words = words if protocol is None else f"{words} on {protocol}"
    return words if permit.coarse is None else f"{words} (coarse: {permit.coarse})"


def _protocol_words(permit: Permit) -> str | None:
    if permit.protocol is None:
        return None
    if permit.icmp is not None:
        return f"{permit.protocol} type {permit.icmp.type} code {permit.icmp.code}"
    return permit.protocol if permit.ports is None else f"{permit.protocol} {_ports(permit.ports)}"


def _ports(ports: PortSet) -> str:
    return ", ".join(str(each) for each in ports)


def _peer_words(peer: Peer, direction: Direction) -> str:  # noqa: C901, PLR0912 - one case a kind
    towards = "to" if direction == "Egress" else "from"
    match peer:
        case NamespacePeer(name):
            return f"{towards} namespace {name}"
        case EveryPodPeer():
            return f"{towards} every pod"
        case IntraNamespacePeer():
            return f"{towards} its own namespace"
        case WorkloadPeer(namespace, _, name):
            return f"{towards} {namespace}/{name}"
        case DeclaredPeer(_, policy, index):
            where = f"{policy.namespace}/{policy.name}" if policy.namespace else policy.name
            return f"{towards} whatever rule {index} of {where} allows (declared, unseen)"
        case ResolverPeer(namespace, name, labels):
            chosen = ",".join(f"{key}={value}" for key, value in labels.pairs)
            return f"DNS to {namespace}/{name} ({chosen})" if chosen else f"DNS to pods of {namespace}"
        case ServicePeer(namespace, name):
            return f"{towards} service {namespace}/{name}"
        case NetworkSetPeer(namespace, name, _):
            return f"{towards} network set {name if namespace is None else f'{namespace}/{name}'}"
        case HostPeer():
            return f"{towards} nodes"
        case NodesPeer(nets):
            return f"{towards} nodes by address, IPv{ip_version(nets[0])} (will change with nodes)"
        case DomainsPeer(names, nets):
            return f"{towards} {', '.join(names)} at {_nets(nets)}"
        case NetsPeer(nets):
            return f"{towards} {_nets(nets)}"
        case PrivatePeer(version, refuted):
            return f"{towards} private IPv{version} addresses{_but(refuted)}"
        case PublicPeer(version, refuted):
            return f"{towards} public IPv{version} addresses{_but(refuted)}"


def _but(refuted: tuple[str, ...]) -> str:
    return f" but {_nets(refuted)}" if refuted else ""


def _nets(nets: tuple[str, ...]) -> str:
    shown = ", ".join(nets[:_SHOWN_NETS])
    return shown if len(nets) <= _SHOWN_NETS else f"{shown} and {len(nets) - _SHOWN_NETS} more"
