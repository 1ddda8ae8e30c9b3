"""Say which endpoint a sighting is, without a snapshot.

Promises: an owner is named only where the sighting proves it: the source names it, or the last name segment equals the
pod-template-hash or controller-revision-hash label, or the StatefulSet's own labels say so. Otherwise the name stays as
seen and the result says that the owner is unknown. Names that are no DNS names give a reason instead of an endpoint.
Sources: Calico flow generation (aggregated names are generateName + ``*``; ``pub``/``pvt``), Kubernetes' well-known
labels.
"""

from ipaddress import IPv4Address, IPv4Network, ip_address
from typing import Final

import msgspec
from msgspec import Struct

from ringfence.flows.batch import SightingText
from ringfence.flows.left_out import LeftOut
from ringfence.flows.names import is_dns_label, is_dns_subdomain
from ringfence.model.endpoint import Endpoint, Host, Network, NetworkSet, Workload
from ringfence.model.labels import Labels

_PRIVATE: Final = tuple(IPv4Network(net) for net in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))
_NONE: Final = ("", "-")
_TEMPLATE_HASH: Final = "pod-template-hash"
_REVISION_HASH: Final = "controller-revision-hash"
_STATEFUL_POD: Final = "statefulset.kubernetes.io/pod-name"
_JOB_LABELS: Final = ("batch.kubernetes.io/job-name", "job-name")


class _LabelObject(Struct):
    labels: list[str] = []


_LABELS_DECODER: Final = msgspec.json.Decoder(_LabelObject | list[str])


class Identity(Struct, frozen=True):
    """Who a sighting is. ``endpoint`` is None exactly when ``left_out`` says why; ``labels`` is None where the
    sighting tells none; ``owner_known`` is False for a workload whose name is only as seen; ``address`` is canonical.
    """

    endpoint: Endpoint | None
    labels: Labels | None
    owner_known: bool
    address: str
    left_out: LeftOut | None = None


def identify(sighting: SightingText) -> Identity:
    """Return the identity of a sighting. Never raises: hostile text becomes a reason."""
    labels = _labels(sighting.labels)
    address = _address(sighting.address)
    endpoint: Endpoint | None
    owner_known = True
    match sighting.type:
        case "wep":
            endpoint, owner_known = _workload(sighting, labels or Labels())
        case "hep":
            endpoint = _host(sighting)
        case "ns":
            endpoint = _network_set(sighting)
        case "net":
            endpoint = _network(sighting, address)
        case _:
            return Identity(None, labels, owner_known=False, address=address, left_out=LeftOut.UNKNOWN_ENDPOINT_TYPE)
    reason = LeftOut.INVALID_NAME if endpoint is None else None
    return Identity(endpoint, labels, owner_known=owner_known, address=address, left_out=reason)


def _labels(text: str) -> Labels | None:
    if text in _NONE:
        return None
    try:
        decoded = _LABELS_DECODER.decode(text)
    except (msgspec.DecodeError, UnicodeError):
        return None
    pairs = decoded.labels if isinstance(decoded, _LabelObject) else decoded
    parted = (pair.partition("=") for pair in pairs)
    known = [(key, value) for key, equals, value in parted if equals and key]
    return Labels.of(known) if known else None


def _address(text: str) -> str:
    if text in _NONE:
        return ""
    try:
        parsed = ip_address(text)
    except ValueError:
        return ""
    mapped = None if isinstance(parsed, IPv4Address) else parsed.ipv4_mapped
    return str(mapped or parsed)


def _workload(sighting: SightingText, labels: Labels) -> tuple[Workload | None, bool]:
    if not is_dns_label(sighting.namespace):
        return None, False
    kind, _, owner = sighting.owner.partition("/")
    if owner and kind.isascii() and kind.isalpha() and is_dns_subdomain(owner):
        return Workload(sighting.namespace, kind, owner), True
    aggregated = sighting.name_aggr not in _NONE
    seen = sighting.name_aggr if aggregated else sighting.name
    name = seen.removesuffix("*").removesuffix("-") if seen.endswith("*") else seen
    if not is_dns_subdomain(name):
        return None, False
    kind_and_name = _owner(name, labels, generated=seen.endswith("*"))
    if kind_and_name is None:
        return Workload(sighting.namespace, None, name), False
    return Workload(sighting.namespace, *kind_and_name), True


def _owner(name: str, labels: Labels, *, generated: bool) -> tuple[str, str] | None:
    """Return the kind and name of the owner that labels prove for a pod name (without its generated end)."""
    template = labels.get(_TEMPLATE_HASH)
    if template and name.endswith(f"-{template}") and is_dns_subdomain(name.removesuffix(f"-{template}")):
        return "Deployment", name.removesuffix(f"-{template}")
    revision = labels.get(_REVISION_HASH)
    if revision:
        stateful = labels.get(_STATEFUL_POD) == name
        base = name.rpartition("-")[0] if stateful else name
        if base and revision.startswith(f"{base}-"):
            return "StatefulSet", base
        if name.endswith(f"-{revision}") and is_dns_subdomain(name.removesuffix(f"-{revision}")):
            return "DaemonSet", name.removesuffix(f"-{revision}")
        if generated:
            return "DaemonSet", name
    if any(labels.get(key) == name for key in _JOB_LABELS):
        return "Job", name
    return None


def _host(sighting: SightingText) -> Host | None:
    name = sighting.name_aggr if sighting.name_aggr not in _NONE else sighting.name
    if name not in _NONE:
        return Host(name) if is_dns_subdomain(name) or _address(name) else None
    return Host(sighting.address) if _address(sighting.address) else None


def _network_set(sighting: SightingText) -> NetworkSet | None:
    name = sighting.name_aggr if sighting.name_aggr not in _NONE else sighting.name
    namespace = None if sighting.namespace in _NONE else sighting.namespace
    if not is_dns_subdomain(name) or (namespace is not None and not is_dns_label(namespace)):
        return None
    return NetworkSet(namespace, name)


def _network(sighting: SightingText, address: str) -> Network:
    match sighting.name_aggr, sighting.name:
        case ("pvt", _) | (_, "pvt"):
            return Network("private")
        case ("pub", _) | (_, "pub"):
            return Network("public")
        case _:
            parsed = ip_address(address) if address else None
            private = isinstance(parsed, IPv4Address) and any(parsed in net for net in _PRIVATE)
            return Network("private" if private else "public")
