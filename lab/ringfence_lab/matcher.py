"""Say whether policies let an edge pass: the judge's own small reading of Calico.

Promises: a side that no policy restricts lets everything pass; a restricted side lets pass what a rule covers, by Pass
or by Allow alike. A peer passes as a whole or not at all: each of its addresses must lie in ``nets`` and none in
``notNets``, and a workload, standing for all its pods, must fit with the whole pod network. Source: Calico's rule
semantics (a selector without namespaceSelector means the policy's own namespace; ``global()`` means what has none).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ringfence_lab.case import End, JudgedEdge
from ringfence_lab.policies import DIRECTIONS, GLOBAL, Direction, Match, Network, Policy, Rule

_ECHO_REQUEST: Final = (8, 0)


@dataclass(frozen=True, slots=True)
class SideVerdict:
    """What one side's policies say of an edge; ``rule`` is the first that covers it, None where none does."""

    direction: Direction
    rule: Rule | None


class PoliciesOf:
    """Policies by the workload they restrict. Answers are kept, because an end returns in many edges."""

    def __init__(self, policies: Sequence[Policy]) -> None:
        """``policies``: all that are judged."""
        self._in_namespace: dict[str, list[Policy]] = {}
        for policy in policies:
            self._in_namespace.setdefault(policy.namespace, []).append(policy)
        self._known: dict[tuple[tuple[str, str, str], Direction], tuple[Policy, ...]] = {}

    def restricting(self, end: End, direction: Direction) -> tuple[Policy, ...]:
        """Return the policies of an end's namespace that select it and list the direction."""
        if end.workload is None or end.labels is None:
            return ()
        key = end.workload, direction
        if key not in self._known:
            near = self._in_namespace.get(end.workload[0], ())
            self._known[key] = tuple(
                policy for policy in near if direction in policy.rules and policy.selector.holds(end.labels)
            )
        return self._known[key]


def side_verdicts(edge: JudgedEdge, ends: tuple[End, End], policies_of: PoliciesOf) -> tuple[SideVerdict, ...]:
    """Return the verdicts of the sides that are restricted; ``ends`` are the edge's with the addresses to judge."""
    verdicts = []
    for direction in DIRECTIONS:
        own, peer = ends if direction == "Egress" else (ends[1], ends[0])
        policies = policies_of.restricting(own, direction)
        if policies:
            rules = (
                rule for policy in policies for rule in policy.rules[direction] if _covers(rule, policy, edge, peer)
            )
            verdicts.append(SideVerdict(direction, next(rules, None)))
    return tuple(verdicts)


def peer_matches(match: Match, end: End, *, policy_namespace: str) -> bool:
    """Say whether a rule's peer covers an end, whatever the protocol."""
    if match.service is not None:
        return end.service == match.service
    if match.selector is not None or match.namespace is not None:
        wanted = policy_namespace if match.namespace is None else match.namespace
        actual = GLOBAL if end.namespace is None else end.namespace
        if end.labels is None or wanted != actual:
            return False
        if match.selector is not None and not match.selector.holds(end.labels):
            return False
    if match.nets is not None and not all(_inside_any(block, match.nets) for block in end.blocks):
        return False
    return match.not_nets is None or not any(_meets(block, net) for block in end.blocks for net in match.not_nets)


def covers_port(rule: Rule, protocol: str, port: int | None) -> bool:
    """Say whether a rule covers a protocol and port, whoever the peer is. Worlds are IPv4 only."""
    if rule.protocol not in {None, protocol} or rule.ip_version not in {None, 4}:
        return False
    if rule.icmp is not None:
        wanted_type, wanted_code = rule.icmp
        actual_type, actual_code = _ECHO_REQUEST
        if wanted_type not in {None, actual_type} or wanted_code not in {None, actual_code}:
            return False
    return rule.ports is None or (port is not None and any(low <= port <= high for low, high in rule.ports))


def _covers(rule: Rule, policy: Policy, edge: JudgedEdge, peer: End) -> bool:
    covered = covers_port(rule, edge.protocol, edge.port)
    return covered and peer_matches(rule.peer, peer, policy_namespace=policy.namespace)


def _inside_any(block: Network, nets: Sequence[Network]) -> bool:
    return any(net.version == block.version and block.subnet_of(net) for net in nets)  # type: ignore[arg-type]


def _meets(block: Network, net: Network) -> bool:
    return block.version == net.version and block.overlaps(net)
