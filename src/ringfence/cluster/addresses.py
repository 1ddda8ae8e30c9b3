"""Addresses of objects, without those that are none: manifests hold placeholders such as ``CLUSTER_DNS_IP``.

Promises: the rest of the object stays as it is, and each text that was left out is named with its place.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Final, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from ringfence.dialects.network_text import family_of
from ringfence.model.node import Node
from ringfence.model.pod import Pod
from ringfence.model.service import EndpointSlice, Service

V = TypeVar("V", bound=Struct)

_PLACES: Final[Mapping[type[Struct], Mapping[str, str]]] = {
    Pod: {"addresses": "the pod's addresses"},
    Node: {"addresses": "status.addresses", "tunnels": "the tunnel annotations", "pod_cidrs": "spec.podCIDRs"},
    Service: {
        "cluster_ips": "spec.clusterIPs",
        "external_ips": "spec.externalIPs",
        "load_balancer": "status.loadBalancer",
        "source_ranges": "spec.loadBalancerSourceRanges",
    },
}
_NETWORKS: Final = frozenset({"pod_cidrs", "source_ranges"})


def with_addresses_only(value: V) -> tuple[V, tuple[str, ...]]:
    """Return the value with texts that are addresses or networks, and why each other one was left out."""
    reasons: list[str] = []
    if isinstance(value, EndpointSlice):
        kept = tuple(
            replace(each, addresses=_kept(each.addresses, _is_address, "endpoints", reasons))
            for each in value.endpoints
        )
        return (replace(value, endpoints=kept) if reasons else value), tuple(reasons)
    changes = {
        field: _kept(getattr(value, field), _is_network if field in _NETWORKS else _is_address, place, reasons)
        for field, place in _PLACES.get(type(value), {}).items()
    }
    return (replace(value, **changes) if reasons else value), tuple(reasons)


def _kept(texts: Iterable[str], is_good: Callable[[str], bool], place: str, reasons: list[str]) -> tuple[str, ...]:
    kept = []
    for text in texts:
        if is_good(text):
            kept.append(text)
        else:
            reasons.append(f"{place}: {text[:60]!r} is no address, so it is left out")
    return tuple(kept)


def _is_address(text: str) -> bool:
    return "/" not in text and family_of(text) is not None


def _is_network(text: str) -> bool:
    return family_of(text) is not None
