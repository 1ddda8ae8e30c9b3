"""Write a scope's permits as one policy.

Promises: one rule per permit, in the permits' order. With action Auto it is Pass: in a tier that holds only our
policies, Pass and the tier's deny can only take connections away, so nothing that others deny is opened; Auto is Allow
only where no profile would allow what is passed on (host endpoints). What later policies declare is always passed on to
them. Types are the directions that have permits. Every peer of pods also says that it means pods, or it would match
that namespace's network sets too.
"""

from collections.abc import Sequence
from typing import Final, Literal

import msgspec

from ringfence.dialects.calico.names import policy_name
from ringfence.model.labels import Labels
from ringfence.model.policy import Direction, IcmpMatch, Match, Policy, Rule, ServiceRef
from ringfence.model.port import PortSet
from ringfence.model.selector import All, And, Equals, Global, Selector
from ringfence.rules.address_blocks import class_blocks
from ringfence.rules.permit import (
    DeclaredPeer,
    DomainsPeer,
    EveryPodPeer,
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
from ringfence.rules.rule_settings import DEFAULT_RULES, RuleSettings
from ringfence.rules.whom import Whom, terms
from ringfence.semantics.selectors import conjunction

DIRECTIONS: Final[tuple[Direction, Direction]] = ("Ingress", "Egress")
POLICY_ORDER: Final = 1000.0
"""Order of our policies in their tier, explicit so that a later revision can be staged before it."""
MANAGED_BY: Final = ("app.kubernetes.io/managed-by", "ringfence")
_NAMESPACE: Final = "projectcalico.org/namespace"
_NAME: Final = "projectcalico.org/name"
_POD: Final = Equals("projectcalico.org/orchestrator", "k8s")


def assemble(
    namespace: str | None,
    permits: Sequence[Permit],
    *,
    tier: str,
    whom: Whom | None = None,
    settings: RuleSettings = DEFAULT_RULES,
    about: Sequence[tuple[str, str]] = (),
    profile: bool = True,
) -> Policy:
    """Return a staged policy of a namespace, or a global one where it is None.

    Without ``whom`` it selects the whole namespace in every direction that has permits. ``about`` are annotations that
    tell what the policy is for, ``profile`` whether the endpoints have a profile that allows what is passed on.
    """
    if whom is None:
        whom = Whom(namespace or "", Equals(_NAMESPACE, namespace or ""), _directions(permits))
    ingress, egress = (
        tuple(
            _rule(permit, _action(permit, namespace, settings, profile=profile))
            for permit in permits
            if permit.direction == direction and direction in whom.directions
        )
        for direction in DIRECTIONS
    )
    return Policy(
        tier=tier,
        namespace=namespace,
        name=policy_name(tier, whom.label),
        order=POLICY_ORDER,
        selector=whom.selector,
        types=whom.directions,
        ingress=ingress,
        egress=egress,
        staged="Set",
        labels=tuple(
            sorted([MANAGED_BY, ("projectcalico.org/spec.stagedAction", "Set"), ("projectcalico.org/tier", tier)])
        ),
        annotations=tuple(sorted(about)) or _about_namespace(namespace or ""),
    )


def _about_namespace(namespace: str) -> tuple[tuple[str, str], ...]:
    return (
        ("ringfence.io/name", namespace),
        ("ringfence.io/namespace", namespace),
        ("ringfence.io/scope", "namespace"),
    )


def _directions(permits: Sequence[Permit]) -> tuple[Direction, ...]:
    return tuple(each for each in DIRECTIONS if any(permit.direction == each for permit in permits))


def _action(
    permit: Permit, namespace: str | None, settings: RuleSettings, *, profile: bool
) -> Literal["Allow", "Pass"]:
    match permit.peer:
        case DeclaredPeer():
            return "Pass"
        case IntraNamespacePeer() if settings.intra_namespace_pass:
            return "Pass"
        case WorkloadPeer(own) if settings.intra_namespace_pass and own == namespace:
            return "Pass"
        case _:
            return "Allow" if settings.action == "Allow" or not profile else "Pass"


def _rule(permit: Permit, action: Literal["Allow", "Pass"]) -> Rule:
    if isinstance(permit.peer, DeclaredPeer):
        return msgspec.structs.replace(permit.peer.rule, action=action, annotations=_annotations(permit))
    other = _match(permit.peer)
    ports = Match(ports=permit.ports) if permit.ports is not None else Match()
    if permit.direction == "Egress":
        source, destination = Match(), _with_ports(other, permit.ports)
    else:
        source, destination = other, ports
    return Rule(
        action=action,
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
        case EveryPodPeer():
            return Match(_POD, All())
        case WorkloadPeer(namespace, _, _, selector):
            return Match(conjunction([_POD, *terms(selector)]), Equals(_NAME, namespace))
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
        case PrivatePeer() | PublicPeer():
            blocks = class_blocks(peer)
            return Match(nets=blocks.nets, not_nets=blocks.not_nets or None)


def _all(first: Selector | None, labels: Labels) -> Selector:
    terms: list[Selector] = [] if first is None else [first]
    terms += [Equals(key, value) for key, value in labels.pairs]
    return terms[0] if len(terms) == 1 else And(tuple(terms))


ScopeName = Literal[
    "DNS",
    "Service",
    "Domains",
    "Namespace",
    "EveryPod",
    "IntraNamespace",
    "Workload",
    "NetworkSet",
    "Nets",
    "Nodes",
    "Private",
    "Public",
    "Declared",
]


def scope_name(peer: Peer) -> ScopeName:  # noqa: C901, PLR0912 - one case a kind
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
        case EveryPodPeer():
            return "EveryPod"
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
