"""Policies that a cluster already has, as values: tiers, orders, subjects and rules, and what they decide.

Promises: the small part of Calico that made-up policies need, evaluated as Calico does it: tiers in order, policies of
a tier in order, the first rule that matches; a Pass leaves the tier, the end of a tier denies, no policy at all is the
namespace's profile. Staged policies count only in the pending trace. How they look as objects: `policy_objects`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from ringfence_lab.edge import Direction, Edge, Protocol
from ringfence_lab.endpoint import Endpoint, Workload

Action = Literal["allow", "deny", "pass"]
PolicyKind = Literal[
    "NetworkPolicy",
    "CalicoNetworkPolicy",
    "GlobalNetworkPolicy",
    "StagedNetworkPolicy",
    "StagedKubernetesNetworkPolicy",
]

TIER_ORDERS: Final[Mapping[str, int]] = {"security": 100, "default": 1_000_000}
"""The tiers of a made-up cluster and their orders."""

END_OF_TIER: Final = -1

TierName = Literal["security", "default"]


@dataclass(frozen=True, slots=True)
class ExistingRule:
    """One rule: ``peers`` None is anyone, ``ports`` None is every port, ``protocol`` None is every protocol."""

    action: Action
    peers: tuple[Endpoint, ...] | None = None
    protocol: Protocol | None = None
    ports: tuple[int, int] | None = None

    def matches(self, peer: Endpoint, protocol: Protocol, ports: tuple[int, int] | None) -> bool:
        """Say whether the rule covers a peer by a protocol and a range of ports."""
        if self.protocol is not None and self.protocol != protocol:
            return False
        if self.ports is not None and not (ports and self.ports[0] <= ports[0] and ports[1] <= self.ports[1]):
            return False
        return self.peers is None or any(_covers(known, peer) for known in self.peers)


@dataclass(frozen=True, slots=True)
class ExistingPolicy:
    """A policy of one direction over some workloads. ``namespace`` is None for a global one."""

    kind: PolicyKind
    namespace: str | None
    name: str
    tier: TierName
    order: int
    direction: Direction
    subjects: tuple[Workload, ...]
    rules: tuple[ExistingRule, ...]

    @property
    def staged(self) -> bool:
        """Say whether it only tells what it would do."""
        return self.kind.startswith("Staged")

    @property
    def text(self) -> str:
        """Return its name as Calico Enterprise's flow logs write it."""
        kubernetes = self.kind in {"NetworkPolicy", "StagedKubernetesNetworkPolicy"}
        written = f"knp.default.{self.name}" if kubernetes else f"{self.tier}.{self.name}"
        if self.staged:
            written = f"staged:{written}"
        return written if self.namespace is None else f"{self.namespace}/{written}"


@dataclass(frozen=True, slots=True)
class Hit:
    """One line of a trace. ``policy`` is None for the profile of ``namespace``; ``rule`` is -1 at the end of a tier."""

    policy: ExistingPolicy | None
    namespace: str
    action: Action
    rule: int


class ExistingPolicies:
    """All policies of a cluster, asked one side of a connection at a time."""

    def __init__(self, policies: Sequence[ExistingPolicy]) -> None:
        """``policies``: enforced and staged ones, in any order."""
        self.all = tuple(policies)
        self._of: dict[tuple[Workload, Direction], list[ExistingPolicy]] = {}
        for policy in sorted(policies, key=_place):
            for subject in policy.subjects:
                self._of.setdefault((subject, policy.direction), []).append(policy)

    def trace(self, edge: Edge, direction: Direction, *, pending: bool = False) -> tuple[Hit, ...]:
        """Return what decides an edge on one of its sides, which is a workload; ``pending`` counts staged policies."""
        own, peer = (edge.client, edge.server) if direction == "egress" else (edge.server, edge.client)
        if not isinstance(own, Workload):
            raise TypeError(f"{own} is no workload, so nothing decides there")
        ports = edge.passive if edge.port is None else (edge.port, edge.port)
        near = [policy for policy in self._of.get((own, direction), ()) if pending or not policy.staged]
        hits: list[Hit] = []
        for tier in TIER_ORDERS:
            inside = [policy for policy in near if policy.tier == tier]
            hit = _decide(inside, peer, edge.protocol, ports, own.namespace)
            if pending and hit is not None and hit.rule == END_OF_TIER:
                hit = replace(hit, policy=inside[0])  # the pending trace names the first, the enforced one the last
            if hit is not None:
                hits.append(hit)
                if hit.action != "pass":
                    return tuple(hits)
        return (*hits, Hit(None, own.namespace, "allow", 0))

    def refuser(self, edge: Edge) -> tuple[Direction, Hit] | None:
        """Return the side that denies an edge and by what, None where nothing does."""
        for direction, own in (("egress", edge.client), ("ingress", edge.server)):
            if isinstance(own, Workload):
                side: Direction = "egress" if direction == "egress" else "ingress"
                last = self.trace(edge, side)[-1]
                if last.action == "deny":
                    return side, last
        return None


def enterprise_strings(hits: Sequence[Hit]) -> list[str]:
    """Return a trace as Calico Enterprise's flow logs write it."""
    return list(_strings(hits))


def _strings(hits: Sequence[Hit]) -> Iterator[str]:
    for index, hit in enumerate(hits):
        if hit.policy is None:
            yield f"{index}|__PROFILE__|__PROFILE__.kns.{hit.namespace}|{hit.action}|{hit.rule}"
        else:
            yield f"{index}|{hit.policy.tier}|{hit.policy.text}|{hit.action}|{hit.rule}"


def _decide(
    policies: Sequence[ExistingPolicy],
    peer: Endpoint,
    protocol: Protocol,
    ports: tuple[int, int] | None,
    namespace: str,
) -> Hit | None:
    for policy in policies:
        for index, rule in enumerate(policy.rules):
            if rule.matches(peer, protocol, ports):
                return Hit(policy, namespace, rule.action, index)
    return Hit(policies[-1], namespace, "deny", END_OF_TIER) if policies else None


def _covers(known: Endpoint, peer: Endpoint) -> bool:
    if known == peer:
        return True
    if isinstance(known, Workload) or isinstance(peer, Workload):
        return False
    return set(peer.addresses) <= set(known.addresses)


def _place(policy: ExistingPolicy) -> tuple[int, int, str, str]:
    return TIER_ORDERS[policy.tier], policy.order, policy.name, policy.namespace or ""
