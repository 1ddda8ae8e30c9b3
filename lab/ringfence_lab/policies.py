"""Read the policies that are to be judged.

Promises: exactly the shapes a recommendation has (``Tier``, ``StagedNetworkPolicy`` with Pass and Allow rules); a key,
kind or form that is not known is an error with its file and path, never ignored. What the policies let pass is
`matcher`'s question.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Final, Literal, TypeVar, cast

import yaml

from ringfence_lab.selectors import Selector, parse_selector

Network = IPv4Network | IPv6Network
Direction = Literal["Egress", "Ingress"]

GLOBAL: Final = "global()"
DIRECTIONS: Final[tuple[Direction, ...]] = ("Egress", "Ingress")

_API: Final = "projectcalico.org/v3"
_NAMESPACE_KEYS: Final = ("projectcalico.org/name", "kubernetes.io/metadata.name")
_POLICY_SPEC: Final = frozenset({"tier", "order", "selector", "types", "ingress", "egress", "stagedAction"})
_RULE: Final = frozenset({"action", "protocol", "ipVersion", "icmp", "source", "destination", "metadata"})
_PEER: Final = frozenset({"selector", "namespaceSelector", "nets", "notNets", "services"})
_HIGHEST_PORT: Final = 65_535
_PROTOCOL_NUMBERS: Final = {1: "ICMP", 6: "TCP", 17: "UDP", 58: "ICMPv6", 132: "SCTP"}
_PROTOCOLS: Final = frozenset(_PROTOCOL_NUMBERS.values())


_Value = TypeVar("_Value")


class PolicyError(ValueError):
    """A policy file holds something that the judge does not know."""


@dataclass(frozen=True, slots=True)
class Match:
    """The peer of a rule; None is no restriction. ``namespace`` is a namespace's name or GLOBAL; ``service`` is the
    namespace and name of a Service, which excludes everything else.
    """

    selector: Selector | None = None
    namespace: str | None = None
    nets: tuple[Network, ...] | None = None
    not_nets: tuple[Network, ...] | None = None
    service: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. ``ports`` are inclusive ranges, None for all; ``icmp`` is type and code, either None for all."""

    action: Literal["Allow", "Pass"]
    protocol: str | None
    ip_version: int | None
    icmp: tuple[int | None, int | None] | None
    peer: Match
    ports: tuple[tuple[int, int], ...] | None


@dataclass(frozen=True, slots=True, eq=False)
class Policy:
    """One staged policy, taken as enforced; each is itself alone, whatever it says.

    ``rules`` are those of each direction that ``types`` lists.
    """

    namespace: str
    name: str
    selector: Selector
    rules: Mapping[Direction, tuple[Rule, ...]]


@dataclass(frozen=True, slots=True)
class PolicyFolder:
    """All policies of a folder, and its size in bytes of YAML."""

    policies: tuple[Policy, ...]
    size: int


def read_policies(folder: Path) -> PolicyFolder:
    """Read every YAML file below a folder. Raises PolicyError for what is not known, OSError where reading fails."""
    if not folder.is_dir():
        raise PolicyError(f"{folder}: no such folder; give the folder that holds the policies")
    policies: list[Policy] = []
    size = 0
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        if file.suffix not in {".yaml", ".yml"}:
            raise PolicyError(f"{file}: is no YAML file; only policies may stand in the folder")
        content = file.read_bytes()
        size += len(content)
        for document in _documents(content, file):
            policy = _object(document, str(file))
            if policy is not None:
                policies.append(policy)
    return PolicyFolder(tuple(policies), size)


def _documents(content: bytes, file: Path) -> Sequence[object]:
    try:
        return list(yaml.load_all(content, Loader=yaml.CSafeLoader))
    except yaml.YAMLError as error:
        raise PolicyError(f"{file}: is no YAML: {error}") from error


def _object(document: object, where: str) -> Policy | None:
    top = _mapping(document, where, {"apiVersion", "kind", "metadata", "spec"})
    if top.get("apiVersion") != _API:
        raise PolicyError(f"{where}: apiVersion: {top.get('apiVersion')!r} is not {_API}")
    metadata = _mapping(top.get("metadata"), f"{where}: metadata", {"name", "namespace", "labels", "annotations"})
    match top.get("kind"):
        case "Tier":
            _mapping(top.get("spec"), f"{where}: spec", {"order", "defaultAction"})
            return None
        case "StagedNetworkPolicy":
            return _policy(metadata, top.get("spec"), where)
        case kind:
            raise PolicyError(f"{where}: kind: {kind!r} is neither Tier nor StagedNetworkPolicy")


def _policy(metadata: Mapping[str, object], document: object, where: str) -> Policy:
    spec = _mapping(document, f"{where}: spec", _POLICY_SPEC)
    types = _list(spec.get("types"), f"{where}: spec.types")
    rules: dict[Direction, tuple[Rule, ...]] = {}
    for direction in DIRECTIONS:
        key = direction.lower()
        written = _list(spec.get(key, []), f"{where}: spec.{key}")
        if written and direction not in types:
            raise PolicyError(f"{where}: spec.{key}: has rules, but spec.types does not list {direction}")
        if direction in types:
            read = (_rule(rule, direction, f"{where}: spec.{key}[{index}]") for index, rule in enumerate(written))
            rules[direction] = tuple(read)
    if unknown := [kind for kind in types if kind not in DIRECTIONS]:
        raise PolicyError(f"{where}: spec.types: {unknown!r} is not known")
    return Policy(
        namespace=_text(metadata.get("namespace"), f"{where}: metadata.namespace"),
        name=_text(metadata.get("name"), f"{where}: metadata.name"),
        selector=_selector(spec.get("selector"), f"{where}: spec.selector"),
        rules=rules,
    )


def _rule(document: object, direction: Direction, where: str) -> Rule:
    rule = _mapping(document, where, _RULE)
    action = rule.get("action")
    if action not in {"Allow", "Pass"}:
        raise PolicyError(f"{where}.action: {action!r} is neither Allow nor Pass")
    own, peer = ("source", "destination") if direction == "Egress" else ("destination", "source")
    ports_key = {"ports"}
    own_part = _mapping(rule.get(own, {}), f"{where}.{own}", ports_key if own == "destination" else set())
    peer_part = _mapping(rule.get(peer, {}), f"{where}.{peer}", _PEER | (ports_key if peer == "destination" else set()))
    if "metadata" in rule:
        _mapping(rule["metadata"], f"{where}.metadata", {"annotations"})
    protocol = _protocol(rule.get("protocol"), f"{where}.protocol")
    ports = (own_part | peer_part).get("ports")
    if ports is not None and protocol not in {"TCP", "UDP", "SCTP"}:
        raise PolicyError(f"{where}.destination.ports: protocol {protocol} has no ports")
    version = rule.get("ipVersion")
    if version not in {None, 4, 6}:
        raise PolicyError(f"{where}.ipVersion: {version!r} is neither 4 nor 6")
    return Rule(
        action=action,
        protocol=protocol,
        ip_version=version,
        icmp=_icmp(rule.get("icmp"), f"{where}.icmp"),
        peer=_match(peer_part, f"{where}.{peer}"),
        ports=None if ports is None else tuple(_each(ports, f"{where}.destination.ports", _port)),
    )


def _match(part: Mapping[str, object], where: str) -> Match:
    selector = part.get("selector")
    namespace = part.get("namespaceSelector")
    nets, not_nets = part.get("nets"), part.get("notNets")
    if "services" in part:
        return Match(service=_service(part, where))
    return Match(
        selector=None if selector is None else _selector(selector, f"{where}.selector"),
        namespace=None if namespace is None else _namespace(namespace, f"{where}.namespaceSelector"),
        nets=None if nets is None else tuple(_each(nets, f"{where}.nets", _net)),
        not_nets=None if not_nets is None else tuple(_each(not_nets, f"{where}.notNets", _net)),
    )


def _service(part: Mapping[str, object], where: str) -> tuple[str, str]:
    """Read ``services``, which Calico takes only alone and only as what traffic goes to."""
    if set(part) != {"services"} or not where.endswith(".destination"):
        raise PolicyError(f"{where}.services: stands only alone, in the destination of egress")
    named = _mapping(part["services"], f"{where}.services", {"name", "namespace"})
    return _text(named.get("namespace"), f"{where}.services"), _text(named.get("name"), f"{where}.services")


def _selector(value: object, where: str) -> Selector:
    try:
        return parse_selector(_text(value, where))
    except ValueError as error:
        raise PolicyError(f"{where}: {error}") from error


def _namespace(value: object, where: str) -> str:
    if value == GLOBAL:
        return GLOBAL
    terms = _selector(value, where).terms
    if len(terms) == 1 and terms[0].key in _NAMESPACE_KEYS and terms[0].value is not None:
        return terms[0].value
    raise PolicyError(f"{where}: {value!r} names neither one namespace nor {GLOBAL}")


def _protocol(value: object, where: str) -> str | None:
    if value is None:
        return None
    name = _PROTOCOL_NUMBERS.get(value) if isinstance(value, int) else value
    if not isinstance(name, str) or name not in _PROTOCOLS:
        raise PolicyError(f"{where}: {value!r} is none of {', '.join(sorted(_PROTOCOLS))}")
    return name


def _icmp(value: object, where: str) -> tuple[int | None, int | None] | None:
    if value is None:
        return None
    part = _mapping(value, where, {"type", "code"})
    numbers = part.get("type"), part.get("code")
    if not all(number is None or isinstance(number, int) for number in numbers):
        raise PolicyError(f"{where}: {value!r} is no type and code")
    return cast("tuple[int | None, int | None]", numbers)


def _port(value: object, where: str) -> tuple[int, int]:
    first, _, last = str(value).partition(":")
    if not (first.isascii() and first.isdigit() and (last or first).isdigit()):
        raise PolicyError(f"{where}: {value!r} is neither a port nor a range of ports")
    low, high = int(first), int(last or first)
    if not 0 <= low <= high <= _HIGHEST_PORT:
        raise PolicyError(f"{where}: {value!r} is no range within 0:{_HIGHEST_PORT}")
    return low, high


def _net(value: object, where: str) -> Network:
    try:
        return ip_network(_text(value, where))
    except ValueError as error:
        raise PolicyError(f"{where}: {error}") from error


def _each(value: object, where: str, read: Callable[[object, str], _Value]) -> list[_Value]:
    return [read(item, f"{where}[{index}]") for index, item in enumerate(_list(value, where))]


def _mapping(value: object, where: str, known: frozenset[str] | set[str]) -> dict[str, object]:
    if not isinstance(value, dict):
        raise PolicyError(f"{where}: {value!r} is no object")
    part = cast("dict[object, object]", value)
    for key in part:
        if key not in known:
            raise PolicyError(f"{where}: key {key!r} is not known to the judge")
    return cast("dict[str, object]", part)


def _list(value: object, where: str) -> list[object]:
    if not isinstance(value, list):
        raise PolicyError(f"{where}: {value!r} is no list")
    return cast("list[object]", value)


def _text(value: object, where: str) -> str:
    if not isinstance(value, str):
        raise PolicyError(f"{where}: {value!r} is no text")
    return value
