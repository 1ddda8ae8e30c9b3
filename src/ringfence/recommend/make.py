"""Make one scope's recommendation: its permits, its policies, and where it stands.

Promises: what is refused says why; the content id depends on the policies alone.
"""

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Final

import msgspec
from msgspec import Struct

from ringfence.dialects.calico.render import render_network_set, render_policy
from ringfence.flows.left_out import LeftOut
from ringfence.learning.baseline import AdmittedEdge, Disagreement, HeldEdge, LeftOutEdge
from ringfence.learning.enforced import Enforced
from ringfence.model.policy import Direction
from ringfence.model.trace import Hit
from ringfence.recommend.by_scope import ScopePart
from ringfence.recommend.confidence import confidence
from ringfence.recommend.gates import Standing, gates
from ringfence.recommend.history import History
from ringfence.recommend.host_scopes import HostPart
from ringfence.recommend.quiet import isolated_quiet, quiet_in
from ringfence.recommend.readiness import readiness
from ringfence.recommend.recommendation import PlacedPermit, Recommendation, Scope, Skipped
from ringfence.recommend.remarks import Remark, remarks
from ringfence.recommend.settings import Settings
from ringfence.recommend.uncovered import uncovered
from ringfence.rules.passes import permits_of
from ringfence.rules.scope_policies import ScopePolicies, scope_policies
from ringfence.rules.surroundings import Surroundings
from ringfence.rules.whom import Refused
from ringfence.semantics.workloads import KnownWorkload

_ID_BYTES: Final = 6
_DIRECTIONS: Final[tuple[Direction, Direction]] = ("Ingress", "Egress")


class Making(Struct, frozen=True):
    """What every scope of a run is made with. ``workloads`` are the snapshot's, by namespace; ``enforced`` is None
    without a snapshot.
    """

    surroundings: Surroundings
    history: History
    settings: Settings
    workloads: Mapping[str, Sequence[KnownWorkload]]
    disagreements: tuple[Disagreement, ...] = ()
    enforced: Enforced | None = None

    def earlier(self, edges: Sequence[AdmittedEdge]) -> tuple[Hit, ...]:
        """Return the hits before our tier that allow edges which are learnt all the same."""
        if self.enforced is None:
            return ()
        hits = sorted({hit for each in edges for hit in each.allowed_by})
        return tuple(hit for hit in hits if self.enforced.place(hit) == "earlier")

    def of(self, part: ScopePart) -> Sequence[KnownWorkload]:
        """Return the snapshot's workloads of a scope."""
        every = self.workloads.get(part.namespace, ())
        return every if part.workloads is None else [each for each in every if each.name in part.workloads]


class _Learnt(Struct, frozen=True):
    """What a recommendation rests on."""

    edges: tuple[AdmittedEdge, ...]
    left_out: tuple[LeftOutEdge, ...]
    held: tuple[HeldEdge, ...] = ()
    quiet: tuple[str, ...] = ()
    remarks: tuple[Remark, ...] = ()


def made(part: ScopePart, making: Making) -> Recommendation | Skipped:
    """Return the recommendation of a namespace or a workload, or why there is none."""
    if not part.admitted:
        return Skipped(part.scope, why_nothing(part.left_out, part.held))
    if part.unknown is not None:
        return Skipped(part.scope, f"no label tells its pods apart ({part.unknown}), so no policy can select them")
    scope = part.baseline(making.surroundings)
    permits = permits_of(scope)
    isolated = [each for each in _DIRECTIONS if any(permit.direction == each for permit in permits)]
    quiet = quiet_in(scope, left_out=part.left_out, isolated=isolated)
    policies = scope_policies(scope, permits, tier=making.settings.tier_name, quiet=quiet)
    if isinstance(policies, Refused):
        return Skipped(part.scope, policies.reason)
    told = remarks(scope, making.disagreements, earlier=making.earlier(part.admitted))
    learnt = _Learnt(part.admitted, part.left_out, part.held, isolated_quiet(scope, quiet), told)
    return _recommendation(part.scope, policies, learnt, making, making.of(part))


def made_of_host(scope: Scope, part: HostPart, policies: ScopePolicies, making: Making) -> Recommendation:
    """Return the recommendation of a host endpoint."""
    return _recommendation(scope, policies, _Learnt(part.admitted, part.left_out), making, ())


def why_nothing(left_out: Sequence[LeftOutEdge], held: Sequence[HeldEdge]) -> str:
    """Say why a scope that flows name has no admitted edge."""
    reasons = sorted({each.reason for each in left_out})
    if held:
        return f"every edge that could be learnt is held for a decision ({len(held)})"
    if reasons == [LeftOut.DENIED]:
        return "every edge is denied; nothing to allow"
    return f"no admitted edge; all were left out: {', '.join(reasons)}"


def _recommendation(
    scope: Scope, policies: ScopePolicies, learnt: _Learnt, making: Making, workloads: Sequence[KnownWorkload]
) -> Recommendation:
    history, settings, cluster = making.history, making.settings, making.surroundings.cluster
    permits = policies.permits
    ready = readiness(permits, learnt.edges, watermark=history.watermark, settings=settings)
    sure = confidence(history, permits, learnt.edges, scope=scope, workloads=workloads, settings=settings)
    new = None
    if cluster is not None:
        new = uncovered(workloads, edges=learnt.edges, policies=cluster.policies, tier=settings.tier_name)
    standing = Standing(
        permits,
        ready,
        sure,
        making.surroundings.resolvers,
        quiet=learnt.quiet,
        workloads_known=cluster is not None and "Pod" not in cluster.inventory.missing,
        uncovered=new,
        held=learnt.held,
    )
    return Recommendation(
        scope=scope,
        content_id=_content_id(policies),
        policies=policies.policies,
        permits=tuple(
            PlacedPermit(permit, place.policy, place.rule_index)
            for permit, place in zip(permits, policies.places, strict=True)
        ),
        edges=learnt.edges,
        left_out=learnt.left_out,
        quiet=learnt.quiet,
        readiness=ready,
        confidence=sure,
        gates=gates(standing, settings=settings),
        held=learnt.held,
        network_sets=policies.network_sets,
        remarks=learnt.remarks,
    )


def _content_id(policies: ScopePolicies) -> str:
    objects = [
        *(render_network_set(each) for each in policies.network_sets),
        *(render_policy(each) for each in policies.policies),
    ]
    return f"r-{blake2b(msgspec.json.encode(objects), digest_size=_ID_BYTES).hexdigest()}"
