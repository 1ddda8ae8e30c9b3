"""Make recommendations: admit, derive, assemble, weigh.

Promises: one recommendation per namespace with admitted evidence; a namespace without gets none, and a reason why, so
nothing is isolated by accident. The same evidence and settings give the same result.
"""

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Final

import msgspec

from ringfence.dialects.calico.limits import MAX_RULES
from ringfence.dialects.calico.render import render_policy
from ringfence.flows.evidence import EvidenceTable
from ringfence.flows.left_out import LeftOut
from ringfence.learning.admission import admit
from ringfence.learning.baseline import AdmittedEdge, Baseline, LeftOutEdge
from ringfence.model.endpoint import NetworkSet, Workload, endpoint_text
from ringfence.model.policy import Direction, Policy, Tier
from ringfence.model.selector import matches
from ringfence.recommend.confidence import confidence
from ringfence.recommend.gates import gates
from ringfence.recommend.readiness import readiness
from ringfence.recommend.recommendation import (
    PlacedPermit,
    Recommendation,
    RecommendationSet,
    Scope,
    Skipped,
)
from ringfence.recommend.settings import Settings
from ringfence.recommend.watermark import watermark
from ringfence.rules.assemble import MANAGED_BY, assemble
from ringfence.rules.declare_resolver import declare_resolver
from ringfence.rules.derive import Surroundings, derive
from ringfence.rules.merge import merge
from ringfence.rules.permit import Permit
from ringfence.rules.resolver import find_resolvers
from ringfence.rules.split import split

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
    wanted = seen if namespaces is None else frozenset(namespaces)
    selected = frozenset(name for name in seen if matches(settings.namespaces, _name_label(name)))
    baseline = admit(table, tier=settings.tier_name, covers=selected)
    surroundings = Surroundings(table.labels, _network_sets(table), find_resolvers(table))
    by_namespace = _edges_by_namespace(baseline)
    left_out = _left_out_by_namespace(baseline)
    items: list[Recommendation] = []
    skipped: list[Skipped] = [
        *(_skip(name, "no flow names this namespace") for name in wanted - seen),
        *(_skip(name, "not selected by namespaceSpec.selector") for name in (seen & wanted) - selected),
    ]
    for name in sorted(selected & wanted):
        edges = by_namespace.get(name, ())
        if not edges:
            skipped.append(_skip(name, _why_nothing(left_out.get(name, ()))))
            continue
        made = _recommendation(name, edges, left_out.get(name, ()), surroundings, table, settings)
        (items if isinstance(made, Recommendation) else skipped).append(made)  # type: ignore[arg-type]
    tiers = (Tier(settings.tier_name, TIER_ORDER, "Deny", (MANAGED_BY,)),) if items else ()
    return RecommendationSet(tuple(items), tiers, tuple(sorted(skipped))), baseline


def _recommendation(
    namespace: str,
    edges: Sequence[AdmittedEdge],
    left_out: Sequence[LeftOutEdge],
    surroundings: Surroundings,
    table: EvidenceTable,
    settings: Settings,
) -> Recommendation | Skipped:
    derived = derive(namespace, edges, surroundings)
    declared = declare_resolver(derived, namespace, edges, surroundings.resolvers)
    permits = split(merge(declared))
    policy = assemble(namespace, permits, tier=settings.tier_name)
    for direction, rules in (("ingress", policy.ingress), ("egress", policy.egress)):
        if len(rules) > MAX_RULES:
            return _skip(
                namespace,
                f"{len(rules)} {direction} rules are needed and a policy holds {MAX_RULES}; "
                "group external addresses into network sets",
            )
    quiet = _quiet(namespace, edges, policy)
    ready = readiness(permits, edges, watermark=watermark(table), settings=settings)
    sure = confidence(table)
    return Recommendation(
        scope=Scope("Namespace", namespace),
        content_id=_content_id((policy,)),
        policies=(policy,),
        permits=_placed(permits, policy),
        edges=tuple(edges),
        left_out=tuple(left_out),
        quiet=quiet,
        readiness=ready,
        confidence=sure,
        gates=gates(permits, readiness=ready, confidence=sure, quiet=quiet, resolvers=surroundings.resolvers),
    )


def _name_label(namespace: str) -> Mapping[str, str]:
    return {"projectcalico.org/name": namespace}


def _skip(namespace: str, reason: str) -> Skipped:
    return Skipped(Scope("Namespace", namespace), reason)


def _namespaces(table: EvidenceTable) -> frozenset[str]:
    return frozenset(
        side.namespace
        for row in table.evidence
        for side in (row.edge.client, row.edge.server)
        if isinstance(side, Workload)
    )


def _network_sets(table: EvidenceTable) -> frozenset[NetworkSet]:
    return frozenset(
        side for row in table.evidence for side in (row.edge.client, row.edge.server) if isinstance(side, NetworkSet)
    )


def _scopes(each: AdmittedEdge) -> frozenset[str]:
    """Return the namespaces whose rules an admitted edge makes."""
    edge = each.summary.edge
    sides = [("Egress", edge.client), ("Ingress", edge.server)]
    return frozenset(
        side.namespace for direction, side in sides if direction in each.directions and isinstance(side, Workload)
    )


def _edges_by_namespace(baseline: Baseline) -> dict[str, list[AdmittedEdge]]:
    found: dict[str, list[AdmittedEdge]] = {}
    for each in baseline.admitted:
        for namespace in _scopes(each):
            found.setdefault(namespace, []).append(each)
    return found


def _left_out_by_namespace(baseline: Baseline) -> dict[str, list[LeftOutEdge]]:
    found: dict[str, list[LeftOutEdge]] = {}
    for each in baseline.left_out:
        edge = each.summary.edge
        sides: list[tuple[Direction, object]] = [("Egress", edge.client), ("Ingress", edge.server)]
        covered = {
            side.namespace
            for direction, side in sides
            if each.direction in {None, direction} and isinstance(side, Workload)
        }
        for namespace in covered:
            found.setdefault(namespace, []).append(each)
    return found


def _why_nothing(left_out: Sequence[LeftOutEdge]) -> str:
    """Say why a namespace that flows name has no admitted edge."""
    reasons = sorted({each.reason for each in left_out})
    if reasons == [LeftOut.DENIED]:
        return "every edge is denied; nothing to allow"
    if reasons:
        return f"no admitted edge; all were left out: {', '.join(reasons)}"
    return "no edge of its own; it is only a peer of others"


def _quiet(namespace: str, edges: Sequence[AdmittedEdge], policy: Policy) -> tuple[str, ...]:
    """Return the namespace's workloads that the policy isolates in a direction in which they were never seen."""
    speaking: dict[Direction, set[Workload]] = {"Egress": set(), "Ingress": set()}
    for each in edges:
        edge = each.summary.edge
        for direction, side in (("Egress", edge.client), ("Ingress", edge.server)):
            if isinstance(side, Workload) and side.namespace == namespace and direction in each.directions:
                speaking["Egress" if direction == "Egress" else "Ingress"].add(side)
    known = speaking["Egress"] | speaking["Ingress"]
    return tuple(
        sorted(
            f"{endpoint_text(workload)} {direction.lower()}"
            for direction in policy.types
            for workload in known - speaking[direction]
        )
    )


def _placed(permits: Sequence[Permit], policy: Policy) -> tuple[PlacedPermit, ...]:
    counts = {"Ingress": 0, "Egress": 0}
    placed: list[PlacedPermit] = []
    for permit in permits:
        placed.append(PlacedPermit(permit, policy.name, counts[permit.direction]))
        counts[permit.direction] += 1
    return tuple(placed)


def _content_id(policies: Sequence[Policy]) -> str:
    content = msgspec.json.encode([render_policy(policy) for policy in policies])
    return f"r-{blake2b(content, digest_size=_ID_BYTES).hexdigest()}"
