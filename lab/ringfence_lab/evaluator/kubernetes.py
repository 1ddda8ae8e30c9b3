"""Turn a Kubernetes NetworkPolicy into the Calico policy that Calico makes of it.

Promises: one rule a protocol and peer, protocols in the order of their names, ports of one protocol merged; peers are
pods only; a port without protocol is TCP, a rule without ports any protocol, one without peers anyone.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ringfence_lab.evaluator.fields import KubernetesObject, ObjectError, choice, each, mapping, text

_PODS: Final = "projectcalico.org/orchestrator == 'k8s'"
_OPERATORS: Final = {"In": "in", "NotIn": "not in"}
_EXISTENCE: Final = {"Exists": "has", "DoesNotExist": "!has"}


def calico_spec(spec: KubernetesObject, where: str) -> KubernetesObject:
    """Return the spec of the Calico policy. Raises ObjectError for what is not known."""
    types = list(spec.get("policyTypes") or (("Ingress", "Egress") if spec.get("egress") else ("Ingress",)))
    converted: dict[str, Any] = {"selector": _pods(spec.get("podSelector"), f"{where}.podSelector"), "types": types}
    for key, peers, side in (("ingress", "from", "source"), ("egress", "to", "destination")):
        rules = each(
            spec.get(key),
            f"{where}.{key}",
            lambda rule, at, peers=peers, side=side: list(  # type: ignore[misc]  # the defaults bind the loop's values
                _rules(mapping(rule, at, {"ports", peers}), peers, side, at)
            ),
        )
        converted[key] = [rule for generated in rules for rule in generated]
    return converted


def _rules(rule: KubernetesObject, peers: str, side: str, where: str) -> Iterator[KubernetesObject]:
    ports_of = _ports(rule, f"{where}.ports")
    matches = each(rule.get(peers), f"{where}.{peers}", _peer) or ({},)
    for protocol, ports in sorted(ports_of.items()):
        for match in matches:
            converted: dict[str, Any] = {"action": "Allow", side: dict(match)}
            if protocol:
                converted["protocol"] = protocol
            if ports:
                converted["destination"] = {**converted.get("destination", {}), "ports": ports}
            yield converted


def _ports(rule: KubernetesObject, where: str) -> Mapping[str, list[int | str]]:
    """Return the ports of each protocol, none for all of them; the protocol is empty for any."""
    found: dict[str, list[int | str]] = {}
    whole: set[str] = set()

    def add(value: object, at: str) -> None:
        part = mapping(value, at, {"protocol", "port", "endPort"})
        protocol = text(part.get("protocol"), f"{at}.protocol") or "TCP"
        port, last = part.get("port"), part.get("endPort")
        ports = found.setdefault(protocol, [])
        if port is None:
            whole.add(protocol)
        else:
            ports.append(port if last is None else f"{port}:{last}")

    each(rule.get("ports"), where, add)
    return {protocol: [] if protocol in whole else ports for protocol, ports in found.items()} or {"": []}


def _peer(value: object, where: str) -> KubernetesObject:
    peer = mapping(value, where, {"podSelector", "namespaceSelector", "ipBlock"})
    if peer.get("ipBlock") is not None:
        block = mapping(peer["ipBlock"], f"{where}.ipBlock", {"cidr", "except"})
        holes = block.get("except")
        return {"nets": [block.get("cidr")], **({"notNets": holes} if holes else {})}
    match = {"selector": _pods(peer.get("podSelector"), f"{where}.podSelector")}
    if peer.get("namespaceSelector") is not None:
        match["namespaceSelector"] = (
            " && ".join(_terms(peer["namespaceSelector"], f"{where}.namespaceSelector")) or "all()"
        )
    return match


def _pods(value: object, where: str) -> str:
    return " && ".join([_PODS, *_terms(value, where)])


def _terms(value: object, where: str) -> list[str]:
    part = mapping(value, where, {"matchLabels", "matchExpressions"})
    labels = mapping(part.get("matchLabels"), f"{where}.matchLabels", part.get("matchLabels") or ())
    terms = [f"{key} == '{text(labels[key], f'{where}.matchLabels.{key}')}'" for key in sorted(labels)]
    return [*terms, *each(part.get("matchExpressions"), f"{where}.matchExpressions", _expression)]


def _expression(value: object, where: str) -> str:
    part = mapping(value, where, {"key", "operator", "values"})
    key = text(part.get("key"), f"{where}.key")
    operator = choice(part.get("operator"), f"{where}.operator", (*_OPERATORS, *_EXISTENCE))
    if operator in _EXISTENCE:
        return f"{_EXISTENCE[operator]}({key})"
    values = each(part.get("values"), f"{where}.values", text)
    if not values:
        raise ObjectError(f"{where}.values: are missing")
    written = ", ".join(f"'{value}'" for value in values)
    return f"{key} {_OPERATORS[operator]} {{{written}}}"
