"""Policies are counted alike, whichever API they are written for."""

import pytest

from ringfence_lab.written_policies import WrittenPolicies, written_policies

CALICO = b"""
kind: Tier
metadata: {name: namespace-isolation}
---
kind: StagedNetworkPolicy
spec:
  types: [Ingress, Egress]
  ingress:
    - {action: Pass, source: {selector: all()}}
    - {action: Pass, protocol: TCP, destination: {ports: [80, '32767:40999', '40000:40999']}}
  egress:
    - {action: Pass, protocol: TCP, destination: {nets: [10.0.0.0/8], ports: [32768]}}
"""
CILIUM = b"""
kind: CiliumNetworkPolicy
spec:
  ingress:
    - {fromEntities: [host]}
    - {toPorts: [{ports: [{port: '80', protocol: TCP}, {port: '60999', protocol: TCP}]}]}
---
kind: CiliumNetworkPolicy
spec:
  egress:
    - {toPorts: [{ports: [{port: '53', protocol: UDP}]}, {ports: [{port: '41000', protocol: TCP}]}]}
"""


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        (CALICO, WrittenPolicies(policies=1, rules=3, dynamic_ports=2)),
        (CILIUM, WrittenPolicies(policies=2, rules=3, dynamic_ports=1)),
        (b"", WrittenPolicies(policies=0, rules=0, dynamic_ports=0)),
        (b"log line\n", WrittenPolicies(policies=0, rules=0, dynamic_ports=0)),
    ],
    ids=["calico", "cilium", "nothing", "no policy"],
)
def test_policies_rules_and_dynamic_ports_are_counted(text: bytes, counts: WrittenPolicies) -> None:
    """A range counts by its first port; a high port that a server keeps open is not dynamic; a tier is no policy."""
    assert written_policies(text, listening={60_999}) == counts


def test_what_is_no_yaml_is_refused() -> None:
    """A program that printed something else has not made policies."""
    with pytest.raises(ValueError, match="no YAML"):
        written_policies(b"{", listening=())
