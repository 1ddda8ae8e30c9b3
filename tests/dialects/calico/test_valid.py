"""Why Calico refuses objects of other kinds and any JSON, and how a refusal reads."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.dialects.calico.valid import problems
from ringfence.dialects.problem import Problem
from tests.dialects.calico.refused import NETS, POLICY_KINDS, Fields, Refusals, an_object, api, refusals, with_rule


@pytest.mark.parametrize(
    ("name", "spec", "where"),
    [
        ("a", {}, set()),
        ("a", {"order": 0.5, "defaultAction": "Pass"}, set()),
        ("a", {"order": "first"}, api("spec.order")),
        ("a", {"defaultAction": "Allow"}, api("spec.defaultAction")),
        ("a.b", {}, api("metadata.name")),
        ("x" * 64, {}, api("metadata.name")),
        ("default", {}, set()),
        ("default", {"order": 1_000_000, "defaultAction": "Deny"}, set()),
        ("default", {"order": 1, "defaultAction": "Pass"}, api("spec.order", "spec.defaultAction")),
        ("default", {"order": 0}, api("spec.order")),
        ("kube-admin", {"order": 1000.0, "defaultAction": "Pass"}, set()),
        ("kube-admin", {}, api("spec.order", "spec.defaultAction")),
        ("kube-baseline", {"order": 10_000_000, "defaultAction": "Pass"}, set()),
        ("kube-baseline", {"order": 1000, "defaultAction": "Deny"}, api("spec.order", "spec.defaultAction")),
    ],
)
def test_built_in_tiers_keep_their_place_and_their_end(name: str, spec: Fields, where: Refusals) -> None:
    """Others are free."""
    assert refusals(an_object("Tier", spec, name=name)) == where


@pytest.mark.parametrize("kind", ["NetworkSet", "GlobalNetworkSet"])
def test_a_network_set_takes_addresses_and_networks(kind: str) -> None:
    """Unlike a rule, also single addresses, both families and more than 256; but not Calico's own label."""
    many = {"nets": ["10.0.0.1", "fd00::/8", "10.0.0.1/8", *NETS, "10.1.0.0/24"]}
    labels = {"projectcalico.org/namespace": "a", "site": "b"}

    assert refusals(an_object(kind, many, labels={"site": "b"})) == set()
    assert refusals(an_object(kind, {"nets": ["corp", "fe80::1%1", "::1", "::1"]})) == api(
        "spec.nets[0]", "spec.nets[1]", "spec.nets[3]"
    )
    assert refusals(an_object(kind, {}, labels=labels)) == api("metadata.labels")


@pytest.mark.parametrize(
    ("spec", "where"),
    [
        ({"node": "a", "interfaceName": "*"}, set()),
        ({"node": "a", "expectedIPs": ["10.0.0.1", "fd00::1"], "profiles": ["p"]}, set()),
        ({"node": "a", "interfaceName": "x" * 15, "ports": [{"name": "a", "protocol": 6, "port": 65535}]}, set()),
        ({"interfaceName": "*"}, api("spec.node")),
        ({"node": "", "interfaceName": "*"}, api("spec.node")),
        ({"node": "a"}, api("spec.interfaceName")),
        ({"node": "a", "interfaceName": "", "expectedIPs": []}, api("spec.interfaceName")),
        ({"node": "a", "interfaceName": "x" * 16}, api("spec.interfaceName")),
        ({"node": "a", "expectedIPs": ["10.0.0.0/8", "fe80::1%1"]}, api("spec.expectedIPs[0]", "spec.expectedIPs[1]")),
        (
            {"node": "a", "interfaceName": "*", "ports": [{"name": "a", "protocol": "x", "port": 0}]},
            api("spec.ports[0].protocol", "spec.ports[0].port"),
        ),
        (
            {"node": "a", "interfaceName": "*", "ports": [{}]},
            api("spec.ports[0].name", "spec.ports[0].protocol", "spec.ports[0].port"),
        ),
    ],
)
def test_a_host_endpoint_needs_a_node_and_an_interface_or_an_address(spec: Fields, where: Refusals) -> None:
    """Either is enough to find the host's interface."""
    assert refusals(an_object("HostEndpoint", spec)) == where


@pytest.mark.parametrize(
    ("obj", "where"),
    [
        ({}, api("kind")),
        ({"kind": "Pod"}, api("kind")),
        ({"kind": ["NetworkPolicy"]}, api("kind")),
        ({"kind": "NetworkSet"}, api("apiVersion", "metadata", "spec")),
        (an_object("NetworkSet", {}) | {"apiVersion": "crd.projectcalico.org/v1"}, api("apiVersion")),
        (an_object("NetworkSet", {}) | {"metadata": 1}, api("metadata")),
        (an_object("NetworkSet", {}) | {"metadata": {}}, api("metadata.name")),
        (an_object("NetworkSet", {}) | {"metadata": {"name": 1}}, api("metadata.name")),
        (an_object("NetworkSet", {}) | {"data": 1}, api("['data']")),
        (an_object("NetworkSet", {}) | {"status": {"any": "thing"}}, set()),
        (an_object("NetworkSet", {}, uid="1", managedFields=[{}]), set()),
        (an_object("NetworkSet", {}, namespace="Shop"), api("metadata.namespace")),
        (an_object("NetworkSet", {}, name="a.b.c"), set()),
        (an_object("NetworkSet", {}, labels={"a": None}), api("metadata.labels['a']")),
        (an_object("NetworkPolicy", {}, name="a.b.c"), api("metadata.name")),
        (an_object("NetworkPolicy", {}, name="knp.default.c"), set()),
        (an_object("GlobalNetworkPolicy", {}, name="knp.default.c"), api("metadata.name")),
        (an_object("StagedGlobalNetworkPolicy", {}, name="a.b"), set()),
        (an_object("StagedKubernetesNetworkPolicy", {}, name="A"), api("metadata.name")),
        (an_object("HostEndpoint", {"node": "a", "interfaceName": "*"}, name="a_b"), api("metadata.name")),
    ],
)
def test_an_object_is_judged_by_its_kind_and_name(obj: dict[str, Any], where: Refusals) -> None:
    """Metadata is open, the rest is not."""
    assert refusals(obj) == where


def test_a_problem_tells_what_is_wrong_where_and_who_refuses() -> None:
    """The text that an operator reads."""
    obj = with_rule({"source": {"nets": ["10.0.0.1/8", "10.0.0.1"]}, "destination": {"ports": [80]}})

    assert problems(obj) == (
        Problem(
            "spec.ingress[0].source.nets[0]", "'10.0.0.1/8' has bits set beyond its prefix length; write 10.0.0.0/8"
        ),
        Problem("spec.ingress[0].source.nets[1]", "'10.0.0.1' has no prefix length; write 10.0.0.1/32 for one address"),
        Problem(
            "spec.ingress[0].destination.ports[0]",
            "numbers need a protocol; name TCP, UDP or SCTP, or use named ports",
            "Felix",
        ),
    )


def test_a_reason_stays_short_however_long_the_value_is() -> None:
    """Untrusted text ends up in logs and on screens."""
    huge: Any = "\x1b[31m" * 10_000
    rule = {"action": huge, "protocol": huge, "ipVersion": 1 << 100_000, huge: huge, "source": {"nets": [huge]}}

    found = problems(with_rule(rule))

    assert len(found) == 5
    assert all(len(each.reason) < 250 and each.reason.isprintable() for each in found)
    assert all(len(each.path) < 150 and each.path.isprintable() for each in found)


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(["TCP", "10.0.0.0/8", "global()", "Delete", "Allow", "80:90"]),
)
FIELDS = st.sampled_from(
    (
        *(
            "action",
            "protocol",
            "ipVersion",
            "icmp",
            "type",
            "code",
            "source",
            "destination",
            "nets",
            "notNets",
            "ports",
        ),
        *(
            "selector",
            "services",
            "name",
            "namespace",
            "namespaceSelector",
            "serviceAccounts",
            "http",
            "paths",
            "methods",
        ),
        *("ingress", "egress", "types", "order", "stagedAction", "preDNAT", "node", "expectedIPs", "labels"),
    )
)
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FIELDS, inner, max_size=4), max_leaves=20
)
KINDS = st.sampled_from([*POLICY_KINDS, "StagedKubernetesNetworkPolicy", "Tier", "NetworkSet", "HostEndpoint"])


@given(KINDS, JSON, st.lists(JSON, max_size=2))
def test_any_json_is_judged_without_an_exception(kind: str, junk: Any, rules: list[Any]) -> None:
    """Law: wrong types are problems with a path."""
    objects = (
        {"kind": kind, "metadata": junk, "spec": junk},
        an_object(kind, {"ingress": rules, "egress": rules}),
        with_rule({"source": junk, "destination": junk, "protocol": junk}, kind=kind),
    )

    judged = [each for obj in objects for each in problems(obj)]

    assert all(each.path and each.reason for each in judged)


@pytest.mark.shared
def test_every_policy_of_the_conformance_worlds_is_taken(shared: Path) -> None:
    """Calico's own validator took them all."""
    worlds = [
        world
        for path in sorted((shared / "conformance" / "policy").glob("*.json"))
        for world in json.loads(path.read_bytes())["worlds"]
    ]
    objects = [each for world in worlds for each in world["policies"] if each["apiVersion"].startswith("projectcalico")]

    refused = [problem for each in objects for problem in problems(each)]

    assert len(objects) > 500
    assert refused == []
