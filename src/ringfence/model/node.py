"""Nodes, and the endpoints that policies select on them."""

from msgspec import Struct

from ringfence.model.labels import Labels


class Node(Struct, frozen=True):
    """A node. ``addresses`` are its own, ``tunnels`` those of its IPIP, VXLAN and WireGuard devices (pod range)."""

    name: str
    labels: Labels = Labels()
    addresses: tuple[str, ...] = ()
    tunnels: tuple[str, ...] = ()
    pod_cidrs: tuple[str, ...] = ()


class HostPort(Struct, frozen=True, order=True):
    """A port that a HostEndpoint names."""

    name: str
    protocol: str
    port: int


class HostEndpoint(Struct, frozen=True):
    """Calico's HostEndpoint: an interface of a node, or (``*`` or none) all of them, or those with these addresses."""

    name: str
    node: str
    interface: str | None = None
    expected_ips: tuple[str, ...] = ()
    labels: Labels = Labels()
    profiles: tuple[str, ...] = ()
    ports: tuple[HostPort, ...] = ()
