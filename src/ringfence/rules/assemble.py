"""Write a scope's permits as one policy.

Promises: one rule per permit, in the permits' order, with action Pass: in a tier that holds only our policies, Pass and
the tier's deny can only take connections away, so nothing that others deny is opened. Types are the directions that
have permits. Every peer of pods also says that it means pods, or it would match that namespace's network sets too.
"""

from collections.abc import Sequence
from typing import Final, Literal

import msgspec

from ringfence.dialects.calico.names import policy_name
from ringfence.model.labels import Labels
from ringfence.model.policy import IcmpMatch, Match, Policy, Rule, ServiceRef
from ringfence.model.port import PortSet
from ringfence.model.selector import And, Equals, Global, Selector
from ringfence.rules.address_blocks import PRIVATE, PUBLIC
from ringfence.rules.permit import (
    DeclaredPeer,
    DomainsPeer,
    HostPeer,
    IntraNamespacePeer,
    NamespacePeer,
    NetsPeer,
    NetworkSetPeer,
    NodesPeer,
    Peer,
    Permit,
    PrivatePeer,
    PublicPeer,
    ResolverPeer,
    ServicePeer,
    WorkloadPeer,
)

POLICY_ORDER: Final = 1000.0
"""Order of our policies in their tier, explicit so that a later revision can be staged before it."""
MANAGED_BY: Final = ("app.kubernetes.io/managed-by", "ringfence")
_NAMESPACE: Final = "projectcalico.org/namespace"
_NAME: Final = "projectcalico.org/name"
_POD: Final = Equals("projectcalico.org/orchestrator", "k8s")


def assemble(namespace: str, permits: Sequence[Permit], *, tier: str) -> Policy:
    """Return the staged policy of a namespace."""
    ingress = tuple(_rule(permit) for permit in permits if permit.direction == "Ingress")
    egress = tuple(_rule(permit) for permit in permits if permit.direction == "Egress")
    return Policy(
        tier=tier,
        namespace=namespace,
        name=policy_name(tier, namespace),
        order=POLICY_ORDER,
        selector=Equals(_NAMESPACE, namespace),
        types=(*(("Ingress",) if ingress else ()), *(("Egress",) if egress else ())),
        ingress=ingress,
        egress=egress,
        staged="Set",
        labels=tuple(
            sorted([MANAGED_BY, ("projectcalico.org/spec.stagedAction", "Set"), ("projectcalico.org/tier", tier)])
        ),
        annotations=(
            ("ringfence.io/name", namespace),
            ("ringfence.io/namespace", namespace),
            ("ringfence.io/scope", "namespace"),
        ),
    )


def _rule(permit: Permit) -> Rule:
    if isinstance(permit.peer, DeclaredPeer):
        return msgspec.structs.replace(permit.peer.rule, action="Pass", annotations=_annotations(permit))
    other = _match(permit.peer)
    ports = Match(ports=permit.ports) if permit.ports is not None else Match()
    if permit.direction == "Egress":
        source, destination = Match(), _with_ports(other, permit.ports)
    else:
        source, destination = other, ports
    return Rule(
        action="Pass",
        protocol=permit.protocol,
        icmp=None if permit.icmp is None else IcmpMatch(permit.icmp.type, permit.icmp.code),
        source=source,
        destination=destination,
        annotations=_annotations(permit),
    )


def _with_ports(match: Match, ports: PortSet | None) -> Match:
    return msgspec.structs.replace(match, ports=ports)


def _match(peer: Peer) -> Match:  # noqa: C901 - one case a kind
    match peer:
        case NamespacePeer(name) | IntraNamespacePeer(name):
            return Match(_POD, Equals(_NAME, name))
        case WorkloadPeer(namespace, _, _, selector):
            return Match(And((_POD, selector)), Equals(_NAME, namespace))
        case ResolverPeer(namespace, _, labels):
            return Match(_all(_POD, labels), Equals(_NAME, namespace))
        case ServicePeer(namespace, name):
            return Match(service=ServiceRef(namespace, name))
        case NetworkSetPeer(namespace, _, labels) if namespace is not None:
            return Match(_all(None, labels), Equals(_NAME, namespace))
        case NetworkSetPeer(_, _, labels) | HostPeer(labels):
            return Match(_all(None, labels), Global())
        case DeclaredPeer(rule):
            return rule.destination
        case DomainsPeer(_, nets) | NetsPeer(nets) | NodesPeer(nets):
            return Match(nets=nets)
        case PrivatePeer(version):
            return Match(nets=PRIVATE[version].nets)
        case PublicPeer(version):
            return Match(nets=PUBLIC[version].nets, not_nets=PUBLIC[version].not_nets or None)


def _all(first: Selector | None, labels: Labels) -> Selector:
    terms: list[Selector] = [] if first is None else [first]
    terms += [Equals(key, value) for key, value in labels.pairs]
    return terms[0] if len(terms) == 1 else And(tuple(terms))


ScopeName = Literal[
    "DNS",
    "Service",
    "Domains",
    "Namespace",
    "IntraNamespace",
    "Workload",
    "NetworkSet",
    "Nets",
    "Nodes",
    "Private",
    "Public",
    "Declared",
]


def scope_name(peer: Peer) -> ScopeName:  # noqa: C901 - one case a kind
    """Return the kind of rule a peer makes, as its annotation names it."""
    match peer:
        case ResolverPeer():
            return "DNS"
        case ServicePeer():
            return "Service"
        case DomainsPeer():
            return "Domains"
        case NamespacePeer():
            return "Namespace"
        case IntraNamespacePeer():
            return "IntraNamespace"
        case WorkloadPeer():
            return "Workload"
        case DeclaredPeer():
            return "Declared"
        case NetworkSetPeer():
            return "NetworkSet"
        case NetsPeer():
            return "Nets"
        case HostPeer() | NodesPeer():
            return "Nodes"
        case PrivatePeer():
            return "Private"
        case PublicPeer():
            return "Public"


def _annotations(permit: Permit) -> tuple[tuple[str, str], ...]:
    told = [("ringfence.io/scope", str(scope_name(permit.peer)))]
    if permit.coarse is not None:
        told.append(("ringfence.io/coarse", permit.coarse))
    if permit.domains:
        told.append(("ringfence.io/domains", ",".join(permit.domains)))
    return tuple(sorted(told))
