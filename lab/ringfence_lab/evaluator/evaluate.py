"""Say what happens to a connection, and by which rules.

Promises: tiers in order, policies in order, the first rule that covers the connection; Log counts and never decides;
Pass goes to the next tier; the end of a tier is its default action; after the last tier the namespace's profile allows.
A flow is allowed where each side that is a pod allows it.
"""

from dataclasses import dataclass
from typing import Literal

from ringfence_lab.evaluator.cluster import Cluster
from ringfence_lab.evaluator.connection import Connection, Party
from ringfence_lab.evaluator.order import Tier
from ringfence_lab.evaluator.policies import DIRECTIONS, Direction, Policy
from ringfence_lab.evaluator.protocols import protocol_number

Scope = Literal["Enforced", "Pending"]
Verdict = Literal["Allow", "Deny"]


@dataclass(frozen=True, slots=True)
class Hit:
    """One decision. ``tier`` is empty for a profile, ``rule_index`` -1 for the end of a tier.

    ``trigger`` is the kind, namespace and name that records of enforced traffic give for the end of a tier.
    """

    tier: str
    kind: str
    namespace: str
    name: str
    action: str
    rule_index: int
    trigger: tuple[str, str, str] | None = None


@dataclass(frozen=True, slots=True)
class SideTrace:
    """What one side says: Pass hits, and then the one that decides."""

    direction: Direction
    verdict: Verdict
    hits: tuple[Hit, ...]


def evaluate(
    cluster: Cluster,
    source: str | Party,
    destination: str | Party,
    protocol: str,
    port: int | None,
    *,
    scope: Scope,
    icmp: tuple[int, int] | None = None,
) -> tuple[Verdict, tuple[SideTrace, ...]]:
    """Return the verdict on a connection and the trace of each side that is a pod, egress first.

    Ends are ``namespace/pod``, an address, or a party of the cluster; ``port`` is the target port, None for ICMP;
    ``icmp`` is type and code. Pending counts staged policies as enforced.
    """
    connection = connect(cluster, source, destination, protocol, port, icmp=icmp)
    pods = {"Egress": connection.source.pod, "Ingress": connection.destination.pod}
    sides = tuple(
        side_trace(cluster, connection, direction, scope=scope)
        for direction in DIRECTIONS
        if pods[direction] is not None
    )
    return ("Allow" if all(side.verdict == "Allow" for side in sides) else "Deny"), sides


def connect(
    cluster: Cluster,
    source: str | Party,
    destination: str | Party,
    protocol: str,
    port: int | None,
    *,
    icmp: tuple[int, int] | None = None,
) -> Connection:
    """Return the connection that `evaluate` speaks of; a pod with several addresses uses the other end's family."""
    first = cluster.party(source) if isinstance(source, str) else source
    second = cluster.party(destination, first.address.version) if isinstance(destination, str) else destination
    if isinstance(source, str) and first.address.version != second.address.version:
        first = cluster.party(source, second.address.version)
    return Connection(first, second, protocol_number(protocol), port, icmp=icmp, services=cluster.services)


def side_trace(cluster: Cluster, connection: Connection, direction: Direction, *, scope: Scope) -> SideTrace:
    """Return what one side says. Raises ValueError where that side is no pod."""
    pod = connection.source.pod if direction == "Egress" else connection.destination.pod
    if pod is None:
        raise ValueError(f"the {direction} side is no pod")
    hits: list[Hit] = []
    for tier, policies in cluster.governing(pod, direction, pending=scope == "Pending"):
        hit = _first_hit(tier, policies, connection, direction) or _end_of(tier, policies, scope)
        hits.append(hit)
        if hit.action != "Pass":
            return SideTrace(direction, "Allow" if hit.action == "Allow" else "Deny", tuple(hits))
    if pod.namespace not in cluster.namespaces:
        return SideTrace(direction, "Deny", tuple(hits))
    profile = Hit("", "Profile", "", f"kns.{pod.namespace}", "Allow", 0)
    return SideTrace(direction, "Allow", (*hits, profile))


def _first_hit(tier: Tier, policies: tuple[Policy, ...], connection: Connection, direction: Direction) -> Hit | None:
    for policy in policies:
        for index, rule in enumerate(policy.rules[direction]):
            if rule.action != "Log" and rule.covers(connection):
                return Hit(tier.name, *policy.identity, rule.action, index)
    return None


def _end_of(tier: Tier, policies: tuple[Policy, ...], scope: Scope) -> Hit:
    first, last = policies[0], policies[-1]
    trigger = last.identity if scope == "Enforced" and last is not first else None
    return Hit(tier.name, *first.identity, tier.default_action, -1, trigger)
