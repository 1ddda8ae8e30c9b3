"""Hold what looks like an attack until a person decides.

Promises: held and admitted edges together are the edges that were admitted before, address by address where only some
addresses of a server outside are held; a person's *Accept* restores exactly what was held, a *Reject* keeps an edge out
even where no signal speaks any more. Newness alone never holds an edge. Needs no snapshot. Records are not counted
anew: those of held edges stay admitted.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from msgspec.structs import replace

from ringfence.flows.evidence import EvidenceTable
from ringfence.flows.left_out import LeftOut
from ringfence.learning.baseline import AdmittedEdge, Baseline, EdgeSummary, HeldEdge, HeldReason
from ringfence.learning.beacons import beacons
from ringfence.learning.decisions import Decisions, EdgeDecision
from ringfence.learning.forbidden import forbidden
from ringfence.learning.guard_settings import GuardSettings
from ringfence.learning.habits import Habits
from ringfence.learning.lone_calls import lone_calls, lone_contacts
from ringfence.learning.narrowing import all_known, known_addresses, narrowed
from ringfence.learning.scanning import scanned, scans
from ringfence.learning.suspicion import Suspicion
from ringfence.learning.uploads import uploads
from ringfence.model.edge import Edge, edge_key
from ringfence.model.endpoint import Endpoint, Network, NetworkSet
from ringfence.model.inventory import Inventory
from ringfence.model.labels import Labels

_ALLOWED_ELSEWHERE: Final = frozenset({LeftOut.NO_SCOPE, LeftOut.DECIDED_EARLIER, LeftOut.TIER_ORDER_UNKNOWN})
REJECTED: Final = HeldReason("rejected", "a person rejected it")


def guard(
    baseline: Baseline,
    table: EvidenceTable,
    *,
    settings: GuardSettings,
    decisions: Decisions,
    inventory: Inventory | None,
) -> Baseline:
    """Return the baseline with suspicious edges held. ``table`` is the evidence that the baseline was admitted from."""
    suspicions = _suspicions(baseline, table, settings, inventory)
    decided = {each.id: each for each in decisions.edges}
    admitted: list[AdmittedEdge] = []
    held: list[HeldEdge] = list(baseline.held)
    for edge in baseline.admitted:
        rest, kept = _parted(edge, suspicions.get(edge.summary.edge, ()), decided)
        held += kept
        if rest is not None:
            admitted.append(rest)
    return replace(baseline, admitted=tuple(admitted), held=tuple(sorted(held, key=_held_key)))


def _suspicions(
    baseline: Baseline, table: EvidenceTable, settings: GuardSettings, inventory: Inventory | None
) -> Mapping[Edge, Sequence[Suspicion]]:
    edges = _allowed(baseline)
    habits = Habits.of(edges, table, settings)
    found = scans(table, settings)
    by_edge: defaultdict[Edge, list[Suspicion]] = defaultdict(list)
    for suspicion in (
        *forbidden(edges, _labels(table, inventory), settings),
        *scanned(edges, found, habits),
        *uploads(edges, habits, found),
        *beacons(edges, habits),
        *lone_calls(edges, habits, found),
        *lone_contacts(edges, habits, found),
    ):
        by_edge[suspicion.edge].append(suspicion)
    return by_edge


def _allowed(baseline: Baseline) -> list[EdgeSummary]:
    """Return every edge that is allowed now, also where no recommendation learns it: who else does something is told
    by the whole cluster.
    """
    known = {each.summary.edge: each.summary for each in baseline.left_out if each.reason in _ALLOWED_ELSEWHERE}
    return [*({**known, **{each.summary.edge: each.summary for each in baseline.admitted}}).values()]


def _labels(table: EvidenceTable, inventory: Inventory | None) -> Mapping[Endpoint, Labels]:
    """Return labels as flows tell them; those of network sets as the cluster has them now, where it is known."""
    known = () if inventory is None else inventory.network_sets
    return {**table.labels, **{NetworkSet(each.namespace, each.name): each.labels for each in known}}


def _parted(
    edge: AdmittedEdge, suspicions: Sequence[Suspicion], decided: Mapping[str, EdgeDecision]
) -> tuple[AdmittedEdge | None, list[HeldEdge]]:
    """Return what of an edge stays admitted, None for nothing, and what is held."""
    if not suspicions and not decided:
        return edge, []
    identity = edge.summary.edge.id
    word = decided.get(identity)
    whole = [each for each in suspicions if each.address is None]
    if word is not None and word.decision == "Reject":
        return None, [HeldEdge(edge, (), _reasons(suspicions) or (REJECTED,), rejected=word.reason)]
    if whole and word is None:
        return None, [HeldEdge(edge, (), _reasons(suspicions))]
    if not isinstance(edge.summary.edge.server, Network):
        return edge, []
    known = known_addresses(edge.summary)
    kept: defaultdict[str | None, set[str]] = defaultdict(set)
    for address in known:
        own = decided.get(f"{identity}@{address}", word)
        if own is not None and own.decision == "Reject":
            kept[own.reason].add(address)
        elif own is None and any(each.address == address for each in suspicions):
            kept[None].add(address)
    return _split(edge, suspicions, kept)


def _split(
    edge: AdmittedEdge, suspicions: Sequence[Suspicion], kept: Mapping[str | None, set[str]]
) -> tuple[AdmittedEdge | None, list[HeldEdge]]:
    """Part an edge by the addresses that are kept out, undecided (None) or rejected for a reason."""
    if not kept:
        return edge, []
    rest = known_addresses(edge.summary).difference(*kept.values())
    nothing_left = not rest and all_known(edge.summary)
    held: list[HeldEdge] = []
    for rejected, addresses in kept.items():
        reasons = _reasons(each for each in suspicions if each.address in addresses) or (REJECTED,)
        if nothing_left and len(kept) == 1:
            held.append(HeldEdge(edge, (), reasons, rejected))
        else:
            held.append(HeldEdge(narrowed(edge, addresses), tuple(sorted(addresses)), reasons, rejected))
    return None if nothing_left else narrowed(edge, rest, rest=True), held


def _reasons(suspicions: Iterable[Suspicion]) -> tuple[HeldReason, ...]:
    return tuple(sorted({each.reason for each in suspicions}))


def _held_key(held: HeldEdge) -> tuple[object, ...]:
    return (edge_key(held.edge.summary.edge), held.addresses)
