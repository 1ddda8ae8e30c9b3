"""Draw a whole world: a plain blueprint, what surrounds it, the policies that are there, and who abuses it.

Promises: one seed, size and length, one landscape. Legitimate edges are allowed by every policy that is there, denied
ones are denied by one of them, attacks go as the policies let them. ``guarded`` are connections that nobody tried and
that a policy would deny. The plain blueprint stays as it is for streams (`draw`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Final

from ringfence_lab.attackers import attacks
from ringfence_lab.blueprint import Blueprint, Growth
from ringfence_lab.draw import draw_blueprint
from ringfence_lab.drawn_policies import drawn_policies
from ringfence_lab.edge import Direction, Edge, TeamPolicy
from ringfence_lab.endpoint import Workload
from ringfence_lab.existing_policies import ExistingPolicies, Hit
from ringfence_lab.outside import blocked_range
from ringfence_lab.part import Part, call
from ringfence_lab.rhythm import Constant, Sporadic
from ringfence_lab.surroundings import surroundings

SIZES: Final = {"small": 3, "default": 12, "large": 50}
"""Names for numbers of application namespaces."""

_DNS_VARIANTS: Final = 3
_OPENSHIFT_DNS: Final = 5353
_GUARDED_PER_POLICY: Final = 3


@dataclass(frozen=True, slots=True)
class Landscape:
    """A world before anything happens in it. ``agents`` are the DaemonSets on the host network."""

    blueprint: Blueprint
    policies: ExistingPolicies
    guarded: tuple[Edge, ...]
    agents: tuple[Workload, ...]
    dns_port: int


def draw_landscape(*, seed: int, size: int, days: int, learn_days: int, with_attacks: bool = True) -> Landscape:
    """Return the landscape of ``size`` application namespaces. Raises ValueError below 1."""
    base = draw_blueprint(seed=seed, size=size)
    random = Random(f"landscape-{seed}")
    whole = Part(base.workloads, base.edges)
    around = surroundings(whole, nodes=base.nodes, size=size, random=random)
    blocked = _blocked(whole, random)
    dns_port = _OPENSHIFT_DNS if seed % _DNS_VARIANTS == 1 else 53
    honest = Part(whole.workloads, tuple(edge for edge in whole.edges if edge.kind != "denied")) + around.part
    refused = tuple(edge for edge in whole.edges if edge.kind == "denied")
    honest = replace(honest, edges=tuple(_asked_at(edge, dns_port) for edge in honest.edges))
    refused = tuple(_asked_at(edge, dns_port) for edge in refused)
    policies = ExistingPolicies(drawn_policies(honest, base.policies))
    hostile = attacks(honest, learn_days=learn_days, random=random) if with_attacks else ()
    denied = tuple(_refused(edge, policies) for edge in (*refused, *blocked))
    judged = tuple(_refused(edge, policies) for edge in hostile)
    blueprint = Blueprint(
        base.nodes,
        honest.workloads,
        (*honest.edges, *denied, *judged),
        base.policies,
        _growth(honest, days),
    )
    guarded = _guarded(honest, (*denied, *judged), policies, base.policies, random)
    return Landscape(blueprint, policies, guarded, around.agents, dns_port)


def _asked_at(edge: Edge, port: int) -> Edge:
    asks = edge.port == 53 and isinstance(edge.server, Workload) and edge.server.name == "coredns"  # noqa: PLR2004 - DNS
    return replace(edge, port=port) if asks else edge


def _blocked(part: Part, random: Random) -> tuple[Edge, ...]:
    """Return attempts to reach what the security team blocks."""
    callers = [known for known in part.workloads if known.name in {"api", "gateway", "registry", "connect"}]
    chosen = random.sample(callers, min(2, len(callers)))
    return tuple(replace(call(each, blocked_range(), 443, rhythm=Sporadic(5.0)), kind="denied") for each in chosen)


def _refused(edge: Edge, policies: ExistingPolicies) -> Edge:
    """Return an edge with the policy that denies it, if one does."""
    verdict = policies.refuser(edge)
    if verdict is None:
        return replace(edge, denied_by=None)
    direction, hit = verdict
    return replace(edge, denied_by=_named(edge, direction, hit))


def _named(edge: Edge, direction: Direction, hit: Hit) -> TeamPolicy:
    own = edge.client if direction == "egress" else edge.server
    if not isinstance(own, Workload) or hit.policy is None:
        raise TypeError(f"{edge} is denied by no policy of a workload")
    return TeamPolicy(own, direction, hit.policy.text, allow_rule=0, deny_rule=hit.rule)


def _growth(part: Part, days: int) -> tuple[Growth, ...]:
    """Return who grows: one front on the second day, one node half-way."""
    front = next(known for known in part.workloads if known.kind == "Deployment")
    return tuple(growth for growth in (Growth(1, front), Growth(max(1, days // 2), None)) if growth.day < days)


def _guarded(
    part: Part,
    tried: Sequence[Edge],
    policies: ExistingPolicies,
    protected: Sequence[TeamPolicy],
    random: Random,
) -> tuple[Edge, ...]:
    """Return connections that nobody tried and that a policy would deny, a few for each protected server."""
    known = {(edge.client, edge.server, edge.port) for edge in (*part.edges, *tried)}
    clients = [each for each in part.workloads if each.kind == "Deployment"]
    guarded: list[Edge] = []
    for policy in protected:
        ports = [edge.port for edge in part.edges if edge.server == policy.subject and edge.port is not None]
        if policy.direction == "egress" or not ports:
            continue
        for client in random.sample(clients, min(_GUARDED_PER_POLICY, len(clients))):
            edge = replace(call(client, policy.subject, ports[0], rhythm=Constant(0.0)), kind="denied")
            judged = _refused(edge, policies)
            if judged.denied_by is not None and (client, policy.subject, ports[0]) not in known:
                guarded.append(judged)
    return tuple(guarded)
