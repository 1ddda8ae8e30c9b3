"""Our policies as Kubernetes' own: they let the same pass, as the reference evaluator judges, or are refused."""

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ringfence.dialects.kubernetes.render import render_network_policy
from ringfence.dialects.kubernetes.valid import problems
from ringfence.dialects.yaml_text import yaml_text
from ringfence.model.cluster import Cluster
from ringfence.model.edge import Icmp
from ringfence.model.kubernetes_policy import KubernetesPolicy
from ringfence.model.labels import Labels
from ringfence.model.network_set_object import NetworkSetObject
from ringfence.model.node import HostEndpoint
from ringfence.model.policy import Match, Policy, Rule, ServiceAccounts
from ringfence.model.port import PortRange, PortSet
from ringfence.model.selector import Contains, Equals, Or, Selector
from ringfence.model.service import EndpointSlice, SliceEndpoint, SlicePort
from ringfence.model.trace import PolicyRef
from ringfence.rules.as_enforced import enforced
from ringfence.rules.as_kubernetes import Addresses, as_kubernetes
from ringfence.rules.assemble import assemble
from ringfence.rules.fit import with_network_sets
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
from ringfence.rules.rule_settings import RuleSettings
from ringfence.rules.scope_policies import ScopePolicies
from ringfence.rules.whom import Refused, Whom
from tests.learning.evidence_rows import TIER
from tests.rules.clusters import bare, cluster, labels_of
from tests.rules.judged import allowed
from tests.rules.test_scope_policies import made, settings
from tests.rules.workload_worlds import World, worlds

WEB, API, DB, LEDGER = (
    bare("web", "app=web tier=front", "10.0.0.1"),
    bare("api", "app=api tier=front", "10.0.0.2"),
    bare("db", "app=db", "10.0.0.3"),
    bare("ledger", "app=ledger", "10.0.1.1", namespace="bank"),
)
ADDRESSES: Final = ("10.9.0.1", "192.168.0.1", "198.51.100.7", "203.0.113.9", "169.254.169.254")
NODE: Final = Labels.of({"created-by": "controller"})
WORLD: Final = cluster(
    pods=[WEB, API, DB, LEDGER],
    network_sets=[
        NetworkSetObject(None, "corp", labels_of("site=corp"), ("10.9.0.0/24", "203.0.113.0/24")),
        NetworkSetObject("bank", "partners", labels_of("app=ledger kind=partner"), ("198.51.100.0/24",)),
    ],
)
KNOWN: Final = Cluster(
    replace(
        WORLD.inventory,
        slices=(
            EndpointSlice(
                "default",
                "kubernetes",
                "kubernetes",
                (SlicePort("https", "TCP", 443),),
                (SliceEndpoint(("192.168.0.1",)),),
            ),
        ),
        host_endpoints=(HostEndpoint("n1", "n1", "*", ("192.168.0.1",), NODE),),
    ),
    WORLD.policies,
)
PEERS: Final[tuple[Peer, ...]] = (
    IntraNamespacePeer("shop"),
    NamespacePeer("bank"),
    WorkloadPeer("shop", "Pod", "web", Equals("app", "web")),
    WorkloadPeer("bank", "Pod", "ledger", Equals("app", "ledger")),
    ResolverPeer("bank", "ledger", labels_of("app=ledger")),
    ServicePeer("default", "kubernetes"),
    NetworkSetPeer(None, "corp", labels_of("site=corp")),
    NetworkSetPeer("bank", "partners", labels_of("app=ledger kind=partner")),
    HostPeer(NODE),
    NodesPeer(("192.168.0.1/32",)),
    NetsPeer(("10.0.0.2/31", "203.0.113.9/32")),
    DomainsPeer(("a.example",), ("198.51.100.7/32",)),
    PrivatePeer(),
    PublicPeer(),
)
PORTS: Final = (PortSet.of([80]), PortSet.of([80, 443]), PortSet.of([PortRange(80, 443), 8080]), None)


@st.composite
def permits(draw: st.DrawFn) -> Permit:
    """Draw a permit of any peer; ports and ICMP as rules have them."""
    direction = draw(st.sampled_from(["Ingress", "Egress"]))
    peer = draw(st.sampled_from(PEERS))
    whole = isinstance(peer, IntraNamespacePeer)
    served = isinstance(peer, ServicePeer) and direction == "Egress"
    ports = None if whole or served else draw(st.sampled_from(PORTS))
    protocol = None if whole else "TCP" if ports or served else draw(st.sampled_from(["TCP", "UDP"]))
    return Permit(direction, peer, protocol, ports, None, ("e",), "Observed")


def selected(selector: Selector) -> Whom:
    """Return both directions of the pods that a selector means."""
    return Whom("shop", selector, ("Ingress", "Egress"))


def lowered(policy: Policy, known: Cluster | None = KNOWN, *sets: NetworkSetObject) -> tuple[KubernetesPolicy, ...]:
    """Return the Kubernetes policies, which there must be."""
    found = as_kubernetes(policy, Addresses(known, sets))
    assert not isinstance(found, Refused), found.reason
    return found


@given(st.lists(permits(), min_size=1, max_size=5), st.sampled_from(["app=web", "ns", "or"]))
def test_the_lowered_policies_let_pass_what_ours_do(found: list[Permit], subject: str) -> None:
    """The law, for every kind of peer that our recommendations have and every kind of scope."""
    selector = {
        "app=web": Equals("app", "web"),
        "ns": Equals("projectcalico.org/namespace", "shop"),
        "or": Or((Equals("app", "web"), Equals("app", "db"))),
    }[subject]
    policy = assemble("shop", found, tier=TIER, whom=selected(selector))
    theirs = lowered(policy)

    assert allowed(theirs, KNOWN.inventory, addresses=ADDRESSES) == allowed(
        [policy], KNOWN.inventory, addresses=ADDRESSES
    )
    assert all(problems(render_network_policy(replace(each, staged=None))) == () for each in theirs)


@given(worlds(), settings)
def test_whole_recommendations_say_the_same(world: World, rules: RuleSettings) -> None:
    """At both grains and with every setting, where nobody stands after our tier; what is refused says why."""
    ours, theirs = [], []
    for got in made(world, rules).values():
        for policy in got.policies if isinstance(got, ScopePolicies) else ():
            found = as_kubernetes(policy, Addresses(world.cluster))
            if isinstance(found, Refused):
                assert "labels that meet" in found.reason
                continue
            ours.append(policy)
            theirs += found

    assert allowed(theirs, world.cluster.inventory) == allowed(ours, world.cluster.inventory)
    assert len({(each.namespace, each.name) for each in theirs}) == len(theirs)


def test_our_own_network_sets_are_copied() -> None:
    """Kubernetes has no sets."""
    found = [
        Permit("Egress", NetsPeer((net,)), "TCP", PortSet.of([443]), None, ("e",), "Observed")
        for net in ("198.51.100.7/32", "203.0.113.9/32")
    ]
    rewritten, sets = with_network_sets(found, namespace="shop", label="shop")
    inventory = replace(KNOWN.inventory, network_sets=(*KNOWN.inventory.network_sets, *sets))
    policy = assemble("shop", rewritten, tier=TIER)

    assert allowed(lowered(policy, None, *sets), inventory, addresses=ADDRESSES) == allowed(
        [policy], inventory, addresses=ADDRESSES
    )


@pytest.mark.parametrize(
    ("nets", "without"),
    [
        (("10.0.0.0/8", "198.51.100.0/24"), ("10.0.0.0/8",)),
        (("10.9.0.0/24", "198.51.100.0/24"), ("10.0.0.0/8", "198.51.100.0/28")),
        (("10.9.0.0/24",), ("10.0.0.0/8",)),
    ],
)
def test_blocks_that_are_excepted_as_a_whole_are_no_peers(nets: tuple[str, ...], without: tuple[str, ...]) -> None:
    """No peer at all would mean everybody."""
    rule = Rule("Allow", "TCP", destination=Match(nets=nets, not_nets=without, ports=PortSet.of([443])))
    peer = DeclaredPeer(rule, PolicyRef("NetworkPolicy", "shop", "p"), 0)
    policy = assemble("shop", [Permit("Egress", peer, None, None, None, (), "Declared")], tier=TIER)

    (found,) = lowered(policy)

    assert allowed([found], KNOWN.inventory, addresses=ADDRESSES) == allowed(
        [policy], KNOWN.inventory, addresses=ADDRESSES
    )
    assert problems(render_network_policy(replace(found, staged=None))) == ()


TCP_443: Final = ("TCP", PortSet.of([443]))
CANNOT: Final[dict[str, tuple[Permit, str]]] = {
    "ICMP": (Permit("Egress", NamespacePeer("bank"), "ICMP", None, Icmp(8, 0), ("e",), "Observed"), "ICMP"),
    "another protocol": (Permit("Egress", NamespacePeer("bank"), "47", None, None, ("e",), "Observed"), "protocol 47"),
    "an unknown Service": (
        Permit("Egress", ServicePeer("default", "other"), "TCP", None, None, ("e",), "Observed"),
        "service default/other, and no address",
    ),
    "an unknown set": (
        Permit("Egress", NetworkSetPeer(None, "x", labels_of("site=x")), *TCP_443, None, ("e",), "Observed"),
        "network sets or hosts by site == 'x'",
    ),
    "a negated peer": (
        Permit(
            "Egress",
            DeclaredPeer(
                Rule("Allow", destination=Match(not_selector=Equals("app", "db"))),
                PolicyRef("NetworkPolicy", "shop", "p"),
                0,
            ),
            None,
            None,
            None,
            (),
            "Declared",
        ),
        "a negated peer",
    ),
    "accounts": (
        Permit(
            "Egress",
            DeclaredPeer(
                Rule("Allow", destination=Match(service_accounts=ServiceAccounts(("web",)))),
                PolicyRef("NetworkPolicy", "shop", "p"),
                0,
            ),
            None,
            None,
            None,
            (),
            "Declared",
        ),
        "a service account",
    ),
    "a part of a label": (
        Permit("Egress", WorkloadPeer("bank", None, "x", Contains("app", "l")), *TCP_443, None, ("e",), "Observed"),
        "labels that meet app contains 'l'",
    ),
}


@pytest.mark.parametrize("says", CANNOT)
def test_what_kubernetes_has_no_words_for_is_refused_by_name(says: str) -> None:
    """The rule and the reason; nothing is widened to make it fit."""
    permit, reason = CANNOT[says]
    fine = Permit("Egress", IntraNamespacePeer("shop"), None, None, None, ("e",), "Observed")

    found = as_kubernetes(assemble("shop", [fine, permit], tier=TIER), Addresses(KNOWN))

    assert isinstance(found, Refused)
    assert found.reason.startswith(f"a Kubernetes NetworkPolicy cannot say egress rule 1 of {TIER}.shop: ")
    assert reason in found.reason


def test_a_policy_as_a_person_reads_it() -> None:
    """Namespaces by the label that Kubernetes puts on them."""
    found = [
        Permit("Ingress", NamespacePeer("bank"), "TCP", PortSet.of([PortRange(80, 90), 443]), None, ("e",), "Observed"),
        Permit(
            "Egress",
            WorkloadPeer("shop", None, "db", Equals("app", "db")),
            "TCP",
            PortSet.of([5432]),
            None,
            ("e",),
            "Observed",
        ),
    ]
    (policy,) = lowered(enforced(assemble("shop", found, tier=TIER)))

    assert yaml_text(render_network_policy(policy)) == POLICY


POLICY: Final = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: namespace-isolation.shop
  namespace: shop
  labels:
    app.kubernetes.io/managed-by: ringfence
spec:
  podSelector: {}
  policyTypes:
    - Ingress
    - Egress
  ingress:
    - from:
        - namespaceSelector:
            matchLabels:
              kubernetes.io/metadata.name: bank
      ports:
        - protocol: TCP
          port: 80
          endPort: 90
        - protocol: TCP
          port: 443
  egress:
    - to:
        - namespaceSelector:
            matchLabels:
              kubernetes.io/metadata.name: shop
          podSelector:
            matchLabels:
              app: db
      ports:
        - protocol: TCP
          port: 5432
"""
