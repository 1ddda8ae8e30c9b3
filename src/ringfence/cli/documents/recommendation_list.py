"""``recommend -o json``: the RecommendationList.

Promises: everything that a person needs to decide, by reference: ``edges`` holds each edge of a scope once, and permits
and ``leftOut`` name edges by id. Parts that this version does not compute (conflicts) are absent, and so is the
impact where there is no snapshot.
"""

from collections.abc import Iterator
from typing import Literal

from msgspec import UNSET, UnsetType, field

from ringfence.cli.documents.document import API_VERSION, Part
from ringfence.cli.documents.edge_part import EdgePart, edge_part
from ringfence.cli.documents.held_part import HeldPart, held_edge_parts, held_parts
from ringfence.cli.documents.impact_part import ImpactPart, impact_part
from ringfence.cli.documents.permit_part import PermitPart, permit_part
from ringfence.cli.documents.records_part import RecordsPart, records_part
from ringfence.cli.judged_edges import judged_edges
from ringfence.cli.report import Report
from ringfence.dialects.calico.render import (
    render_network_set,
    render_policy,
    render_staged_kubernetes_policy,
    render_tier,
)
from ringfence.dialects.kubernetes.render import render_network_policy
from ringfence.model.kubernetes_object import KubernetesObject
from ringfence.model.policy import Direction
from ringfence.model.window import rfc3339
from ringfence.recommend.estimator import Estimate
from ringfence.recommend.recommendation import (
    Confidence,
    Gate,
    Readiness,
    Recommendation,
    Scope,
)
from ringfence.recommend.remarks import Remark
from ringfence.recommend.schedules import UnseenRun


class MetadataPart(Part, frozen=True, kw_only=True):
    """The recommendation's name; ``namespace`` is absent for a scope that is no namespace."""

    namespace: str | UnsetType = UNSET
    name: str


class LeftOutPart(Part, frozen=True, kw_only=True):
    """An edge, or one direction of it, that is in no permit, and why."""

    edge: str
    direction: Direction | UnsetType = UNSET
    reason: str


class ReadinessPart(Part, frozen=True, kw_only=True):
    """How far learning has come: when the rules last changed, judged at the time of ``watermark``."""

    state: Literal["Learning", "Stabilizing", "Stable"]
    last_change: str
    watermark: str


class SchedulePart(Part, frozen=True, kw_only=True):
    """A CronJob: when it was last seen running (absent: never), and its next runs."""

    name: str
    cron: str
    time_zone: str | UnsetType = UNSET
    suspended: bool
    last_seen: str | UnsetType = UNSET
    next_runs: tuple[str, ...]
    unknown: str | UnsetType = UNSET


class ConfidencePart(Part, frozen=True, kw_only=True):
    """What is known of what was not seen yet; ``risk`` is a probability, absent while unknown; ``estimate`` is what it
    comes from. ``schedules`` are the scope's CronJobs, ``blind`` the workloads whose older connections nobody saw;
    absent where nobody knows.
    """

    state: Literal["Known", "Unknown"]
    risk: float | UnsetType = UNSET
    reasons: tuple[str, ...]
    healthy_hours: int
    healthy_days: int
    week_hours: int
    estimate: Estimate | UnsetType = UNSET
    schedules: tuple[SchedulePart, ...] | UnsetType = UNSET
    blind: tuple[str, ...] | UnsetType = UNSET


class RecommendationPart(Part, frozen=True, kw_only=True):
    """One scope's proposal."""

    kind: Literal["Recommendation"] = "Recommendation"
    metadata: MetadataPart
    scope: Scope
    content_id: str = field(name="contentID")
    policies: tuple[KubernetesObject, ...]
    permits: tuple[PermitPart, ...]
    edges: tuple[EdgePart, ...]
    left_out: tuple[LeftOutPart, ...]
    held: tuple[HeldPart, ...]
    quiet: tuple[str, ...]
    readiness: ReadinessPart
    confidence: ConfidencePart
    gates: tuple[Gate, ...]
    remarks: tuple[Remark, ...]
    impact: ImpactPart | UnsetType = UNSET


class SkippedPart(Part, frozen=True, kw_only=True):
    """A scope without a recommendation, and why."""

    scope: Scope
    reason: str


class RecommendationList(Part, frozen=True, kw_only=True):
    """The document. ``objects`` are what the policies need beside them: tiers and network sets."""

    api_version: str = API_VERSION
    kind: Literal["RecommendationList"] = "RecommendationList"
    records: RecordsPart
    objects: tuple[KubernetesObject, ...]
    skipped: tuple[SkippedPart, ...]
    items: tuple[RecommendationPart, ...]
    remarks: tuple[str, ...]


def recommendation_list(report: Report) -> RecommendationList:
    """Return the document of a run."""
    found = report.recommendations
    return RecommendationList(
        records=records_part(report.reading.table, baseline=report.baseline),
        objects=(
            *(render_tier(tier) for tier in found.tiers),
            *(render_network_set(each) for item in found.items for each in item.network_sets),
        ),
        skipped=tuple(SkippedPart(scope=each.scope, reason=each.reason) for each in found.skipped),
        items=tuple(_recommendation_part(each, report) for each in found.items),
        remarks=found.remarks,
    )


def _recommendation_part(recommendation: Recommendation, report: Report) -> RecommendationPart:
    policies = {policy.name: policy for policy in recommendation.policies}
    namespace = next((policy.namespace for policy in recommendation.policies), None)
    return RecommendationPart(
        metadata=MetadataPart(namespace=namespace or UNSET, name=recommendation.scope.name),
        scope=recommendation.scope,
        content_id=recommendation.content_id,
        policies=tuple(_policies(recommendation, report)),
        permits=tuple(permit_part(each, policies=policies) for each in recommendation.permits),
        edges=_edge_parts(recommendation),
        left_out=tuple(
            LeftOutPart(edge=each.summary.edge.id, direction=each.direction or UNSET, reason=each.reason.value)
            for each in recommendation.left_out
        ),
        held=held_parts(recommendation.held),
        quiet=recommendation.quiet,
        readiness=_readiness_part(recommendation.readiness),
        confidence=_confidence_part(recommendation.confidence),
        gates=recommendation.gates,
        remarks=recommendation.remarks,
        impact=UNSET if recommendation.impact is None else impact_part(recommendation.impact),
    )


def _policies(recommendation: Recommendation, report: Report) -> Iterator[KubernetesObject]:
    """Yield the policies in the dialect that was asked for."""
    if report.kubernetes is None:
        yield from (render_policy(policy) for policy in recommendation.policies)
        return
    for each in report.kubernetes[recommendation.scope]:
        yield render_network_policy(each) if each.staged is None else render_staged_kubernetes_policy(each)


def _edge_parts(recommendation: Recommendation) -> tuple[EdgePart, ...]:
    """Return every edge that the recommendation names, each id once."""
    judged = judged_edges(recommendation.edges, left_out=recommendation.left_out)
    named = {part.id: part for part in (edge_part(each.summary) for each in judged)}
    for part in held_edge_parts(recommendation.held):
        named.setdefault(part.id, part)
    return tuple(named.values())


def _readiness_part(readiness: Readiness) -> ReadinessPart:
    return ReadinessPart(
        state=readiness.state,
        last_change=rfc3339(readiness.last_change),
        watermark=rfc3339(readiness.watermark),
    )


def _confidence_part(confidence: Confidence) -> ConfidencePart:
    return ConfidencePart(
        state=confidence.state,
        risk=UNSET if confidence.risk is None else confidence.risk,
        reasons=confidence.reasons,
        healthy_hours=confidence.healthy_hours,
        healthy_days=confidence.healthy_days,
        week_hours=confidence.week_hours,
        estimate=confidence.estimate or UNSET,
        schedules=UNSET if confidence.schedules is None else tuple(map(_schedule_part, confidence.schedules)),
        blind=UNSET if confidence.blind is None else confidence.blind,
    )


def _schedule_part(run: UnseenRun) -> SchedulePart:
    return SchedulePart(
        name=run.name,
        cron=run.cron,
        time_zone=run.time_zone or UNSET,
        suspended=run.suspended,
        last_seen=UNSET if run.last_seen is None else rfc3339(run.last_seen),
        next_runs=tuple(map(rfc3339, run.next_runs)),
        unknown=run.unknown or UNSET,
    )
