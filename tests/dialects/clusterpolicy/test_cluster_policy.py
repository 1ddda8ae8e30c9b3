"""Cluster policies of both versions, read and written: round trips, what the API refuses, and real files."""

from pathlib import Path
from typing import Any, Final

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
    NamespacesPeer,
    NumberedPorts,
    UnknownPeer,
    UnknownPorts,
)
from ringfence.model.label_selector import LabelSelector
from tests.dialects.clusterpolicy.objects import policy, rule
from tests.dialects.clusterpolicy.strategies import cluster_policies


@given(cluster_policies)
def test_reading_what_was_written_gives_the_equal_policy(value: ClusterPolicy) -> None:
    """The round trip of all three kinds, in both tiers."""
    assert read_cluster_policy(render_cluster_policy(value)).value == value


def test_a_range_of_the_old_kinds_in_falling_order_is_not_refused_but_holds_no_port() -> None:
    """*order not validated*: kept as unknown, so that its rule fails closed."""
    ports = [{"portRange": {"start": 90, "end": 80}}]
    obj = policy(egress=[rule(action="Deny", ports=ports)])
    reading = read_cluster_policy(
        obj | {"kind": "AdminNetworkPolicy", "apiVersion": "policy.networking.k8s.io/v1alpha1"}
    )

    assert reading.problems == ()
    assert reading.value is not None
    assert reading.value.egress[0].ports == (UnknownPorts("portRange"),)


def test_a_protocol_without_ports_holds_no_port() -> None:
    """Kept as unknown, so that its rule fails closed."""
    ports = [{"portNumber": {"protocol": "ICMP", "port": 8}}]
    obj = policy(egress=[rule(action="Deny", ports=ports)])
    reading = read_cluster_policy(
        obj | {"kind": "AdminNetworkPolicy", "apiVersion": "policy.networking.k8s.io/v1alpha1"}
    )

    assert reading.value is not None
    assert reading.value.egress[0].ports == (UnknownPorts("portNumber"),)


def test_a_priority_that_no_decoder_takes_is_no_policy() -> None:
    """An int32; what the baseline writes there is not a field of it."""
    assert read_cluster_policy(policy(priority=10**400)).value is None
    baseline = policy(priority=5) | {
        "kind": "BaselineAdminNetworkPolicy",
        "apiVersion": "policy.networking.k8s.io/v1alpha1",
        "metadata": {"name": "default"},
    }
    value = read_cluster_policy(baseline).value
    assert value is not None
    assert value.priority == 0
    with pytest.raises(ValueError, match="no priority"):
        render_cluster_policy(replace(value, priority=5))


def test_ports_of_a_protocol_without_ports_cannot_be_written() -> None:
    """No version has a field for them."""
    odd = ClusterRule("Deny", (NamespacesPeer(LabelSelector()),), (NumberedPorts("ICMP", 8, 8),))

    for version in ("v1alpha1", "v1alpha2"):
        with pytest.raises(ValueError, match="ICMP"):
            render_cluster_policy(
                ClusterPolicy("p", "Admin", 1, NamespacesPeer(LabelSelector()), egress=(odd,), version=version)
            )


@given(cluster_policies)
def test_what_was_written_is_not_refused(value: ClusterPolicy) -> None:
    """But for what the values cannot rule out: a network written twice, and a named port of an address or node."""
    known = (
        "holds a network twice",
        "have no named ports",
        "must hold exactly one of namespaces, pods, networks, nodes",
    )

    for problem in read_cluster_policy(render_cluster_policy(value)).problems:
        assert any(each in problem.reason for each in known), problem


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


FIELDS: Final = [
    *("tier", "priority", "subject", "ingress", "egress", "from", "to", "action", "name", "protocols", "ports"),
    *("namespaces", "pods", "podSelector", "namespaceSelector", "networks", "nodes", "domainNames", "matchExpressions"),
    *("tcp", "destinationPort", "number", "range", "start", "end", "destinationNamedPort"),
    *("portNumber", "portRange", "namedPort", "protocol", "port"),
]
json_values = st.recursive(
    st.none() | st.integers() | st.floats() | st.text(max_size=4) | st.sampled_from(["Accept", "10.0.0.0/8", "TCP"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=4),
    max_leaves=10,
)
KINDS: Final = ["ClusterNetworkPolicy", "AdminNetworkPolicy", "BaselineAdminNetworkPolicy"]


@given(json_values, st.sampled_from(["spec", "metadata", "kind", "apiVersion"]))
def test_hostile_json_never_raises(value: Any, member: str) -> None:
    """A reading without a value says why."""
    reading = read_cluster_policy(policy() | {member: value})

    assert reading.value is not None or reading.problems


@given(json_values, json_values, st.sampled_from(FIELDS), st.sampled_from(KINDS))
def test_hostile_entries_of_a_good_policy_never_raise(value: Any, other: Any, field: str, kind: str) -> None:
    """As deep as entries go, also in what the API would never hold: a policy that was read can be converted."""
    hostile = {"action": "Deny", "to": [{field: value}], "protocols": [{field: other}], "ports": [{field: other}]}
    deep = {"tcp": {"destinationPort": {field: value}}, "portNumber": {field: value}}
    reading = read_cluster_policy(policy(egress=[hostile, rule(protocols=[deep], ports=[deep])]) | {"kind": kind})

    assert reading.problems or reading.value is not None
    if reading.value is not None:
        assert len(reading.value.egress) == 2


WITHOUT_SELECTOR: Final = {
    "anp_demo/anp_gryffindor_gress.yaml": "podSelector",
    "anp_demo/anp_ravenclaw_ingress.yaml": "podSelector",
    "anp_test_10/anp.yaml": "podSelector",
    "anp_test_10_swapping_rules/anp.yaml": "podSelector",
    "anp_test_11/anp.yaml": "podSelector",
    "anp_test_11_swapping_rules/anp.yaml": "podSelector",
    "anp_test_12/anp.yaml": "podSelector",
    "anp_test_12_swapping_rules/anp.yaml": "podSelector",
    "anp_test_8/anp.yaml": "podSelector",
    "anp_test_8_swapping_rules/anp.yaml": "podSelector",
    "example_pods_w_same_owner_and_labels_gap_anp_good/anp.yaml": "namespaceSelector",
    "example_pods_w_same_owner_and_labels_gap_banp_good/banp.yaml": "namespaceSelector",
    "exposure_test_with_anp_12/policies.yaml": "podSelector",
    "exposure_test_with_anp_14/policies.yaml": "podSelector",
}
"""Files of a peer, which reads files without the API, that leave out or set to null a selector that v1alpha1 requires.

*ingress peers: `namespaces`, `pods` (both selectors required).*"""


def cluster_objects(file: Path) -> list[dict[str, Any]]:
    """Return the cluster policies of a file."""
    return [
        each
        for each in yaml.safe_load_all(file.read_text())
        if isinstance(each, dict) and str(each.get("apiVersion")).startswith("policy.networking.k8s.io/")
    ]


@pytest.mark.shared
def test_real_admin_policies_are_read_without_problems_but_for_those_named(shared: Path) -> None:
    """Nothing else of the peer's files is refused, and those are refused for that selector only."""
    folder = shared / "data" / "peers" / "netpol-analyzer" / "anp" / "inputs"
    refused: dict[str, set[str]] = {}
    for file in sorted(folder.rglob("*.yaml")):
        for each in cluster_objects(file):
            for problem in read_cluster_policy(each).problems:
                place = refused.setdefault(str(file.relative_to(folder)), set())
                place.add(problem.path.rpartition(".")[2])

    assert refused == {file: {selector} for file, selector in WITHOUT_SELECTOR.items()}


@pytest.mark.shared
def test_the_samples_of_the_apis_own_project_are_read_without_problems(shared: Path) -> None:
    """Both versions, as the project's documentation shows them."""
    files = sorted((shared / "data" / "platform" / "policies-network-policy-api").rglob("*.yaml"))
    objects = [each for file in files for each in cluster_objects(file)]

    assert {each["kind"] for each in objects} >= {"AdminNetworkPolicy", "BaselineAdminNetworkPolicy"}
    assert [
        (each["metadata"]["name"], found) for each in objects if (found := read_cluster_policy(each).problems)
    ] == []


@pytest.mark.shared
def test_real_admin_policies_are_read_and_round_trip(shared: Path) -> None:
    """Every admin policy of a peer's samples, and those of the API's own project."""
    folders = [
        shared / "data" / "peers" / "netpol-analyzer" / "anp" / "inputs",
        shared / "data" / "platform" / "policies-network-policy-api",
    ]
    objects = [each for folder in folders for file in sorted(folder.rglob("*.yaml")) for each in cluster_objects(file)]
    assert len(objects) > 60
    for each in objects:
        reading = read_cluster_policy(each)
        assert reading.value is not None, (each, reading.problems)
        assert read_cluster_policy(render_cluster_policy(reading.value)).value == reading.value
