"""Say our policies as Kubernetes' own NetworkPolicy, where that says the same.

Law: the lowered policies let pass exactly what ours do, where nothing else decides for these pods after ours, which
`followers` tells. What Kubernetes cannot say by labels is said by the addresses that the snapshot knows: network sets,
host endpoints, what stands behind a Service; these go stale, and where none is known the policy is refused. So it is
for ICMP, other protocols without ports, and negated peers: refused with the rule and the reason, never widened.
"""

from collections.abc import Iterable, Iterator, Mapping
from ipaddress import ip_network
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from ringfence.dialects.calico.names import suffixed_label
from ringfence.dialects.selector import written_selector
from ringfence.model.address_set import AddressSet
from ringfence.model.cluster import Cluster
from ringfence.model.kubernetes_policy import IpBlock, KubernetesPeer, KubernetesPolicy, KubernetesPort, KubernetesRule
from ringfence.model.label_selector import LabelRequirement, LabelSelector
from ringfence.model.network_set_object import NetworkSetObject
from ringfence.model.policy import Direction, Match, Policy, Rule, ServiceRef
from ringfence.model.port import PortSet
from ringfence.model.protocol import SCTP, TCP, UDP
from ringfence.model.selector import All, And, Equals, Global, Has, In, Not, NotEquals, NotIn, Or, Selector, matches
from ringfence.rules.assemble import DIRECTIONS
from ringfence.rules.whom import Refused
from ringfence.semantics.selectors import NAMESPACE, ORCHESTRATOR, conjunction

_POD: Final = Equals(ORCHESTRATOR, "k8s")
_NAME: Final = "projectcalico.org/name"
_NAME_LABEL: Final = "kubernetes.io/metadata.name"
"""The label that Kubernetes itself puts on every namespace."""
_CALICO: Final = "projectcalico.org/"
_WITH_PORTS: Final = frozenset({TCP, UDP, SCTP})


class _CannotSayError(Exception):
    """What a NetworkPolicy has no words for."""


class Addresses(Struct, frozen=True):
    """What stands behind labels and Services by address: a snapshot's objects, and the sets of this recommendation."""

    cluster: Cluster | None = None
    network_sets: tuple[NetworkSetObject, ...] = ()

    def of_selector(self, selector: Selector, namespace: str | None) -> Iterator[str]:
        """Yield the nets of the sets, or of the host endpoints, that a selector means in a namespace or in none."""
        inventory = None if self.cluster is None else self.cluster.inventory
        for each in (*self.network_sets, *(() if inventory is None else inventory.network_sets)):
            if each.namespace == namespace and matches(selector, each.labels.as_dict()):
                yield from each.nets
        for host in () if inventory is None or namespace is not None else inventory.host_endpoints:
            if matches(selector, host.labels.as_dict()):
                yield from host.expected_ips

    def of_service(self, service: ServiceRef) -> Mapping[KubernetesPort, AddressSet]:
        """Return the addresses behind a Service by port."""
        found: dict[KubernetesPort, AddressSet] = {}
        for each in () if self.cluster is None else self.cluster.inventory.slices:
            if (each.namespace, each.service) == (service.namespace, service.name):
                addresses = AddressSet.of(address for endpoint in each.endpoints for address in endpoint.addresses)
                for port in each.ports:
                    key = KubernetesPort(port.protocol, port.port)
                    found[key] = found.get(key, AddressSet()) | addresses
        return found


def as_kubernetes(policy: Policy, known: Addresses) -> tuple[KubernetesPolicy, ...] | Refused:
    """Return policies that together say the same (one for each alternative of its selector), or why none can."""
    tier, _, label = policy.name.rpartition(".")
    place = "its selector"
    try:
        selected = [_label_selector(each, policy.namespace) for each in _alternatives(policy.selector or All())]
        rules: dict[Direction, list[KubernetesRule]] = {"Ingress": [], "Egress": []}
        for direction in DIRECTIONS:
            for index, rule in enumerate(policy.ingress if direction == "Ingress" else policy.egress):
                place = f"{direction.lower()} rule {index}"
                rules[direction] += _rules(rule, direction, policy.namespace, known)
    except _CannotSayError as error:
        return Refused(f"a Kubernetes NetworkPolicy cannot say {place} of {policy.name}: {error}")
    return tuple(
        KubernetesPolicy(
            namespace=policy.namespace or "",
            name=policy.name if number == 0 else f"{tier}.{suffixed_label(label, f'or-{number + 1}')}",
            pod_selector=selector,
            types=policy.types,
            ingress=tuple(rules["Ingress"]),
            egress=tuple(rules["Egress"]),
            staged=policy.staged,
            labels=tuple((key, value) for key, value in policy.labels if not key.startswith(_CALICO)),
            annotations=policy.annotations,
        )
        for number, selector in enumerate(selected)
    )


def _alternatives(selector: Selector) -> Iterator[tuple[Selector, ...]]:
    """Yield the terms of each way in which a selector may hold: every Or among them makes as many."""
    own = tuple(_flat(selector))
    place = next((number for number, term in enumerate(own) if isinstance(term, Or)), None)
    if place is None:
        yield own
        return
    either = own[place]
    for operand in either.operands if isinstance(either, Or) else ():
        yield from _alternatives(conjunction([*own[:place], operand, *own[place + 1 :]]))


def _flat(selector: Selector) -> Iterator[Selector]:
    """Yield the terms of a selector that all must hold."""
    if isinstance(selector, And):
        for each in selector.operands:
            yield from _flat(each)
    elif not isinstance(selector, All):
        yield selector


def _label_selector(own: Iterable[Selector], namespace: str | None) -> LabelSelector:
    """Return terms as Kubernetes writes them, without those that say *pods of this namespace*."""
    labels: dict[str, str] = {}
    requirements: list[LabelRequirement] = []
    for term in own:
        if term in {_POD, Equals(NAMESPACE, namespace or "")}:
            continue
        key = _key(term)
        if key.startswith(_CALICO):
            raise _CannotSayError(f"the label {key} is Calico's own")
        match term:
            case Equals(_, value) if labels.setdefault(key, value) == value:
                pass
            case Equals(_, value):
                requirements.append(LabelRequirement(key, "In", (value,)))
            case In(_, values):
                requirements.append(LabelRequirement(key, "In", values))
            case NotEquals(_, value):
                requirements.append(LabelRequirement(key, "NotIn", (value,)))
            case NotIn(_, values):
                requirements.append(LabelRequirement(key, "NotIn", values))
            case Has():
                requirements.append(LabelRequirement(key, "Exists"))
            case _:
                requirements.append(LabelRequirement(key, "DoesNotExist"))
    return LabelSelector(tuple(sorted(labels.items())), tuple(requirements))


def _key(term: Selector) -> str:
    """Return the label that a term is about, if Kubernetes has such a term."""
    match term:
        case Equals(label) | NotEquals(label) | Has(label) | Not(Has(label)):
            return label
        case In(label, values) | NotIn(label, values) if values:
            return label
        case _:
            raise _CannotSayError(f"labels that meet {written_selector(term)}")


def _rules(rule: Rule, direction: Direction, namespace: str | None, known: Addresses) -> Iterator[KubernetesRule]:
    if rule.action not in {"Allow", "Pass"}:
        raise _CannotSayError(f"action {rule.action}")
    if rule.icmp or rule.not_icmp or rule.not_protocol or rule.http or rule.ip_version:
        raise _CannotSayError("a condition on ICMP, HTTP, an IP version, or all protocols but one")
    ports = Match(ports=rule.destination.ports, named_ports=rule.destination.named_ports)
    if direction == "Ingress":
        near, far = replace(rule.destination, ports=None, named_ports=()), rule.source
    else:
        near, far = rule.source, replace(rule.destination, ports=None, named_ports=())
    if near != Match():
        raise _CannotSayError("a condition on the own side")
    if far.service is not None:
        yield from _of_service(far, rule.protocol, ports, direction, known)
        return
    peers = tuple(_peers(far, namespace, known))
    if peers or far == Match():
        yield KubernetesRule(peers, tuple(_ports(rule.protocol, ports)))


def _ports(protocol: str | None, ports: Match) -> Iterator[KubernetesPort]:
    if protocol is None:
        return
    if protocol not in _WITH_PORTS:
        raise _CannotSayError(f"protocol {protocol}")
    if ports == Match():
        yield KubernetesPort(protocol)
    for each in ports.ports or PortSet():
        yield KubernetesPort(protocol, each.first, each.last if each.last > each.first else None)
    for name in ports.named_ports:
        yield KubernetesPort(protocol, name)


def _of_service(
    far: Match, protocol: str | None, ports: Match, direction: Direction, known: Addresses
) -> Iterator[KubernetesRule]:
    """Yield rules for the addresses behind a Service as they are now: servers by port, clients on the rule's own."""
    service = far.service or ServiceRef("", "")
    behind = known.of_service(service)
    if direction == "Egress":
        behind = {port: each for port, each in behind.items() if protocol in {None, port.protocol}}
    if replace(far, service=None) != Match() or (direction == "Egress" and ports != Match()):
        raise _CannotSayError("a Service beside another condition")
    if not behind:
        raise _CannotSayError(f"service {service.namespace}/{service.name}, and no address behind it is known")
    if direction == "Ingress":
        every = AddressSet.of(net for each in behind.values() for net in each.nets())
        yield KubernetesRule(tuple(_blocks(every.nets(), ())), tuple(_ports(protocol, ports)))
        return
    for port, each in sorted(behind.items(), key=lambda item: repr(item[0])):
        yield KubernetesRule(tuple(_blocks(each.nets(), ())), (port,))


def _peers(match: Match, namespace: str | None, known: Addresses) -> Iterator[KubernetesPeer]:
    if match.not_selector or match.service_accounts or match.not_ports or match.not_named_ports or match.ports:
        raise _CannotSayError("a negated peer, a service account or a port of the client")
    if match.nets is not None or match.not_nets is not None:
        if match.nets is None or match.selector is not None or match.namespace_selector is not None:
            raise _CannotSayError("addresses beside labels, or all addresses but some")
        yield from _blocks(match.nets, match.not_nets or ())
        return
    own = tuple(_flat(match.selector or All()))
    match match.namespace_selector:
        case None if match.selector is None:
            return
        case None:
            where, there = namespace, None
        case Equals(label, name) if label == _NAME:
            where, there = name, LabelSelector(((_NAME_LABEL, name),))
        case Global():
            yield from _known_blocks(match.selector or All(), None, known)
            return
        case other:
            raise _CannotSayError(f"namespaces that meet {written_selector(other)}")
    if _POD not in own:
        yield from _known_blocks(match.selector or All(), where, known)
    pods = _label_selector(own, where)
    yield KubernetesPeer(None if pods == LabelSelector() and there is not None else pods, there)


def _known_blocks(selector: Selector, namespace: str | None, known: Addresses) -> Iterator[KubernetesPeer]:
    nets = AddressSet.of(known.of_selector(selector, namespace))
    if not nets:
        raise _CannotSayError(f"network sets or hosts by {written_selector(selector)}, and no address of one is known")
    yield from _blocks(nets.nets(), ())


def _blocks(nets: Iterable[str], without: Iterable[str]) -> Iterator[KubernetesPeer]:
    """Yield a block for each net, without what is excepted of it."""
    excepted = [ip_network(net) for net in without]
    for net in (ip_network(each) for each in nets):
        same = [each for each in excepted if each.version == net.version and each.overlaps(net)]
        if not any(each.prefixlen <= net.prefixlen for each in same):
            yield KubernetesPeer(ip_block=IpBlock(str(net), tuple(str(each) for each in same)))
