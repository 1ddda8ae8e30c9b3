"""Admit the edges that our tier must let through, and name why the others stay out.

Promises: without a snapshot the newest recorded trace stands for the policies enforced now. Admitted are edges that no
enforced policy decides (the namespace's profile does), that a later tier or our own policy allows; all are learnt as
Pass, so nothing that is denied today is opened. Every record of the evidence is counted once: admitted, or under one
reason. Order of tiers: only tiers whose place Calico fixes are known without a snapshot.
"""

from collections import Counter, defaultdict
from collections.abc import Container, Sequence
from typing import Final

from msgspec import Struct

from ringfence.flows.evidence import Evidence, EvidenceTable
from ringfence.flows.left_out import LeftOut
from ringfence.learning.baseline import AdmittedEdge, Baseline, LeftOutEdge
from ringfence.learning.ephemeral import Listeners, listeners
from ringfence.learning.pairing import Pairing, newest, pair, summary
from ringfence.model.edge import Edge, edge_key
from ringfence.model.endpoint import namespace_of
from ringfence.model.policy import Direction
from ringfence.model.trace import Hit, Trace

EARLIER_TIERS: Final = frozenset({"kube-admin", "adminnetworkpolicy", "calico-system", "allow-tigera"})
"""Tiers that stand before ours wherever they exist: Calico's admin tiers at 1000 and the operator's own."""
LATER_TIERS: Final = frozenset({"default", "kube-baseline", "baselineadminnetworkpolicy"})
"""Tiers that stand after ours wherever they exist: ours goes directly before ``default``."""


class _Refusal(Struct, frozen=True):
    reason: LeftOut
    by: Hit | None = None


class _Judged(Struct, frozen=True):
    """An edge with its admitted directions and the refusal of each other direction that a scope covers."""

    pairing: Pairing
    admitted: tuple[Direction, ...]
    refused: tuple[tuple[Direction | None, _Refusal], ...]


def admit(table: EvidenceTable, *, tier: str, covers: Container[str]) -> Baseline:
    """Return the baseline of the namespaces in ``covers`` under a tier of ours named ``tier``."""
    listening = listeners(table.evidence)
    rows_of: defaultdict[Edge, list[Evidence]] = defaultdict(list)
    ruled_out: defaultdict[tuple[Edge, LeftOut], list[Evidence]] = defaultdict(list)
    for row in table.evidence:
        reason = row.left_out or (LeftOut.OUTCOME_UNKNOWN if row.outcome == "Unknown" else None)
        if reason is None:
            rows_of[row.edge].append(row)
        else:
            ruled_out[row.edge, reason].append(row)
    judged = [_judge(pair(edge, rows), tier, covers, listening) for edge, rows in rows_of.items()]
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
        admitted=tuple(sorted((_admitted(each) for each in judged if each.admitted), key=_admitted_key)),
        left_out=tuple(sorted(left_out, key=_left_out_key)),
        admitted_records=admitted_records,
        left_out_records={reason: counts[reason] for reason in sorted(counts) if counts[reason]},
    )


def _judge(pairing: Pairing, tier: str, covers: Container[str], listening: Listeners) -> _Judged:
    directions = _covered(pairing.edge, covers)
    if not directions:
        return _Judged(pairing, (), ((None, _Refusal(LeftOut.NO_SCOPE)),))
    verdicts = {direction: _refusal(pairing, direction, tier, listening) for direction in directions}
    return _Judged(
        pairing,
        tuple(direction for direction, refusal in verdicts.items() if refusal is None),
        tuple((direction, refusal) for direction, refusal in verdicts.items() if refusal is not None),
    )


def _covered(edge: Edge, covers: Container[str]) -> tuple[Direction, ...]:
    directions: list[Direction] = []
    client, server = namespace_of(edge.client), namespace_of(edge.server)
    if client is not None and client in covers:
        directions.append("Egress")
    if server is not None and server in covers:
        directions.append("Ingress")
    return tuple(directions)


def _refusal(pairing: Pairing, direction: Direction, tier: str, listening: Listeners) -> _Refusal | None:
    """Return why a direction is not learnt, None when it is."""
    if pairing.denied_last:
        return _Refusal(LeftOut.DENIED, _denying_hit(pairing.rows))
    if not listening.listens(pairing.edge):
        return _Refusal(LeftOut.EPHEMERAL_PORT)
    return _decided_elsewhere(pairing.trace(direction), tier)


def _decided_elsewhere(trace: Trace | None, tier: str) -> _Refusal | None:
    """Return the refusal of an edge that a policy before ours decides, or one whose place we cannot know."""
    if not trace or trace[-1].profile or trace[-1].tier == tier or trace[-1].tier in LATER_TIERS:
        return None
    reason = LeftOut.DECIDED_EARLIER if trace[-1].tier in EARLIER_TIERS else LeftOut.TIER_ORDER_UNKNOWN
    return _Refusal(reason, trace[-1])


def _denying_hit(rows: Sequence[Evidence]) -> Hit | None:
    row = newest(row for row in rows if row.outcome == "Denied" and row.trace)
    return row.trace[-1] if row is not None and row.trace else None


def _admitted(judged: _Judged) -> AdmittedEdge:
    pairing = judged.pairing
    return AdmittedEdge(
        summary=summary(pairing.edge, pairing.taught, hours=pairing.learnt),
        directions=judged.admitted,
        unverified=tuple(direction for direction in judged.admitted if not pairing.verified(direction)),
        partly_denied=pairing.partly_denied,
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
