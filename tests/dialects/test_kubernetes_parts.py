"""What Kubernetes' NetworkPolicy and Calico's staged form of it share, read from JSON and written."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.dialects.kubernetes_parts import (
    KubernetesSpec,
    label_selector_json,
    label_selector_of,
    read_kubernetes_spec,
    render_kubernetes_spec,
)
from ringfence.model.kubernetes_policy import IpBlock, KubernetesPeer, KubernetesPolicy, KubernetesPort, KubernetesRule
from ringfence.model.label_selector import LabelRequirement, LabelSelector
from tests.dialects.calico.strategies import kubernetes_policies, label_selectors

WEB = LabelSelector((("app", "web"),))


@pytest.mark.parametrize(
    ("written", "selector"),
    [
        (None, LabelSelector()),
        ({}, LabelSelector()),
        ({"matchLabels": None, "matchExpressions": None}, LabelSelector()),
        ({"matchLabels": {"b": "1", "a": "2"}}, LabelSelector((("a", "2"), ("b", "1")))),
        (
            {"matchExpressions": [{"key": "a", "operator": "In", "values": ["y", "x"]}]},
            LabelSelector((), (LabelRequirement("a", "In", ("y", "x")),)),
        ),
        (
            {"matchExpressions": [{"key": "a", "operator": "Exists", "values": None}]},
            LabelSelector((), (LabelRequirement("a", "Exists"),)),
        ),
        ([], None),
        ("app=web", None),
        ({"matchLabels": {"a": 1}}, None),
        ({"matchLabels": ["a"]}, None),
        ({"matchExpressions": [None]}, None),
        ({"matchExpressions": [{"key": "a"}]}, None),
        ({"matchExpressions": [{"key": "a", "operator": "Gt", "values": ["1"]}]}, None),
        ({"matchExpressions": [{"key": "a", "operator": "In", "values": "x"}]}, None),
    ],
)
def test_a_label_selector_is_read_or_refused_whole(written: Any, selector: LabelSelector | None) -> None:
    """One requirement less would select more."""
    assert label_selector_of(written) == selector


@given(label_selectors)
def test_a_label_selector_is_read_as_it_was_written(selector: LabelSelector) -> None:
    """Law, through JSON."""
    assert label_selector_of(json.loads(json.dumps(label_selector_json(selector)))) == selector


@given(kubernetes_policies)
def test_a_spec_is_read_as_it_was_written(policy: KubernetesPolicy) -> None:
    """Law, through JSON; nothing that the values can hold is left out."""
    spec = read_kubernetes_spec(json.loads(json.dumps(render_kubernetes_spec(policy))))

    assert spec == KubernetesSpec(policy.pod_selector, policy.types, policy.ingress, policy.egress)


def test_a_spec_is_written_with_its_directions() -> None:
    """Calico infers them in two ways, so they always stand there."""
    rule = KubernetesRule(
        (KubernetesPeer(WEB, LabelSelector()), KubernetesPeer(ip_block=IpBlock("10.0.0.0/8", ("10.1.0.0/16",)))),
        (KubernetesPort("TCP", 80, 90), KubernetesPort("UDP", "dns"), KubernetesPort("SCTP")),
    )

    spec = render_kubernetes_spec(KubernetesPolicy("shop", "a", WEB, ("Ingress", "Egress"), (rule,)))

    assert spec == {
        "podSelector": {"matchLabels": {"app": "web"}},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [
            {
                "from": [
                    {"namespaceSelector": {}, "podSelector": {"matchLabels": {"app": "web"}}},
                    {"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]}},
                ],
                "ports": [
                    {"protocol": "TCP", "port": 80, "endPort": 90},
                    {"protocol": "UDP", "port": "dns"},
                    {"protocol": "SCTP"},
                ],
            }
        ],
        "egress": [],
    }


def test_what_is_not_written_is_as_kubernetes_fills_it_in() -> None:
    """All pods, ingress, and egress where there are rules for it; TCP."""
    egress = {"egress": [{"ports": [{"port": 80}, {}]}]}

    assert read_kubernetes_spec({}) == KubernetesSpec()
    assert read_kubernetes_spec({"ingress": [{"from": []}, {"ports": None}]}) == KubernetesSpec(
        ingress=(KubernetesRule(), KubernetesRule())
    )
    rules = (KubernetesRule(ports=(KubernetesPort("TCP", 80), KubernetesPort("TCP"))),)
    assert read_kubernetes_spec(egress) == KubernetesSpec(types=("Ingress", "Egress"), egress=rules)
    assert read_kubernetes_spec(egress, infer_egress=False) == KubernetesSpec(egress=rules)


@pytest.mark.parametrize(
    ("rule", "where"),
    [
        ({"from": [{"ipBlock": {"cidr": "corp"}}]}, "from[0].ipBlock.cidr"),
        ({"from": [{"ipBlock": {"cidr": "10.0.0.1"}}]}, "from[0].ipBlock.cidr"),
        ({"from": [{"ipBlock": {}}]}, "from[0].ipBlock.cidr"),
        ({"from": [{"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16", "x"]}}]}, "from[0].ipBlock.except[1]"),
        ({"ports": [{"protocol": "ICMP"}]}, "ports[0].protocol"),
        ({"ports": [{}, {"port": 0}]}, "ports[1].port"),
        ({"ports": [{"port": 65536}]}, "ports[0].port"),
        ({"ports": [{"port": 80, "endPort": 79}]}, "ports[0].port"),
        ({"ports": [{"port": "http", "endPort": 80}]}, "ports[0].port"),
        ({"ports": [{"endPort": 80}]}, "ports[0].port"),
        ({"ports": [{"port": "a b"}]}, "ports[0].port"),
    ],
)
def test_a_rule_that_calico_cannot_convert_is_left_out_by_name(rule: Any, where: str) -> None:
    """The policy still selects its pods, so what the rule would have allowed is denied."""
    spec = read_kubernetes_spec({"ingress": [rule, {}]})

    assert spec is not None
    assert spec.ingress == (KubernetesRule(),)
    assert [problem.path for problem in spec.problems] == [f"spec.ingress[0].{where}"]


@pytest.mark.parametrize(
    "spec",
    [
        {"podSelector": []},
        {"podSelector": {"matchExpressions": [{"key": "a", "operator": "Gt"}]}},
        {"policyTypes": "Ingress"},
        {"policyTypes": [1]},
        {"policyTypes": ["ingress"]},
        {"ingress": {}},
        {"ingress": [None]},
        {"ingress": [{"from": {}}]},
        {"ingress": [{"from": [None]}]},
        {"ingress": [{"from": [{"ipBlock": []}]}]},
        {"ingress": [{"from": [{"namespaceSelector": 1}]}]},
        {"egress": [{"ports": [80]}]},
        {"egress": [{"ports": [{"port": True}]}]},
        {"egress": [{"ports": [{"port": 1.5}]}]},
        {"egress": [{"ports": [{"port": 80, "endPort": "90"}]}]},
        {"egress": [{"ports": [{"protocol": 6}]}]},
    ],
)
def test_a_spec_of_other_json_types_is_not_understood(spec: Any) -> None:
    """Kubernetes' decoder would refuse all of it."""
    assert read_kubernetes_spec(spec) is None


def test_digits_are_a_number_of_a_port_as_calico_converts_them() -> None:
    """Kubernetes takes no name without a letter."""
    spec = read_kubernetes_spec({"ingress": [{"ports": [{"port": "80"}]}]})

    assert spec is not None
    assert spec.ingress == (KubernetesRule(ports=(KubernetesPort("TCP", 80),)),)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(
                ["matchLabels", "matchExpressions", "from", "ports", "port", "podSelector", "ipBlock", "cidr", "key"]
            ),
            inner,
            max_size=3,
        )
    ),
)


@given(st.dictionaries(st.sampled_from(["podSelector", "ingress", "egress", "policyTypes"]), json_values))
def test_any_json_is_read_or_not_understood(spec: dict[str, Any]) -> None:
    """Law: reading never raises, and what was read is read again as the same."""
    read = read_kubernetes_spec(spec)

    if read is not None:
        policy = KubernetesPolicy("a", "a", read.pod_selector, read.types, read.ingress, read.egress)
        again = read_kubernetes_spec(render_kubernetes_spec(policy))
        assert again == KubernetesSpec(read.pod_selector, read.types, read.ingress, read.egress)
