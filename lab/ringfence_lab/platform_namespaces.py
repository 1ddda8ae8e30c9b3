"""The namespaces that every cluster has: DNS, ingress, monitoring, one that is quiet and one that is locked down.

Promises: every application workload asks DNS, every served one is scraped, fronts are reached from the internet through
the ingress controller. ``archive`` never speaks; ``sandbox`` only tries.
"""

from dataclasses import replace
from random import Random
from typing import Final

from ringfence_lab.edge import Edge, Service, TeamPolicy
from ringfence_lab.endpoint import Outside, Workload
from ringfence_lab.outside import api_server, collectors, internet, node_addresses, router
from ringfence_lab.part import Part, busy, call, workload
from ringfence_lab.rhythm import Constant, Rhythm, Sporadic

METRICS_PORT: Final = 9102
QUIET_NAMESPACE: Final = "archive"
LOCKED_NAMESPACE: Final = "sandbox"

_ALWAYS: Final = Constant(1.0)
_RARE_TCP_DNS: Final = 4
_FRONTS: Final = ("web", "gateway", "viewer")


def platform(applications: Part, *, nodes: int, random: Random) -> tuple[Part, tuple[TeamPolicy, ...]]:
    """Draw the platform's namespaces around the applications, and the policy that locks the sandbox."""
    ingress = _ingress(applications, random)
    monitoring = _monitoring(applications, nodes, random)
    dns = workload("kube-system", "coredns", random=random)
    dns = replace(dns, labels=(("k8s-app", "kube-dns"),), cadence=30.0, process="/coredns")
    names = _names(dns, applications + ingress + monitoring, random)
    control = Part((dns,), (_control_plane(dns, random), *names))
    quiet = Part(tuple(workload(QUIET_NAMESPACE, name, random=random, replicas=1) for name in ("vault", "viewer")))
    locked, policy = _sandbox(applications.workloads[0], dns, random)
    return ingress + monitoring + control + quiet + locked, (policy,)


def _ingress(applications: Part, random: Random) -> Part:
    controller = workload("ingress-nginx", "ingress-nginx-controller", random=random, replicas=3, role="controller")
    crowd = internet()
    fronts = [front for front in applications.workloads if front.name in _FRONTS]
    edges = (
        call(crowd, controller, 443, rhythm=Constant(1.0, diurnal=True), direct=True),
        call(crowd, controller, 80, rhythm=Constant(0.6, diurnal=True), direct=True),
        *(call(controller, front, 8080, rhythm=Constant(1.0, diurnal=True)) for front in fronts),
        _control_plane(controller, random),
    )
    return Part((controller,), edges)


def _monitoring(applications: Part, nodes: int, random: Random) -> Part:
    prometheus = workload("monitoring", "prometheus", random=random, kind="StatefulSet", replicas=1)
    grafana = workload("monitoring", "grafana", random=random, replicas=1, role="frontend")
    loki = workload("monitoring", "loki", random=random, kind="StatefulSet", replicas=2, role="database")
    shipper = workload("monitoring", "fluent-bit", random=random, kind="DaemonSet")
    blackbox = workload("monitoring", "blackbox", random=random, replicas=1)
    state = workload("monitoring", "kube-state-metrics", random=random, replicas=1)
    served = [target for target in applications.workloads if target.kind != "CronJob"]
    edges = (
        *(call(prometheus, target, METRICS_PORT, rhythm=_ALWAYS, traffic="scrape", direct=True) for target in served),
        call(prometheus, shipper, 2020, rhythm=_ALWAYS, traffic="scrape", direct=True),
        call(prometheus, state, 8080, rhythm=_ALWAYS, traffic="scrape"),
        call(prometheus, node_addresses(nodes), 10250, rhythm=_ALWAYS, traffic="scrape"),
        call(prometheus, collectors(), 9091, rhythm=_ALWAYS, traffic="bulk"),
        call(grafana, prometheus, 9090, rhythm=busy(random)),
        call(grafana, loki, 3100, rhythm=busy(random)),
        call(shipper, loki, 3100, rhythm=_ALWAYS, traffic="bulk"),
        call(loki, loki, 7946, rhythm=_ALWAYS, direct=True),
        call(blackbox, applications.workloads[0], None, protocol="ICMP", rhythm=Constant(0.7), traffic="echo"),
        call(blackbox, router(), None, protocol="ICMP", rhythm=Constant(0.7), traffic="echo"),
        _control_plane(state, random),
    )
    return Part((prometheus, grafana, loki, shipper, blackbox, state), edges)


def _control_plane(client: Workload, random: Random) -> Edge:
    edge = call(client, api_server(), 6443, rhythm=busy(random))
    return replace(edge, service=Service("default", "kubernetes", "https"))


def _names(dns: Workload, part: Part, random: Random) -> list[Edge]:
    """Return DNS edges: each workload asks by UDP in its own rhythm, some fall back to TCP now and then."""
    first_rhythm: dict[Workload, Rhythm] = {}
    for edge in part.edges:
        if isinstance(edge.client, Workload):
            first_rhythm.setdefault(edge.client, edge.rhythm)
    edges = []
    for client in part.workloads:
        rhythm = first_rhythm[client] if client.kind == "CronJob" else Constant(random.choice((1.0, 0.7, 0.3)))
        asked = call(client, dns, 53, protocol="UDP", rhythm=rhythm, traffic="name")
        edges.append(replace(asked, service=Service("kube-system", "kube-dns", "dns")))
        if client.kind == "Deployment" and random.randrange(_RARE_TCP_DNS) == 0:
            long = call(client, dns, 53, rhythm=Sporadic(1.5), traffic="name")
            edges.append(replace(long, service=Service("kube-system", "kube-dns", "dns-tcp")))
    return edges


def _sandbox(front: Workload, dns: Workload, random: Random) -> tuple[Part, TeamPolicy]:
    runner = workload(LOCKED_NAMESPACE, "runner", random=random)
    policy = TeamPolicy(runner, "egress", f"{LOCKED_NAMESPACE}/default.lockdown", allow_rule=0, deny_rule=-1)
    somewhere = Outside("public", "somewhere", ("198.19.0.80",), daily=1)
    tries = (
        call(runner, dns, 53, protocol="UDP", rhythm=Constant(0.3), traffic="name"),
        call(runner, front, 8080, rhythm=Constant(0.1)),
        call(runner, somewhere, 443, rhythm=Constant(0.1)),
    )
    return Part((runner,), tuple(replace(edge, kind="denied", denied_by=policy) for edge in tries)), policy
