"""Say which endpoint a sighting is, with a directory of the cluster or without one.

Promises: an owner is named only where the directory knows it or the sighting proves it: the source names it, or the
last name segment equals the pod-template-hash or controller-revision-hash label, or the StatefulSet's own labels say
so. Otherwise the name stays as seen and the result says that the owner is unknown. Names that are no DNS names give a
reason instead of an endpoint.
Sources: Calico flow generation (aggregated names are generateName + ``*``; ``pub``/``pvt``), Kubernetes' well-known
labels.
"""

from ipaddress import IPv4Address, IPv4Network, ip_address
from typing import Final

import msgspec
from msgspec import Struct

from ringfence.flows.address_text import canonical
from ringfence.flows.batch import SightingText
from ringfence.flows.directory import Directory, PodName, generated_stem
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
    """Who a sighting is. ``endpoint`` is None only where ``left_out`` says why; ``labels`` is None where the
    sighting tells none; ``owner_known`` is False for a workload whose name is only as seen; ``address`` is canonical.
    """

    endpoint: Endpoint | None
    labels: Labels | None
    owner_known: bool
    address: str
    left_out: LeftOut | None = None


def identify(sighting: SightingText, directory: Directory | None = None, *, early: bool = False) -> Identity:
    """Return the identity of a sighting. Never raises: hostile text becomes a reason.

    ``early``: of a record from before the directory's word on the sighting (`Directory.early`).
    """
    labels = _labels(sighting.labels)
    address = _address(sighting.address)
    endpoint: Endpoint | None
    owner_known = True
    reason = LeftOut.BEFORE_NAMESPACE if early else None
    match sighting.type or _type_by_name(sighting, directory):
        case "wep":
            endpoint, owner_known = _workload(sighting, labels or Labels(), directory)
        case "hep":
            endpoint = _host(sighting, directory)
        case "ns":
            endpoint = _network_set(sighting)
        case "net":
            endpoint, reason = _outside(sighting, address, directory, early=early)
        case _:
            return Identity(None, labels, owner_known=False, address=address, left_out=LeftOut.UNKNOWN_ENDPOINT_TYPE)
    if endpoint is None:
        reason = LeftOut.INVALID_NAME
    return Identity(endpoint, labels, owner_known=owner_known, address=address, left_out=reason)


def _type_by_name(sighting: SightingText, directory: Directory | None) -> str:
    """Return the type of a sighting that tells none, where one thing alone has its name; else the empty text."""
    if directory is None:
        return ""
    name = sighting.name_aggr if sighting.name_aggr not in _NONE else sighting.name
    return directory.type_of(None if sighting.namespace in _NONE else sighting.namespace, name)


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
    return "" if text in _NONE else canonical(text)


def _workload(sighting: SightingText, labels: Labels, directory: Directory | None) -> tuple[Workload | None, bool]:
    if not is_dns_label(sighting.namespace):
        return None, False
    told, known = _told_workload(sighting, labels)
    if told is None or directory is None:
        return told, known
    names = [name for name in (sighting.name, sighting.name_aggr) if name not in _NONE]
    whole = next((name for name in names if not name.endswith("*")), "")
    stem = next((_without_star(name) for name in names if name.endswith("*")), "")
    found = directory.workload(told, PodName(sighting.namespace, whole, stem))
    if found is None and not stem and (stem := generated_stem(whole)):
        owner = _owner(stem, labels, generated=True) or (None, stem)
        found = directory.workload(Workload(sighting.namespace, *owner), PodName(sighting.namespace, whole, stem))
    return (told, known) if found is None else (found, True)


def _told_workload(sighting: SightingText, labels: Labels) -> tuple[Workload | None, bool]:
    """Return the workload that a sighting tells by itself, and whether it proves it."""
    kind, _, owner = sighting.owner.partition("/")
    if owner and kind.isascii() and kind.isalpha() and is_dns_subdomain(owner):
        return Workload(sighting.namespace, kind, owner), True
    seen = sighting.name_aggr if sighting.name_aggr not in _NONE else sighting.name
    name = _without_star(seen)
    if not is_dns_subdomain(name):
        return None, False
    kind_and_name = _owner(name, labels, generated=seen.endswith("*"))
    if kind_and_name is None:
        return Workload(sighting.namespace, None, name), False
    return Workload(sighting.namespace, *kind_and_name), True


def _without_star(seen: str) -> str:
    return seen.removesuffix("*").removesuffix("-") if seen.endswith("*") else seen


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


def _host(sighting: SightingText, directory: Directory | None) -> Host | None:
    name = sighting.name_aggr if sighting.name_aggr not in _NONE else sighting.name
    known = None if directory is None else directory.host(name, sighting.address)
    if known is not None:
        return known
    if name not in _NONE:
        return Host(name) if is_dns_subdomain(name) or _address(name) else None
    return Host(sighting.address) if _address(sighting.address) else None


def _network_set(sighting: SightingText) -> NetworkSet | None:
    name = sighting.name_aggr if sighting.name_aggr not in _NONE else sighting.name
    namespace = None if sighting.namespace in _NONE else sighting.namespace
    if not is_dns_subdomain(name) or (namespace is not None and not is_dns_label(namespace)):
        return None
    return NetworkSet(namespace, name)


def _outside(
    sighting: SightingText, address: str, directory: Directory | None, *, early: bool
) -> tuple[Endpoint, LeftOut | None]:
    """Return who stands where a flow sees a network, and why it is left out if the inventory says so."""
    network = _network(sighting, address)
    match None if directory is None else directory.at(sighting.address, early=early):
        case None:
            return network, None
        case LeftOut() as reason:
            return network, reason
        case endpoint:
            return endpoint, None


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
