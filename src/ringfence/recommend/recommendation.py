"""Proposed policies of one scope with everything a person needs to decide.

Promises: the content id depends on the policies alone, so more evidence for the same rules keeps it. Parts that this
version does not compute (conflicts, impact) are absent, not empty.
"""

from typing import Literal

from msgspec import Struct

from ringfence.learning.baseline import AdmittedEdge, HeldEdge, LeftOutEdge
from ringfence.model.network_set_object import NetworkSetObject
from ringfence.model.policy import Policy, Tier
from ringfence.recommend.estimator import Estimate
from ringfence.recommend.impact import Impact
from ringfence.recommend.remarks import Remark
from ringfence.recommend.schedules import UnseenRun
from ringfence.rules.permit import Permit


class Scope(Struct, frozen=True, order=True):
    """What one recommendation covers."""

    kind: Literal["Namespace", "Workload", "Host"]
    name: str


class PlacedPermit(Struct, frozen=True):
    """A permit and the rule that carries it: the policy's name and the index in its list of that direction."""

    permit: Permit
    policy: str
    rule_index: int


class Readiness(Struct, frozen=True):
    """How far learning has come (the vendor's machine). Times are Unix seconds; ``watermark`` stands for *now*."""

    state: Literal["Learning", "Stabilizing", "Stable"]
    last_change: int
    watermark: int


class Confidence(Struct, frozen=True):
    """What is known about what was not seen yet.

    ``risk`` is the probability that something new is needed within the horizon, None while unknown; ``reasons`` say
    what is missing. ``estimate`` is what it comes from, also shown where the risk is not known. The scope's sources
    were healthy in ``healthy_hours``, on ``healthy_days``, and in ``week_hours`` of the 168 hours of the week.
    ``schedules`` are its CronJobs with their next runs, ``blind`` the workloads whose older connections could not be
    seen, each None where nobody knows; of ``blind_unknown`` workloads it is not known. ``unexercised_elsewhere`` counts
    CronJobs of other namespaces that were never seen running: whom they speak to is not known.
    """

    state: Literal["Known", "Unknown"]
    risk: float | None
    reasons: tuple[str, ...]
    estimate: Estimate | None = None
    healthy_hours: int = 0
    healthy_days: int = 0
    week_hours: int = 0
    schedules: tuple[UnseenRun, ...] | None = None
    unexercised_elsewhere: int = 0
    blind: tuple[str, ...] | None = None
    blind_unknown: tuple[str, ...] = ()


class Gate(Struct, frozen=True):
    """A named condition of Ready."""

    name: str
    status: Literal["True", "False", "Unknown"]
    reason: str


class Recommendation(Struct, frozen=True):
    """One scope's proposal. ``edges`` are the admitted edges its permits come from, ``left_out`` those of its
    namespace that were kept out, ``quiet`` the workloads (texts) without evidence of their own, by direction.
    """

    scope: Scope
    content_id: str
    policies: tuple[Policy, ...]
    permits: tuple[PlacedPermit, ...]
    edges: tuple[AdmittedEdge, ...]
    left_out: tuple[LeftOutEdge, ...]
    quiet: tuple[str, ...]
    readiness: Readiness
    confidence: Confidence
    gates: tuple[Gate, ...]
    held: tuple[HeldEdge, ...] = ()
    network_sets: tuple[NetworkSetObject, ...] = ()
    remarks: tuple[Remark, ...] = ()
    impact: Impact | None = None


class Skipped(Struct, frozen=True, order=True):
    """A scope without a recommendation, and why."""

    scope: Scope
    reason: str


class RecommendationSet(Struct, frozen=True):
    """All recommendations of a run, the tiers they need, and the scopes without one, each in total order. ``tier`` is
    where their policies stand, which the cluster may have already; ``remarks`` are about the cluster as a whole.
    """

    items: tuple[Recommendation, ...]
    tiers: tuple[Tier, ...]
    skipped: tuple[Skipped, ...]
    tier: Tier | None = None
    remarks: tuple[str, ...] = ()
