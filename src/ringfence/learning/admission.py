"""Admit the edges that our tier must let through, and name why the others stay out.

Promises: edges are judged under the policies enforced now; where the evaluator is uncertain, and without a snapshot,
the newest recorded trace stands for them. Admitted are edges that no enforced policy decides (the namespace's profile
does), that a later tier or our own policy allows; all are learnt as Pass, so nothing that is denied today is opened.
Every record of the evidence is counted once: admitted, or under one reason. Order of tiers: only tiers whose place
Calico fixes are known without a snapshot.
"""

from collections import Counter, defaultdict
from collections.abc import Container, Iterator, Sequence
from typing import Final

from msgspec import Struct

from ringfence.flows.evidence import Evidence, EvidenceTable
from ringfence.flows.left_out import LeftOut
from ringfence.learning.baseline import AdmittedEdge, Baseline, Disagreement, EdgeSummary, LeftOutEdge
from ringfence.learning.enforced import Enforced, Now, Place
from ringfence.learning.ephemeral import Listener, Listeners, listeners
from ringfence.learning.pairing import Pairing, newest, pair, summary, without_addresses
from ringfence.model.edge import Edge, edge_key
from ringfence.model.endpoint import namespace_of
from ringfence.model.policy import Direction
from ringfence.model.trace import END_OF_TIER, Hit

EARLIER_TIERS: Final = frozenset({"kube-admin", "adminnetworkpolicy", "calico-system", "allow-tigera"})
"""Tiers that stand before ours wherever they exist: Calico's admin tiers at 1000 and the operator's own."""
LATER_TIERS: Final = frozenset({"default", "kube-baseline", "baselineadminnetworkpolicy"})
"""Tiers that stand after ours wherever they exist: ours goes directly before ``default``."""


_DIRECTIONS: Final[tuple[Direction, Direction]] = ("Egress", "Ingress")


class _Refusal(Struct, frozen=True):
    reason: LeftOut
    by: Hit | None = None


class _Admission(Struct, frozen=True):
    """A direction that is learnt, and the policies that allow it now (none: no policy decides)."""

    allowed_by: tuple[Hit, ...] = ()
    verified: bool = False


class _Judged(Struct, frozen=True):
    """An edge with its admitted directions and the refusal of each other direction that a scope covers."""

    pairing: Pairing
    admitted: tuple[tuple[Direction, _Admission], ...]
    refused: tuple[tuple[Direction | None, _Refusal], ...]
    denied_addresses: tuple[str, ...] = ()
    disagreements: tuple[Disagreement, ...] = ()


class Terms(Struct, frozen=True):
    """Under what an edge is judged: our tier's name, the namespaces that scopes cover, the policies enforced now (None
    without a snapshot), and whether what an earlier tier allows is learnt too (``brownfield``).
    """

    tier: str
    covers: Container[str]
    enforced: Enforced | None = None
    brownfield: bool = False


def admit(
    table: EvidenceTable,
    *,
    tier: str,
    covers: Container[str],
    enforced: Enforced | None = None,
    brownfield: bool = False,
    declared_ports: Container[Listener] = frozenset(),
) -> Baseline:
    """Return the baseline of the namespaces in ``covers`` under a tier of ours named ``tier``.

    ``declared_ports`` are those of a snapshot's objects.
    """
    terms = Terms(tier, covers, enforced, brownfield)
    listening = listeners(table.evidence, declared_ports=declared_ports)
    rows_of: defaultdict[Edge, list[Evidence]] = defaultdict(list)
    ruled_out: defaultdict[tuple[Edge, LeftOut], list[Evidence]] = defaultdict(list)
    for row in table.evidence:
        reason = row.left_out or (LeftOut.OUTCOME_UNKNOWN if row.outcome == "Unknown" else None)
        if reason is None:
            rows_of[row.edge].append(row)
        else:
            ruled_out[row.edge, reason].append(row)
    pairings = [pair(edge, rows) for edge, rows in rows_of.items()]
    learnt = {each.edge: _learnt(each) for each in pairings if each.taught and _covered(each.edge, terms.covers)}
    if terms.enforced is not None:
        terms.enforced.ask(learnt.values())
    judged = [_judge(pairing, learnt.get(pairing.edge), terms, listening) for pairing in pairings]
    counts: Counter[LeftOut] = Counter(table.records.repeats)
    for unplaced in table.unplaced:
        counts[unplaced.left_out] += unplaced.records
    left_out = []
    for (edge, reason), rows in ruled_out.items():
        counts[reason] += sum(row.records for row in rows)
        left_out.append(LeftOutEdge(summary(edge, rows), None, reason))
    admitted_records = 0
    for each in judged:
        left_out += _left_out(each)
        admitted_records += _count(each, counts)
    return Baseline(
        admitted=tuple(
            sorted((_admitted(each, learnt[each.pairing.edge]) for each in judged if each.admitted), key=_admitted_key)
        ),
        left_out=tuple(sorted(left_out, key=_left_out_key)),
        admitted_records=admitted_records,
        left_out_records={reason: counts[reason] for reason in sorted(counts) if counts[reason]},
        disagreements=tuple(
            sorted(
                (found for each in judged for found in each.disagreements),
                key=lambda found: (edge_key(found.edge), found.direction),
            )
        ),
    )


def _judge(pairing: Pairing, learnt: EdgeSummary | None, terms: Terms, listening: Listeners) -> _Judged:
    directions = _covered(pairing.edge, terms.covers)
    if not directions:
        return _Judged(pairing, (), ((None, _Refusal(LeftOut.NO_SCOPE)),))
    now = None if terms.enforced is None or learnt is None else terms.enforced.now(learnt)
    admitted: list[tuple[Direction, _Admission]] = []
    refused: list[tuple[Direction | None, _Refusal]] = []
    for direction in directions:
        match _answer(pairing, direction, now, terms, listening):
            case _Admission() as admission:
                admitted.append((direction, admission))
            case _Refusal() as refusal:
                refused.append((direction, refusal))
    return _Judged(
        pairing,
        tuple(admitted),
        tuple(refused),
        () if now is None else now.denied_addresses,
        () if now is None else tuple(_disagreements(pairing, now)),
    )


def _covered(edge: Edge, covers: Container[str]) -> tuple[Direction, ...]:
    directions: list[Direction] = []
    client, server = namespace_of(edge.client), namespace_of(edge.server)
    if client is not None and client in covers:
        directions.append("Egress")
    if server is not None and server in covers:
        directions.append("Ingress")
    return tuple(directions)


def _answer(
    pairing: Pairing, direction: Direction, now: Now | None, terms: Terms, listening: Listeners
) -> _Admission | _Refusal:
    """Return how a direction is learnt, or why not."""
    if now is not None and now.gone is not None:
        return _Refusal(LeftOut.GONE)
    if now is not None and now.verdict == "Deny":
        return _Refusal(LeftOut.DENIED, _denied_by(now))
    if not pairing.taught or (pairing.denied_last and (now is None or now.verdict != "Allow")):
        return _Refusal(LeftOut.DENIED, _denying_hit(pairing.rows))
    if not listening.listens(pairing.edge):
        return _Refusal(LeftOut.EPHEMERAL_PORT)
    if now is not None and terms.enforced is not None:
        side = now.side(direction)
        if side is not None and side.verdict == "Allow":
            return _allowed(side.hits, [terms.enforced.place(hit) for hit in side.hits], terms)
    trace = pairing.trace(direction)
    hits = () if not trace else trace[-1:]
    admission = _allowed(hits, [_recorded_place(hit, terms) for hit in hits], terms)
    if isinstance(admission, _Admission):
        return _Admission(admission.allowed_by, verified=pairing.verified(direction))
    return admission


def _allowed(hits: Sequence[Hit], places: Sequence[Place], terms: Terms) -> _Admission | _Refusal:
    """Admit what no policy decides, or only later ones. Where that is true of some pods, it is learnt for all."""
    learnt = [(hit, place) for hit, place in zip(hits, places, strict=True) if place in {"undecided", "ours", "later"}]
    if hits and not learnt and not terms.brownfield:
        reason = LeftOut.DECIDED_EARLIER if "earlier" in places else LeftOut.TIER_ORDER_UNKNOWN
        return _Refusal(reason, hits[0])
    return _Admission(
        tuple(hit for hit, place in zip(hits, places, strict=True) if place not in {"undecided", "ours"}), verified=True
    )


def _recorded_place(hit: Hit, terms: Terms) -> Place:
    """Return where a recorded hit stands, as far as the snapshot or Calico's own tiers tell."""
    if hit.profile:
        return "undecided"
    if hit.tier == terms.tier:
        return "ours"
    known: Place = "unknown" if terms.enforced is None else terms.enforced.place(hit)
    if known != "unknown":
        return known
    return "earlier" if hit.tier in EARLIER_TIERS else "later" if hit.tier in LATER_TIERS else "unknown"


def _denied_by(now: Now) -> Hit | None:
    sides = (side for side in (now.egress, now.ingress) if side is not None)
    return next((hit for side in sides for hit in side.hits if hit.action == "Deny"), None)


def _disagreements(pairing: Pairing, now: Now) -> Iterator[Disagreement]:
    """Yield where the newest record names another decider than the policies enforced now."""
    for direction in _DIRECTIONS:
        side = now.side(direction)
        row = newest(row for row in pairing.own_rows(direction) if row.trace)
        if side is None or row is None or not row.trace or side.verdict == "Uncertain" or not side.hits:
            continue
        recorded = row.trace[-1]
        if not any(_same_decider(recorded, hit) for hit in side.hits):
            yield Disagreement(pairing.edge, direction, recorded, side.hits[0])


def _same_decider(recorded: Hit, judged: Hit) -> bool:
    """Say whether two hits are one decision. A tier's end may name another policy of the tier: Calico records the last
    that selects the endpoint, and a tier's name may stand before a policy's.
    """
    if recorded.action != judged.action or recorded.tier != judged.tier:
        return False
    if recorded.profile or END_OF_TIER in {recorded.rule_index, judged.rule_index}:
        return recorded.profile == judged.profile
    bare = {hit.name.removeprefix(f"{hit.tier}.").removeprefix("default.") for hit in (recorded, judged)}
    return recorded.namespace == judged.namespace and len(bare) == 1


def _denying_hit(rows: Sequence[Evidence]) -> Hit | None:
    row = newest(row for row in rows if row.outcome == "Denied" and row.trace)
    return row.trace[-1] if row is not None and row.trace else None


def _learnt(pairing: Pairing) -> EdgeSummary:
    return summary(pairing.edge, pairing.taught, hours=pairing.learnt)


def _admitted(judged: _Judged, learnt: EdgeSummary) -> AdmittedEdge:
    return AdmittedEdge(
        summary=without_addresses(learnt, judged.denied_addresses),
        directions=tuple(direction for direction, _ in judged.admitted),
        unverified=tuple(direction for direction, admission in judged.admitted if not admission.verified),
        partly_denied=judged.pairing.partly_denied,
        allowed_by=tuple(sorted({hit for _, admission in judged.admitted for hit in admission.allowed_by})),
    )


def _left_out(judged: _Judged) -> list[LeftOutEdge]:
    if not judged.refused:
        return []
    whole = summary(judged.pairing.edge, judged.pairing.rows)
    return [LeftOutEdge(whole, direction, refusal.reason, refusal.by) for direction, refusal in judged.refused]


def _count(judged: _Judged, counts: Counter[LeftOut]) -> int:
    """Count the records of a judged edge under their reason and return how many are admitted."""
    total = sum(row.records for row in judged.pairing.rows)
    if judged.admitted:
        admitted = sum(row.records for row in judged.pairing.taught)
        counts[LeftOut.DENIED] += total - admitted
        return admitted
    denied = sum(row.records for row in judged.pairing.rows if row.outcome == "Denied")
    counts[LeftOut.DENIED] += denied
    counts[judged.refused[0][1].reason] += total - denied
    return 0


def _admitted_key(edge: AdmittedEdge) -> tuple[object, ...]:
    return edge_key(edge.summary.edge)


def _left_out_key(edge: LeftOutEdge) -> tuple[object, ...]:
    return (edge_key(edge.summary.edge), edge.reason, edge.direction or "")
