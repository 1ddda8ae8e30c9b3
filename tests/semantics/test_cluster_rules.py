"""What Calico makes of the administrators' policies: rows quote the sentence they stand on (calico-semantics 4.8)."""

from typing import Any, Final

import pytest
from hypothesis import given

from ringfence.model.cluster_policy import (
    ClusterPolicy,
    ClusterRule,
    DomainsPeer,
    NamedPort,
    NamespacesPeer,
    NetworksPeer,
    NodesPeer,
    NumberedPorts,
    Peer,
    PodsPeer,
    Ports,
    UnknownPeer,
    UnknownPorts,
)
from ringfence.model.label_selector import LabelSelector
from ringfence.model.policy import Match, Rule
from ringfence.model.port import PortRange, PortSet
from ringfence.model.selector import All, And, Equals
from ringfence.model.trace import PolicyRef
from ringfence.semantics.cluster_rules import converted_cluster_policy
from ringfence.semantics.converted import Converted
from tests.dialects.clusterpolicy.strategies import cluster_policies

TIERS: Final = "CNP tier `Admin` → tier `kube-admin`, `Baseline` → `kube-baseline`; order = priority"
OLD_TIERS: Final = "ANP/BANP: tiers `adminnetworkpolicy`/`baselineadminnetworkpolicy`"
ACTIONS: Final = "Accept (ANP: Allow) → Allow; Deny → Deny; Pass → Pass."
REPLACED: Final = "If a rule cannot be converted: Deny/Pass → replaced by deny-all; Accept → dropped."
WIDER: Final = "A `namespaces` peer also selects NetworkSets of these namespaces (wider than upstream's pods-only)."

POD: Final = Equals("projectcalico.org/orchestrator", "k8s")
EVERY: Final = LabelSelector()
SALES: Final = LabelSelector((("team", "sales"),))
WEB: Final = LabelSelector((("app", "web"),))
TEAM: Final = Equals("team", "sales")
APP: Final = Equals("app", "web")
ALL: Final = NamespacesPeer(EVERY)


def converted(*egress: ClusterRule, **fields: Any) -> Converted:
    """Return what becomes of an Admin policy of every pod with these egress rules."""
    base: dict[str, Any] = {"name": "c", "tier": "Admin", "priority": 7, "subject": ALL}
    return converted_cluster_policy(ClusterPolicy(**base | fields, egress=egress))


@pytest.mark.parametrize(
    ("sentence", "version", "tier", "calico", "kind"),
    [
        (TIERS, "v1alpha2", "Admin", "kube-admin", "KubernetesClusterNetworkPolicy"),
        (TIERS, "v1alpha2", "Baseline", "kube-baseline", "KubernetesClusterNetworkPolicy"),
        (OLD_TIERS, "v1alpha1", "Admin", "adminnetworkpolicy", "AdminNetworkPolicy"),
        (OLD_TIERS, "v1alpha1", "Baseline", "baselineadminnetworkpolicy", "BaselineAdminNetworkPolicy"),
    ],
)
def test_it_is_a_global_policy_of_its_own_tier(sentence: str, version: Any, tier: Any, calico: str, kind: Any) -> None:
    """The four ways to write one."""
    result = converted(version=version, tier=tier)

    assert (result.policy.tier, result.policy.order, result.policy.namespace) == (calico, 7.0, None), sentence
    assert result.ref == PolicyRef(kind, "", "c")


@pytest.mark.parametrize(
    ("subject", "namespaces", "selector"),
    [
        (ALL, All(), POD),
        (NamespacesPeer(SALES), TEAM, POD),
        (PodsPeer(SALES, WEB), TEAM, And((POD, APP))),
        (PodsPeer(EVERY, EVERY), All(), POD),
    ],
)
def test_the_subject_is_pods_of_namespaces(subject: Any, namespaces: Any, selector: Any) -> None:
    """*Peers and subject select pods without host network*: never a network set or a host endpoint."""
    policy = converted(subject=subject).policy

    assert (policy.namespace_selector, policy.selector) == (namespaces, selector)


@pytest.mark.parametrize(("action", "calico"), [("Accept", "Allow"), ("Deny", "Deny"), ("Pass", "Pass")])
def test_an_action_is_calicos(action: Any, calico: str) -> None:
    """*Accept (ANP: Allow) → Allow; Deny → Deny; Pass → Pass. … Rule name in annotation `name`*."""
    rules = converted(ClusterRule(action, (ALL,), name="why")).policy.egress

    assert [(rule.action, rule.annotations) for rule in rules] == [(calico, (("name", "why"),))], ACTIONS


@pytest.mark.parametrize(
    ("sentence", "peer", "match"),
    [
        (WIDER, NamespacesPeer(SALES), Match(namespace_selector=TEAM)),
        (WIDER, ALL, Match(namespace_selector=All())),
        (ACTIONS, PodsPeer(SALES, WEB), Match(namespace_selector=TEAM, selector=And((POD, APP)))),
        (ACTIONS, PodsPeer(EVERY, EVERY), Match(namespace_selector=All(), selector=POD)),
        (ACTIONS, NetworksPeer(("10.0.0.9/8", "10.0.0.0/8", "fd00::/8")), Match(nets=("10.0.0.0/8", "fd00::/8"))),
    ],
)
def test_a_peer_is_one_end_of_a_rule(sentence: str, peer: Peer, match: Match) -> None:
    """The destination of egress; a network has no host bits, as Calico parses it."""
    result = converted(ClusterRule("Deny", (peer,)))

    assert result.policy.egress == (Rule("Deny", destination=match),), sentence
    assert result.notes == ()


def test_a_peer_of_ingress_is_the_source_and_ports_stay_the_destination() -> None:
    """One rule per protocol and peer, protocols in text order, ports of one protocol merged."""
    rule = ClusterRule(
        "Accept",
        (ALL, NamespacesPeer(SALES)),
        (NumberedPorts("UDP", 53, 53), NumberedPorts("TCP", 80, 80), NumberedPorts("TCP", 81, 90)),
    )
    policy = converted(ingress=(rule,)).policy

    assert policy.ingress == tuple(
        Rule("Allow", protocol, source=Match(namespace_selector=peer), destination=Match(ports=PortSet.of([ports])))
        for protocol, ports in (("TCP", PortRange(80, 90)), ("UDP", PortRange(53, 53)))
        for peer in (All(), TEAM)
    )


def test_types_are_the_directions_that_have_rules() -> None:
    """*`types` only for directions that have rules*."""
    rule = ClusterRule("Deny", (ALL,))

    assert converted().policy.types == ()
    assert converted(rule).policy.types == ("Egress",)
    assert converted(ingress=(rule,)).policy.types == ("Ingress",)
    assert converted(rule, ingress=(rule,)).policy.types == ("Ingress", "Egress")


NOT_CONVERTED: Final[tuple[tuple[tuple[Peer, ...], tuple[Ports, ...]], ...]] = (
    ((NodesPeer(EVERY),), ()),
    ((DomainsPeer(("*.example.com",)),), ()),
    ((UnknownPeer("moons"),), ()),
    ((ALL, UnknownPeer("moons")), ()),
    ((ALL,), (UnknownPorts("quic"),)),
    ((ALL,), (NumberedPorts("TCP", 80, 80), UnknownPorts("quic"))),
    ((NetworksPeer(()),), ()),
    ((NetworksPeer(("nonsense",)),), ()),
    ((NetworksPeer(("10.0.0.0/8", "10.0.0.1")),), ()),
    ((), ()),
)


@pytest.mark.parametrize("version", ["v1alpha2", "v1alpha1"])
@pytest.mark.parametrize(("peers", "ports"), NOT_CONVERTED)
@pytest.mark.parametrize(("action", "left"), [("Accept", ()), ("Deny", (Rule("Deny"),)), ("Pass", (Rule("Deny"),))])
def test_what_cannot_be_converted_fails_closed_and_is_told(
    version: Any, peers: tuple[Peer, ...], ports: tuple[Ports, ...], action: Any, left: tuple[Rule, ...]
) -> None:
    """One unfit peer or port, an empty list or a text that is no network spoils its rule and no other."""
    other = ClusterRule("Pass", (ALL,))

    result = converted(ClusterRule(action, peers, ports), other, version=version)

    assert result.policy.egress == (*left, Rule("Pass", destination=Match(namespace_selector=All()))), REPLACED
    assert len(result.notes) == 1
    assert result.notes[0].startswith(f"egress rule 0 of {result.ref.kind} c cannot be converted")


@pytest.mark.parametrize("action", ["Accept", "Deny", "Pass"])
@pytest.mark.parametrize("tier", ["Admin", "Baseline"])
def test_a_named_port_of_the_old_kinds_is_lost_and_told(action: Any, tier: Any) -> None:
    """*A `namedPort` is lost and the rule opens to every port and protocol … Flag both*."""
    rule = ClusterRule(action, (ALL,), (NamedPort("http"), NumberedPorts("TCP", 80, 80)), "web")

    result = converted(rule, tier=tier, version="v1alpha1")

    assert [(each.protocol, each.destination) for each in result.policy.egress] == [
        (None, Match(namespace_selector=All()))
    ]
    assert len(result.notes) == 1
    assert "(web)" in result.notes[0]
    assert "every protocol and port" in result.notes[0]


def test_a_named_port_of_the_new_kind_stays_named_for_every_protocol() -> None:
    """*Named `ports`: …; protocol unset = any protocol* (4.5); numbers of a protocol are a rule of their own."""
    result = converted(ClusterRule("Deny", (ALL,), (NumberedPorts("TCP", 80, 80), NamedPort("http"))))

    assert [(each.protocol, each.destination.named_ports, each.destination.ports) for each in result.policy.egress] == [
        (None, ("http",), None),
        ("TCP", (), PortSet.of([80])),
    ]
    assert result.notes == ()


@given(cluster_policies)
def test_a_rule_that_is_not_accept_never_vanishes(policy: ClusterPolicy) -> None:
    """Fails closed for every value: each Deny and Pass leaves at least one rule, and each loss is told."""
    result = converted_cluster_policy(policy)

    for written, rules in ((policy.ingress, result.policy.ingress), (policy.egress, result.policy.egress)):
        assert len(rules) >= sum(each.action != "Accept" for each in written)
        assert bool(result.notes) >= any(not each.peers for each in written)
    assert result.policy.order == policy.priority
