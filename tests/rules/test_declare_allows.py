"""What later policies allow and nobody used yet is kept, as narrow as it was declared, or said to be taken away."""

from collections.abc import Iterable

import pytest
from msgspec.structs import replace

from ringfence.dialects.calico.render import render_policy
from ringfence.dialects.calico.valid import problems
from ringfence.dialects.selector import parse_selector
from ringfence.flows.evidence import Evidence
from ringfence.model.cluster import Cluster
from ringfence.model.kubernetes_policy import KubernetesPeer, KubernetesPolicy, KubernetesPort, KubernetesRule
from ringfence.model.label_selector import LabelSelector
from ringfence.model.policy import HttpMatch, Match, Policy, Rule, ServiceAccounts, ServiceRef, Tier
from ringfence.model.policy_set import AnyPolicy
from ringfence.model.port import PortSet
from ringfence.model.selector import All, Selector
from ringfence.model.service import ServicePort
from ringfence.model.trace import PolicyRef
from ringfence.recommend.recommend import recommend
from ringfence.recommend.settings import Settings
from ringfence.rules.declare_allows import UnseenAllow, unseen_allows
from ringfence.rules.later_allows import BEFORE_DEFAULT
from ringfence.rules.permit import DeclaredPeer
from ringfence.rules.rule_settings import DEFAULT_RULES, RuleSettings
from ringfence.rules.scope_baseline import ScopeBaseline
from ringfence.rules.surroundings import surroundings_of
from tests.learning.evidence_rows import both, table_of, tcp
from tests.rules.clusters import controller
from tests.rules.declared_world import Judge, judge_of, made, permits, pods_of, service, workload, world

WEB = controller("Deployment", "web", "app=web")
CART = controller("Deployment", "cart", "app=cart")
GATEWAY = controller("Deployment", "gateway", "app=gateway", namespace="edge")
BATCH = controller("Deployment", "batch", "app=batch", namespace="edge")
PODS = (
    *pods_of(WEB, "10.244.1.10"),
    *pods_of(CART, "10.244.1.11"),
    *pods_of(GATEWAY, "10.244.2.12"),
    *pods_of(BATCH, "10.244.2.13"),
)
SERVED = both(tcp(workload(GATEWAY), workload(WEB)))
"""Ingress of the shop on TCP 8080."""


ANYBODY = Match()


def cluster(*policies: AnyPolicy, tiers: Iterable[Tier] = ()) -> Cluster:
    """Return the shop and its edge under these policies, after one that lets the gateway in."""
    entry = allowing(FROM_GATEWAY, name="entry")
    return world(WEB, CART, GATEWAY, BATCH, pods=PODS, policies=(entry, *policies), tiers=tiers)


def rule(*, source: Match = ANYBODY, port: int | None = None, protocol: str = "TCP", **fields: object) -> Rule:
    """Return an allowing ingress rule."""
    ports = None if port is None else PortSet.of([port])
    return Rule("Allow", protocol, source=source, destination=Match(ports=ports), **fields)


def allowing(
    *rules: Rule,
    name: str = "later",
    namespace: str | None = "shop",
    selector: Selector | None = None,
    tier: str = "default",
    **fields: object,
) -> Policy:
    """Return a policy with these ingress rules."""
    return Policy(tier, namespace, name, 100.0, selector=selector, types=("Ingress",), ingress=rules, **fields)


def kept(found: Cluster, *rows: Evidence) -> list[tuple[str, int]]:
    """Return the rules that the shop keeps, by policy and index."""
    peers = [each.peer for each in permits(found, *(rows or SERVED))]
    return [(each.policy.name, each.rule_index) for each in peers if isinstance(each, DeclaredPeer)]


def told(found: Cluster, *, rules: RuleSettings = DEFAULT_RULES) -> tuple[UnseenAllow, ...]:
    """Return what is said of the rules that nobody used."""
    table = table_of(SERVED, labels={})
    _, baseline = recommend(table, settings=Settings(namespaces=All(), rules=rules), cluster=found)
    return unseen_allows(
        ScopeBaseline("shop", baseline.admitted, surroundings_of(table, cluster=found, settings=rules))
    )


FROM_GATEWAY = rule(source=Match(parse_selector("app == 'gateway'"), All()), port=8080)
BATCH_IN = rule(source=Match(parse_selector("app == 'batch'"), All()), port=9000)


def test_an_unused_rule_is_kept_as_narrow_as_it_was_declared() -> None:
    """The batch may reach the cart it was meant for, on the declared port, and no other pod."""
    declared = cluster(allowing(BATCH_IN, selector=parse_selector("app == 'cart'")))
    judge = judge_of(declared, *SERVED)
    batch, cart, web = judge.pod("edge", "batch"), judge.pod("shop", "cart"), judge.pod("shop", "web")

    assert kept(declared) == [("later", 0)]
    assert judge.verdict(batch, cart, 9000) == "Allow"
    assert judge.verdict(batch, cart, 9001) == "Deny"
    assert judge.verdict(batch, web, 9000) == "Deny"


def test_what_ours_alone_would_let_pass_is_no_wider_than_declared() -> None:
    """Also where the later policy is gone: then the namespace's profile would answer."""
    declared = cluster(allowing(BATCH_IN, selector=parse_selector("app == 'cart'")))
    ours = made(declared, *SERVED).policies
    judge = Judge(Cluster(declared.inventory, replace(declared.policies, policies=())), *ours)

    assert judge.verdict(judge.pod("edge", "batch"), judge.pod("shop", "cart"), 9000) == "Allow"
    assert judge.verdict(judge.pod("edge", "batch"), judge.pod("shop", "web"), 9000) == "Deny"


def test_a_used_rule_is_learnt_and_not_copied() -> None:
    """The gateway's own rule allowed what was seen."""
    assert kept(cluster()) == []


def test_a_hit_in_one_rule_is_no_use_of_another() -> None:
    """Rules are told apart by policy and index."""
    declared = world(WEB, CART, GATEWAY, BATCH, pods=PODS, policies=(allowing(BATCH_IN, FROM_GATEWAY, name="entry"),))

    assert kept(declared) == [("entry", 0)]


def test_a_direction_without_evidence_is_not_opened() -> None:
    """Nothing isolates it, so nothing is cut."""
    egress = both(tcp(workload(WEB), workload(GATEWAY)))
    recommendation = made(cluster(allowing(BATCH_IN)), *egress)

    assert recommendation.policies[0].types == ("Egress",)


def test_a_kubernetes_policy_is_kept_by_its_converted_rules() -> None:
    """As Calico counts them: one a protocol and peer."""
    peers = (KubernetesPeer(LabelSelector((("app", "batch"),)), LabelSelector()),)
    ports = (KubernetesPort("TCP", 9000), KubernetesPort("UDP", 9000), KubernetesPort("TCP", "metrics"))
    own = LabelSelector((("app", "cart"),))
    declared = cluster(KubernetesPolicy("shop", "np", own, ingress=(KubernetesRule(peers, ports),)))
    judge = judge_of(declared, *SERVED)
    batch = judge.pod("edge", "batch")

    assert kept(declared) == [("np", 0), ("np", 1)]
    assert judge.verdict(batch, judge.pod("shop", "cart"), 9000, "UDP") == "Allow"
    assert judge.verdict(batch, judge.pod("shop", "web"), 9000, "UDP") == "Deny"


def test_a_global_policy_means_endpoints_of_all_namespaces() -> None:
    """In a policy of one namespace a selector alone would mean that namespace."""
    everywhere = allowing(
        rule(source=Match(parse_selector("app == 'batch'")), port=9000),
        namespace=None,
        selector=parse_selector("app == 'cart'"),
        namespace_selector=parse_selector("kubernetes.io/metadata.name == 'shop'"),
    )
    judge = judge_of(cluster(everywhere), *SERVED)
    batch = judge.pod("edge", "batch")

    assert kept(cluster(everywhere)) == [("later", 0), ("later", 0)]
    assert judge.verdict(batch, judge.pod("shop", "cart"), 9000) == "Allow"
    assert judge.verdict(batch, judge.pod("shop", "web"), 9000) == "Deny"


def test_a_policy_about_others_is_not_kept() -> None:
    """It selects no pod and no template of the shop."""
    others = allowing(BATCH_IN, namespace=None, selector=parse_selector("app == 'gateway'"))
    elsewhere = allowing(BATCH_IN, namespace="edge", name="edge")

    assert kept(cluster(others, elsewhere)) == []


def test_earlier_tiers_and_staged_policies_are_not_later_allows() -> None:
    """An earlier tier decides before ours is asked, and what is staged decides nothing."""
    security = allowing(BATCH_IN, tier="security", name="security.early", selector=parse_selector("app == 'cart'"))
    draft = allowing(BATCH_IN, name="draft", staged="Set")

    assert kept(cluster(security, draft, tiers=(Tier("security", 100, "Pass"),))) == []


def test_a_tier_of_the_owner_behind_ours_is_later() -> None:
    """By its order."""
    late = allowing(BATCH_IN, tier="late", name="late.allow")

    assert BEFORE_DEFAULT.order < 2_000_000
    assert kept(cluster(late, tiers=(Tier("late", 2_000_000, "Pass"),))) == [("late.allow", 0)]


def test_a_condition_on_http_is_left_to_the_later_policy() -> None:
    """Ours passes the connection; the later rule still judges the request. A Pass with HTTP would be refused."""
    declared = cluster(allowing(replace(BATCH_IN, http=HttpMatch(("GET",)))))
    copied = next(each.peer for each in permits(declared, *SERVED) if isinstance(each.peer, DeclaredPeer))

    assert copied.rule.http is None
    assert problems(render_policy(made(declared, *SERVED).policies[0])) == ()


def test_what_a_namespaced_policy_cannot_say_is_named() -> None:
    """Everything but some endpoints is a matter of global policies."""
    others = rule(source=Match(not_selector=parse_selector("app == 'batch'")), port=9000)
    everywhere = allowing(others, namespace=None)

    assert kept(cluster(everywhere)) == []
    assert told(cluster(everywhere)) == (
        UnseenAllow(
            PolicyRef("GlobalNetworkPolicy", "", "later"),
            "Ingress",
            0,
            "narrowed",
            "it excludes endpoints from all addresses, which a policy of one namespace cannot say",
        ),
    )


def test_a_selector_that_grows_too_long_is_named() -> None:
    """Whom the policy selects and whom the rule selects must fit into one selector."""
    long = parse_selector(" || ".join(f"app == 'name-{number:04d}'" for number in range(40)) + " || app == 'cart'")
    both_long = allowing(replace(BATCH_IN, destination=Match(long, ports=PortSet.of([9000]))), selector=long)

    (found,) = told(cluster(both_long))

    assert found.obstacle is not None
    assert "longer than 1024 characters" in found.obstacle


def test_narrowing_leaves_it_out_and_says_so() -> None:
    """The setting's other value."""
    narrow = RuleSettings(declared_allows="Narrow")
    declared = cluster(allowing(BATCH_IN))
    judge = judge_of(declared, *SERVED, rules=narrow)

    assert judge.verdict(judge.pod("edge", "batch"), judge.pod("shop", "cart"), 9000) == "Deny"
    assert told(declared, rules=narrow) == (
        UnseenAllow(PolicyRef("NetworkPolicy", "shop", "later"), "Ingress", 0, "narrowed"),
    )
    assert told(declared) == (UnseenAllow(PolicyRef("NetworkPolicy", "shop", "later"), "Ingress", 0, "kept"),)


def test_the_same_rule_of_two_policies_is_kept_once() -> None:
    """Both are told, one rule is written."""
    declared = cluster(allowing(BATCH_IN), allowing(BATCH_IN, name="twin"))

    assert kept(declared) == [("later", 0)]
    assert [each.policy.name for each in told(declared)] == ["later", "twin"]


def only(policy: AnyPolicy) -> Cluster:
    """Return the cluster under this policy alone."""
    return world(WEB, CART, GATEWAY, BATCH, pods=PODS, policies=(policy,))


def into_cart(app: str, *, namespace: str | None = None, port: int = 9000) -> KubernetesPolicy:
    """Return a Kubernetes policy that lets pods into the cart, from the shop where no namespace is named."""
    spaces = None if namespace is None else LabelSelector((("kubernetes.io/metadata.name", namespace),))
    peer = KubernetesPeer(LabelSelector((("app", app),)), spaces)
    rules = (KubernetesRule((peer,), (KubernetesPort("TCP", port),)),)
    return KubernetesPolicy("shop", "np", LabelSelector((("app", "cart"),)), ingress=rules)


INSIDE = both(tcp(workload(CART), workload(WEB)))
"""Ingress of the shop from its own pods."""


@pytest.mark.parametrize("namespace", [None, "shop"])
def test_what_the_rule_for_the_own_namespace_lets_in_anyway_is_not_kept(namespace: str | None) -> None:
    """It lets in every pod of the shop on every port; without it the declared rule stands."""
    declared = only(into_cart("web", namespace=namespace))

    assert kept(declared, *SERVED, *INSIDE) == []
    assert kept(declared, *SERVED) == [("np", 0)]


def test_what_the_rule_for_another_namespace_lets_in_anyway_is_not_kept() -> None:
    """On the ports that were seen, and no others."""
    assert kept(only(into_cart("batch", namespace="edge", port=8080))) == []
    assert kept(only(into_cart("batch", namespace="edge", port=8081))) == [("np", 0)]


def test_what_dns_lets_through_anyway_is_not_kept() -> None:
    """Most clusters allow questions over TCP by hand, and few pods ever ask so."""
    coredns = controller("Deployment", "coredns", "k8s-app=kube-dns", namespace="kube-system")
    ports = (ServicePort("dns", "UDP", 53, 53), ServicePort("dns-tcp", "TCP", 53, 53))
    dns = service("kube-dns", *ports, selects="k8s-app=kube-dns", namespace="kube-system", address="10.96.0.10")
    system = LabelSelector((("kubernetes.io/metadata.name", "kube-system"),))

    def allowed(own: LabelSelector | None, port: int) -> Cluster:
        rules = (KubernetesRule((KubernetesPeer(own, system),), (KubernetesPort("TCP", port),)),)
        policy = KubernetesPolicy("shop", "np", LabelSelector((("app", "cart"),)), types=("Egress",), egress=rules)
        return world(WEB, CART, GATEWAY, coredns, pods=PODS, services=(dns,), policies=(policy,))

    asking = both(tcp(workload(WEB), workload(GATEWAY)))
    pods = LabelSelector((("k8s-app", "kube-dns"),))
    assert kept(allowed(pods, 53), *asking) == []
    assert kept(allowed(pods, 9153), *asking) == [("np", 0)]
    assert kept(allowed(None, 53), *asking) == [("np", 0)]


def test_a_selector_that_may_mean_network_sets_is_kept_beside_the_own_namespace() -> None:
    """The rule for the own namespace is for its pods."""
    sets_too = allowing(
        rule(source=Match(parse_selector("app == 'web'")), port=9000), selector=parse_selector("app == 'cart'")
    )

    assert kept(only(sets_too), *SERVED, *INSIDE) == [("later", 0)]


SOURCES = (
    Match(),
    Match(nets=("10.9.0.0/16",)),
    Match(selector=parse_selector("app == 'batch'")),
    Match(selector=parse_selector("app == 'batch'"), not_selector=parse_selector("app == 'web'")),
    Match(namespace_selector=parse_selector("kubernetes.io/metadata.name == 'edge'")),
    Match(selector=parse_selector("app == 'batch'"), namespace_selector=All()),
    Match(service_accounts=ServiceAccounts(names=("default",))),
    Match(service=ServiceRef("default", "kubernetes")),
)


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("namespace", ["shop", None])
@pytest.mark.parametrize("selector", [None, parse_selector("app == 'cart'")])
def test_keeping_cuts_nothing_that_is_allowed_today(
    source: Match, namespace: str | None, selector: Selector | None
) -> None:
    """Judged by the reference evaluator for every pod of the shop; and Calico's API takes the copy."""
    declared = cluster(allowing(rule(source=source, port=9000), namespace=namespace, selector=selector))
    policy = made(declared, *SERVED).policies[0]
    before, after = Judge(declared), Judge(declared, policy)
    pods = [(each.namespace, each.name) for each in declared.inventory.pods]
    clients = [
        *(lambda judge, key=key: judge.pod(*key) for key in pods),
        *(lambda judge, address=address: judge.at(address) for address in ("10.9.1.1", "192.168.1.1", "203.0.113.9")),
    ]

    for client in clients:
        for own in ("web-0", "cart-0"):
            today = before.verdict(client(before), before.pod("shop", own), 9000)
            if today == "Allow" and (selector is None or own == "cart-0"):
                assert after.verdict(client(after), after.pod("shop", own), 9000) == "Allow"
            elif today == "Deny":
                assert after.verdict(client(after), after.pod("shop", own), 9000) == "Deny"
    assert problems(render_policy(policy)) == ()
