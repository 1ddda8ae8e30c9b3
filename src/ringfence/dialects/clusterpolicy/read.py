"""Read a ClusterNetworkPolicy, an AdminNetworkPolicy or a BaselineAdminNetworkPolicy.

Promises: never raises, whatever the JSON. A peer or port of a field we do not know is kept as such, because its rule
must fail closed; what is none of these policies at all has no value.
"""

from collections.abc import Mapping
from typing import Final

from ringfence.dialects.clusterpolicy.parts import FORMS, PROTOCOLS, Form, actions
from ringfence.dialects.clusterpolicy.valid import problems
from ringfence.dialects.decoded import NotUnderstoodError, entry, integer, items, pairs, record, text, texts
from ringfence.dialects.kubernetes_parts import label_selector_of
from ringfence.dialects.object_reading import ObjectReading
from ringfence.dialects.problem import Problem
from ringfence.model.cluster_policy import (
    ClusterPolicy,
    ClusterRule,
    ClusterTier,
    DomainsPeer,
    NamedPort,
    NamespacesPeer,
    NetworksPeer,
    NodesPeer,
    NumberedPorts,
    Peer,
    PodsPeer,
    Ports,
    Subject,
    UnknownPeer,
    UnknownPorts,
)
from ringfence.model.kubernetes_object import Json, KubernetesObject
from ringfence.model.label_selector import LabelSelector
from ringfence.model.port import HIGHEST_PORT, LOWEST_PORT

_NOT_UNDERSTOOD: Final = Problem("", "is no policy of policy.networking.k8s.io: a member is absent or of another type")
_INT32: Final = 2**31
_TIERS: Final[Mapping[str, ClusterTier]] = {"Admin": "Admin", "Baseline": "Baseline"}


def read_cluster_policy(obj: KubernetesObject) -> ObjectReading[ClusterPolicy]:
    """Read a cluster policy of any of the three kinds."""
    found = problems(obj)
    try:
        policy = _policy(obj)
    except NotUnderstoodError:
        return ObjectReading(None, found or (_NOT_UNDERSTOOD,))
    return ObjectReading(policy, found)


def _policy(obj: KubernetesObject) -> ClusterPolicy:
    form = FORMS.get(text(obj, "kind"))
    metadata, spec = record(obj.get("metadata")), record(obj.get("spec"))
    name = text(metadata, "name")
    tier = None if form is None else form.tier or _TIERS.get(text(spec, "tier"))
    if form is None or tier is None or not name:
        raise NotUnderstoodError
    return ClusterPolicy(
        name=name,
        tier=tier,
        priority=0 if form.tier == "Baseline" else _priority(spec),
        subject=_subject(spec),
        ingress=tuple(_rule(each, "from", form) for each in items(spec, "ingress")),
        egress=tuple(_rule(each, "to", form) for each in items(spec, "egress")),
        version="v1alpha2" if form.tier is None else "v1alpha1",
        labels=pairs(metadata, "labels"),
        annotations=pairs(metadata, "annotations"),
    )


def _priority(spec: Mapping[str, Json]) -> int:
    priority = integer(spec, "priority") or 0
    if not -_INT32 <= priority < _INT32:
        raise NotUnderstoodError
    return priority


def _subject(spec: Mapping[str, Json]) -> Subject:
    match _peer(spec.get("subject")):
        case NamespacesPeer() | PodsPeer() as subject:
            return subject
        case _:
            raise NotUnderstoodError


def _rule(value: Json, peers: str, form: Form) -> ClusterRule:
    fields = entry(value)
    action = actions(form).get(text(fields, "action"))
    if action is None:
        raise NotUnderstoodError
    return ClusterRule(
        action,
        tuple(_peer(each) for each in items(fields, peers)),
        tuple(_ports(each, form) for each in items(fields, form.ports)),
        text(fields, "name"),
    )


def _peer(value: Json) -> Peer:
    given = {key: each for key, each in entry(value).items() if each is not None}
    if len(given) != 1:
        return UnknownPeer(", ".join(sorted(given)))
    field, inner = next(iter(given.items()))
    match field:
        case "namespaces":
            return NamespacesPeer(_selector(inner))
        case "pods":
            pods = record(inner)
            return PodsPeer(_selector(pods.get("namespaceSelector")), _selector(pods.get("podSelector")))
        case "networks":
            return NetworksPeer(texts(given, "networks"))
        case "nodes":
            return NodesPeer(_selector(inner))
        case "domainNames":
            return DomainsPeer(texts(given, "domainNames"))
        case _:
            return UnknownPeer(field)


def _selector(value: Json) -> LabelSelector:
    selector = label_selector_of(value)
    if selector is None:
        raise NotUnderstoodError
    return selector


def _ports(value: Json, form: Form) -> Ports:
    given = {key: each for key, each in entry(value).items() if each is not None}
    if len(given) != 1:
        return UnknownPorts(", ".join(sorted(given)))
    field, inner = next(iter(given.items()))
    match field:
        case "tcp" | "udp" | "sctp" if form.tier is None:
            port = record(record(inner).get("destinationPort"))
            whole = record(port.get("range"))
            first, last = (integer(whole, "start"), integer(whole, "end")) if whole else (integer(port, "number"),) * 2
            return _numbered(field.upper(), first, last, field)
        case "portNumber" if form.tier is not None:
            number = record(inner)
            return _numbered(text(number, "protocol") or "TCP", *(integer(number, "port"),) * 2, field)
        case "portRange" if form.tier is not None:
            whole = record(inner)
            return _numbered(text(whole, "protocol") or "TCP", integer(whole, "start"), integer(whole, "end"), field)
        case form.named_port:
            return NamedPort(text(given, field))
        case _:
            return UnknownPorts(field)


def _numbered(protocol: str, first: int | None, last: int | None, field: str) -> Ports:
    if first is None or last is None or not LOWEST_PORT <= first <= last <= HIGHEST_PORT or protocol not in PROTOCOLS:
        return UnknownPorts(field)
    return NumberedPorts(protocol, first, last)
