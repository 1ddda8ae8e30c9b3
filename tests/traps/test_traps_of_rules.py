"""What rules must mean, and must not: each a trap that a tool of this kind once fell into."""

import random
from pathlib import Path
from typing import Final

import yaml
from msgspec.structs import replace

from ringfence.dialects.calico.limits import MAX_RULES
from ringfence.dialects.calico.render import render_policy
from ringfence.engine.explain import Question, explain
from ringfence.model.endpoint import Host, Network, Workload
from ringfence.model.policy import ServiceRef
from ringfence.model.policy_set import PolicySet
from ringfence.model.selector import All
from ringfence.model.service import ServicePort
from ringfence.recommend.recommend import recommend
from ringfence.recommend.settings import Settings
from ringfence.rules.later_allows import BEFORE_DEFAULT
from ringfence.rules.rule_settings import RuleSettings
from tests.learning.evidence_rows import addresses, both, hit, row, table_of, tcp, udp
from tests.rules.clusters import controller
from tests.rules.declared_world import judge_of, made, pods_of, service, workload, world
from tests.rules.peer_world import passes as lets_pass
from tests.rules.peer_world import permits_in
from tests.traps.small_shop import line, pair, recommended, traced

WEB = controller("Deployment", "web", "app=web")
LEDGER = controller("Deployment", "ledger", "app=ledger", namespace="payments")
DNS = controller("Deployment", "coredns", "k8s-app=kube-dns", namespace="kube-system")
PODS = (*pods_of(WEB, "10.244.1.10"), *pods_of(LEDGER, "10.244.2.10"), *pods_of(DNS, "10.244.2.53"))
CLUSTER = world(WEB, LEDGER, DNS, pods=PODS)
TO_WEB = tcp(workload(LEDGER), workload(WEB), 8080)
TO_LEDGER = tcp(workload(WEB), workload(LEDGER), 8080)
EVERYWHERE = Settings(namespaces=All())
WEB_OF_PEERS = Workload("shop", "Deployment", "web")
_DENIED: Final = "0|default|staging/default.team|deny|-1"
_MEBIBYTE: Final = 1 << 20


def test_trap_04_equal_labels_in_two_namespaces_are_two_peers(tmp_path: Path) -> None:
    """The web of staging is not the web of the shop, at either granularity."""
    for grain in ("namespace", "workload"):
        found = recommended(tmp_path, *pair("shop/web", "payments/ledger", 5432), options=["--by", grain])

        assert found.passes("shop/web", "payments/ledger", 5432)
        assert not found.passes("staging/web", "payments/ledger", 5432)


def test_trap_05_two_ports_of_one_pair_are_both_learnt(tmp_path: Path) -> None:
    """And no third."""
    found = recommended(
        tmp_path, *pair("shop/web", "payments/ledger", 5432), *pair("shop/web", "payments/ledger", 9090)
    )

    asked = {port: found.passes("shop/web", "payments/ledger", port) for port in (5432, 9090, 9091)}
    assert asked == {5432: True, 9090: True, 9091: False}


def test_trap_06_every_address_that_one_source_called_is_learnt(tmp_path: Path) -> None:
    """One after another, not the last one only, and nothing between them."""
    called = ("203.0.113.7", "203.0.113.77", "198.51.100.5")

    found = recommended(tmp_path, *(line("shop/web", each, 443) for each in called))

    assert [found.passes("shop/web", each, 443) for each in (*called, "203.0.113.8")] == [True, True, True, False]


def test_trap_07_no_label_that_a_rollout_or_a_run_changes_is_selected_by(tmp_path: Path) -> None:
    """Of a Deployment, a StatefulSet, a DaemonSet and a Job, at workload granularity, where labels select."""
    hashes = (
        "pod-template-hash=7d9f",
        "controller-revision-hash=web-6d5f",
        "pod-template-generation=3",
        "statefulset.kubernetes.io/pod-name=web-0",
        "apps.kubernetes.io/pod-index=0",
        "controller-uid=c0ffee",
        "batch.kubernetes.io/controller-uid=c0ffee",
        "job-name=web-28",
        "batch.kubernetes.io/job-name=web-28",
        "batch.kubernetes.io/job-completion-index=1",
    )
    own = {"source_labels": {"labels": ["app=web", *hashes]}}

    found = recommended(tmp_path, *pair("shop/web", "payments/ledger", 5432, **own), options=["--by", "workload"])

    assert found.passes("shop/web", "payments/ledger", 5432)
    assert [each for each in hashes if each.partition("=")[0] in found.text] == []


def test_trap_08_a_namespace_is_meant_by_its_name_and_not_by_a_label_somebody_wrote(tmp_path: Path) -> None:
    """Every namespace here claims ``name: shop``."""
    found = recommended(tmp_path, *pair("shop/web", "payments/ledger", 5432))

    assert found.passes("shop/web", "payments/ledger", 5432)
    assert not found.passes("staging/web", "payments/ledger", 5432)
    assert not found.passes("kube-system/coredns", "payments/ledger", 5432)


def test_trap_09_services_without_a_selector_without_an_address_and_of_names() -> None:
    """``kubernetes`` is itself; a headless Service is its pods; an ExternalName is only a name for addresses."""
    headless = replace(
        service("ledger", ServicePort("", "TCP", 8080, 8080), selects="app=ledger", namespace="payments")
    )
    named = replace(service("mail", selects=""), type="ExternalName", selector=())
    cluster = world(WEB, LEDGER, DNS, pods=PODS, services=(headless, named))
    public = tcp(workload(WEB), Network("public"), 25)
    rows = [
        row(tcp(workload(WEB), Network("private"), 6443), service=ServiceRef("default", "kubernetes")),
        row(TO_LEDGER, service=ServiceRef("payments", "ledger")),
        row(public, service=ServiceRef("shop", "mail"), servers=addresses("203.0.113.25")),
    ]

    peers = [each.permit.peer for each in made(cluster, *rows).permits]
    judge = judge_of(cluster, *rows)

    assert [type(each).__name__ for each in peers].count("ServicePeer") == 1
    web = judge.pod("shop", "web")
    assert judge.verdict(web, judge.at("192.168.1.1"), 6443) == "Allow"
    assert judge.verdict(web, judge.pod("payments", "ledger"), 8080) == "Allow"
    assert judge.verdict(web, judge.at("203.0.113.25"), 25) == "Allow"
    assert judge.verdict(web, judge.at("203.0.113.26"), 25) == "Deny"


def test_trap_10_dns_is_udp_and_tcp_on_the_port_that_the_resolver_listens_on() -> None:
    """Seen by UDP only, and with a resolver on 5353 behind a Service on 53."""
    dns = service(
        "kube-dns",
        ServicePort("dns", "UDP", 53, 5353),
        ServicePort("dns-tcp", "TCP", 53, 5353),
        selects="k8s-app=kube-dns",
        namespace="kube-system",
        labels="k8s-app=kube-dns",
        address="10.96.0.10",
    )
    cluster = world(WEB, LEDGER, DNS, pods=PODS, services=(dns,))
    judge = judge_of(cluster, *both(udp(workload(WEB), workload(DNS), 5353)), *both(TO_LEDGER))
    web, resolver = judge.pod("shop", "web"), judge.pod("kube-system", "coredns")

    assert [judge.verdict(web, resolver, 5353, protocol) for protocol in ("UDP", "TCP")] == ["Allow", "Allow"]
    assert judge.verdict(web, resolver, 9153) == "Deny"


def test_trap_11_a_peer_on_the_host_network_is_every_node() -> None:
    """Also by its tunnel, and also where only one node was seen."""
    rows = [row(tcp(Host("node-a"), workload(WEB), 9102), reporter="Destination", clients=addresses("192.168.1.1"))]
    judge = judge_of(CLUSTER, *rows)
    web = judge.pod("shop", "web")

    for address in ("192.168.1.1", "192.168.1.2", "10.244.1.0", "10.244.2.0"):
        assert judge.verdict(judge.at(address), web, 9102) == "Allow"
    assert judge.verdict(judge.at("192.168.1.3"), web, 9102) == "Deny"


def test_trap_12_the_kubelet_probes_its_own_pods_without_a_rule() -> None:
    """What a node opens to its own pods is not policed, so no rule is learnt for it and none is missing."""
    pods = tuple(replace(each, node="node-a") for each in PODS)
    cluster = world(WEB, LEDGER, DNS, pods=pods)
    policies = tuple(replace(each, staged=None) for each in made(cluster, *both(TO_WEB)).policies)
    enforced = PolicySet((BEFORE_DEFAULT,), policies)

    def verdict(source: str) -> str:
        (item,) = explain(cluster.inventory, enforced, Question(source, "shop/web:8080", "enforced")).items
        return item.judgement.verdict

    asked = ("node/node-a", "192.168.1.2", "payments/ledger", "kube-system/coredns")
    assert [verdict(each) for each in asked] == ["Allow", "Deny", "Allow", "Deny"]


def test_trap_13_behind_a_node_port_any_node_may_stand_for_the_client() -> None:
    """One node was seen as the source; tomorrow kube-proxy chooses another."""
    exposed = replace(service("web", ServicePort("", "TCP", 80, 8080, 30080), selects="app=web"), type="NodePort")
    cluster = world(WEB, LEDGER, DNS, pods=PODS, services=(exposed,))
    from_node = tcp(Network("private"), workload(WEB), 8080)
    judge = judge_of(cluster, row(from_node, reporter="Destination", clients=addresses("192.168.1.1")))
    web = judge.pod("shop", "web")

    assert judge.verdict(judge.at("192.168.1.2"), web, 8080) == "Allow"
    assert judge.verdict(judge.at("192.168.1.2"), web, 30080) == "Deny"
    assert judge.verdict(judge.at("10.9.9.9"), web, 8080) == "Deny"


def test_trap_14_silence_isolates_nothing(tmp_path: Path) -> None:
    """No policy where nothing was allowed, no direction without evidence, and ``types`` always written."""
    found = recommended(
        tmp_path,
        *pair("shop/web", "payments/ledger", 5432),
        line("staging/web", "payments/ledger", 5432, action="deny", policies=traced(_DENIED)),
    )

    types = {policy["metadata"]["namespace"]: policy["spec"]["types"] for policy in found.policies}
    assert types == {"payments": ["Ingress"], "shop": ["Egress"]}
    assert found.passes("staging/web", "203.0.113.7", 443)


def test_trap_22_a_wider_net_covers_nothing_of_the_cluster_and_no_metadata_address() -> None:
    """However many addresses may be let in beside those that were seen."""
    rows = [
        row(tcp(WEB_OF_PEERS, Network("public"), 80), servers=addresses("169.254.169.252", "169.254.169.255")),
        row(
            tcp(WEB_OF_PEERS, Network("private"), 80), servers=addresses("192.168.6.255", "192.168.7.0", "192.168.7.3")
        ),
    ]
    permits = permits_in(rows, settings=RuleSettings(false_allow_budget=64))

    for seen in ("169.254.169.252", "169.254.169.255", "192.168.6.255", "192.168.7.0", "192.168.7.3"):
        assert lets_pass(permits, seen, port=80)
    for inside in ("169.254.169.254", "192.168.7.1", "192.168.7.2", "192.168.7.10", "10.244.1.5", "10.96.0.1"):
        assert not lets_pass(permits, inside, port=80)


def test_trap_23_names_are_not_taken_for_what_they_cannot_hold(tmp_path: Path) -> None:
    """Two names share an address, and Calico Open Source has no domain rules: addresses, marked as going stale."""
    found = recommended(
        tmp_path,
        line("shop/web", "203.0.113.7", 443, dest_domains=["api.pay.example"]),
        line("shop/web", "203.0.113.7", 443, dest_domains=["cdn.pay.example"], start_time=1_772_413_200),
        line("shop/web", "203.0.113.9", 443, dest_domains=["api.pay.example"], start_time=1_772_416_800),
    )

    assert "domains" not in found.text
    assert [found.passes("shop/web", f"203.0.113.{last}", 443) for last in (7, 9, 8)] == [True, True, False]
    assert [bool(each.get("coarse")) for each in found.permits if each["source"] == "Observed"] == [True]


def test_trap_26_a_namespaces_policy_names_no_workload_of_another(tmp_path: Path) -> None:
    """Who may read the policy of the shop learns which namespaces it speaks to and not who is in them."""
    found = recommended(tmp_path, *pair("shop/web", "payments/ledger", 5432), options=["-n", "shop"])

    assert "payments" in found.text
    assert "ledger" not in found.text


def test_trap_27_order_and_names_are_those_of_the_content(tmp_path: Path) -> None:
    """Whatever the order of the lines."""
    records = [
        *pair("shop/web", "payments/ledger", 5432),
        *pair("staging/web", "payments/ledger", 9090),
        *pair("shop/db", "shop/web", 8080),
        *(line("shop/web", f"203.0.113.{last}", 443) for last in range(5)),
    ]
    usual = recommended(tmp_path, *records)

    for seed in range(3):
        shuffled = random.Random(seed).sample(records, len(records))
        assert recommended(tmp_path, *shuffled).policies == usual.policies


def test_trap_28_no_object_is_larger_than_the_api_takes() -> None:
    """More rules than one policy may have are several policies, each far below the size of an object in etcd."""
    peers = [Workload(f"team-{number:04}", "Deployment", "app") for number in range(MAX_RULES + 100)]
    rows = [each for peer in peers for each in both(tcp(peer, WEB_OF_PEERS, 8080))]

    found, _ = recommend(table_of(rows), settings=EVERYWHERE, namespaces=frozenset({"shop"}))

    (item,) = found.items
    assert len(item.policies) > 1
    assert sum(len(policy.ingress) for policy in item.policies) >= len(peers)
    assert all(len(policy.ingress) <= MAX_RULES for policy in item.policies)
    assert all(len(yaml.safe_dump(render_policy(policy))) < _MEBIBYTE for policy in item.policies)


def test_trap_29_what_our_enforced_policy_allows_is_learnt_anew() -> None:
    """Nothing has to be deleted to learn again, and the same traffic gives the same content."""
    first, _ = recommend(table_of(both(TO_LEDGER)), settings=EVERYWHERE)
    again, _ = recommend(table_of(both(TO_LEDGER, trace=(hit("namespace-isolation"),))), settings=EVERYWHERE)

    assert [each.content_id for each in again.items] == [each.content_id for each in first.items]
    assert len(first.items) == 2


def test_trap_30_a_kubernetes_policy_of_order_1000_still_decides(tmp_path: Path) -> None:
    """Ours stand in a tier before it and pass on, so neither order nor name decides between them."""
    guard = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"namespace": "payments", "name": "guard"},
        "spec": {
            "podSelector": {},
            "policyTypes": ["Ingress"],
            "ingress": [{"ports": [{"protocol": "TCP", "port": 9090}]}],
        },
    }
    found = recommended(
        tmp_path, *pair("shop/web", "payments/ledger", 5432), *pair("shop/web", "payments/ledger", 9090)
    )

    assert {port: found.passes("shop/web", "payments/ledger", port, beside=[guard]) for port in (5432, 9090, 9091)} == {
        5432: False,
        9090: True,
        9091: False,
    }
