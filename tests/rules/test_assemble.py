"""A scope's permits as one policy."""

from typing import Final

import pytest

from ringfence.dialects.calico.render import render_policy
from ringfence.dialects.calico.valid import problems
from ringfence.dialects.yaml_text import yaml_text
from ringfence.model.edge import Icmp
from ringfence.model.labels import Labels
from ringfence.model.port import PortSet
from ringfence.rules.assemble import assemble, scope_name
from ringfence.rules.coarse import COARSE_REASONS
from ringfence.rules.permit import (
    DomainsPeer,
    HostPeer,
    IntraNamespacePeer,
    NamespacePeer,
    NetsPeer,
    NetworkSetPeer,
    Peer,
    Permit,
    PrivatePeer,
    PublicPeer,
    ResolverPeer,
    ServicePeer,
)
from tests.learning.evidence_rows import TIER

PORTS: Final = PortSet.of([443])
PEERS: Final[dict[str, Peer]] = {
    "DNS": ResolverPeer("kube-system", "coredns", Labels.of({"k8s-app": "kube-dns"})),
    "Service": ServicePeer("default", "kubernetes"),
    "Domains": DomainsPeer(("a.example.com", "b.example.com"), ("198.51.100.7/32",)),
    "Namespace": NamespacePeer("payments"),
    "IntraNamespace": IntraNamespacePeer("shop"),
    "NetworkSet": NetworkSetPeer(None, "corp", Labels.of({"site": "corp", "floor": "two"})),
    "Nets": NetsPeer(("10.1.2.3/32",)),
    "Nodes": HostPeer(Labels.of({"projectcalico.org/created-by": "calico-kube-controllers"})),
    "Private": PrivatePeer(),
    "Public": PublicPeer(),
}
EXPECTED: Final = {
    "DNS": {
        "namespaceSelector": "projectcalico.org/name == 'kube-system'",
        "selector": "projectcalico.org/orchestrator == 'k8s' && k8s-app == 'kube-dns'",
    },
    "Service": {"services": {"name": "kubernetes", "namespace": "default"}},
    "Domains": {"nets": ["198.51.100.7/32"]},
    "Namespace": {
        "namespaceSelector": "projectcalico.org/name == 'payments'",
        "selector": "projectcalico.org/orchestrator == 'k8s'",
    },
    "IntraNamespace": {
        "namespaceSelector": "projectcalico.org/name == 'shop'",
        "selector": "projectcalico.org/orchestrator == 'k8s'",
    },
    "NetworkSet": {"namespaceSelector": "global()", "selector": "floor == 'two' && site == 'corp'"},
    "Nets": {"nets": ["10.1.2.3/32"]},
    "Nodes": {
        "namespaceSelector": "global()",
        "selector": "projectcalico.org/created-by == 'calico-kube-controllers'",
    },
    "Private": {"nets": ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"]},
    "Public": {
        "nets": ["0.0.0.0/0"],
        "notNets": [
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.168.0.0/16",
            "224.0.0.0/4",
            "240.0.0.0/4",
        ],
    },
}


def permit(peer: Peer, *, egress: bool = True, coarse: str | None = None) -> Permit:
    """Return a TCP permit; services bring their own ports."""
    ports = None if isinstance(peer, ServicePeer | IntraNamespacePeer) else PORTS
    protocol = None if isinstance(peer, IntraNamespacePeer) else "TCP"
    return Permit("Egress" if egress else "Ingress", peer, protocol, ports, None, ("a",), "Observed", coarse)


def rule_of(each: Permit) -> dict[str, object]:
    """Return the rule that Calico would read."""
    spec = render_policy(assemble("shop", [each], tier=TIER))["spec"]
    return spec["egress" if each.direction == "Egress" else "ingress"][0]  # type: ignore[index, call-overload, return-value]


@pytest.mark.parametrize("kind", sorted(PEERS))
def test_an_egress_rule_names_its_peer_and_the_ports_of_it(kind: str) -> None:
    """Each kind of peer as Calico reads it; pods always say that they are pods."""
    peer = PEERS[kind]

    rule = rule_of(permit(peer))

    with_ports = permit(peer).ports is not None
    assert rule["destination"] == EXPECTED[kind] | ({"ports": [443]} if with_ports else {})
    assert "source" not in rule
    assert rule["action"] == "Pass"


@pytest.mark.parametrize("kind", sorted(PEERS.keys() - {"Service", "Domains", "DNS"}))
def test_an_ingress_rule_names_its_peer_as_the_source_and_its_own_ports(kind: str) -> None:
    """Ports are the destination's in both directions."""
    peer = PEERS[kind]

    rule = rule_of(permit(peer, egress=False))

    assert rule["source"] == EXPECTED[kind]
    assert rule.get("destination", {}) == ({"ports": [443]} if permit(peer).ports is not None else {})


def test_a_namespaced_set_is_looked_for_in_its_namespace() -> None:
    """By the same labels another namespace may mean something else."""
    rule = rule_of(permit(NetworkSetPeer("shop", "partners", Labels.of({"team": "x"}))))

    assert rule["destination"] == {
        "namespaceSelector": "projectcalico.org/name == 'shop'",
        "selector": "team == 'x'",
        "ports": [443],
    }


@pytest.mark.parametrize("kind", sorted(PEERS))
def test_a_rule_tells_its_kind_in_an_annotation(kind: str) -> None:
    """For people who read the YAML."""
    assert scope_name(PEERS[kind]) == kind
    assert rule_of(permit(PEERS[kind]))["metadata"] == {"annotations": {"ringfence.io/scope": kind}}


def test_a_coarse_rule_says_so_and_a_named_one_names() -> None:
    """Annotations carry what the match cannot."""
    each = Permit(
        "Egress", PublicPeer(), "TCP", PORTS, None, (), "Observed", "addresses-not-reported", ("a.example.com",)
    )

    assert rule_of(each)["metadata"] == {
        "annotations": {
            "ringfence.io/coarse": "addresses-not-reported",
            "ringfence.io/domains": "a.example.com",
            "ringfence.io/scope": "Public",
        }
    }


def test_an_icmp_type_goes_into_the_rule() -> None:
    """Beside the protocol."""
    rule = rule_of(Permit("Egress", NamespacePeer("a"), "ICMP", None, Icmp(8, 0), ("a",), "Observed"))

    assert (rule["protocol"], rule["icmp"]) == ("ICMP", {"type": 8, "code": 0})


@pytest.mark.parametrize("peer", [*PEERS.values(), PrivatePeer(6), PublicPeer(6)], ids=str)
def test_calico_takes_every_kind_of_rule(peer: Peer) -> None:
    """As its own validator judges."""
    assert problems(render_policy(assemble("shop", [permit(peer, coarse="internet-clients")], tier=TIER))) == ()


def test_a_policy_as_a_person_reads_it() -> None:
    """The whole object, with nothing in it that another run would change."""
    made = [permit(NamespacePeer("edge"), egress=False), permit(PublicPeer(6), egress=False, coarse="internet-clients")]

    text = yaml_text(render_policy(assemble("shop", made, tier=TIER)))

    assert text == POLICY


def test_only_directions_with_permits_are_isolated() -> None:
    """Ingress alone leaves egress to whoever else decides."""
    assert assemble("shop", [permit(NamespacePeer("edge"), egress=False)], tier=TIER).types == ("Ingress",)
    assert assemble("shop", [permit(NamespacePeer("edge"))], tier=TIER).types == ("Egress",)
    assert assemble("shop", [], tier=TIER).types == ()


def test_every_reason_has_words() -> None:
    """They end as a full line in reports, so none is empty and none ends in a full stop."""
    assert all(words and not words.endswith(".") for words in COARSE_REASONS.values())


POLICY: Final = """\
apiVersion: projectcalico.org/v3
kind: StagedNetworkPolicy
metadata:
  name: namespace-isolation.shop
  namespace: shop
  labels:
    app.kubernetes.io/managed-by: ringfence
    projectcalico.org/spec.stagedAction: Set
    projectcalico.org/tier: namespace-isolation
  annotations:
    ringfence.io/name: shop
    ringfence.io/namespace: shop
    ringfence.io/scope: namespace
spec:
  stagedAction: Set
  tier: namespace-isolation
  order: 1000
  selector: projectcalico.org/namespace == 'shop'
  types:
    - Ingress
  ingress:
    - action: Pass
      protocol: TCP
      source:
        namespaceSelector: projectcalico.org/name == 'edge'
        selector: projectcalico.org/orchestrator == 'k8s'
      destination:
        ports:
          - 443
      metadata:
        annotations:
          ringfence.io/scope: Namespace
    - action: Pass
      protocol: TCP
      source:
        nets:
          - 2000::/3
      destination:
        ports:
          - 443
      metadata:
        annotations:
          ringfence.io/coarse: internet-clients
          ringfence.io/scope: Public
"""
