"""Kubernetes' NetworkPolicy, read and written: round trips, defaults, and what the API would refuse."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ringfence.dialects.kubernetes.read import read_network_policy
from ringfence.dialects.kubernetes.render import render_network_policy
from ringfence.model.kubernetes_policy import KubernetesPolicy
from ringfence.model.label_selector import LabelSelector
from tests.dialects.calico.strategies import kubernetes_policies

VECTORS = sorted((Path(__file__).parents[2] / "conformance" / "policy").glob("*.json"))


def policy(**spec: Any) -> dict[str, Any]:
    """Return a NetworkPolicy with this spec."""
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "p", "namespace": "shop"},
        "spec": {"podSelector": {}} | spec,
    }


@given(kubernetes_policies)
def test_reading_what_was_written_gives_the_equal_policy(value: KubernetesPolicy) -> None:
    """The round trip of every value that is not staged."""
    enforced = replace(value, staged=None)

    assert read_network_policy(render_network_policy(enforced)).value == enforced


def test_a_staged_policy_is_not_written_as_an_enforced_one() -> None:
    """Only Calico has a staged kind."""
    with pytest.raises(ValueError, match="staged"):
        render_network_policy(KubernetesPolicy("shop", "p", staged="Set"))


def test_every_policy_of_the_vectors_round_trips() -> None:
    """Real use of ports, peers, expressions and types."""
    objects = [
        each
        for file in VECTORS
        for world in json.loads(file.read_text())["worlds"]
        for each in world["policies"]
        if each["apiVersion"] == "networking.k8s.io/v1"
    ]
    assert len(objects) > 100
    for each in objects:
        reading = read_network_policy(each)
        assert reading.value is not None
        assert reading.problems == (), each
        assert read_network_policy(render_network_policy(reading.value)).value == reading.value


@pytest.mark.parametrize(
    ("spec", "types"),
    [
        ({}, ("Ingress",)),
        ({"egress": []}, ("Ingress",)),
        ({"egress": [{}]}, ("Ingress", "Egress")),
        ({"egress": [{}], "policyTypes": ["Egress"]}, ("Egress",)),
        ({"ingress": [{}]}, ("Ingress",)),
    ],
)
def test_types_are_defaulted_as_the_api_does(spec: dict[str, Any], types: tuple[str, ...]) -> None:
    """Ingress, plus Egress where egress is not empty, unless they are written."""
    value = read_network_policy(policy(**spec)).value

    assert value is not None
    assert value.types == types


@pytest.mark.parametrize(
    ("spec", "path"),
    [
        ({"ingress": [{"from": [{}]}]}, "spec.ingress[0].from[0]"),
        ({"ingress": [{"from": [{"podSelector": {}, "ipBlock": {"cidr": "10.0.0.0/8"}}]}]}, "spec.ingress[0].from[0]"),
        ({"egress": [{"to": [{"ipBlock": {"cidr": "10.0.0.0"}}]}]}, "spec.egress[0].to[0].ipBlock.cidr"),
        (
            {"egress": [{"to": [{"ipBlock": {"cidr": "10.0.0.0/8", "except": ["11.0.0.0/9"]}}]}]},
            "spec.egress[0].to[0].ipBlock.except[0]",
        ),
        (
            {"egress": [{"to": [{"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.0.0.0/8"]}}]}]},
            "spec.egress[0].to[0].ipBlock.except[0]",
        ),
        ({"ingress": [{"ports": [{"port": 0}]}]}, "spec.ingress[0].ports[0].port"),
        ({"ingress": [{"ports": [{"port": "HTTP"}]}]}, "spec.ingress[0].ports[0].port"),
        ({"ingress": [{"ports": [{"protocol": "ICMP"}]}]}, "spec.ingress[0].ports[0].protocol"),
        ({"ingress": [{"ports": [{"port": 90, "endPort": 80}]}]}, "spec.ingress[0].ports[0].endPort"),
        ({"ingress": [{"ports": [{"endPort": 80}]}]}, "spec.ingress[0].ports[0].endPort"),
        ({"ingress": [{"form": []}]}, "spec.ingress[0].form"),
        ({"ingress": [{"ports": [{"protocol": ["TCP"]}]}]}, "spec.ingress[0].ports[0].protocol"),
        ({"ingress": [{"ports": [{"protocol": {"TCP": 80}}]}]}, "spec.ingress[0].ports[0].protocol"),
        ({"ingress": [{"ports": [{"protocol": ""}]}]}, "spec.ingress[0].ports[0].protocol"),
        ({"policyTypes": ["Sideways"]}, "spec.policyTypes"),
        ({"policyTypes": ["Ingress", "Egress", "Ingress"]}, "spec.policyTypes"),
        (
            {"podSelector": {"matchExpressions": [{"key": "a", "operator": "In"}]}},
            "spec.podSelector.matchExpressions[0].values",
        ),
        (
            {"podSelector": {"matchExpressions": [{"key": "a", "operator": "Exists", "values": ["b"]}]}},
            "spec.podSelector.matchExpressions[0].values",
        ),
    ],
)
def test_what_the_api_would_refuse_is_told_with_its_place(spec: dict[str, Any], path: str) -> None:
    """One case a rule of the API's validation."""
    assert path in {problem.path for problem in read_network_policy(policy(**spec)).problems}


def test_a_rule_that_calico_cannot_convert_is_left_out_and_the_policy_still_selects() -> None:
    """It fails closed: the pods are isolated, the rule lets nothing through."""
    reading = read_network_policy(policy(ingress=[{"from": [{"ipBlock": {"cidr": "nonsense"}}]}, {}]))

    assert reading.value is not None
    assert reading.value.pod_selector == LabelSelector()
    assert len(reading.value.ingress) == 1
    assert reading.problems != ()


@pytest.mark.parametrize(
    ("version", "is_there"),
    [("networking.k8s.io/v1", True), ("networking.k8s.io/v1beta1", True), ("projectcalico.org/v3", False), ("", False)],
)
def test_only_kubernetes_own_group_is_read(version: str, *, is_there: bool) -> None:
    """Calico's NetworkPolicy has the same kind; read as this one it would select every pod."""
    reading = read_network_policy(policy() | {"apiVersion": version})

    assert (reading.value is not None) == is_there
    assert ("apiVersion" in {problem.path for problem in reading.problems}) == (version != "networking.k8s.io/v1")


FIELDS = [
    *("podSelector", "namespaceSelector", "matchLabels", "matchExpressions", "key", "operator", "values"),
    *("policyTypes", "ingress", "egress", "from", "to", "ports", "protocol", "port", "endPort"),
    *("ipBlock", "cidr", "except", "apiVersion", "name", "labels"),
]
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["10.0.0.0/8", "Ingress", "In"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=4),
    max_leaves=12,
)


@given(json_values, json_values, st.sampled_from(FIELDS))
def test_hostile_entries_of_a_good_policy_never_raise(value: Any, other: Any, field: str) -> None:
    """As deep as entries go, where the random documents below seldom come."""
    peers = [{"podSelector": {field: value}}, {"ipBlock": {"cidr": "10.0.0.0/8", field: value}}, {field: value}]
    rule = {"from": peers, "ports": [{"port": 80, field: value}, {field: other}]}
    reading = read_network_policy(policy(ingress=[rule, {field: other}]))

    assert reading.problems


@given(json_values, st.sampled_from(["spec", "metadata", "kind"]))
def test_hostile_json_never_raises(value: Any, member: str) -> None:
    """A reading without a value says why."""
    reading = read_network_policy(policy() | {member: value})

    assert reading.value is not None or reading.problems
