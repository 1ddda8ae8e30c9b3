"""Write the snapshot that belongs to the flows of a benchmark: a large cluster, of which the flows' world is a part.

Promises: every workload of the flows is there as it stands at their end, owners and all; further workloads, as kubectl
prints them, make it so many pods. Policies are so many, in four tiers: one of security and one of the platform before
ours, ``default`` with Kubernetes' and Calico's, and one after it. Those before ours select every pod and pass on what
they do not deny; those of ``default`` allow what the world does; the last tier allows it in every second namespace. So
what flows show is allowed by a later tier or decided by nobody. One file a kind, as docs/snapshot.md takes them.
"""

import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec

from ringfence_lab.blueprint import Blueprint
from ringfence_lab.clock import DEFAULT_START, Clock
from ringfence_lab.cluster_objects import cluster_objects
from ringfence_lab.draw import draw_blueprint
from ringfence_lab.drawn_policies import drawn_policies
from ringfence_lab.dump import NAMESPACE_PODS, namespace, pod
from ringfence_lab.edge import Edge, TeamPolicy
from ringfence_lab.endpoint import Workload
from ringfence_lab.existing_policies import ExistingPolicies, ExistingPolicy
from ringfence_lab.landscape import Landscape
from ringfence_lab.metadata import Object
from ringfence_lab.moment import unix_seconds
from ringfence_lab.part import Part
from ringfence_lab.policy_objects import CALICO
from ringfence_lab.simulation import PIECES_PER_LINE, Simulation
from ringfence_lab.stream import stream_simulation

_SHARES: Final = {"security": 0.2, "platform": 0.2, "fallback": 0.1}
"""Which part of all policies stands in a tier; ``default`` has the others."""
_ORDERS: Final = {"platform": 500, "fallback": 2_000_000}
_MOST_CALLERS: Final = 20
"""Nobody writes down the callers of what everybody calls, as name servers are."""
_PODS: Final = "has(projectcalico.org/namespace)"


def write_snapshot(folder: Path, *, seed: int, size: int, lines: int, pods: int, policies: int) -> None:
    """Write the cluster of ``size`` namespaces after so many lines of flows; fewer pods than it has are no fewer."""
    blueprint, clock = draw_blueprint(seed=seed, size=size), Clock(unix_seconds(DEFAULT_START))
    simulation = stream_simulation(blueprint, seed=seed, clock=clock)
    _pass_over(simulation, lines)
    shares = {tier: round(policies * share) for tier, share in _SHARES.items()}
    teams = _teams(blueprint, count=policies - sum(shares.values()))
    landscape = Landscape(blueprint, ExistingPolicies(teams), (), (), 53)
    objects, _ = cluster_objects(landscape, simulation.standing, clock=clock)
    objects += [_tier(name, order) for name, order in _ORDERS.items()]
    for tier, count in shares.items():
        governs = _every_second(blueprint) if tier == "fallback" else _PODS
        objects += [_global(tier, number, governs, last=number == count - 1) for number in range(count)]
    more = pods - sum(each["kind"] == "Pod" for each in objects)
    objects += _others(max(0, more), random.Random(seed))
    _write(folder, objects)


def _pass_over(simulation: Simulation, lines: int) -> None:
    while lines > 0:
        lines -= len(simulation.next_window()) // PIECES_PER_LINE


def _teams(blueprint: Blueprint, *, count: int) -> tuple[ExistingPolicy, ...]:
    """Return so many policies in tier ``default``: those that the flows' traces name, then others of their kind."""
    honest = Part(blueprint.workloads, tuple(edge for edge in blueprint.edges if edge.kind != "denied"))
    written = [*blueprint.policies, *_further(honest, known={each.subject for each in blueprint.policies})]
    drawn = drawn_policies(honest, written)
    return tuple(each for each in drawn if each.tier == "default" and not each.staged)[:count]


def _further(part: Part, *, known: set[Workload]) -> Iterator[TeamPolicy]:
    """Yield a policy for each other workload that a few call: Kubernetes' where it can say who calls, else Calico's."""
    calls: dict[Workload, list[Edge]] = {}
    for edge in part.edges:
        if isinstance(edge.server, Workload) and edge.server not in known and edge.kind == "legitimate":
            calls.setdefault(edge.server, []).append(edge)
    for server, edges in calls.items():
        if len(edges) > _MOST_CALLERS:
            continue
        plain = all(isinstance(edge.client, Workload) and edge.port is not None for edge in edges)
        name = f"knp.default.{server.name}-clients" if plain else "default.known-clients"
        yield TeamPolicy(server, "ingress", f"{server.namespace}/{name}", allow_rule=0, deny_rule=-1)


def _tier(name: str, order: int) -> Object:
    spec = {"order": order, "defaultAction": "Deny"}
    return {"apiVersion": CALICO, "kind": "Tier", "metadata": {"name": name}, "spec": spec}


def _every_second(blueprint: Blueprint) -> str:
    """Return the selector of every second namespace of the flows."""
    names = sorted({workload.namespace for workload in blueprint.workloads})[::2]
    return f"projectcalico.org/namespace in {{{', '.join(repr(name) for name in names)}}}"


def _global(tier: str, number: int, governs: str, *, last: bool) -> Object:
    """Return a policy that denies a little. The last one of a tier lets the others go on, or allows them after ours."""
    denied = {"action": "Deny", "protocol": "TCP"}
    net = f"198.18.{number}.0/24"
    ingress: list[Object] = [
        {**denied, "source": {"selector": f"quarantine == 'level-{number}'", "namespaceSelector": "all()"}},
        {**denied, "source": {"nets": [net]}},
    ]
    egress: list[Object] = [
        {**denied, "destination": {"nets": [net], "ports": [23, "6660:6669"]}},
        {**denied, "destination": {"selector": f"quarantine == 'level-{number}'", "namespaceSelector": "all()"}},
    ]
    if last:
        rule = {"action": "Allow" if tier == "fallback" else "Pass"}
        ingress, egress = [*ingress, rule], [*egress, rule]
    spec = {
        "tier": tier,
        "order": 1_000 + number,
        "selector": governs,
        "types": ["Ingress", "Egress"],
        "ingress": ingress,
        "egress": egress,
    }
    name = f"{tier}.guard-{number:03d}"
    return {"apiVersion": CALICO, "kind": "GlobalNetworkPolicy", "metadata": {"name": name}, "spec": spec}


def _others(pods: int, draw: random.Random) -> Iterator[Object]:
    """Yield pods of workloads that the flows do not name, and their namespaces."""
    yield from (namespace(number) for number in range(-(-pods // NAMESPACE_PODS)))
    yield from (pod(number, draw) for number in range(pods))


def _write(folder: Path, objects: Sequence[Object]) -> None:
    files: dict[str, list[Object]] = {}
    for each in objects:
        group = str(each["apiVersion"]).rpartition("/")[0]
        files.setdefault(f"{each['kind']}.{group}".rstrip(".").lower(), []).append(each)
    folder.mkdir(parents=True, exist_ok=True)
    for name, items in sorted(files.items()):
        whole = {"apiVersion": "v1", "items": items, "kind": "List", "metadata": {"resourceVersion": ""}}
        (folder / f"{name}.json").write_bytes(msgspec.json.format(msgspec.json.encode(whole), indent=4))
