"""Say what an inventory and its policies tell, in the words of the samples' table of facts."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ringfence.model.cluster import Cluster
from ringfence.model.controller import Controller
from ringfence.model.endpoint import Workload
from ringfence.model.kubernetes_policy import KubernetesPolicy, KubernetesRule
from ringfence.model.policy_set import AnyPolicy
from ringfence.model.selector import matches
from ringfence.model.service import Callback, Service, ServicePort
from ringfence.rules.backends import Backend, Backends
from ringfence.rules.callbacks import called_backends
from ringfence.semantics.label_selectors import selector_of

DEFAULT_DNS = "ClusterFirst"
_CALLBACKS = {
    "ValidatingWebhookConfiguration": "ValidatingWebhook",
    "MutatingWebhookConfiguration": "MutatingWebhook",
    "APIService": "APIService",
    "CustomResourceDefinition": "CRD",
}
_BESIDE = {"CRD": " conversion webhook"}


@dataclass(frozen=True, slots=True)
class Told:
    """A fact as far as objects tell it, and what of the written one they do not."""

    text: str
    beside: tuple[str, ...] = ()


BESIDE: tuple[tuple[str, str], ...] = (
    (r"; probes on undeclared [0-9, ]+$", "probes are the node's own traffic and not in the inventory"),
    (r" publishNotReadyAddresses(?=[:,])", "policies follow every address, ready or not"),
    (r",? dnsPolicy ClusterFirst(?![A-Za-z])", "written or not, it is the default"),
    (r" no policyTypes(?= on )", "the API fills in its default"),
    (r" clusterIP CLUSTER_DNS_IP", "no address; the reading tells it as a problem"),
)
"""Parts of a fact that cluster objects, as policies need them, do not hold, and why."""


def normal(fact: str) -> Told:
    """Return a fact without what objects do not tell, its lists in one order."""
    beside = tuple(dict.fromkeys(reason for pattern, reason in BESIDE if re.search(pattern, fact)))
    fact = fact.replace(" no policyTypes on ", " Ingress on ").replace("Fail (default)", "Fail")
    for pattern, _ in BESIDE:
        fact = re.sub(pattern, "", fact)
    fact = re.sub(r"`(\w+) -/", r"`\1 default/", fact)
    fact = re.sub(r"^(`Job [^`]*)-\*`", r"\1`", fact)
    head, colon, rest = fact.partition("`: ")
    host, middle, more = fact.partition("**host network**: ")
    if fact.startswith(("`NetworkPolicy", "`CronJob")) or "hook" in fact:
        return Told(fact.replace("Egress/Ingress", "Ingress/Egress"), beside)
    if middle:
        return Told(f"{host}{middle}{_sorted(more)}", beside)
    return Told(f"{head}{colon}{_sorted(rest)}" if colon else fact, beside)


def _sorted(listed: str) -> str:
    ports, at, behind = re.split(r"( @ | — |$)", listed, maxsplit=1)
    return ", ".join(sorted(ports.split(", "))) + at + behind


def told(cluster: Cluster) -> set[str]:
    """Return the facts that a cluster's objects tell."""
    backends = Backends(cluster.inventory)
    return {
        *(normal(_controller(each)).text for each in cluster.inventory.controllers),
        *(normal(_service(each, cluster, backends)).text for each in cluster.inventory.services),
        *(normal(each).text for each in _callbacks(cluster.inventory.callbacks, backends)),
        *(normal(_policy(each, cluster)).text for each in cluster.policies.policies if _is_kubernetes(each)),
    }


def _controller(each: Controller) -> str:
    spec = each.template
    ports = ", ".join(
        f"{port.port}/{port.protocol}"
        + (f"(hostPort {port.host_port})" if port.host_port is not None and not spec.host_network else "")
        for port in spec.ports
    )
    described = [f"`{each.kind} {each.namespace}/{each.name}`"]
    if spec.host_network:
        described.append(" **host network**")
    if spec.dns.policy != DEFAULT_DNS:
        described.append(f"{',' if spec.host_network else ''} dnsPolicy {spec.dns.policy}")
    if each.schedule is not None:
        described.append(f" schedule `{each.schedule.cron}`")
    if not spec.labels.pairs and each.kind in {"Job", "CronJob"}:
        described.append(f"{',' if each.schedule is not None else ''} pod template has no labels")
    return "".join(described) + (f": {ports}" if ports else "")


def _service(each: Service, cluster: Cluster, backends: Backends) -> str:
    kind = " headless" if each.headless else "" if each.type == "ClusterIP" else f" {each.type}"
    local = ", externalTrafficPolicy Local" if each.external_traffic_policy == "Local" else ""
    behind = {port: backends.behind(each, port) for port in each.ports}
    ports = ", ".join(_port(port, behind[port], cluster) for port in each.ports)
    workloads = _names({backend.workload for some in behind.values() for backend in some})
    found = f" @ {workloads}" if workloads else " — selects **no workload in the files**"
    return f"`Service {each.namespace}/{each.name}`{kind}{local}: {ports}{found}"


def _port(port: ServicePort, behind: Sequence[Backend], cluster: Cluster) -> str:
    node = f" nodePort {port.node_port}" if port.node_port is not None else ""
    if isinstance(port.target, str):
        numbers = "/".join(sorted({str(each.port) for each in behind}))
        return f"{port.port}/{port.protocol}→{port.target}{f'={numbers}' if numbers else ''}{node}"
    declared = any(_declares(each, cluster) for each in behind)
    missing = "" if declared or not behind else " (no such container port declared)"
    return f"{port.port}/{port.protocol}→{port.target}{missing}{node}"


def _declares(backend: Backend, cluster: Cluster) -> bool:
    return any(
        (each.kind, each.namespace, each.name)
        == (backend.workload.kind, backend.workload.namespace, backend.workload.name)
        and any((port.protocol, port.port) == (backend.protocol, backend.port) for port in each.template.ports)
        for each in cluster.inventory.controllers
    )


def _callbacks(callbacks: Sequence[Callback], backends: Backends) -> Iterator[str]:
    for each in sorted(set(callbacks)):
        kind = _CALLBACKS[each.kind]
        behind = called_backends(each, backends)
        (target,) = sorted({backend.port for backend in behind}) or (0,)
        where = (
            f"{each.service.namespace}/{each.service.name}:{each.port}→{target} @ {_names(b.workload for b in behind)}"
        )
        if kind in {"ValidatingWebhook", "MutatingWebhook"}:
            hooks = [other for other in callbacks if (other.kind, other.name) == (each.kind, each.name)]
            failing = "/".join(sorted({"Ignore" if other.ignored else "Fail" for other in hooks}))
            yield f"`{kind} {each.name}`: {len(hooks)} hook{'s' if len(hooks) > 1 else ''}, {failing} → {where}"
        else:
            yield f"`{kind} {each.name}`{_BESIDE.get(kind, '')} → {where}"


def _names(workloads: Iterable[Workload]) -> str:
    return ", ".join(f"`{each.kind} {each.name}`" for each in sorted(set(workloads), key=lambda each: each.name))


def _is_kubernetes(policy: AnyPolicy) -> bool:
    return isinstance(policy, KubernetesPolicy)


def _policy(policy: AnyPolicy, cluster: Cluster) -> str:
    assert isinstance(policy, KubernetesPolicy)
    selector = selector_of(policy.pod_selector)
    selected = _names(
        Workload(each.namespace, each.kind, each.name)
        for each in cluster.inventory.controllers
        if each.namespace == policy.namespace and matches(selector, each.template.labels.as_dict())
    )
    rules = [f"in [{'; '.join(_rule(each) for each in policy.ingress)}]"] if policy.ingress else []
    rules += [f"out [{'; '.join(_rule(each) for each in policy.egress)}]"] if policy.egress else []
    types = "/".join(each for each in ("Ingress", "Egress") if each in policy.types)
    subject = selected or "no workload in the files"
    return f"`NetworkPolicy {policy.namespace}/{policy.name}` {types} on {subject}: {' '.join(rules)}"


def _rule(rule: KubernetesRule) -> str:
    peers = f"{len(rule.peers)} peer{'s' if len(rule.peers) > 1 else ''}" if rule.peers else "any"
    ports = ",".join(f"{each.port}{'' if each.protocol == 'TCP' else f'/{each.protocol}'}" for each in rule.ports)
    return f"{peers}:{ports}" if ports else peers
