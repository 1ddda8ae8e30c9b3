"""What a cluster of today has beside its applications: an operator, telemetry, telephony, doors from outside.

Promises: every edge here is legitimate and between namespaces of its own or from outside, so none can excuse what
refusals try. Clients that come through nodes (NodePort, the API server, host-network agents) carry node or tunnel
addresses, as source address translation leaves them.
"""

from dataclasses import dataclass, replace
from random import Random
from typing import Final

from ringfence_lab.edge import Edge, Service
from ringfence_lab.endpoint import Workload
from ringfence_lab.outside import (
    api_server,
    api_server_tunnel,
    internet6,
    node_addresses,
    partners,
    tunnel_addresses,
)
from ringfence_lab.part import Part, busy, call, workload
from ringfence_lab.rhythm import Constant, Scheduled

PLATFORM_NAMESPACE: Final = "platform-system"
TELEPHONY_NAMESPACE: Final = "telephony"
SIP_PORT: Final = 5061
CROWDED_FROM: Final = 8
"""From so many application namespaces on, the internet also calls by IPv6."""

_ALWAYS: Final = Constant(1.0)
_MONTH_END: Final = Scheduled("monthly", 22 * 60, 4)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is added to a plain blueprint. ``agents`` are DaemonSets on the host network, which no line names."""

    part: Part
    agents: tuple[Workload, ...]


def surroundings(applications: Part, *, nodes: int, size: int, random: Random) -> Surroundings:
    """Draw everything around the applications of a plain blueprint, given with its platform."""
    part = _operator(nodes, random) + _telephony(size, nodes, random) + _metrics(nodes, random)
    part += _month_end(applications, random) + _node_port(applications, nodes)
    agents = (
        replace(workload(PLATFORM_NAMESPACE, "node-agent", random=random, kind="DaemonSet"), host_network=True),
        replace(workload("kube-system", "calico-node", random=random, kind="DaemonSet"), host_network=True),
    )
    return Surroundings(part + _watched(part, applications), agents)


def _operator(nodes: int, random: Random) -> Part:
    operator = _account(workload(PLATFORM_NAMESPACE, "operator", random=random, replicas=2), "operator")
    telemetry = workload(PLATFORM_NAMESPACE, "telemetry-gateway", random=random, replicas=2)
    admission = Service(PLATFORM_NAMESPACE, "operator-webhook", "https")
    edges = (
        replace(call(operator, api_server(), 6443, rhythm=_ALWAYS), service=Service("default", "kubernetes", "https")),
        replace(call(api_server_tunnel(), operator, 9443, rhythm=Constant(0.4)), service=admission),
        call(tunnel_addresses(nodes), telemetry, 4317, rhythm=_ALWAYS, traffic="bulk"),
    )
    return Part((operator, telemetry), edges)


def _metrics(nodes: int, random: Random) -> Part:
    server = _account(workload("kube-system", "metrics-server", random=random, replicas=2), "metrics-server")
    edges = (
        call(server, node_addresses(nodes), 10250, rhythm=_ALWAYS, traffic="scrape"),
        replace(
            call(server, api_server(), 6443, rhythm=busy(random)), service=Service("default", "kubernetes", "https")
        ),
        replace(call(api_server_tunnel(), server, 10251, rhythm=Constant(0.7)), service=None),
    )
    return Part((server,), edges)


def _telephony(size: int, nodes: int, random: Random) -> Part:
    """Draw a dual-stack namespace whose pods talk to each other by IPv6, behind a balancer that hides its clients."""
    sip = workload(TELEPHONY_NAMESPACE, "sip", random=random, replicas=2, role="frontend")
    media = workload(TELEPHONY_NAMESPACE, "media", random=random, replicas=3)
    directory = workload(TELEPHONY_NAMESPACE, "directory", random=random, kind="StatefulSet", replicas=2)
    inside = (
        call(sip, media, 5060, rhythm=_ALWAYS, protocol="UDP", direct=True),
        call(sip, directory, 3890, rhythm=busy(random)),
        call(media, directory, 3890, rhythm=Constant(0.3)),
        call(directory, directory, 3891, rhythm=_ALWAYS, direct=True),
    )
    balanced = replace(node_addresses(nodes), name="load-balancer-clients")
    phones = call(balanced, sip, SIP_PORT, rhythm=Constant(0.8, diurnal=True))
    edges = (*(replace(edge, family=6) for edge in inside), phones)
    if size >= CROWDED_FROM:
        crowd = call(internet6(), sip, SIP_PORT, rhythm=Constant(0.8, diurnal=True), direct=True)
        edges = (*edges, replace(crowd, family=6))
    return Part((sip, media, directory), edges)


def _month_end(applications: Part, random: Random) -> Part:
    """Draw the job that closes the month wherever there is a result store."""
    jobs: list[Workload] = []
    edges: list[Edge] = []
    for store in (known for known in applications.workloads if known.name == "results"):
        job = workload(store.namespace, "month-close", random=random, kind="CronJob", replicas=1, role="job")
        jobs.append(job)
        edges.append(call(job, store, 5432, rhythm=_MONTH_END, traffic="bulk"))
        edges.append(call(job, partners(), 8443, rhythm=_MONTH_END))
    return Part(tuple(jobs), tuple(edges))


def _node_port(applications: Part, nodes: int) -> Part:
    """Draw the clients of a NodePort: what reaches the pods comes from the nodes."""
    fronts = [known for known in applications.workloads if known.name in {"web", "viewer"}]
    through = replace(node_addresses(nodes), name="node-port-clients")
    return Part((), tuple(call(through, front, 8080, rhythm=Constant(0.5, diurnal=True)) for front in fronts[:2]))


def _watched(part: Part, applications: Part) -> Part:
    """Let the monitoring that is already there scrape the new workloads, and let them ask DNS."""
    known = {(each.namespace, each.name): each for each in applications.workloads}
    prometheus, dns = known["monitoring", "prometheus"], known["kube-system", "coredns"]
    edges = []
    for each in part.workloads:
        if each.kind != "CronJob":
            edges.append(call(prometheus, each, 9102, rhythm=_ALWAYS, traffic="scrape", direct=True))
        rhythm = _MONTH_END if each.kind == "CronJob" else Constant(0.7)
        asked = call(each, dns, 53, protocol="UDP", rhythm=rhythm, traffic="name")
        edges.append(replace(asked, service=Service("kube-system", "kube-dns", "dns")))
    return Part((), tuple(edges))


def _account(known: Workload, name: str) -> Workload:
    return replace(known, service_account=name)
