"""What a policy means as it is read: what the API fills in, what is written in other words, and what is left out."""

from typing import Any

import pytest

from ringfence.dialects.calico.read import read_policy
from ringfence.model.kubernetes_policy import KubernetesPolicy
from ringfence.model.policy import HttpMatch, HttpPath, IcmpMatch, Match, Policy, Rule, ServiceAccounts, ServiceRef
from ringfence.model.port import PortRange, PortSet
from ringfence.model.selector import All, Equals, Global, Has
from tests.dialects.calico.refused import POLICY_KINDS, an_object, with_rule

DENY = {"action": "Deny"}


def read(kind: str, spec: Any, **metadata: Any) -> Policy:
    """Return the policy of an object without problems."""
    reading = read_policy(an_object(kind, spec, **metadata))
    assert reading.problems == ()
    assert isinstance(reading.value, Policy)
    return reading.value


def read_rule(rule: Any, **where: str) -> Rule:
    """Return the rule of an object without problems."""
    reading = read_policy(with_rule(rule, **where))
    assert reading.problems == ()
    assert isinstance(reading.value, Policy)
    return (*reading.value.ingress, *reading.value.egress)[0]


@pytest.mark.parametrize("kind", POLICY_KINDS)
def test_what_is_not_written_is_as_the_api_fills_it_in(kind: str) -> None:
    """An empty spec is a policy of the default tier that isolates ingress."""
    policy = read(kind, {}, namespace="shop")

    assert policy == Policy(
        tier="default",
        namespace=None if "Global" in kind else "shop",
        name="a",
        order=None,
        selector=None,
        types=("Ingress",),
        staged="Set" if kind.startswith("Staged") else None,
    )
    assert policy.kind == kind


@pytest.mark.parametrize(
    ("spec", "types"),
    [
        ({}, ("Ingress",)),
        ({"types": None}, ("Ingress",)),
        ({"ingress": [DENY]}, ("Ingress",)),
        ({"egress": []}, ("Ingress",)),
        ({"egress": [DENY]}, ("Egress",)),
        ({"egress": [DENY], "ingress": []}, ("Egress",)),
        ({"egress": [DENY], "ingress": [DENY]}, ("Ingress", "Egress")),
        ({"egress": [DENY], "types": ["Ingress"]}, ("Ingress",)),
        ({"types": ["Egress", "Ingress"]}, ("Ingress", "Egress")),
    ],
)
def test_directions_are_those_written_or_those_with_rules(spec: Any, types: tuple[str, ...]) -> None:
    """By the length of the lists: an empty one is as good as none."""
    assert read("NetworkPolicy", spec).types == types


def test_an_empty_list_of_types_is_refused_by_the_api_and_defaulted_beyond_it() -> None:
    """A stored object may have one."""
    reading = read_policy(an_object("NetworkPolicy", {"types": [], "egress": [DENY]}))

    assert [problem.path for problem in reading.problems] == ["spec.types"]
    assert isinstance(reading.value, Policy)
    assert reading.value.types == ("Egress",)


@pytest.mark.parametrize(
    ("written", "staged"), [(None, "Set"), ("Set", "Set"), ("Learn", "Learn"), ("Ignore", "Ignore")]
)
def test_a_staged_policy_is_staged_to_be_set(written: str | None, staged: str) -> None:
    """Unless it says otherwise."""
    assert read("StagedNetworkPolicy", {"stagedAction": written}).staged == staged


def test_a_policy_staged_for_deletion_keeps_its_tier_only() -> None:
    """Whatever else got past the API has no effect."""
    spec = {"stagedAction": "Delete", "tier": "t", "order": 5, "ingress": [DENY], "selector": "has(a)"}

    reading = read_policy(an_object("StagedGlobalNetworkPolicy", spec))

    assert reading.value == Policy("t", None, "a", None, staged="Delete")
    assert {problem.path for problem in reading.problems} == {"spec.order", "spec.ingress", "spec.selector"}


def test_a_namespaced_policy_without_a_namespace_is_not_a_global_one() -> None:
    """It goes to the namespace default, as calicoctl and kubectl put it."""
    assert read("NetworkPolicy", {}).namespace == "default"


@pytest.mark.parametrize(
    ("text", "selector"), [("", None), (None, None), (" ", All()), ("all()", All()), ("has(a)", Has("a"))]
)
def test_a_selector_that_is_not_written_is_told_apart_from_one_for_all(text: str | None, selector: object) -> None:
    """Beside other selectors they do not mean the same."""
    names = ("selector", "namespaceSelector", "serviceAccountSelector")

    policy = read("GlobalNetworkPolicy", dict.fromkeys(names, text))

    assert (policy.selector, policy.namespace_selector, policy.service_account_selector) == (selector,) * 3


def test_everything_of_a_policy_is_read() -> None:
    """Metadata sorted, flags and hints as they are."""
    spec = {
        "tier": "t",
        "order": 2,
        "doNotTrack": True,
        "applyOnForward": True,
        "performanceHints": ["AssumeNeededOnEveryNode"],
    }

    policy = read("GlobalNetworkPolicy", spec, labels={"b": "1", "a": "2"}, annotations={"d": "3", "c": "4"})

    assert policy == Policy(
        "t",
        None,
        "a",
        2.0,
        labels=(("a", "2"), ("b", "1")),
        annotations=(("c", "4"), ("d", "3")),
        do_not_track=True,
        apply_on_forward=True,
        performance_hints=("AssumeNeededOnEveryNode",),
    )


@pytest.mark.parametrize(
    ("written", "rule"),
    [
        ({}, Rule("Allow")),
        ({"protocol": 6}, Rule("Allow", "TCP")),
        ({"protocol": "17", "notProtocol": "132"}, Rule("Allow", "UDP", not_protocol="SCTP")),
        ({"protocol": "UDPLite"}, Rule("Allow", "UDPLite")),
        ({"protocol": 89}, Rule("Allow", "89")),
        ({"protocol": "006"}, Rule("Allow", "TCP")),
        ({"ipVersion": 6}, Rule("Allow", ip_version=6)),
        (
            {"protocol": "ICMP", "icmp": {"type": 8}, "notICMP": {"type": 3, "code": 0}},
            Rule("Allow", "ICMP", icmp=IcmpMatch(8), not_icmp=IcmpMatch(3, 0)),
        ),
        ({"protocol": 58, "icmp": {}}, Rule("Allow", "ICMPv6", icmp=IcmpMatch())),
        ({"source": {}, "destination": None}, Rule("Allow")),
        ({"metadata": {"annotations": {"b": "1", "a": "2"}}}, Rule("Allow", annotations=(("a", "2"), ("b", "1")))),
        (
            {"http": {"methods": ["GET"], "paths": [{"exact": "/a"}, {"prefix": "/b"}]}},
            Rule("Allow", http=HttpMatch(("GET",), (HttpPath("/a", exact=True), HttpPath("/b", exact=False)))),
        ),
    ],
)
def test_a_rule_is_read(written: Any, rule: Rule) -> None:
    """Protocols by one name each; what is empty restricts nothing."""
    assert read_rule(written) == rule


@pytest.mark.parametrize(
    ("written", "match"),
    [
        ({"selector": "", "notSelector": "", "namespaceSelector": ""}, Match()),
        ({"selector": "has(a)", "notSelector": "has(b)"}, Match(selector=Has("a"), not_selector=Has("b"))),
        ({"namespaceSelector": "global()"}, Match(namespace_selector=Global())),
        ({"nets": [], "notNets": [], "ports": [], "notPorts": []}, Match()),
        ({"nets": ["10.2.0.0/16", "10.1.0.0/16"]}, Match(nets=("10.1.0.0/16", "10.2.0.0/16"))),
        ({"notNets": ["FD00:0::/8"]}, Match(not_nets=("fd00::/8",))),
        ({"ports": [443, "80", "81:90"]}, Match(ports=PortSet.of([PortRange(80, 90), 443]))),
        (
            {"ports": ["http", 80], "notPorts": ["dns"]},
            Match(ports=PortSet.of([80]), named_ports=("http",), not_named_ports=("dns",)),
        ),
        ({"notPorts": ["0443"]}, Match(not_ports=PortSet.of([443]))),
        ({"serviceAccounts": {}}, Match(service_accounts=ServiceAccounts())),
        (
            {"serviceAccounts": {"names": ["b", "a"], "selector": "role == 'x'"}},
            Match(service_accounts=ServiceAccounts(("b", "a"), Equals("role", "x"))),
        ),
        ({"services": {"name": "s", "namespace": "n"}}, Match(service=ServiceRef("n", "s"))),
        ({"services": {"name": "s"}}, Match(service=ServiceRef("", "s"))),
    ],
)
def test_a_side_of_a_rule_is_read(written: Any, match: Match) -> None:
    """Empty texts and lists restrict nothing, nets and ports have one form."""
    assert read_rule({"protocol": "TCP", "source": written}).source == match


@pytest.mark.parametrize(
    ("api_version", "spec", "types"),
    [
        ("projectcalico.org/v3", {}, ("Ingress",)),
        ("projectcalico.org/v3", {"egress": []}, ("Ingress",)),
        ("projectcalico.org/v3", {"egress": [{}]}, ("Ingress", "Egress")),
        ("projectcalico.org/v3", {"egress": [{}], "policyTypes": ["Egress"]}, ("Egress",)),
        ("crd.projectcalico.org/v1", {"egress": [{}]}, ("Ingress",)),
        ("crd.projectcalico.org/v1", {"egress": [{}], "policyTypes": ["Egress"]}, ("Egress",)),
    ],
)
def test_a_staged_kubernetes_policy_governs_egress_if_it_has_rules_for_it(
    api_version: str, spec: Any, types: tuple[str, ...]
) -> None:
    """Always ingress; but classic resource definitions do not look at the egress rules."""
    obj = an_object("StagedKubernetesNetworkPolicy", spec, namespace="shop") | {"apiVersion": api_version}

    reading = read_policy(obj)

    assert reading.problems == ()
    assert isinstance(reading.value, KubernetesPolicy)
    assert (reading.value.kind, reading.value.types) == ("StagedKubernetesNetworkPolicy", types)
    assert (reading.value.namespace, reading.value.name, reading.value.staged) == ("shop", "a", "Set")


def test_a_staged_kubernetes_policy_for_deletion_holds_nothing() -> None:
    """Its name is all that it needs."""
    reading = read_policy(an_object("StagedKubernetesNetworkPolicy", {"stagedAction": "Delete", "egress": [{}]}))

    assert reading.value == KubernetesPolicy("default", "a", staged="Delete")
    assert [problem.path for problem in reading.problems] == ["spec.egress"]
