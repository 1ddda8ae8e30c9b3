"""What the enforced policies were used for: each rule with when it last decided a flow, and how much.

Promises: a rule is called unused only where flows of what its policy selects were seen in its direction, with the hours
that they span; else its use is not known. Recorded traces and today's policies both count as use, and are told apart,
because a policy may have been another when a flow was recorded.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, Literal

from msgspec import Struct

from ringfence.flows.evidence import Evidence
from ringfence.learning.pairing import is_destination
from ringfence.model.cluster import Cluster
from ringfence.model.edge import Edge
from ringfence.model.policy import Direction, RuleAction
from ringfence.model.trace import END_OF_TIER, Hit, PolicyRef
from ringfence.model.verdict import Judgement
from ringfence.model.window import HOUR, Window
from ringfence.semantics.address_classes import AddressClasses
from ringfence.semantics.asked import Asked, Question
from ringfence.semantics.effective import EffectivePolicy, EffectiveRule, EffectiveTier
from ringfence.semantics.parties import Parties, Party
from ringfence.semantics.resolve import resolve
from ringfence.semantics.scopes import same_policy
from ringfence.verify.lattice import Lattice, Share
from ringfence.verify.observed import ObservedEdge, observed_edges
from ringfence.verify.replay import side_of

State = Literal["Used", "Unused", "Unknown"]
_DIRECTIONS: Final[tuple[Direction, Direction]] = ("Egress", "Ingress")
TOO_BROAD: Final = 0.25
"""A rule of whose cells a smaller share was used allows too much."""
NOT_SEEN: Final = "no flow of what the policy selects was seen in this direction"
PERHAPS: Final = "whether it decided a flow is not certain"


class Use(Struct, frozen=True):
    """What a rule decided: of how many edges, with how many connections (None where nobody counted), and when last
    (Unix seconds).
    """

    edges: int
    connections: int | None
    last: int


class RuleActivity(Struct, frozen=True):
    """One rule of a direction, by the index that traces count. ``judged`` is its use by the edges that were seen, under
    today's policies; ``recorded`` that by the traces in the flows. ``window`` and ``hours`` (with flows) support the
    claim that it is unused; ``reason`` says why its use is not known. ``share`` is the part of what it allows that was
    used, None for a rule that allows nothing.
    """

    policy: PolicyRef
    tier: str
    direction: Direction
    index: int
    action: RuleAction
    state: State
    judged: Use | None = None
    recorded: Use | None = None
    window: Window | None = None
    hours: int = 0
    reason: str | None = None
    share: Share | None = None

    @property
    def too_broad(self) -> bool:
        """Say whether much less was used than the rule allows. A Pass allows nothing by itself, so it is never that."""
        share = None if self.share is None else self.share.of_one
        return self.state == "Used" and self.action == "Allow" and share is not None and share < TOO_BROAD


_Key = tuple[PolicyRef, Direction, int]
_Place = tuple[PolicyRef, Direction]


def activity(evidence: Iterable[Evidence], cluster: Cluster) -> tuple[RuleActivity, ...]:
    """Return the activity of every rule of the enforced policies, in the order in which they are asked."""
    rows = tuple(evidence)
    tiers = resolve(cluster.policies, cluster.inventory, "enforced")
    watch = _Watch(tiers, cluster, _hours(rows))
    edges = observed_edges(rows)
    for seen in edges:
        watch.judge(seen)
    for row in rows:
        watch.record(row)
    lattice = Lattice(cluster.inventory, watch.parties, (seen.edge for seen in edges))
    return tuple(_told(tiers, watch, lattice))


def _hours(rows: Iterable[Evidence]) -> Mapping[Edge, frozenset[int]]:
    found: dict[Edge, set[int]] = {}
    for row in rows:
        found.setdefault(row.edge, set()).update(row.hours)
    return {edge: frozenset(hours) for edge, hours in found.items()}


class _Tally:
    """What was counted of one rule so far. Of a recorded trace edges count once, whoever reported them."""

    def __init__(self) -> None:
        self.edges: dict[Edge, int | None] = {}
        self.last = 0

    def add(self, edge: Edge, connections: int | None, last: int) -> None:
        """Count an edge; of two counts of one edge the larger stands."""
        known = self.edges.get(edge)
        self.edges[edge] = connections if known is None else max(known, connections or 0)
        self.last = max(self.last, last)

    def use(self) -> Use:
        """Return the sums."""
        counts = [each for each in self.edges.values() if each is not None]
        return Use(len(self.edges), sum(counts) if counts else None, self.last)


class _Watch:
    """Everything that was seen of the rules."""

    def __init__(
        self, tiers: tuple[EffectiveTier, ...], cluster: Cluster, hours: Mapping[Edge, frozenset[int]]
    ) -> None:
        self.parties = Parties(cluster.inventory, AddressClasses(tiers, cluster.inventory), with_host_endpoints=True)
        self.judged: dict[_Key, _Tally] = {}
        self.recorded: dict[_Key, _Tally] = {}
        self.perhaps: set[_Key] = set()
        self.governed: dict[_Place, set[int]] = {}
        self._hours = hours
        self._asked = Asked(tiers)
        self._refs: dict[tuple[str, str], list[tuple[PolicyRef, str]]] = {}
        for tier in tiers:
            for policy in tier.policies:
                self._refs.setdefault((tier.name, policy.ref.namespace), []).append((policy.ref, tier.name))
        self._resolved: dict[Hit, PolicyRef | None] = {}

    def judge(self, seen: ObservedEdge) -> None:
        """Ask today's policies about an edge."""
        edge = seen.edge
        clients, servers = (
            self.parties.of(end, told.texts, complete=told.exhaustive)
            for end, told in ((edge.client, seen.client_addresses), (edge.server, seen.server_addresses))
        )
        for client in clients:
            self._govern(client, "Egress", edge)
        for server in servers:
            self._govern(server, "Ingress", edge)
        for client in clients:
            for server in servers:
                found = self._asked.judgement(Question.of(edge, client, server))
                if found is not None:
                    self._decided(found, seen)

    def record(self, row: Evidence) -> None:
        """Take what the reporter of a row recorded."""
        direction: Direction = "Ingress" if is_destination(row) else "Egress"
        for hit in row.trace or ():
            ref = None if hit.profile or hit.staged else self._policy(hit)
            if ref is not None:
                tally = self.recorded.setdefault((ref, direction, hit.rule_index), _Tally())
                tally.add(row.edge, row.counters.connections, row.last)

    def _govern(self, party: Party, direction: Direction, edge: Edge) -> None:
        for tier in self._asked.governing(party, direction):
            for policy in tier.policies:
                self.governed.setdefault((policy.ref, direction), set()).update(self._hours[edge])

    def _decided(self, found: Judgement, seen: ObservedEdge) -> None:
        for direction in _DIRECTIONS:
            side = side_of(found, direction)
            for outcome in () if side is None else side.outcomes:
                for hit in outcome.trace:
                    if hit.kind is None or hit.profile:
                        continue
                    key = (PolicyRef(hit.kind, hit.namespace, hit.name), direction, hit.rule_index)
                    if outcome.unknown:
                        self.perhaps.add(key)
                    else:
                        self.judged.setdefault(key, _Tally()).add(seen.edge, seen.connections, seen.last)

    def _policy(self, hit: Hit) -> PolicyRef | None:
        """Return the policy of today that a recorded hit names; its kind may not be told, its name with its tier."""
        if hit not in self._resolved:
            there = [ref for ref, _ in self._refs.get((hit.tier, hit.namespace), ())]
            kinds = dict.fromkeys(ref.kind for ref in there) if hit.kind is None else (hit.kind,)
            found = [same_policy(PolicyRef(kind, hit.namespace, hit.name), hit.tier, there) for kind in kinds]
            known = [each for each in found if each is not None]
            self._resolved[hit] = known[0] if len(known) == 1 else None
        return self._resolved[hit]


def _told(tiers: Iterable[EffectiveTier], watch: _Watch, lattice: Lattice) -> Iterator[RuleActivity]:
    told: set[PolicyRef] = set()
    for tier in tiers:
        for policy in tier.policies:
            if policy.ref in told:
                continue
            told.add(policy.ref)
            for direction in _DIRECTIONS:
                for index, rule in enumerate(policy.rules(direction)):
                    if rule.action != "Log":
                        yield _rule(tier, policy, direction, index, rule, watch, lattice)
                end = (policy.ref, direction, END_OF_TIER)
                if end in watch.judged or end in watch.recorded:
                    yield _end(tier, policy.ref, direction, watch)


def _rule(
    tier: EffectiveTier,
    policy: EffectivePolicy,
    direction: Direction,
    index: int,
    rule: EffectiveRule,
    watch: _Watch,
    lattice: Lattice,
) -> RuleActivity:
    key = (policy.ref, direction, index)
    judged, recorded = watch.judged.get(key), watch.recorded.get(key)
    hours = watch.governed.get((policy.ref, direction), set())
    state: State = "Used" if judged or recorded else "Unused"
    reason = None
    if state == "Unused" and (key in watch.perhaps or not hours):
        state, reason = "Unknown", PERHAPS if hours else NOT_SEEN
    share = None
    if rule.action in {"Allow", "Pass"}:
        share = lattice.share(policy, direction, rule, frozenset() if judged is None else judged.edges.keys())
    return RuleActivity(
        policy=policy.ref,
        tier=tier.name,
        direction=direction,
        index=index,
        action=rule.action,
        state=state,
        judged=None if judged is None else judged.use(),
        recorded=None if recorded is None else recorded.use(),
        window=Window(min(hours) * HOUR, (max(hours) + 1) * HOUR) if hours else None,
        hours=len(hours),
        reason=reason,
        share=share,
    )


def _end(tier: EffectiveTier, policy: PolicyRef, direction: Direction, watch: _Watch) -> RuleActivity:
    """Return the activity of a tier's end, which traces write on a policy."""
    key = (policy, direction, END_OF_TIER)
    judged, recorded = watch.judged.get(key), watch.recorded.get(key)
    return RuleActivity(
        policy=policy,
        tier=tier.name,
        direction=direction,
        index=END_OF_TIER,
        action=tier.default_action,
        state="Used",
        judged=None if judged is None else judged.use(),
        recorded=None if recorded is None else recorded.use(),
    )
