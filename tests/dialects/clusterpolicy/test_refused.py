"""Why the API would refuse a cluster policy, one row a rule of its resource definitions (wire-formats 4)."""

from typing import Any, Final

import pytest

from ringfence.dialects.clusterpolicy.read import read_cluster_policy
from tests.dialects.clusterpolicy.objects import policy, rule


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
        ({"egress": [rule(to=[{"networks": []}])]}, "spec.egress[0].to[0].networks"),
        ({"egress": [rule(to=[{"networks": ["10.0.0.0/8"] * 2}])]}, "spec.egress[0].to[0].networks"),
        (
            {"egress": [rule(to=[{"networks": [f"10.{number}.0.0/16" for number in range(26)]}])]},
            "spec.egress[0].to[0].networks",
        ),
        ({"egress": [rule(to=[{"networks": ["10.0.0.0/8" + " " * 40]}])]}, "spec.egress[0].to[0].networks[0]"),
        ({"egress": [rule(to=[{"domainNames": ["a.*.com"]}])]}, "spec.egress[0].to[0].domainNames[0]"),
        ({"egress": [rule(to=[{"domainNames": []}])]}, "spec.egress[0].to[0].domainNames"),
        ({"egress": [rule(to=[{"domainNames": ["example.com"] * 26}])]}, "spec.egress[0].to[0].domainNames"),
        ({"egress": [rule(to=[{"namespaces": {}}] * 26)]}, "spec.egress[0].to"),
        ({"egress": [rule(to=[{"namespaces": {}, "nodes": {}}])]}, "spec.egress[0].to[0]"),
        ({"egress": [rule(to=[{"pods": {}}])]}, "spec.egress[0].to[0].pods.podSelector"),
        ({"subject": {"pods": {"namespaceSelector": {}}}}, "spec.subject.pods.podSelector"),
        (
            {"egress": [rule(to=[{"nodes": {"matchExpressions": [{"key": "a", "operator": "Near"}]}}])]},
            "spec.egress[0].to[0].nodes",
        ),
        ({"egress": [rule(protocols=[])]}, "spec.egress[0].protocols"),
        ({"egress": [rule(protocols=[{"destinationNamedPort": "a"}] * 26)]}, "spec.egress[0].protocols"),
        ({"egress": [rule(protocols=[{"tcp": None}])]}, "spec.egress[0].protocols[0]"),
        (
            {"egress": [rule(to=[{"networks": ["10.0.0.0/8"]}], protocols=[{"destinationNamedPort": "http"}])]},
            "spec.egress[0].protocols[0].destinationNamedPort",
        ),
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


OLD: Final[tuple[tuple[str, dict[str, Any], str], ...]] = (
    ("AdminNetworkPolicy", {"priority": -1}, "spec.priority"),
    ("AdminNetworkPolicy", {"egress": [rule()]}, "spec.egress[0].action"),
    ("AdminNetworkPolicy", {"egress": [rule(action="Pass")] * 101}, "spec.egress"),
    ("AdminNetworkPolicy", {"subject": {"pods": {"podSelector": {}}}}, "spec.subject.pods.namespaceSelector"),
    ("AdminNetworkPolicy", {"egress": [rule(ports=[])]}, "spec.egress[0].ports"),
    (
        "AdminNetworkPolicy",
        {"egress": [rule(ports=[{"portNumber": {"port": 0}}])]},
        "spec.egress[0].ports[0].portNumber.port",
    ),
    (
        "AdminNetworkPolicy",
        {"egress": [rule(ports=[{"portNumber": {"port": 80, "protocol": "ICMP"}}])]},
        "spec.egress[0].ports[0].portNumber.protocol",
    ),
    (
        "AdminNetworkPolicy",
        {"egress": [rule(to=[{"nodes": {}}], ports=[{"namedPort": "http"}])]},
        "spec.egress[0].ports[0].namedPort",
    ),
    ("AdminNetworkPolicy", {"ingress": [{"action": "Deny", "from": [{"nodes": {}}]}]}, "spec.ingress[0].from[0]"),
    ("BaselineAdminNetworkPolicy", {}, "metadata.name"),
    ("BaselineAdminNetworkPolicy", {"egress": [rule(action="Pass")]}, "spec.egress[0].action"),
    ("BaselineAdminNetworkPolicy", {"egress": [rule(to=[{"domainNames": ["a.b"]}])]}, "spec.egress[0].to[0]"),
)


@pytest.mark.parametrize(("kind", "spec", "path"), OLD)
def test_what_the_api_would_refuse_of_the_old_kinds(kind: str, spec: dict[str, Any], path: str) -> None:
    """Their limits, actions and peers are others."""
    obj = policy(**spec) | {"kind": kind, "apiVersion": "policy.networking.k8s.io/v1alpha1"}

    assert path in {problem.path for problem in read_cluster_policy(obj).problems}
