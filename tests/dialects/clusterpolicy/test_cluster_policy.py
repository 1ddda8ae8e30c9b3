"""Cluster policies of both versions, read and written: round trips, what the API refuses, and real files."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ringfence.dialects.clusterpolicy.read import read_cluster_policy
from ringfence.dialects.clusterpolicy.render import render_cluster_policy
from ringfence.model.cluster_policy import (
    ClusterPolicy,
    ClusterRule,
    DomainsPeer,
    NamedPort,
    NamespacesPeer,
    NetworksPeer,
    NodesPeer,
    NumberedPorts,
    PodsPeer,
    UnknownPeer,
    UnknownPorts,
)
from ringfence.model.label_selector import LabelSelector
from tests.dialects.calico.strategies import label_selectors, pairs, port_ranges

subjects = st.builds(NamespacesPeer, label_selectors) | st.builds(PodsPeer, label_selectors, label_selectors)
egress_peers = st.one_of(
    subjects,
    st.builds(NetworksPeer, st.lists(st.sampled_from(["10.0.0.0/8", "fd00::/8"]), min_size=1, max_size=2).map(tuple)),
    st.builds(NodesPeer, label_selectors),
    st.builds(DomainsPeer, st.just(("*.example.com",))),
)
ports = st.one_of(
    st.builds(
        lambda protocol, each: NumberedPorts(protocol, each.first, each.last),
        st.sampled_from(["TCP", "UDP", "SCTP"]),
        port_ranges,
    ),
    st.builds(NamedPort, st.just("http")),
)


def rules_of(peers: st.SearchStrategy[Any], actions: list[str]) -> st.SearchStrategy[Any]:
    """Return lists of rules with these peers and actions."""
    return st.lists(
        st.builds(
            ClusterRule,
            st.sampled_from(actions),
            st.lists(peers, min_size=1, max_size=2).map(tuple),
            st.lists(ports, max_size=2).map(tuple),
            st.sampled_from(["", "a rule"]),
        ),
        max_size=2,
    ).map(tuple)


def policies_of(version: str, tier: str, actions: list[str]) -> st.SearchStrategy[ClusterPolicy]:
    """Return policies of a version and tier."""
    baseline = (version, tier) == ("v1alpha1", "Baseline")
    return st.builds(
        ClusterPolicy,
        name=st.just("default"),
        tier=st.just(tier),
        priority=st.just(0) if baseline else st.integers(0, 1000),
        subject=subjects,
        ingress=rules_of(subjects, actions),
        egress=rules_of(egress_peers, actions),
        version=st.just(version),
        labels=pairs,
        annotations=pairs,
    )


every_policy = st.one_of(
    policies_of("v1alpha2", "Admin", ["Accept", "Deny", "Pass"]),
    policies_of("v1alpha2", "Baseline", ["Accept", "Deny", "Pass"]),
    policies_of("v1alpha1", "Admin", ["Accept", "Deny", "Pass"]),
    policies_of("v1alpha1", "Baseline", ["Accept", "Deny"]),
)


@given(every_policy)
def test_reading_what_was_written_gives_the_equal_policy(value: ClusterPolicy) -> None:
    """The round trip of all three kinds."""
    assert read_cluster_policy(render_cluster_policy(value)).value == value


def policy(**spec: Any) -> dict[str, Any]:
    """Return a ClusterNetworkPolicy with this spec."""
    base = {"tier": "Admin", "priority": 5, "subject": {"namespaces": {}}}
    return {
        "apiVersion": "policy.networking.k8s.io/v1alpha2",
        "kind": "ClusterNetworkPolicy",
        "metadata": {"name": "p"},
        "spec": base | spec,
    }


def rule(**fields: Any) -> dict[str, Any]:
    """Return an egress rule with these fields."""
    return {"action": "Accept", "to": [{"namespaces": {}}]} | fields


@pytest.mark.parametrize(
    ("spec", "path"),
    [
        ({"priority": 1001}, "spec.priority"),
        ({"priority": None}, "spec.priority"),
        ({"tier": "Middle"}, "spec.tier"),
        ({"subject": {"namespaces": {}, "pods": {}}}, "spec.subject"),
        ({"egress": [rule()] * 26}, "spec.egress"),
        ({"egress": [rule(to=[])]}, "spec.egress[0].to"),
        ({"egress": [rule(action="Allow")]}, "spec.egress[0].action"),
        ({"egress": [rule(name="x" * 101)]}, "spec.egress[0].name"),
        ({"egress": [rule(to=[{"moons": {}}])]}, "spec.egress[0].to[0]"),
        ({"egress": [rule(to=[{"networks": ["10.0.0.1"]}])]}, "spec.egress[0].to[0].networks[0]"),
        ({"ingress": [{"action": "Deny", "from": [{"networks": ["10.0.0.0/8"]}]}]}, "spec.ingress[0].from[0]"),
        ({"egress": [rule(protocols=[{"tcp": {}}])]}, "spec.egress[0].protocols[0].tcp.destinationPort"),
        (
            {"egress": [rule(protocols=[{"tcp": {"destinationPort": {"range": {"start": 5, "end": 5}}}}])]},
            "spec.egress[0].protocols[0].tcp.destinationPort.range",
        ),
        (
            {"egress": [rule(protocols=[{"udp": {"destinationPort": {"number": 70000}}}])]},
            "spec.egress[0].protocols[0].udp.destinationPort.number",
        ),
    ],
)
def test_what_the_api_would_refuse_is_told_with_its_place(spec: dict[str, Any], path: str) -> None:
    """One case a rule of the resource definition."""
    assert path in {problem.path for problem in read_cluster_policy(policy(**spec)).problems}


def test_unknown_peers_and_protocols_are_kept_as_unknown() -> None:
    """A newer version's field must make its rule fail closed, so it may not vanish."""
    value = read_cluster_policy(policy(egress=[rule(to=[{"moons": {}}], protocols=[{"quic": {}}])])).value

    assert value is not None
    assert value.egress == (ClusterRule("Accept", (UnknownPeer("moons"),), (UnknownPorts("quic"),)),)
    with pytest.raises(ValueError, match="moons"):
        render_cluster_policy(value)


def test_a_baseline_policy_cannot_pass() -> None:
    """v1alpha1's baseline knows Allow and Deny only."""
    value = ClusterPolicy(
        "default",
        "Baseline",
        0,
        NamespacesPeer(LabelSelector()),
        egress=(ClusterRule("Pass", (NamespacesPeer(LabelSelector()),)),),
        version="v1alpha1",
    )

    with pytest.raises(ValueError, match="Pass"):
        render_cluster_policy(value)
    assert render_cluster_policy(replace(value, version="v1alpha2"))["kind"] == "ClusterNetworkPolicy"


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=4),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["to", "action", "namespaces", "networks", "tcp", "protocols"]), inner, max_size=3
            )
        ),
        max_leaves=10,
    ),
    st.sampled_from(["spec", "metadata", "kind"]),
)
def test_hostile_json_never_raises(value: Any, member: str) -> None:
    """A reading without a value says why."""
    reading = read_cluster_policy(policy() | {member: value})

    assert reading.value is not None or reading.problems


@pytest.mark.shared
def test_real_admin_policies_are_read_and_round_trip(shared: Path) -> None:
    """Every admin policy of a peer's samples, and those of the API's own project."""
    folders = [
        shared / "data" / "peers" / "netpol-analyzer" / "anp" / "inputs",
        shared / "data" / "platform" / "policies-network-policy-api",
    ]
    objects = [
        each
        for folder in folders
        for file in sorted(folder.rglob("*.yaml"))
        for each in yaml.safe_load_all(file.read_text())
        if isinstance(each, dict) and str(each.get("apiVersion")).startswith("policy.networking.k8s.io/")
    ]
    assert len(objects) > 60
    for each in objects:
        reading = read_cluster_policy(each)
        assert reading.value is not None, (each, reading.problems)
        assert read_cluster_policy(render_cluster_policy(reading.value)).value == reading.value
