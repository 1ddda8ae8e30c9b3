"""What the policies enforced now say of an edge.

Promises: an evaluator is asked, once per distinct question, about the parties that the edge's ends stand
for (`semantics.parties`); staged policies do not count. An end that the snapshot lacks is *gone*.
"""

from collections.abc import Iterable
from typing import Literal

from msgspec import Struct

from ringfence.flows.evidence import Sample
from ringfence.learning.baseline import EdgeSummary
from ringfence.model.cluster import Cluster
from ringfence.model.endpoint import Endpoint
from ringfence.model.policy import Direction, Tier
from ringfence.model.trace import Hit
from ringfence.model.verdict import Judgement, Side, Verdict
from ringfence.semantics.address_classes import AddressClasses
from ringfence.semantics.asked import Asked, Question
from ringfence.semantics.order import tier_key
from ringfence.semantics.parties import Parties, Party
from ringfence.semantics.resolve import BUILT_IN_TIERS, resolve

Place = Literal["undecided", "earlier", "ours", "later", "unknown"]


class SideNow(Struct, frozen=True):
    """One direction: what decides it, over all kinds of pods and addresses. ``hits`` are the deciding ones."""

    verdict: Verdict
    hits: tuple[Hit, ...] = ()


class Now(Struct, frozen=True):
    """An edge under the policies enforced now. A side is None where no policy of Calico's is asked. ``gone`` names a
    party that the snapshot lacks. ``denied_addresses`` are those of the network's addresses that are denied while
    others are not.
    """

    verdict: Verdict
    egress: SideNow | None = None
    ingress: SideNow | None = None
    gone: Endpoint | None = None
    denied_addresses: tuple[str, ...] = ()

    def side(self, direction: Direction) -> SideNow | None:
        """Return the answer of one direction."""
        return self.egress if direction == "Egress" else self.ingress


class Enforced:
    """The policies enforced now, asked about edges. Built once for a run."""

    def __init__(self, cluster: Cluster, *, tier: str, order: float) -> None:
        """Resolve the enforced policies. ``tier`` is ours, at ``order`` where the cluster has none of that name."""
        tiers = resolve(cluster.policies, cluster.inventory, "enforced")
        self._asked = Asked(tiers)
        self._parties = Parties(cluster.inventory, AddressClasses(tiers, cluster.inventory))
        self._places = _places(cluster, [each.name for each in tiers], tier, order)

    def place(self, hit: Hit) -> Place:
        """Say whether a deciding hit stands before our tier, in it or after it; a profile's means that none decided."""
        return "undecided" if hit.profile else self._places.get(hit.tier, "unknown")

    def ask(self, summaries: Iterable[EdgeSummary]) -> None:
        """Take note of edges that will be judged, so that all of them are judged at once. Changes no answer."""
        self._asked.ask(
            Question.of(each.edge, client, server)
            for each in summaries
            for client in self._of(each.edge.client, each.client_addresses)
            for server in self._of(each.edge.server, each.server_addresses)
        )

    def now(self, summary: EdgeSummary) -> Now:
        """Judge an edge between all parties that its ends stand for."""
        edge = summary.edge
        clients = self._of(edge.client, summary.client_addresses)
        servers = self._of(edge.server, summary.server_addresses)
        if not clients or not servers:
            return Now("Uncertain", gone=edge.server if clients else edge.client)
        judged = [
            (client, server, found)
            for client in clients
            for server in servers
            if (found := self._asked.judgement(Question.of(edge, client, server))) is not None
        ]
        verdicts = {found.verdict for _, _, found in judged}
        if not verdicts:
            return Now("Uncertain")
        verdict: Verdict = "Allow" if "Allow" in verdicts else "Uncertain" if "Uncertain" in verdicts else "Deny"
        counted = [found for _, _, found in judged if found.verdict == verdict]
        return Now(
            verdict,
            egress=_side(found.egress for found in counted),
            ingress=_side(found.ingress for found in counted),
            denied_addresses=() if verdict == "Deny" else _denied(judged),
        )

    def _of(self, endpoint: Endpoint, addresses: Sample) -> tuple[Party, ...]:
        return self._parties.of(endpoint, addresses.texts, complete=addresses.exhaustive)


def _places(cluster: Cluster, names: list[str], tier: str, order: float) -> dict[str, Place]:
    """Return the place of each tier before or after ours."""
    if "Tier" in cluster.inventory.missing:
        return {tier: "ours"}
    tiers = {each.name: each for each in (*BUILT_IN_TIERS[cluster.policies.regime], *cluster.policies.tiers)}
    ours = tier_key(tiers.get(tier, Tier(tier, order, "Deny")))
    places: dict[str, Place] = {
        name: "earlier" if name in tiers and tier_key(tiers[name]) < ours else "later" for name in names
    }
    return {**places, tier: "ours"}


def _side(sides: Iterable[Side | None]) -> SideNow | None:
    """Return what sides say together: Uncertain where one is, else what they all say."""
    known = [each for each in sides if each is not None]
    if not known:
        return None
    verdicts = {each.verdict for each in known}
    hits = dict.fromkeys(each.trace[-1] for each in known if each.verdict != "Uncertain" and each.trace)
    return SideNow(verdicts.pop() if len(verdicts) == 1 else "Uncertain", tuple(hits))


def _denied(judged: Iterable[tuple[Party, Party, Judgement]]) -> tuple[str, ...]:
    """Return the addresses for which every answer is Deny."""
    verdicts: dict[str, set[str]] = {}
    for client, server, found in judged:
        for address in (client.address, server.address):
            if address is not None:
                verdicts.setdefault(address, set()).add(found.verdict)
    return tuple(sorted(address for address, found in verdicts.items() if found == {"Deny"}))
