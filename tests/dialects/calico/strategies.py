"""Values of every kind that Calico's dialect reads and writes, in the one form in which reading gives them."""

from ipaddress import ip_network

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from ringfence.model.kubernetes_policy import IpBlock, KubernetesPeer, KubernetesPolicy, KubernetesPort, KubernetesRule
from ringfence.model.label_selector import LabelRequirement, LabelSelector
from ringfence.model.labels import Labels
from ringfence.model.network_set_object import NetworkSetObject
from ringfence.model.node import HostEndpoint, HostPort
from ringfence.model.policy import (
    Direction,
    HttpMatch,
    HttpPath,
    IcmpMatch,
    Match,
    Policy,
    Rule,
    ServiceAccounts,
    ServiceRef,
    Tier,
)
from ringfence.model.port import PortRange, PortSet
from ringfence.model.selector import All, And, Equals, Global, Has, In, Not, NotEquals, NotIn, Or, Selector, StartsWith

WITH_PORTS = ("TCP", "UDP", "SCTP")

texts = st.text(max_size=5)
names = st.text("abc-.1", min_size=1, max_size=8)
pairs: SearchStrategy[tuple[tuple[str, str], ...]] = st.dictionaries(texts, texts, max_size=2).map(
    lambda mapping: tuple(sorted(mapping.items()))
)
labels = st.builds(Labels, pairs)
numbers = st.floats(allow_nan=False, allow_infinity=False)
directions: SearchStrategy[tuple[Direction, ...]] = st.sampled_from([("Ingress",), ("Egress",), ("Ingress", "Egress")])
staged_actions = st.sampled_from(["Set", "Learn", "Ignore"])

_keys = st.sampled_from(["app", "projectcalico.org/namespace", "in"])
_tests: SearchStrategy[Selector] = st.one_of(
    st.builds(All),
    st.builds(Global),
    st.builds(Has, _keys),
    *(st.builds(kind, _keys, st.text("ab' ", max_size=3)) for kind in (Equals, NotEquals, StartsWith)),
    *(st.builds(kind, _keys, st.lists(st.sampled_from(["x", "y"])).map(tuple)) for kind in (In, NotIn)),
)
selectors: SearchStrategy[Selector] = st.recursive(
    _tests,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        *(st.builds(kind, st.lists(inner, min_size=2, max_size=3).map(tuple)) for kind in (And, Or)),
    ),
    max_leaves=4,
)


def optional(strategy: SearchStrategy[Selector]) -> SearchStrategy[Selector | None]:
    """Return the strategy's values, or None."""
    return st.none() | strategy


networks = st.one_of(
    *(
        st.tuples(st.ip_addresses(v=version), st.integers(0, longest)).map(
            lambda parts: str(ip_network(parts, strict=False))
        )
        for version, longest in ((4, 32), (6, 128))
    )
)
nets = st.none() | st.lists(networks, min_size=1, max_size=3).map(lambda found: tuple(sorted(set(found))))
port_ranges = st.lists(st.integers(1, 65535), min_size=2, max_size=2).map(lambda ends: PortRange(min(ends), max(ends)))
port_sets = st.lists(port_ranges, min_size=1, max_size=3).map(PortSet.of)
port_names = st.from_regex(r"\A[a-z][a-z0-9_.-]{0,5}\Z")
port_name_lists = st.lists(port_names, max_size=2).map(tuple)
services = st.builds(ServiceRef, st.just("") | names, names)
service_accounts = st.builds(ServiceAccounts, st.lists(names, max_size=2).map(tuple), optional(selectors))
icmp_matches = st.builds(IcmpMatch, st.none() | st.integers(0, 254), st.none() | st.integers(0, 255))
http_matches = st.builds(
    HttpMatch,
    st.lists(st.sampled_from(["GET", "PUT"]), max_size=2).map(tuple),
    st.lists(st.builds(HttpPath, names, st.booleans()), max_size=2).map(tuple),
)


def matches(*, numbered: bool) -> SearchStrategy[Match]:
    """Return one side of a rule, with numbers of ports only where the rule has a protocol that has ports."""
    ports = st.none() | port_sets if numbered else st.none()
    return st.just(Match()) | st.builds(
        Match,
        selector=optional(selectors),
        namespace_selector=optional(selectors),
        nets=nets,
        not_nets=nets,
        ports=ports,
        service=st.none() | services,
        not_selector=optional(selectors),
        service_accounts=st.none() | service_accounts,
        named_ports=port_name_lists,
        not_ports=ports,
        not_named_ports=port_name_lists,
    )


def _rules_of(protocols: SearchStrategy[str | None], *, numbered: bool) -> SearchStrategy[Rule]:
    return st.builds(
        Rule,
        action=st.sampled_from(["Allow", "Deny", "Pass", "Log"]),
        protocol=protocols,
        ip_version=st.sampled_from([None, 4, 6]),
        icmp=st.none() | icmp_matches,
        source=matches(numbered=numbered),
        destination=matches(numbered=numbered),
        annotations=pairs,
        not_protocol=st.sampled_from([None, "TCP", "ICMP", "89"]),
        not_icmp=st.none() | icmp_matches,
        http=st.none() | http_matches,
    )


rules = _rules_of(st.sampled_from(WITH_PORTS), numbered=True) | _rules_of(
    st.sampled_from([None, "ICMP", "ICMPv6", "UDPLite", "89", "255"]), numbered=False
)
rule_lists = st.lists(rules, max_size=2).map(tuple)

_common = {
    "tier": names,
    "name": names,
    "order": st.none() | numbers,
    "selector": optional(selectors),
    "types": directions,
    "ingress": rule_lists,
    "egress": rule_lists,
    "staged": st.none() | staged_actions,
    "labels": pairs,
    "annotations": pairs,
    "service_account_selector": optional(selectors),
    "performance_hints": st.sampled_from([(), ("AssumeNeededOnEveryNode",)]),
}
policies: SearchStrategy[Policy] = st.one_of(
    st.builds(Policy, namespace=names, **_common),
    st.builds(
        Policy,
        namespace=st.none(),
        namespace_selector=optional(selectors),
        do_not_track=st.booleans(),
        pre_dnat=st.booleans(),
        apply_on_forward=st.booleans(),
        **_common,
    ),
    st.builds(
        Policy,
        tier=names,
        namespace=st.none() | names,
        name=names,
        order=st.none(),
        staged=st.just("Delete"),
        labels=pairs,
        annotations=pairs,
    ),
)
tiers = st.builds(Tier, names, numbers, st.sampled_from(["Deny", "Pass"]), pairs)
network_sets = st.builds(
    NetworkSetObject,
    st.none() | names,
    names,
    labels,
    st.lists(networks | st.ip_addresses().filter(lambda each: not getattr(each, "scope_id", None)).map(str)).map(tuple),
    pairs,
)
host_endpoints = st.builds(
    HostEndpoint,
    names,
    names,
    st.none() | names,
    st.lists(st.ip_addresses().map(str), max_size=2).map(tuple),
    labels,
    st.lists(names, max_size=2).map(tuple),
    st.lists(st.builds(HostPort, names, st.sampled_from([*WITH_PORTS, "89"]), st.integers(1, 65535)), max_size=2).map(
        tuple
    ),
)

label_requirements = st.builds(
    LabelRequirement,
    texts,
    st.sampled_from(["In", "NotIn", "Exists", "DoesNotExist"]),
    st.lists(texts, max_size=2).map(tuple),
)
label_selectors = st.builds(LabelSelector, pairs, st.lists(label_requirements, max_size=2).map(tuple))
kubernetes_ports = st.one_of(
    st.builds(KubernetesPort, st.sampled_from(WITH_PORTS), st.none() | st.integers(1, 65535) | port_names),
    st.builds(
        lambda protocol, ports: KubernetesPort(protocol, ports.first, ports.last),
        st.sampled_from(WITH_PORTS),
        port_ranges,
    ),
)
kubernetes_peers = st.builds(
    KubernetesPeer,
    st.none() | label_selectors,
    st.none() | label_selectors,
    st.none() | st.builds(IpBlock, networks, st.lists(networks, max_size=2).map(tuple)),
)
kubernetes_rules = st.builds(
    KubernetesRule,
    st.lists(kubernetes_peers, max_size=2).map(tuple),
    st.lists(kubernetes_ports, max_size=2).map(tuple),
)
kubernetes_rule_lists = st.lists(kubernetes_rules, max_size=2).map(tuple)
kubernetes_policies: SearchStrategy[KubernetesPolicy] = st.builds(
    KubernetesPolicy,
    names,
    names,
    label_selectors,
    directions,
    kubernetes_rule_lists,
    kubernetes_rule_lists,
    st.none() | staged_actions,
    pairs,
    pairs,
)
"""Kubernetes' own, and staged ones that are not staged for deletion."""
