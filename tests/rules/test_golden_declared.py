"""The policy of one namespace with everything that is declared, with and without a snapshot, as people review it.

``REGENERATE=1`` writes the files anew. What they mean is judged beside them by the reference evaluator.
"""

from pathlib import Path
from typing import Final

import pytest
from msgspec.structs import replace

from ringfence.dialects.calico.render import render_policy
from ringfence.dialects.calico.valid import problems
from ringfence.dialects.selector import parse_selector
from ringfence.dialects.yaml_text import yaml_text
from ringfence.model.cluster import Cluster
from ringfence.model.endpoint import Network
from ringfence.model.labels import Labels
from ringfence.model.policy import Match, Policy, Rule, ServiceRef
from ringfence.model.port import PortSet
from ringfence.model.selector import All
from ringfence.model.service import Callback, ServicePort
from ringfence.recommend.recommend import recommend
from ringfence.recommend.settings import Settings
from tests.learning.evidence_rows import addresses, both, row, table_of, tcp, udp
from tests.rules.clusters import controller
from tests.rules.declared_world import NODE_A, Judge, api_slice, pods_of, service, workload, world

GOLDEN: Final = Path(__file__).parent / "golden"
MANAGED: Final = "172.30.5.7"
WEB: Final = controller("Deployment", "web", "app=web")
HOOK: Final = controller("Deployment", "hook", "app=hook")
BATCH: Final = controller("CronJob", "batch", "app=batch", namespace="edge")
LEDGER: Final = controller("Deployment", "ledger", "app=ledger", namespace="payments")
COREDNS: Final = controller("Deployment", "coredns", "k8s-app=kube-dns", namespace="kube-system")
CACHE: Final = controller(
    "DaemonSet", "node-local-dns", "k8s-app=node-local-dns", namespace="kube-system", host_network=True
)
DNS: Final = service(
    "kube-dns",
    ServicePort("dns", "UDP", 53, 53),
    ServicePort("dns-tcp", "TCP", 53, 53),
    selects="k8s-app=kube-dns",
    namespace="kube-system",
    address="10.96.0.10",
)
BALANCED: Final = replace(
    service("web", ServicePort("http", "TCP", 80, 8080, 30080), selects="app=web"),
    type="LoadBalancer",
    source_ranges=("198.51.100.0/24",),
)
HOOKED: Final = service("hook", ServicePort("https", "TCP", 443, 9443), selects="app=hook")
NIGHTLY: Final = Policy(
    "default",
    "shop",
    "nightly",
    100.0,
    selector=parse_selector("app == 'hook'"),
    types=("Ingress",),
    ingress=(
        Rule(
            "Allow",
            "TCP",
            source=Match(parse_selector("app == 'batch'"), All()),
            destination=Match(ports=PortSet.of([9000])),
        ),
        Rule("Allow", "TCP", destination=Match(ports=PortSet.of([9443]))),
    ),
)
"""Lets in a job that did not run while it was watched; the webhook's own port is allowed to everybody."""


def running(*more: object, api_server: str = NODE_A.addresses[0]) -> Cluster:
    """Return the cluster."""
    controllers = (WEB, HOOK, BATCH, LEDGER, COREDNS, *more)
    pods = tuple(
        pod
        for number, each in enumerate(controllers)
        if not each.template.host_network
        for pod in pods_of(each, f"10.244.1.{10 + number}")
    )
    callback = Callback("ValidatingWebhookConfiguration", "hook", ServiceRef("shop", "hook"), 443)
    return world(
        *controllers,
        pods=pods,
        services=(DNS, BALANCED, HOOKED),
        slices=(api_slice(api_server),),
        callbacks=(callback,),
        policies=(NIGHTLY,),
    )


SNAPSHOTS: Final[dict[str, Cluster | None]] = {
    "without-snapshot": None,
    "with-snapshot": running(),
    "with-managed-control-plane": running(api_server=MANAGED),
    "with-nodelocal-dns": running(CACHE),
}
ROWS: Final = (
    *both(tcp(workload(WEB), workload(LEDGER), 5432)),
    *both(udp(workload(WEB), workload(COREDNS))),
    row(tcp(Network("public"), workload(WEB)), reporter="Destination", clients=addresses("198.51.100.9")),
)
LABELS: Final = {workload(COREDNS): Labels.of({"k8s-app": "kube-dns"})}


def policy_of(cluster: Cluster | None) -> Policy:
    """Return the policy that a run makes for the shop."""
    table = table_of(ROWS, labels=LABELS)
    result, _ = recommend(table, settings=Settings(), namespaces=frozenset({"shop"}), cluster=cluster)
    return result.items[0].policies[0]


@pytest.mark.parametrize("name", SNAPSHOTS)
def test_the_policy_is_as_reviewed(name: str, *, regenerate: bool) -> None:
    """And Calico takes it."""
    rendered = render_policy(policy_of(SNAPSHOTS[name]))
    path = GOLDEN / f"declared-{name}.yaml"
    text = yaml_text(rendered)

    if regenerate:
        path.write_text(text, encoding="utf-8")

    assert text == path.read_text(encoding="utf-8")
    assert problems(rendered) == ()


@pytest.mark.parametrize("name", SNAPSHOTS)
def test_the_reviewed_policy_keeps_what_was_seen_and_what_a_snapshot_declares(name: str) -> None:
    """DNS over TCP and another client of the load balancer need no snapshot; the rest does."""
    cluster = SNAPSHOTS[name]
    known = cluster or running()
    judge = Judge(Cluster(known.inventory, replace(known.policies, policies=())), policy_of(cluster))
    web, hook, dns = judge.pod("shop", "web"), judge.pod("shop", "hook"), judge.pod("kube-system", "coredns")

    assert judge.verdict(web, judge.pod("payments", "ledger"), 5432) == "Allow"
    assert judge.verdict(web, dns, 53) == "Allow"
    assert judge.verdict(judge.at("198.51.100.77"), web, 8080) == "Allow"
    declared = "Deny" if cluster is None else "Allow"
    assert judge.verdict(judge.at("192.168.1.2"), web, 8080) == declared
    assert judge.verdict(judge.at("192.168.1.2"), hook, 9443) == declared
    assert judge.verdict(judge.pod("edge", "batch"), hook, 9000) == declared
    assert judge.verdict(judge.pod("edge", "batch"), web, 9000) == "Deny"
    assert judge.verdict(judge.at(MANAGED), web, 9999) == "Deny"
    cached = "Allow" if name == "with-nodelocal-dns" else "Deny"
    assert judge.verdict(web, judge.at("169.254.20.10"), 53, "UDP") == cached
