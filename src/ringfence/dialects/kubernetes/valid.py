"""Say why Kubernetes' API would refuse a NetworkPolicy.

Promises: any JSON is judged without an exception; every reason has a path. Source: validation of networking.k8s.io/v1.
"""

import re
from collections.abc import Iterator, Mapping
from ipaddress import ip_network
from typing import Final

from ringfence.dialects.members import items_of, record_of, records_of, text_of, texts_of
from ringfence.dialects.problem import Problem
from ringfence.model.kubernetes_object import Json, KubernetesObject
from ringfence.model.port import HIGHEST_PORT, LOWEST_PORT

API_VERSION: Final = "networking.k8s.io/v1"
_NAME: Final = re.compile(r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*")
_LONGEST_NAME: Final = 253
_MOST_TYPES: Final = 2
_PORT_NAME: Final = re.compile(r"(?=[^a-z]*[a-z])(?!.*--)[a-z0-9](?:[-a-z0-9]{0,13}[a-z0-9])?")
_PEER_FIELDS: Final = ("podSelector", "namespaceSelector", "ipBlock")
_KNOWN: Final[Mapping[str, frozenset[str]]] = {
    "spec": frozenset({"podSelector", "policyTypes", "ingress", "egress"}),
    "ingress": frozenset({"from", "ports"}),
    "egress": frozenset({"to", "ports"}),
    "peer": frozenset(_PEER_FIELDS),
    "port": frozenset({"protocol", "port", "endPort"}),
}


def problems(obj: KubernetesObject) -> tuple[Problem, ...]:
    """Return why the API would refuse the object; empty when it would not."""
    return tuple(_problems(obj))


def _problems(obj: KubernetesObject) -> Iterator[Problem]:
    if text_of(obj, "kind") != "NetworkPolicy":
        yield Problem("kind", "expected NetworkPolicy")
        return
    if text_of(obj, "apiVersion") != API_VERSION:
        yield Problem("apiVersion", f"expected {API_VERSION}")
    name = text_of(record_of(obj, "metadata"), "name")
    if len(name) > _LONGEST_NAME or not _NAME.fullmatch(name):
        yield Problem("metadata.name", "is not a DNS subdomain: lower-case letters, digits, dashes and dots")
    spec = record_of(obj, "spec")
    yield from _unknown(spec, "spec", "spec")
    yield from selector_problems(record_of(spec, "podSelector"), "spec.podSelector")
    types = [text for _, text in texts_of(spec, "policyTypes")]
    if len(types) != len(items_of(spec, "policyTypes")) or not set(types) <= {"Ingress", "Egress"}:
        yield Problem("spec.policyTypes", "holds Ingress, Egress or both")
    elif len(types) > _MOST_TYPES:
        yield Problem("spec.policyTypes", f"has more than {_MOST_TYPES} entries")
    for field, peers in (("ingress", "from"), ("egress", "to")):
        for index, rule in records_of(spec, field):
            yield from _rule(rule, field, peers, f"spec.{field}[{index}]")


def _rule(rule: Mapping[str, Json], field: str, peers: str, path: str) -> Iterator[Problem]:
    yield from _unknown(rule, field, path)
    for index, peer in records_of(rule, peers):
        yield from _peer(peer, f"{path}.{peers}[{index}]")
    for index, port in records_of(rule, "ports"):
        yield from _port(port, f"{path}.ports[{index}]")


def _peer(peer: Mapping[str, Json], path: str) -> Iterator[Problem]:
    yield from _unknown(peer, "peer", path)
    given = [field for field in _PEER_FIELDS if peer.get(field) is not None]
    if not given:
        yield Problem(path, "must specify a peer; to mean everything leave out the whole list")
    if "ipBlock" in given and len(given) > 1:
        yield Problem(path, "ipBlock stands alone; put selectors into a peer of their own")
    for field in ("podSelector", "namespaceSelector"):
        yield from selector_problems(record_of(peer, field), f"{path}.{field}")
    if "ipBlock" in given:
        yield from _ip_block(record_of(peer, "ipBlock"), f"{path}.ipBlock")


def _ip_block(block: Mapping[str, Json], path: str) -> Iterator[Problem]:
    try:
        whole = ip_network(text_of(block, "cidr"), strict=False)
    except ValueError:
        yield Problem(f"{path}.cidr", "is no network")
        return
    for index, text in texts_of(block, "except"):
        try:
            hole = ip_network(text, strict=False)
        except ValueError:
            yield Problem(f"{path}.except[{index}]", "is no network")
            continue
        inside = hole.version == whole.version and hole.prefixlen > whole.prefixlen
        if not inside or hole.network_address not in whole:
            yield Problem(f"{path}.except[{index}]", f"must be a strict subset of {whole}")


def _port(port: Mapping[str, Json], path: str) -> Iterator[Problem]:
    yield from _unknown(port, "port", path)
    if port.get("protocol") is not None and text_of(port, "protocol") not in {"TCP", "UDP", "SCTP"}:
        yield Problem(f"{path}.protocol", "must be TCP, UDP or SCTP")
    number, end = port.get("port"), port.get("endPort")
    if isinstance(number, str) and not _PORT_NAME.fullmatch(number):
        yield Problem(f"{path}.port", "is no port name: up to 15 lower-case letters, digits, dashes; a letter in it")
    if isinstance(number, int) and not LOWEST_PORT <= number <= HIGHEST_PORT:
        yield Problem(f"{path}.port", f"must be within {LOWEST_PORT}-{HIGHEST_PORT}")
    if end is not None and not (isinstance(end, int) and isinstance(number, int) and number <= end <= HIGHEST_PORT):
        yield Problem(f"{path}.endPort", "needs a port by number that is not greater than it")


def selector_problems(selector: Mapping[str, Json], path: str) -> Iterator[Problem]:
    """Yield why the API would refuse a label selector."""
    for index, each in records_of(selector, "matchExpressions"):
        operator, values = text_of(each, "operator"), items_of(each, "values")
        if operator not in {"In", "NotIn", "Exists", "DoesNotExist"}:
            yield Problem(f"{path}.matchExpressions[{index}].operator", "must be In, NotIn, Exists or DoesNotExist")
        elif (operator in {"In", "NotIn"}) != bool(values):
            wanted = "needs values" if operator in {"In", "NotIn"} else "may not have values"
            yield Problem(f"{path}.matchExpressions[{index}].values", f"{operator} {wanted}")


def _unknown(fields: Mapping[str, Json], kind: str, path: str) -> Iterator[Problem]:
    for name in sorted(fields.keys() - _KNOWN[kind]):
        yield Problem(f"{path}.{name[:60]}", "is no field of a NetworkPolicy")
