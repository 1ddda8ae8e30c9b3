"""Say why the API would refuse a cluster policy.

Promises: any JSON is judged without an exception; every reason has a path. Source: the resource definitions of
policy.networking.k8s.io v1alpha2 and v1alpha1, with their CEL rules; fields of their experimental channel are known.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from ringfence.dialects.clusterpolicy.parts import FORMS, HIGHEST_PRIORITY, PROTOCOLS, Form, actions
from ringfence.dialects.kubernetes_parts import label_selector_of
from ringfence.dialects.members import integer_of, items_of, record_of, records_of, text_of, texts_of
from ringfence.dialects.network_text import family_of
from ringfence.dialects.problem import Problem
from ringfence.model.kubernetes_object import Json, KubernetesObject
from ringfence.model.port import HIGHEST_PORT, LOWEST_PORT

_SUBJECTS: Final = ("namespaces", "pods")
_INGRESS_PEERS: Final = ("namespaces", "pods")
_NEW_PROTOCOLS: Final = ("tcp", "udp", "sctp")
_OLD_PORTS: Final = ("portNumber", "portRange")
_WITHOUT_NAMED_PORTS: Final = ("networks", "nodes", "domainNames")
_LONGEST_RULE_NAME: Final = 100
_LONGEST_NETWORK: Final = 43
_MOST_TEXTS: Final = 25


def problems(obj: KubernetesObject) -> tuple[Problem, ...]:
    """Return why the API would refuse the object; empty when it would not."""
    return tuple(_problems(obj))


def _problems(obj: KubernetesObject) -> Iterator[Problem]:
    kind = text_of(obj, "kind")
    form = FORMS.get(kind)
    if form is None:
        yield Problem("kind", f"expected one of {', '.join(FORMS)}")
        return
    if text_of(obj, "apiVersion") != form.version:
        yield Problem("apiVersion", f"{kind} is of {form.version}")
    name, spec = text_of(record_of(obj, "metadata"), "name"), record_of(obj, "spec")
    if not name or (kind == "BaselineAdminNetworkPolicy" and name != "default"):
        yield Problem("metadata.name", "must be default" if name else "is required")
    if form.tier is None and text_of(spec, "tier") not in {"Admin", "Baseline"}:
        yield Problem("spec.tier", "must be Admin or Baseline")
    priority = integer_of(spec, "priority")
    if kind != "BaselineAdminNetworkPolicy" and (priority is None or not 0 <= priority <= HIGHEST_PRIORITY):
        yield Problem("spec.priority", f"must be an integer within 0-{HIGHEST_PRIORITY}")
    subject = record_of(spec, "subject")
    yield from _one_of(subject, _SUBJECTS, "spec.subject")
    yield from _selectors(subject, form, "spec.subject")
    for field, peers, known in (("ingress", "from", _INGRESS_PEERS), ("egress", "to", form.egress_peers)):
        yield from _too_many(spec, field, form.most, "spec")
        for index, rule in records_of(spec, field):
            yield from _rule(rule, peers, known, form, f"spec.{field}[{index}]")


def _rule(rule: Mapping[str, Json], peers: str, known: tuple[str, ...], form: Form, path: str) -> Iterator[Problem]:
    if text_of(rule, "action") not in actions(form):
        yield Problem(f"{path}.action", f"must be one of {', '.join(actions(form))}")
    if len(text_of(rule, "name")) > _LONGEST_RULE_NAME:
        yield Problem(f"{path}.name", f"has more than {_LONGEST_RULE_NAME} characters")
    if not items_of(rule, peers):
        yield Problem(f"{path}.{peers}", "needs at least one peer")
    yield from _too_many(rule, peers, form.most, path)
    yield from _too_many(rule, form.ports, form.most, path)
    yield from _empty(rule, form.ports, path)
    for index, peer in records_of(rule, peers):
        yield from _peer(peer, known, form, f"{path}.{peers}[{index}]")
    addressed = any(peer.get(each) is not None for _, peer in records_of(rule, peers) for each in _WITHOUT_NAMED_PORTS)
    for index, port in records_of(rule, form.ports):
        yield from _port(port, form, f"{path}.{form.ports}[{index}]")
        if addressed and port.get(form.named_port) is not None:
            reason = f"{', '.join(_WITHOUT_NAMED_PORTS)} have no named ports; put them into a rule of their own"
            yield Problem(f"{path}.{form.ports}[{index}].{form.named_port}", reason)


def _peer(peer: Mapping[str, Json], known: tuple[str, ...], form: Form, path: str) -> Iterator[Problem]:
    yield from _one_of(peer, known, path)
    yield from _selectors(peer, form, path)
    for field, unfit in (("networks", _is_no_network), ("domainNames", _is_no_domain)):
        yield from _too_many(peer, field, _MOST_TEXTS, path)
        yield from _empty(peer, field, path)
        for index, text in texts_of(peer, field):
            reason = unfit(text)
            if reason is not None:
                yield Problem(f"{path}.{field}[{index}]", reason)
    nets = [net for _, net in texts_of(peer, "networks")]
    if len(set(nets)) < len(nets):
        yield Problem(f"{path}.networks", "holds a network twice")


def _selectors(peer: Mapping[str, Json], form: Form, path: str) -> Iterator[Problem]:
    pods = record_of(peer, "pods")
    places = [
        *((f"{path}.{field}", peer.get(field)) for field in ("namespaces", "nodes")),
        *((f"{path}.pods.{field}", pods.get(field)) for field in ("namespaceSelector", "podSelector")),
    ]
    for place, selector in places:
        if label_selector_of(selector) is None:
            yield Problem(place, "is no label selector; operators are In, NotIn, Exists and DoesNotExist")
    if peer.get("pods") is not None:
        for field in form.pod_selectors:
            if pods.get(field) is None:
                yield Problem(f"{path}.pods.{field}", "is required; {} is every one")


def _port(port: Mapping[str, Json], form: Form, path: str) -> Iterator[Problem]:
    if form.tier is None:
        yield from _one_of(port, (*_NEW_PROTOCOLS, form.named_port), path)
        for protocol in _NEW_PROTOCOLS:
            if isinstance(port.get(protocol), Mapping):
                yield from _destination(record_of(record_of(port, protocol), "destinationPort"), f"{path}.{protocol}")
        return
    yield from _one_of(port, (*_OLD_PORTS, form.named_port), path)
    for field in _OLD_PORTS:
        numbers = record_of(port, field)
        if numbers.get("protocol") is not None and text_of(numbers, "protocol") not in PROTOCOLS:
            yield Problem(f"{path}.{field}.protocol", f"must be one of {', '.join(PROTOCOLS)}")
    if isinstance(port.get("portNumber"), Mapping):
        yield from _in_range(record_of(port, "portNumber"), "port", f"{path}.portNumber")
    if isinstance(port.get("portRange"), Mapping):
        yield from _in_range(record_of(port, "portRange"), "start", f"{path}.portRange")
        yield from _in_range(record_of(port, "portRange"), "end", f"{path}.portRange")


def _destination(port: Mapping[str, Json], path: str) -> Iterator[Problem]:
    yield from _one_of(port, ("number", "range"), f"{path}.destinationPort")
    if "number" in port:
        yield from _in_range(port, "number", f"{path}.destinationPort")
    if "range" in port:
        whole = record_of(port, "range")
        start, end = integer_of(whole, "start"), integer_of(whole, "end")
        yield from _in_range(whole, "start", f"{path}.destinationPort.range")
        yield from _in_range(whole, "end", f"{path}.destinationPort.range")
        if start is not None and end is not None and start >= end:
            yield Problem(f"{path}.destinationPort.range", "start must be less than end; write a single port as number")


def _in_range(fields: Mapping[str, Json], name: str, path: str) -> Iterator[Problem]:
    value = integer_of(fields, name)
    if value is None or not LOWEST_PORT <= value <= HIGHEST_PORT:
        yield Problem(f"{path}.{name}", f"must be an integer within {LOWEST_PORT}-{HIGHEST_PORT}")


def _is_no_network(net: str) -> str | None:
    return "is no network" if "/" not in net or len(net) > _LONGEST_NETWORK or family_of(net) is None else None


def _is_no_domain(name: str) -> str | None:
    labels = name.removeprefix("*.").split(".")
    return "is no domain name, exact or with a leading *." if "*" in "".join(labels) or not all(labels) else None


def _one_of(fields: Mapping[str, Json], known: tuple[str, ...], path: str) -> Iterator[Problem]:
    given = sorted(key for key, value in fields.items() if value is not None)
    if len(given) != 1 or given[0] not in known:
        yield Problem(path, f"must hold exactly one of {', '.join(known)}")


def _empty(fields: Mapping[str, Json], name: str, path: str) -> Iterator[Problem]:
    if fields.get(name) is not None and not items_of(fields, name):
        yield Problem(f"{path}.{name}", "needs at least one entry, or leave it out")


def _too_many(fields: Mapping[str, Json], name: str, most: int, path: str) -> Iterator[Problem]:
    if len(items_of(fields, name)) > most:
        yield Problem(f"{path}.{name}", f"has more than {most} entries")
