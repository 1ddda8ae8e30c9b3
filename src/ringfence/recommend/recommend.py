"""Make recommendations: admit, derive, assemble, weigh.

Promises: one recommendation per namespace with admitted evidence; a namespace without gets none, and a reason why, so
nothing is isolated by accident. The same evidence and settings give the same result.
"""

from collections.abc import Sequence
from hashlib import blake2b
from typing import Final

import msgspec

from ringfence.dialects.calico.limits import MAX_RULES
from ringfence.dialects.calico.render import render_policy
from ringfence.flows.evidence import EvidenceTable
from ringfence.flows.left_out import LeftOut
from ringfence.learning.admission import admit
from ringfence.learning.baseline import Baseline, LeftOutEdge
from ringfence.model.endpoint import namespace_of
from ringfence.model.policy import Policy, Tier
from ringfence.model.selector import matches
from ringfence.recommend.by_namespace import NamespacePart, by_namespace
from ringfence.recommend.confidence import confidence
from ringfence.recommend.gates import gates
from ringfence.recommend.quiet import quiet_workloads
from ringfence.recommend.readiness import readiness
from ringfence.recommend.recommendation import PlacedPermit, Recommendation, RecommendationSet, Scope, Skipped
from ringfence.recommend.settings import Settings
from ringfence.recommend.watermark import watermark
from ringfence.rules.assemble import MANAGED_BY, assemble
from ringfence.rules.passes import permits_of
from ringfence.rules.permit import Permit
from ringfence.rules.scope_baseline import ScopeBaseline
from ringfence.rules.surroundings import Surroundings, surroundings_of

TIER_ORDER: Final = 999_999.0
"""Directly before Calico's ``default`` tier at 1,000,000; without a snapshot no other tier's order is known."""
_ID_BYTES: Final = 6


def recommend(
    table: EvidenceTable, *, settings: Settings, namespaces: frozenset[str] | None = None
) -> tuple[RecommendationSet, Baseline]:
    """Return the recommendations of the selected namespaces, and the baseline they come from.

    ``namespaces`` limits the scopes that are shown, not what is learnt; a name that the settings do not select, or that
    no flow names, is skipped with its reason.
    """
    seen = _namespaces(table)
    wanted = seen if namespaces is None else namespaces
    selected = frozenset(name for name in seen if matches(settings.namespaces, {"projectcalico.org/name": name}))
    baseline = admit(table, tier=settings.tier_name, covers=selected)
    surroundings = surroundings_of(table)
    parts = by_namespace(baseline)
    items: list[Recommendation] = []
    skipped: list[Skipped] = [
        *(_skip(name, "no flow names this namespace") for name in wanted - seen),
        *(_skip(name, "not selected by namespaceSpec.selector") for name in (seen & wanted) - selected),
    ]
    for name in sorted(selected & wanted):
        match _made(name, parts.get(name, NamespacePart()), surroundings, table, settings):
            case Recommendation() as made:
                items.append(made)
            case Skipped() as skip:
                skipped.append(skip)
    tiers = (Tier(settings.tier_name, TIER_ORDER, "Deny", (MANAGED_BY,)),) if items else ()
    return RecommendationSet(tuple(items), tiers, tuple(sorted(skipped))), baseline


def _made(
    namespace: str, part: NamespacePart, surroundings: Surroundings, table: EvidenceTable, settings: Settings
) -> Recommendation | Skipped:
    if not part.admitted:
        return _skip(namespace, _why_nothing(part.left_out))
    permits = permits_of(ScopeBaseline(namespace, part.admitted, surroundings))
    policy = assemble(namespace, permits, tier=settings.tier_name)
    for direction, rules in (("ingress", policy.ingress), ("egress", policy.egress)):
        if len(rules) > MAX_RULES:
            return _skip(
                namespace,
                f"{len(rules)} {direction} rules are needed and a policy holds {MAX_RULES}; "
                "group external addresses into network sets",
            )
    quiet = quiet_workloads(namespace, edges=part.admitted, left_out=part.left_out, isolated=policy.types)
    ready = readiness(permits, part.admitted, watermark=watermark(table), settings=settings)
    sure = confidence(table)
    return Recommendation(
        scope=Scope("Namespace", namespace),
        content_id=_content_id((policy,)),
        policies=(policy,),
        permits=_placed(permits, policy),
        edges=part.admitted,
        left_out=part.left_out,
        quiet=quiet,
        readiness=ready,
        confidence=sure,
        gates=gates(permits, readiness=ready, confidence=sure, quiet=quiet, resolvers=surroundings.resolvers),
    )


def _skip(namespace: str, reason: str) -> Skipped:
    return Skipped(Scope("Namespace", namespace), reason)


def _namespaces(table: EvidenceTable) -> frozenset[str]:
    sides = (side for row in table.evidence for side in (row.edge.client, row.edge.server))
    return frozenset(namespace for side in sides if (namespace := namespace_of(side)) is not None)


def _why_nothing(left_out: Sequence[LeftOutEdge]) -> str:
    """Say why a namespace that flows name has no admitted edge."""
    reasons = sorted({each.reason for each in left_out})
    if reasons == [LeftOut.DENIED]:
        return "every edge is denied; nothing to allow"
    return f"no admitted edge; all were left out: {', '.join(reasons)}"


def _placed(permits: Sequence[Permit], policy: Policy) -> tuple[PlacedPermit, ...]:
    """Return each permit with the place of its rule: `assemble` writes one rule a permit, in order, per direction."""
    counts = {"Ingress": 0, "Egress": 0}
    placed: list[PlacedPermit] = []
    for permit in permits:
        placed.append(PlacedPermit(permit, policy.name, counts[permit.direction]))
        counts[permit.direction] += 1
    return tuple(placed)


def _content_id(policies: Sequence[Policy]) -> str:
    content = msgspec.json.encode([render_policy(policy) for policy in policies])
    return f"r-{blake2b(content, digest_size=_ID_BYTES).hexdigest()}"
