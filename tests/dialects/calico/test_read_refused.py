"""Which invalid objects count as absent, and which are acted upon as they were converted."""

from typing import Any

import pytest

from ringfence.dialects.calico.read import read_host_endpoint, read_network_set, read_policy, read_tier
from ringfence.model.kubernetes_policy import KubernetesPolicy, KubernetesRule
from ringfence.model.policy import HttpMatch, IcmpMatch, Match, Policy, Rule, ServiceRef
from ringfence.model.port import PortSet
from ringfence.model.selector import And, Global, Has
from tests.dialects.calico.refused import NETS, an_object, api, felix, with_rule

TCP = {"protocol": "TCP"}


@pytest.mark.parametrize(
    ("rule", "where"),
    [
        ({"source": {"selector": "a = b"}}, "source.selector"),
        ({"source": {"notSelector": "has("}}, "source.notSelector"),
        ({"source": {"namespaceSelector": "a"}}, "source.namespaceSelector"),
        ({"source": {"serviceAccounts": {"selector": "a"}}}, "source.serviceAccounts.selector"),
        ({"ipVersion": 5}, "ipVersion"),
        ({"ipVersion": 0}, "ipVersion"),
        ({"protocol": "ICMP", "icmp": {"type": 255}}, "icmp.type"),
        ({"protocol": "ICMP", "icmp": {"type": 8, "code": 256}}, "icmp.code"),
        ({"notICMP": {"type": -1}}, "notICMP.type"),
        (TCP | {"destination": {"ports": ["90:80"]}}, "destination.ports[0]"),
        (TCP | {"destination": {"ports": [0]}}, "destination.ports[0]"),
        (TCP | {"source": {"notPorts": [""]}}, "source.notPorts[0]"),
        (TCP | {"source": {"notPorts": ["a b"]}}, "source.notPorts[0]"),
        ({"protocol": "ICMP", "destination": {"ports": [80]}}, "destination.ports[0]"),
        ({"protocol": "UDPLite", "destination": {"notPorts": ["80:90"]}}, "destination.notPorts[0]"),
        ({"destination": {"ports": [80]}}, "destination.ports[0]"),
    ],
)
def test_a_policy_with_a_rule_that_felix_refuses_counts_as_absent(rule: Any, where: str) -> None:
    """The whole of it, not only the rule."""
    reading = read_policy(with_rule(rule))

    assert reading.value is None
    assert {(each.path, each.refused_by) for each in reading.problems} == felix(f"spec.ingress[0].{where}")


@pytest.mark.parametrize("name", ["selector", "namespaceSelector", "serviceAccountSelector"])
def test_a_policy_whose_selector_does_not_parse_counts_as_absent(name: str) -> None:
    """Felix cannot tell whom it selects."""
    reading = read_policy(an_object("GlobalNetworkPolicy", {name: "a == b"}))

    assert reading.value is None
    assert {(each.path, each.refused_by) for each in reading.problems} == felix(f"spec.{name}")


@pytest.mark.parametrize(
    ("rule", "where", "read"),
    [
        ({"source": {"nets": ["10.0.0.1/8"]}}, "source.nets[0]", Rule("Allow", source=Match(nets=("10.0.0.0/8",)))),
        ({"source": {"nets": ["10.0.0.1"]}}, "source.nets[0]", Rule("Allow", source=Match(nets=("10.0.0.1/32",)))),
        (
            {"source": {"nets": ["10.0.0.0/8", "10.0.0.0/8"]}},
            "source.nets[1]",
            Rule("Allow", source=Match(nets=("10.0.0.0/8",))),
        ),
        (
            {"source": {"nets": ["fd00::/8", "10.0.0.0/8"]}},
            "source.nets[1]",
            Rule("Allow", source=Match(nets=("10.0.0.0/8", "fd00::/8"))),
        ),
        (
            {"source": {"notNets": ["0.0.0.0/0"]}},
            "source.notNets[0]",
            Rule("Allow", source=Match(not_nets=("0.0.0.0/0",))),
        ),
        (
            {"source": {"nets": [*NETS, "10.1.0.0/24"]}},
            "source.nets",
            Rule("Allow", source=Match(nets=tuple(sorted([*NETS, "10.1.0.0/24"])))),
        ),
        ({"source": {"selector": "global()"}}, "source.selector", Rule("Allow", source=Match(selector=Global()))),
        (
            {"source": {"namespaceSelector": "global() && has(a)"}},
            "source.namespaceSelector",
            Rule("Allow", source=Match(namespace_selector=And((Global(), Has("a"))))),
        ),
        (
            {"source": {"services": {"name": "s"}, "selector": "has(a)"}},
            "source.selector",
            Rule("Allow", source=Match(service=ServiceRef("", "s"), selector=Has("a"))),
        ),
        (
            {"destination": {"services": {"name": "s"}}},
            "destination.services",
            Rule("Allow", destination=Match(service=ServiceRef("", "s"))),
        ),
        ({"protocol": "ICMP", "ipVersion": 6}, "ipVersion", Rule("Allow", "ICMP", 6)),
        ({"icmp": {"type": 8}}, "icmp", Rule("Allow", icmp=IcmpMatch(8))),
        ({"notICMP": {"code": 1}}, "notICMP.code", Rule("Allow", not_icmp=IcmpMatch(None, 1))),
        ({"protocol": "UDP", "http": {"methods": ["GET"]}}, "http", Rule("Allow", "UDP", http=HttpMatch(("GET",)))),
        (
            {"protocol": "ICMP", "destination": {"ports": ["http"]}},
            "destination.ports[0]",
            Rule("Allow", "ICMP", destination=Match(named_ports=("http",))),
        ),
        (
            {"protocol": "tcp", "destination": {"ports": [80]}},
            "protocol",
            Rule("Allow", "TCP", destination=Match(ports=PortSet.of([80]))),
        ),
        ({"destination": {"domains": ["example.com"]}}, "destination['domains']", Rule("Allow")),
        ({"comment": "a"}, None, Rule("Allow")),
    ],
)
def test_a_policy_that_only_the_api_refuses_is_acted_upon_as_converted(
    rule: Any, where: str | None, read: Rule
) -> None:
    """It may have got past the API; a field that Calico does not have is dropped there, and named here."""
    reading = read_policy(with_rule(rule))

    path = "spec.ingress[0]['comment']" if where is None else f"spec.ingress[0].{where}"
    assert {(each.path, each.refused_by) for each in reading.problems} == api(path)
    assert isinstance(reading.value, Policy)
    assert reading.value.ingress == (read,)


@pytest.mark.parametrize(
    "spec",
    [
        [],
        "spec",
        {"order": "1"},
        {"order": float("nan")},
        {"order": 10**400},
        {"tier": 1},
        {"types": "Ingress"},
        {"types": ["ingress"]},
        {"selector": ["a"]},
        {"stagedAction": "Add"},
        {"ingress": {}},
        {"ingress": [None]},
        {"ingress": [{}]},
        {"ingress": [{"action": "allow"}]},
        {"ingress": [{"action": "Allow", "ipVersion": 4.0}]},
        {"ingress": [{"action": "Allow", "protocol": "quic"}]},
        {"ingress": [{"action": "Allow", "protocol": 0}]},
        {"ingress": [{"action": "Allow", "protocol": True}]},
        {"ingress": [{"action": "Allow", "icmp": {"type": "8"}}]},
        {"ingress": [{"action": "Allow", "source": []}]},
        {"ingress": [{"action": "Allow", "source": {"nets": ["everywhere"]}}]},
        {"ingress": [{"action": "Allow", "source": {"nets": "10.0.0.0/8"}}]},
        {"ingress": [{"action": "Allow", "source": {"services": "dns"}}]},
        {"ingress": [{"action": "Allow", "metadata": {"annotations": {"a": 1}}}]},
        {"ingress": [{"action": "Allow", "protocol": "TCP", "source": {"ports": [1.5]}}]},
    ],
)
def test_a_policy_that_cannot_be_understood_is_not_read_in_part(spec: Any) -> None:
    """Leaving a condition out would make a rule wider than what was written."""
    reading = read_policy(an_object("StagedNetworkPolicy", spec))

    assert reading.value is None
    assert reading.problems


@pytest.mark.parametrize(
    "obj",
    [
        {},
        {"kind": "NetworkPolicy"},
        an_object("Tier", {}),
        an_object("NetworkPolicy", {}, name=""),
        an_object("NetworkPolicy", {}) | {"metadata": {}},
        an_object("NetworkPolicy", {}) | {"metadata": []},
        an_object("NetworkPolicy", {}, labels={"a": 1}),
        an_object("NetworkPolicy", {}) | {"apiVersion": "networking.k8s.io/v1"},
        an_object("NetworkPolicy", {}) | {"apiVersion": None},
    ],
)
def test_what_is_no_calico_policy_is_not_read(obj: Any) -> None:
    """Kubernetes has a NetworkPolicy too, which means something else."""
    reading = read_policy(obj)

    assert reading.value is None
    assert reading.problems


def test_a_staged_kubernetes_policy_loses_the_rules_that_calico_cannot_convert() -> None:
    """They are named, and what they would have allowed is denied."""
    spec = {"podSelector": {}, "ingress": [{"ports": [{"port": 0}]}, {}], "policyTypes": ["Ingress"]}

    reading = read_policy(an_object("StagedKubernetesNetworkPolicy", spec))

    assert isinstance(reading.value, KubernetesPolicy)
    assert reading.value.ingress == (KubernetesRule(),)
    assert {(each.path, each.refused_by) for each in reading.problems} == api("spec.ingress[0].ports[0].port")


@pytest.mark.parametrize("read", [read_tier, read_network_set, read_host_endpoint])
def test_each_reader_reads_its_own_kinds_only(read: Any) -> None:
    """A policy is none of them."""
    reading = read(an_object("NetworkPolicy", {}))

    assert reading.value is None
    assert [problem.path for problem in reading.problems] == ["kind"]
