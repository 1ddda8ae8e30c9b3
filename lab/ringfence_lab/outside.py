"""What lies outside the pods: the internet, software services, private databases, nodes, named network sets.

Promises: public addresses come from ranges that nobody owns (RFC 5737, RFC 2544) and domains end in ``.example`` (RFC
2606), so a made-up world never names a real party. Private ones stay clear of the pod and node networks.
"""

from typing import Final

from ringfence_lab.endpoint import NetworkSet, Outside

CONTROL_PLANE_ADDRESS: Final = "172.20.255.10"
CONTROL_PLANE_TUNNEL: Final = "10.247.255.1"

_BLOCK: Final = 256


def internet() -> Outside:
    """Return the crowd of clients: many addresses, others each day."""
    crowd = tuple(f"203.0.113.{host}" for host in range(1, 255)) + tuple(f"198.51.100.{host}" for host in range(1, 255))
    return Outside("public", "internet", crowd, daily=120)


def software_service(index: int) -> Outside:
    """Return a service with a name and changing addresses."""
    pool = tuple(f"198.18.{index % 200}.{10 + host}" for host in range(24))
    return Outside("public", f"service-{index}", pool, daily=4, domains=(f"api.service-{index}.example",))


def private_database(index: int) -> Outside:
    """Return a server in the company's own network."""
    addresses = (f"10.20.{index % _BLOCK}.10", f"10.20.{index % _BLOCK}.11")
    return Outside("private", f"private-{index}", addresses, daily=2)


def mail_relay() -> Outside:
    """Return a public mail server that teams forbid their workloads to reach."""
    return Outside("public", "mail-relay", ("198.19.0.25",), daily=1)


def api_server() -> Outside:
    """Return the Kubernetes API server behind ``default/kubernetes``."""
    return Outside("private", "api-server", (CONTROL_PLANE_ADDRESS,), daily=1, role="ControlPlane")


def api_server_tunnel() -> Outside:
    """Return the API server as pods on other nodes see it: through its node's tunnel, inside the pod network."""
    return Outside("private", "api-server-tunnel", (CONTROL_PLANE_TUNNEL,), daily=1, role="ControlPlane")


def tunnel_addresses(nodes: int) -> Outside:
    """Return the host-network pods of the nodes as pods on other nodes see them."""
    addresses = tuple(node_tunnel(node) for node in range(nodes))
    return Outside("private", "node-tunnels", addresses, daily=len(addresses), role="Nodes")


def node_address(node: int) -> str:
    """Return a node's own address."""
    return f"172.20.{node // 250}.{node % 250 + 1}"


def node_tunnel(node: int) -> str:
    """Return the address of a node's VXLAN tunnel."""
    return f"10.{240 + node // 256}.{node % 256}.1"


def internet6() -> Outside:
    """Return a crowd of clients that call by IPv6."""
    crowd = tuple(f"2001:db8:7::{host:x}" for host in range(1, 120))
    return Outside("public", "internet-ipv6", crowd, daily=30)


def metadata_service() -> Outside:
    """Return the cloud's metadata service, which Calico calls public because it is in no private range."""
    return Outside("public", "metadata", ("169.254.169.254",), daily=1, role="Metadata")


def stranger(name: str, host: int) -> Outside:
    """Return a public address that nobody called before."""
    return Outside("public", name, (f"198.19.66.{host}",), daily=1)


def blocked_range() -> Outside:
    """Return the addresses that the security team blocks."""
    return Outside("public", "blocked", tuple(f"198.19.77.{host}" for host in range(1, 5)), daily=2)


def node_addresses(nodes: int) -> Outside:
    """Return the kubelets of the cluster's nodes."""
    addresses = tuple(node_address(node) for node in range(nodes))
    return Outside("private", "nodes", addresses, daily=len(addresses), role="Nodes")


def router() -> Outside:
    """Return the private gateway that is pinged."""
    return Outside("private", "router", ("10.20.255.1",), daily=1)


def partners() -> NetworkSet:
    """Return a GlobalNetworkSet that carries its own name and kind as labels."""
    labels = (("projectcalico.org/kind", "NetworkSet"), ("projectcalico.org/name", "partners"))
    return NetworkSet(None, "partners", labels, ("198.18.250.1", "198.18.250.2"))


def collectors() -> NetworkSet:
    """Return a GlobalNetworkSet that has only labels of its own."""
    return NetworkSet(None, "metrics-collectors", (("purpose", "collectors"),), ("198.18.251.1",))
