"""What lies outside the pods: the internet, software services, private databases, nodes, named network sets.

Promises: public addresses come from ranges that nobody owns (RFC 5737, RFC 2544) and domains end in ``.example`` (RFC
2606), so a made-up world never names a real party. Private ones stay clear of the pod and node networks.
"""

from typing import Final

from ringfence_lab.endpoint import NetworkSet, Outside

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
    return Outside("private", "api-server", ("172.20.255.10",), daily=1)


def node_addresses(nodes: int) -> Outside:
    """Return the kubelets of the cluster's nodes."""
    addresses = tuple(f"172.20.{node // 250}.{node % 250 + 1}" for node in range(nodes))
    return Outside("private", "nodes", addresses, daily=len(addresses))


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
