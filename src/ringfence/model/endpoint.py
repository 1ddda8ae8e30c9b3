"""Who speaks: a workload, a host, a network set or a network.

Promises: identity only. Addresses and domains are evidence of an endpoint, never its identity, because they change
while the endpoint stays. ``None`` for a workload's kind means the input did not tell its owner.
"""

from typing import Literal

from msgspec import Struct


class Workload(Struct, frozen=True, tag="Workload"):
    """The stable owner of pods. ``kind`` is the owner's kind (``Deployment``, …), None where nothing tells it."""

    namespace: str
    kind: str | None
    name: str


class Host(Struct, frozen=True, tag="Host"):
    """A node, by host name (Calico reports the node's name for host endpoints) or by address where no name is known."""

    name: str


class NetworkSet(Struct, frozen=True, tag="NetworkSet"):
    """A Calico NetworkSet, or a GlobalNetworkSet when ``namespace`` is None."""

    namespace: str | None
    name: str


class Network(Struct, frozen=True, tag="Network"):
    """Addresses outside every known endpoint. ``private`` is 10/8, 172.16/12, 192.168/16, as Felix classes them."""

    scope: Literal["public", "private"]


Endpoint = Workload | Host | NetworkSet | Network


def endpoint_key(endpoint: Endpoint) -> tuple[int, str, str, str]:
    """Return the total order of endpoints: kind, namespace, name, owner kind."""
    match endpoint:
        case Workload(namespace, kind, name):
            return 0, namespace, name, kind or ""
        case Host(name):
            return 1, "", name, ""
        case NetworkSet(namespace, name):
            return 2, namespace or "", name, ""
        case Network(scope):
            return 3, "", scope, ""


def endpoint_text(endpoint: Endpoint) -> str:
    """Write an endpoint for people: ``shop/web``, ``node/a``, ``network set corp``, ``public network``."""
    match endpoint:
        case Workload(namespace, _, name):
            return f"{namespace}/{name}"
        case Host(name):
            return f"node/{name}"
        case NetworkSet(None, name):
            return f"network set {name}"
        case NetworkSet(namespace, name):
            return f"network set {namespace}/{name}"
        case Network(scope):
            return f"{scope} network"


def namespace_of(endpoint: Endpoint) -> str | None:
    """Return the namespace whose scope the endpoint belongs to; only workloads have one."""
    return endpoint.namespace if isinstance(endpoint, Workload) else None
