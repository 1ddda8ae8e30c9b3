"""Policies of a cluster's administrators in their tiers: calico-semantics 4.8."""

from typing import Any, Final

from ringfence.model.cluster_policy import (
    ClusterAction,
    ClusterPolicy,
    ClusterRule,
    ClusterTier,
    NamedPort,
    NamespacesPeer,
    NetworksPeer,
    NodesPeer,
    NumberedPorts,
    Peer,
    PodsPeer,
    UnknownPeer,
)
from ringfence.model.label_selector import LabelSelector
from ringfence.model.policy import Policy
from tests.semantics.worlds import Case, case, check, each, policy, rule

TIERS: Final = (
    "CNP tier `Admin` → tier `kube-admin`, `Baseline` → `kube-baseline`; order = priority; "
    "kind `KubernetesClusterNetworkPolicy`, short kind `kcnp`."
)
ACTIONS: Final = "Accept (ANP: Allow) → Allow; Deny → Deny; Pass → Pass."
TYPES: Final = "`types` only for directions that have rules."
PASSES: Final = "`kube-admin` Pass/1000; `kube-baseline` Pass/10 000 000"
REPLACED: Final = "If a rule cannot be converted: Deny/Pass → replaced by deny-all; Accept → dropped."
WIDER: Final = "A `namespaces` peer also selects NetworkSets of these namespaces (wider than upstream's pods-only)."
LOST: Final = "a `namedPort` is lost and the rule opens to every port and protocol"
NODES: Final = "a `nodes` peer is lost (Allow) or becomes deny-all (Deny/Pass)"
BEFORE: Final = "ANP/BANP: tiers `adminnetworkpolicy`/`baselineadminnetworkpolicy`"
ASKED: Final = "bank/app shop/web TCP/80 ingress"

EVERY: Final = LabelSelector()
SALES: Final = LabelSelector((("team", "sales"),))
FINANCE: Final = NamespacesPeer(LabelSelector((("team", "finance"),)))
BANK: Final = PodsPeer(EVERY, LabelSelector((("app", "bank"),)))
NODE: Final = NodesPeer(EVERY)


def cluster(
    action: ClusterAction,
    *peers: Peer,
    tier: ClusterTier = "Admin",
    name: str = "c",
    priority: int = 10,
    ports: tuple[NumberedPorts | NamedPort, ...] = (),
    **more: Any,
) -> ClusterPolicy:
    """Return a policy for namespaces of sales with one ingress rule, from every namespace if no peers are given."""
    one = ClusterRule(action, peers or (NamespacesPeer(EVERY),), ports)
    return ClusterPolicy(name, tier, priority, NamespacesPeer(SALES), (one,), **more)


def old(action: ClusterAction, *peers: Peer, **more: Any) -> ClusterPolicy:
    """Return the same as AdminNetworkPolicy or its baseline."""
    return cluster(action, *peers, version="v1alpha1", **more)


def web(action: Any = "Allow", **more: Any) -> Policy:
    """Return a policy of the shop's own."""
    return policy(rule(action), **more)


CASES: Final = (
    case(TIERS, ASKED, "Deny", web(), cluster("Deny")),
    case(TIERS, ASKED, "Allow", web(), cluster("Deny", tier="Baseline")),
    case(TIERS, ASKED, "Deny", cluster("Deny", tier="Baseline")),
    case(TIERS, ASKED, "Deny", web("Pass"), cluster("Deny", tier="Baseline")),
    case(TIERS, ASKED, "Deny", policy(), cluster("Accept", tier="Baseline")),
    case(TIERS, ASKED, "Deny", cluster("Accept", priority=20, name="a"), cluster("Deny", priority=10, name="b")),
    case(TIERS, ASKED, "Allow", cluster("Accept", priority=9, name="b"), cluster("Deny", priority=10, name="a")),
    case(TIERS, ASKED, "Allow", cluster("Accept", name="a"), cluster("Deny", name="b")),
    case(ACTIONS, ASKED, "Allow", policy(), cluster("Accept")),
    case(ACTIONS, ASKED, "Deny", policy(), cluster("Pass")),
    case(ACTIONS, ASKED, "Allow", web(), cluster("Pass"), cluster("Deny", priority=20, name="d")),
    case(ACTIONS, ASKED, "Allow", policy(), cluster("Accept", ports=(NumberedPorts("TCP", 80, 81),))),
    case(ACTIONS, ASKED, "Deny", policy(), cluster("Accept", ports=(NumberedPorts("TCP", 81, 82),))),
    case(ACTIONS, ASKED, "Deny", policy(), cluster("Accept", ports=(NumberedPorts("UDP", 80, 80),))),
    case(ACTIONS, ASKED, "Allow", policy(), cluster("Accept", BANK)),
    case(ACTIONS, "shop/db shop/web TCP/80 ingress", "Deny", policy(), cluster("Accept", BANK)),
    case(ACTIONS, "shop/web bank/app TCP/80 ingress", "Allow", cluster("Deny")),
    case(
        ACTIONS,
        "shop/web 192.0.2.1 TCP/80 egress",
        "Deny",
        ClusterPolicy(
            "c", "Admin", 1, NamespacesPeer(SALES), (), (ClusterRule("Deny", (NetworksPeer(("192.0.2.0/24",)),)),)
        ),
    ),
    case(ACTIONS, "bank/app shop/web TCP/8080 ingress", "Deny", cluster("Deny", ports=(NamedPort("http"),))),
    case(ACTIONS, "bank/app shop/web TCP/8081 ingress", "Allow", cluster("Deny", ports=(NamedPort("http"),))),
    case(TYPES, "shop/web bank/app TCP/80 egress", "Allow", cluster("Deny")),
    case(TYPES, "shop/web bank/app TCP/80 egress", "Deny", cluster("Deny"), policy(egress=[])),
    case(PASSES, ASKED, "Allow", web(), cluster("Deny", NetworksPeer(("192.0.2.0/24",)))),
    case(PASSES, ASKED, "Allow", cluster("Deny", NetworksPeer(("192.0.2.0/24",)))),
    case(PASSES, ASKED, "Allow", cluster("Accept", NetworksPeer(("192.0.2.0/24",)), tier="Baseline")),
    case(REPLACED, ASKED, "Deny", web(), cluster("Deny", UnknownPeer("other"))),
    case(REPLACED, ASKED, "Deny", web(), cluster("Pass", UnknownPeer("other"))),
    case(REPLACED, ASKED, "Deny", policy(), cluster("Accept", UnknownPeer("other"))),
    case(REPLACED, ASKED, "Deny", policy(), cluster("Accept", FINANCE, UnknownPeer("other"))),
    case(REPLACED, "192.0.2.1 shop/web UDP/9 ingress", "Deny", web(), cluster("Deny", FINANCE, UnknownPeer("other"))),
    case(WIDER, "198.51.100.200 shop/web TCP/80 ingress", "Deny", cluster("Deny", FINANCE)),
    case(WIDER, "198.51.100.9 shop/web TCP/80 ingress", "Allow", cluster("Deny", FINANCE)),
    case(WIDER, "203.0.113.9 shop/web TCP/80 ingress", "Allow", cluster("Deny", NamespacesPeer(EVERY))),
    case(BEFORE, ASKED, "Deny", web(), old("Deny"), regime="<=3.31"),
    case(BEFORE, ASKED, "Allow", web(), old("Deny", tier="Baseline"), regime="<=3.31"),
    case(BEFORE, ASKED, "Deny", web("Pass"), old("Deny", tier="Baseline"), regime="<=3.31"),
    case(BEFORE, ASKED, "Allow", old("Deny", NetworksPeer(("192.0.2.0/24",))), regime="<=3.31"),
    case(
        LOST,
        "bank/app shop/web UDP/9 ingress",
        "Allow",
        policy(),
        old("Accept", ports=(NamedPort("http"),)),
        regime="<=3.31",
    ),
    case(
        LOST, "bank/app shop/web UDP/9 ingress", "Deny", web(), old("Deny", ports=(NamedPort("http"),)), regime="<=3.31"
    ),
    case(NODES, "192.0.2.1 shop/web TCP/80 ingress", "Deny", web(), old("Deny", NODE), regime="<=3.31"),
    case(NODES, "192.0.2.1 shop/web TCP/80 ingress", "Deny", web(), old("Pass", NODE), regime="<=3.31"),
    case(NODES, "192.0.2.1 shop/web TCP/80 ingress", "Deny", policy(), old("Accept", NODE), regime="<=3.31"),
)


@each(CASES)
def test_a_policy_of_the_administrators(row: Case) -> None:
    """Asked before or after all others, by priority; what cannot be converted fails closed."""
    check(row)
