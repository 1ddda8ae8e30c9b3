"""``recommend -o json``: the RecommendationList.

Promises: everything that a person needs to decide, by reference: ``edges`` holds each edge of a scope once, and permits
and ``leftOut`` name edges by id. Parts that this version does not compute (held edges, conflicts, impact) are absent.
"""

from typing import Literal

from msgspec import UNSET, UnsetType, field

from ringfence.cli.documents.document import API_VERSION, Part
from ringfence.cli.documents.edge_part import EdgePart, edge_part
from ringfence.cli.documents.permit_part import PermitPart, permit_part
from ringfence.cli.documents.records_part import RecordsPart, records_part
from ringfence.cli.judged_edges import judged_edges
from ringfence.cli.report import Report
from ringfence.dialects.calico.render import render_policy, render_tier
from ringfence.model.kubernetes_object import KubernetesObject
from ringfence.model.policy import Direction
from ringfence.model.window import rfc3339
from ringfence.recommend.recommendation import (
    Confidence,
    Gate,
    Readiness,
    Recommendation,
    Scope,
)


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


class ConfidencePart(Part, frozen=True, kw_only=True):
    """What is known of what was not seen yet; ``risk`` is a probability, absent while unknown."""

    state: Literal["Known", "Unknown"]
    risk: float | UnsetType = UNSET
    reasons: tuple[str, ...]


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
    quiet: tuple[str, ...]
    readiness: ReadinessPart
    confidence: ConfidencePart
    gates: tuple[Gate, ...]


class SkippedPart(Part, frozen=True, kw_only=True):
    """A scope without a recommendation, and why."""

    scope: Scope
    reason: str


class RecommendationList(Part, frozen=True, kw_only=True):
    """The document. ``objects`` are what all recommendations share: tiers."""

    api_version: str = API_VERSION
    kind: Literal["RecommendationList"] = "RecommendationList"
    records: RecordsPart
    objects: tuple[KubernetesObject, ...]
    skipped: tuple[SkippedPart, ...]
    items: tuple[RecommendationPart, ...]


def recommendation_list(report: Report) -> RecommendationList:
    """Return the document of a run."""
    found = report.recommendations
    return RecommendationList(
        records=records_part(report.reading.table, baseline=report.baseline),
        objects=tuple(render_tier(tier) for tier in found.tiers),
        skipped=tuple(SkippedPart(scope=each.scope, reason=each.reason) for each in found.skipped),
        items=tuple(_recommendation_part(each) for each in found.items),
    )


def _recommendation_part(recommendation: Recommendation) -> RecommendationPart:
    policies = {policy.name: policy for policy in recommendation.policies}
    namespace = next((policy.namespace for policy in recommendation.policies), None)
    return RecommendationPart(
        metadata=MetadataPart(namespace=namespace or UNSET, name=recommendation.scope.name),
        scope=recommendation.scope,
        content_id=recommendation.content_id,
        policies=tuple(render_policy(policy) for policy in recommendation.policies),
        permits=tuple(permit_part(each, policies=policies) for each in recommendation.permits),
        edges=tuple(
            edge_part(each.summary) for each in judged_edges(recommendation.edges, left_out=recommendation.left_out)
        ),
        left_out=tuple(
            LeftOutPart(edge=each.summary.edge.id, direction=each.direction or UNSET, reason=each.reason.value)
            for each in recommendation.left_out
        ),
        quiet=recommendation.quiet,
        readiness=_readiness_part(recommendation.readiness),
        confidence=_confidence_part(recommendation.confidence),
        gates=recommendation.gates,
    )


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
    )
