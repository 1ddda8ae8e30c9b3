"""What Calico makes of a Kubernetes NetworkPolicy: each row quotes the sentence it stands on (calico-semantics 4.7)."""

from collections.abc import Mapping
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.model.kubernetes_policy import IpBlock, KubernetesPeer, KubernetesPolicy, KubernetesPort, KubernetesRule
from ringfence.model.label_selector import LabelRequirement, LabelSelector
from ringfence.model.policy import Match, Rule
from ringfence.model.port import PortRange, PortSet
from ringfence.model.selector import All, And, Equals, Has, In, Not, NotIn, Selector, matches
from ringfence.model.trace import PolicyRef
from ringfence.semantics.kubernetes_rules import converted_kubernetes_policy
from ringfence.semantics.label_selectors import selector_of
from tests.dialects.calico.strategies import kubernetes_policies

OPERATORS: Final = "In/NotIn/Exists/DoesNotExist → `in`/`not in`/`has`/`!has`."
NAMESPACES: Final = "namespaceSelector `{}` → `all()`; podSelector alone → own namespace; both → both."
PRODUCT: Final = "One Calico rule per (protocol × peer); ports of one protocol merged; missing protocol = TCP"
RANGES: Final = "`endPort` → range; no `ports` → no protocol restriction. Named ports stay named."
BLOCKS: Final = "`ipBlock` → `nets` / `notNets` (`except`). Empty `from`/`to` → any."

POD: Final = Equals("projectcalico.org/orchestrator", "k8s")
EVERY: Final = LabelSelector()
WEB: Final = LabelSelector((("app", "web"),))
DB: Final = LabelSelector((("app", "db"),))
PODS_OF_WEB: Final = And((POD, Equals("app", "web")))
PODS_OF_DB: Final = And((POD, Equals("app", "db")))


def ports(*each: int | PortRange) -> PortSet:
    """Return a set of ports."""
    return PortSet.of(each)


SELECTORS: Final[tuple[tuple[LabelSelector, Selector], ...]] = (
    (EVERY, All()),
    (WEB, Equals("app", "web")),
    (LabelSelector((), (LabelRequirement("a", "In", ("y", "x")),)), In("a", ("x", "y"))),
    (LabelSelector((), (LabelRequirement("a", "NotIn", ("x",)),)), NotIn("a", ("x",))),
    (LabelSelector((), (LabelRequirement("a", "Exists"),)), Has("a")),
    (LabelSelector((), (LabelRequirement("a", "DoesNotExist"),)), Not(Has("a"))),
    (
        LabelSelector((("a", "1"), ("b", "2")), (LabelRequirement("0", "Exists"),)),
        And((Equals("a", "1"), Equals("b", "2"), Has("0"))),
    ),
)


@pytest.mark.parametrize(("written", "selector"), SELECTORS)
def test_a_label_selector_becomes_a_selector(written: LabelSelector, selector: Selector) -> None:
    """Labels by key, then expressions as written: *In/NotIn/Exists/DoesNotExist → in/not in/has/!has*."""
    assert selector_of(written) == selector


KEYS: Final = ("a", "b", "c")
VALUES: Final = ("", "x", "y")
requirements = st.builds(
    LabelRequirement,
    st.sampled_from(KEYS),
    st.sampled_from(["In", "NotIn", "Exists", "DoesNotExist"]),
    st.lists(st.sampled_from(VALUES), max_size=2).map(tuple),
)
label_maps = st.dictionaries(st.sampled_from(KEYS), st.sampled_from(VALUES))
written_selectors = st.builds(
    LabelSelector,
    label_maps.map(lambda each: tuple(sorted(each.items()))),
    st.lists(requirements, max_size=3).map(tuple),
)


def kubernetes_says(requirement: LabelRequirement, labels: Mapping[str, str]) -> bool:
    """Return what the API's documentation says of one requirement: NotIn is true of a missing key too."""
    present = requirement.key in labels
    listed = present and labels[requirement.key] in requirement.values
    return {"In": listed, "NotIn": not listed, "Exists": present, "DoesNotExist": not present}[requirement.operator]


@given(written_selectors, label_maps)
def test_a_selector_is_true_of_the_labels_that_kubernetes_selects(
    written: LabelSelector, labels: Mapping[str, str]
) -> None:
    """The law behind the table: every label and every requirement holds."""
    expected = all(labels.get(key) == value for key, value in written.match_labels) and all(
        kubernetes_says(each, labels) for each in written.match_expressions
    )

    assert matches(selector_of(written), labels) == expected


INGRESS: Final[tuple[tuple[str, KubernetesRule, tuple[Rule, ...]], ...]] = (
    (BLOCKS, KubernetesRule(), (Rule("Allow"),)),
    (NAMESPACES, KubernetesRule((KubernetesPeer(WEB),)), (Rule("Allow", source=Match(selector=PODS_OF_WEB)),)),
    (NAMESPACES, KubernetesRule((KubernetesPeer(EVERY),)), (Rule("Allow", source=Match(selector=POD)),)),
    (
        NAMESPACES,
        KubernetesRule((KubernetesPeer(None, EVERY),)),
        (Rule("Allow", source=Match(selector=POD, namespace_selector=All())),),
    ),
    (
        NAMESPACES,
        KubernetesRule((KubernetesPeer(WEB, DB),)),
        (Rule("Allow", source=Match(selector=PODS_OF_WEB, namespace_selector=Equals("app", "db"))),),
    ),
    (
        PRODUCT,
        KubernetesRule(
            (KubernetesPeer(WEB), KubernetesPeer(DB)),
            (KubernetesPort("UDP", 53), KubernetesPort("TCP", 443), KubernetesPort(port=80), KubernetesPort("SCTP", 9)),
        ),
        tuple(
            Rule("Allow", protocol, source=Match(selector=peer), destination=Match(ports=merged))
            for protocol, merged in (("SCTP", ports(9)), ("TCP", ports(80, 443)), ("UDP", ports(53)))
            for peer in (PODS_OF_WEB, PODS_OF_DB)
        ),
    ),
    (
        PRODUCT,
        KubernetesRule((), (KubernetesPort("TCP", 80), KubernetesPort("TCP"), KubernetesPort("UDP", 53))),
        (Rule("Allow", "TCP"), Rule("Allow", "UDP", destination=Match(ports=ports(53)))),
    ),
    (
        RANGES,
        KubernetesRule((), (KubernetesPort("TCP", 8000, 8010), KubernetesPort("TCP", 8005, 8020))),
        (Rule("Allow", "TCP", destination=Match(ports=ports(PortRange(8000, 8020)))),),
    ),
    (
        RANGES,
        KubernetesRule((), (KubernetesPort("TCP", "http"), KubernetesPort("TCP", 80), KubernetesPort("TCP", "http"))),
        (Rule("Allow", "TCP", destination=Match(ports=ports(80), named_ports=("http",))),),
    ),
    (
        RANGES,
        KubernetesRule((), (KubernetesPort("TCP", "http"),)),
        (Rule("Allow", "TCP", destination=Match(named_ports=("http",))),),
    ),
    (
        BLOCKS,
        KubernetesRule((KubernetesPeer(ip_block=IpBlock("10.0.0.0/8")), KubernetesPeer(WEB))),
        (Rule("Allow", source=Match(nets=("10.0.0.0/8",))), Rule("Allow", source=Match(selector=PODS_OF_WEB))),
    ),
    (
        BLOCKS,
        KubernetesRule((KubernetesPeer(ip_block=IpBlock("10.0.0.5/8", ("10.9.0.1/16", "10.1.0.0/16"))),)),
        (Rule("Allow", source=Match(nets=("10.0.0.0/8",), not_nets=("10.1.0.0/16", "10.9.0.0/16"))),),
    ),
)


@pytest.mark.parametrize(("sentence", "written", "rules"), INGRESS)
def test_a_rule_becomes_rules_of_calico(sentence: str, written: KubernetesRule, rules: tuple[Rule, ...]) -> None:
    """One row a sentence: peers are the source of ingress, ports the destination."""
    converted = converted_kubernetes_policy(KubernetesPolicy("shop", "p", ingress=(written,)))

    assert converted.policy.ingress == rules, sentence
    assert converted.notes == ()


@pytest.mark.parametrize(("sentence", "written", "rules"), INGRESS)
def test_egress_puts_peers_and_ports_into_the_destination(
    sentence: str, written: KubernetesRule, rules: tuple[Rule, ...]
) -> None:
    """The same rules, whose peer stands where the ports are."""
    converted = converted_kubernetes_policy(KubernetesPolicy("shop", "p", types=("Egress",), egress=(written,)))

    assert all(each.source == Match() for each in converted.policy.egress), sentence
    peers = [
        (each.destination.selector, each.destination.namespace_selector, each.destination.nets)
        for each in converted.policy.egress
    ]
    assert peers == [(each.source.selector, each.source.namespace_selector, each.source.nets) for each in rules]
    assert [
        (each.protocol, each.destination.ports, each.destination.named_ports) for each in converted.policy.egress
    ] == [(each.protocol, each.destination.ports, each.destination.named_ports) for each in rules]


def test_rules_are_counted_across_the_entries_in_their_order() -> None:
    """*`rule_index` in traces therefore counts generated rules, not entries of `ingress[]`*."""
    first = KubernetesRule((KubernetesPeer(WEB), KubernetesPeer(DB)), (KubernetesPort("UDP"), KubernetesPort("TCP")))
    second = KubernetesRule((KubernetesPeer(DB),))

    rules = converted_kubernetes_policy(KubernetesPolicy("shop", "p", ingress=(first, second))).policy.ingress

    assert [(each.protocol, each.source.selector) for each in rules] == [
        ("TCP", PODS_OF_WEB),
        ("TCP", PODS_OF_DB),
        ("UDP", PODS_OF_WEB),
        ("UDP", PODS_OF_DB),
        (None, PODS_OF_DB),
    ]


def test_it_stands_in_tier_default_at_order_1000_under_its_own_name() -> None:
    """*Kind `KubernetesNetworkPolicy` (≥3.32) …; tier `default`, order 1000*."""
    converted = converted_kubernetes_policy(KubernetesPolicy("shop", "p", WEB, ("Ingress", "Egress")))

    assert converted.ref == PolicyRef("KubernetesNetworkPolicy", "shop", "p")
    policy = converted.policy
    assert (policy.tier, policy.order, policy.namespace, policy.name) == ("default", 1000.0, "shop", "p")
    assert policy.selector == PODS_OF_WEB
    assert policy.types == ("Ingress", "Egress")
    assert policy.staged is None


@given(kubernetes_policies)
def test_every_entry_becomes_protocols_times_peers_and_the_staged_action_is_kept(policy: KubernetesPolicy) -> None:
    """*One Calico rule per (protocol × peer)*, for every value."""

    def expected(rules: tuple[KubernetesRule, ...]) -> int:
        return sum(max(len({port.protocol for port in each.ports}), 1) * max(len(each.peers), 1) for each in rules)

    converted = converted_kubernetes_policy(policy)

    assert len(converted.policy.ingress) == expected(policy.ingress)
    assert len(converted.policy.egress) == expected(policy.egress)
    assert converted.policy.staged == policy.staged
    assert converted.ref == PolicyRef(policy.kind, policy.namespace, policy.name)
