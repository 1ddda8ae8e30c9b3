"""``replay -o json``: the Replay.

Promises: each changed edge once, in the edges' order, with the trace at both ends before and after; a side that is no
endpoint of Calico's is absent. ``notJudged`` counts, in the summary, edges that no policy could be asked about.
"""

from collections import Counter
from typing import Literal

from msgspec import UNSET, UnsetType

from ringfence.cli.documents.document import API_VERSION, Part
from ringfence.cli.documents.edge_part import EdgePart, edge_part
from ringfence.cli.documents.hit_part import HitPart, PolicyPart, hit_part, policy_part
from ringfence.cli.documents.records_part import RecordsPart
from ringfence.model.verdict import Judgement, Side, Verdict
from ringfence.semantics.scopes import Scope
from ringfence.verify.overlay import Difference
from ringfence.verify.replay import Change, ChangeKind, Replay


class ReplayUncertainPart(Part, frozen=True, kw_only=True):
    """What is not known, and how it may end."""

    reason: str
    outcomes: tuple[Literal["Allow", "Deny"], ...]


class ReplayedPart(Part, frozen=True, kw_only=True):
    """The verdict of an edge under one policy set. A trace of an uncertain side is that of its first outcome."""

    verdict: Verdict
    egress: tuple[HitPart, ...] | UnsetType = UNSET
    ingress: tuple[HitPart, ...] | UnsetType = UNSET
    uncertain: ReplayUncertainPart | UnsetType = UNSET


class WitnessPart(Part, frozen=True, kw_only=True):
    """The pods or addresses of the connection that was judged."""

    source: str
    destination: str


class DeviationPart(Part, frozen=True, kw_only=True):
    """Where Calico's own preview of staged policies misleads about this edge."""

    id: str
    sentence: str


class ReplayChangePart(Part, frozen=True, kw_only=True):
    """What becomes of an edge. ``partly``: others of its pods or addresses do not change so; ``addresses`` are those
    of its network that do.
    """

    edge: EdgePart
    change: ChangeKind
    before: ReplayedPart
    after: ReplayedPart
    witness: WitnessPart
    partly: bool | UnsetType = UNSET
    addresses: tuple[str, ...] | UnsetType = UNSET
    deviations: tuple[DeviationPart, ...] | UnsetType = UNSET


class ReplaySummaryPart(Part, frozen=True, kw_only=True):
    """How many edges were judged, and what becomes of them: edges = unchanged + cut + opened + uncertain."""

    edges: int
    unchanged: int
    cut: int
    opened: int
    uncertain: int
    not_judged: dict[str, int] | UnsetType = UNSET


class DifferencePart(Part, frozen=True, kw_only=True):
    """The policies by which both sets differ."""

    added: tuple[PolicyPart, ...]
    changed: tuple[PolicyPart, ...]
    deleted: tuple[PolicyPart, ...]


class NotJudgedPart(Part, frozen=True, kw_only=True):
    """An edge that no policy could be asked about, and why."""

    edge: EdgePart
    reason: str


class ReplayDocument(Part, frozen=True, kw_only=True):
    """The document. ``policies`` says what the written policies change as objects."""

    api_version: str = API_VERSION
    kind: Literal["Replay"] = "Replay"
    mode: Scope
    records: RecordsPart
    summary: ReplaySummaryPart
    policies: DifferencePart
    changes: tuple[ReplayChangePart, ...]
    not_judged: tuple[NotJudgedPart, ...] | UnsetType = UNSET


def replay_document(replayed: Replay, *, records: RecordsPart, difference: Difference) -> ReplayDocument:
    """Return the document form of a replay."""
    return ReplayDocument(
        mode=replayed.mode,
        records=records,
        summary=replay_summary_part(replayed),
        policies=DifferencePart(
            added=tuple(map(policy_part, difference.added)),
            changed=tuple(map(policy_part, difference.changed)),
            deleted=tuple(map(policy_part, difference.deleted)),
        ),
        changes=tuple(map(replay_change_part, replayed.changes)),
        not_judged=tuple(NotJudgedPart(edge=edge_part(each.seen), reason=each.reason) for each in replayed.not_judged)
        or UNSET,
    )


def replay_summary_part(replayed: Replay) -> ReplaySummaryPart:
    """Return the counts of a replay."""
    reasons = Counter(each.reason for each in replayed.not_judged)
    return ReplaySummaryPart(
        edges=replayed.judged,
        unchanged=len(replayed.unchanged),
        cut=len(replayed.of("Cut")),
        opened=len(replayed.of("Opened")),
        uncertain=len(replayed.of("Uncertain")),
        not_judged=dict(sorted(reasons.items())) or UNSET,
    )


def replay_change_part(change: Change) -> ReplayChangePart:
    """Return the document form of what becomes of an edge."""
    return ReplayChangePart(
        edge=edge_part(change.seen),
        change=change.change,
        before=_replayed(change.before),
        after=_replayed(change.after),
        witness=WitnessPart(source=change.connection.source.name, destination=change.connection.destination.name),
        partly=change.partly or UNSET,
        addresses=change.addresses or UNSET,
        deviations=tuple(DeviationPart(id=each.id, sentence=each.sentence) for each in change.preview) or UNSET,
    )


def _replayed(judgement: Judgement) -> ReplayedPart:
    uncertain: ReplayUncertainPart | UnsetType = UNSET
    if judgement.verdict == "Uncertain":
        sides = [side for side in (judgement.egress, judgement.ingress) if side is not None]
        reasons = dict.fromkeys(text for side in sides if side.verdict == "Uncertain" for text in side.unknown)
        uncertain = ReplayUncertainPart(reason="; ".join(reasons), outcomes=("Allow", "Deny"))
    return ReplayedPart(
        verdict=judgement.verdict,
        egress=_trace(judgement.egress),
        ingress=_trace(judgement.ingress),
        uncertain=uncertain,
    )


def _trace(side: Side | None) -> tuple[HitPart, ...] | UnsetType:
    return UNSET if side is None else tuple(map(hit_part, side.trace))
