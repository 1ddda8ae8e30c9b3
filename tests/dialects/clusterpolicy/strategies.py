"""Values of cluster policies that each version can say."""

from typing import Any

from hypothesis import strategies as st

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
)
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


cluster_policies = st.one_of(
    policies_of("v1alpha2", "Admin", ["Accept", "Deny", "Pass"]),
    policies_of("v1alpha2", "Baseline", ["Accept", "Deny", "Pass"]),
    policies_of("v1alpha1", "Admin", ["Accept", "Deny", "Pass"]),
    policies_of("v1alpha1", "Baseline", ["Accept", "Deny"]),
)
