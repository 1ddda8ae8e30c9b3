"""Make recommendations: learn a baseline, deal it to scopes, make each scope's policies.

Promises: one recommendation per scope with admitted evidence; a scope without gets none, and a reason why, so nothing
is isolated by accident. The same evidence, cluster, settings and decisions give the same result.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Final, Literal

from msgspec import Struct

from ringfence.flows.evidence import EvidenceTable
from ringfence.learning.admission import admit
from ringfence.learning.baseline import Baseline
from ringfence.learning.decisions import NO_DECISIONS, Decisions
from ringfence.learning.declared_ports import declared_ports
from ringfence.learning.enforced import Enforced
from ringfence.learning.guard import guard
from ringfence.model.cluster import Cluster
from ringfence.model.endpoint import namespace_of
from ringfence.model.policy import Tier
from ringfence.model.selector import matches
from ringfence.recommend.by_scope import ScopePart, by_namespace, by_workload
from ringfence.recommend.history import NO_ZONES, history_of
from ringfence.recommend.host_scopes import host_scopes
from ringfence.recommend.impacts import with_impacts
from ringfence.recommend.make import Making, made, made_of_host
from ringfence.recommend.recommendation import Recommendation, RecommendationSet, Scope, Skipped
from ringfence.recommend.remarks import cluster_remarks
from ringfence.recommend.schedules import Zones
from ringfence.recommend.scope_workloads import workloads_by_namespace
from ringfence.recommend.settings import Settings
from ringfence.recommend.watermark import watermark
from ringfence.rules.platform import Platform, namespace_role, platform
from ringfence.rules.surroundings import Surroundings, surroundings_of
from ringfence.rules.tier_place import TierPlace, new_tier, tier_place

Grain = Literal["namespace", "workload", "host"]
NO_FLOW: Final = "no flow names this namespace"
NOT_SELECTED: Final = "not selected by namespaceSpec.selector"


class _Namespaces(Struct, frozen=True):
    """Which namespaces are learnt (``covered``), which of them are shown, and why the others are not."""

    covered: frozenset[str]
    shown: frozenset[str]
    skipped: Mapping[str, str]


def recommend(
    table: EvidenceTable,
    *,
    settings: Settings,
    namespaces: frozenset[str] | None = None,
    cluster: Cluster | None = None,
    decisions: Decisions = NO_DECISIONS,
    zones: Zones = NO_ZONES,
    grain: Grain | None = None,
) -> tuple[RecommendationSet, Baseline]:
    """Return the recommendations of the selected scopes, and the baseline they come from.

    ``namespaces`` limits the scopes that are shown, not what is learnt; a name that the settings do not select, or that
    no flow names, is skipped with its reason. ``cluster`` is the snapshot, None where there is none; ``zones`` are the
    time zones that its CronJobs name. ``grain`` is the settings' where it is None.
    """
    place = tier_place(settings.tier_name, cluster)
    tier = place.tier if isinstance(place, TierPlace) else new_tier(settings.tier_name)
    surroundings = surroundings_of(table, cluster=cluster, settings=settings.rules, tier=tier)
    chosen = _namespaces(table, surroundings, settings, namespaces)
    enforced = None if cluster is None else Enforced(cluster, tier=tier.name, order=tier.order)
    baseline = _baseline(table, chosen.covered, surroundings, settings, decisions, tier, enforced)
    making = Making(
        surroundings,
        history_of(table, watermark=watermark(table), cluster=cluster, zones=zones),
        settings,
        {} if cluster is None else workloads_by_namespace(cluster.inventory),
        baseline.disagreements,
        enforced,
    )
    results: list[Recommendation | Skipped] = []
    if grain == "host":
        return _of_hosts(table, making), baseline
    results += (Skipped(Scope("Namespace", name), reason) for name, reason in chosen.skipped.items())
    for part in _parts(baseline, surroundings, chosen, settings, grain):
        results.append(made(part, making) if isinstance(place, TierPlace) else Skipped(part.scope, place.reason))
    items = tuple(each for each in results if isinstance(each, Recommendation))
    tiers = (tier,) if items and isinstance(place, TierPlace) and place.written else ()
    items = with_impacts(items, cluster, tiers=tiers)
    skipped = sorted(each for each in results if isinstance(each, Skipped))
    return RecommendationSet(items, tiers, tuple(skipped), tier, cluster_remarks(surroundings)), baseline


def _baseline(
    table: EvidenceTable,
    covered: frozenset[str],
    surroundings: Surroundings,
    settings: Settings,
    decisions: Decisions,
    tier: Tier,
    enforced: Enforced | None,
) -> Baseline:
    cluster = surroundings.cluster
    admitted = admit(
        table,
        tier=tier.name,
        covers=covered,
        enforced=enforced,
        brownfield=settings.brownfield,
        declared_ports=frozenset() if cluster is None else declared_ports(cluster.inventory),
    )
    inventory = None if cluster is None else cluster.inventory
    return guard(admitted, table, settings=settings.guard, decisions=decisions, inventory=inventory)


def _namespaces(
    table: EvidenceTable, surroundings: Surroundings, settings: Settings, asked: frozenset[str] | None
) -> _Namespaces:
    """Choose: what flows name and settings select, but for the platform, which must be asked for by name."""
    sides = (side for row in table.evidence for side in (row.edge.client, row.edge.server))
    seen = frozenset(namespace for side in sides if (namespace := namespace_of(side)) is not None)
    inhabited = seen | _inhabited(surroundings.cluster)
    selected = {name for name in inhabited if matches(settings.namespaces, {"projectcalico.org/name": name})}
    roles = {} if settings.platform else _roles(selected - (asked or frozenset()), surroundings)
    skipped: dict[str, str] = {}
    for name in inhabited if asked is None else asked:
        if name not in inhabited:
            skipped[name] = NO_FLOW
        elif name not in selected:
            skipped[name] = NOT_SELECTED
        elif name in roles:
            skipped[name] = f"platform ({roles[name]}); name it with -n, or set namespaceSpec.platform, to govern it"
        elif name not in seen:
            skipped[name] = NO_FLOW
    covered = frozenset(selected & seen) - roles.keys()
    return _Namespaces(covered, covered if asked is None else covered & asked, skipped)


def _inhabited(cluster: Cluster | None) -> frozenset[str]:
    """Return the namespaces in which workloads are, whether flows name them or not."""
    if cluster is None:
        return frozenset()
    inventory = cluster.inventory
    return frozenset(each.namespace for each in inventory.controllers) | {each.namespace for each in inventory.pods}


def _roles(names: Collection[str], surroundings: Surroundings) -> Mapping[str, str]:
    """Return what each platform namespace is the platform of, as far as the snapshot, or its name, tells."""
    known: Platform | None = None
    if surroundings.cluster is not None:
        declared = surroundings.declared
        known = platform(surroundings.cluster.inventory, called=declared.called, resolvers=surroundings.resolvers)
    roles: dict[str, str] = {}
    for name in names:
        reasons = known.of_namespace(name) if known is not None else ()
        role = reasons[0] if reasons else namespace_role(name)
        if role is not None:
            roles[name] = role
    return roles


def _parts(
    baseline: Baseline, surroundings: Surroundings, chosen: _Namespaces, settings: Settings, grain: Grain | None
) -> Iterator[ScopePart]:
    """Yield the part of each scope that is shown; a namespace without any is one without evidence."""
    by = grain or settings.rules.granularity.lower()
    parts = by_workload(baseline, surroundings.selectors) if by == "workload" else by_namespace(baseline)
    shown = [each for each in parts.values() if each.namespace in chosen.shown]
    yield from shown
    for name in sorted(chosen.shown.difference(each.namespace for each in shown)):
        yield ScopePart(Scope("Namespace", name), name)


def _of_hosts(table: EvidenceTable, making: Making) -> RecommendationSet:
    settings, cluster = making.settings, making.surroundings.cluster
    place = tier_place(settings.hosts.tier_name, cluster)
    found = host_scopes(table, making.surroundings, settings=settings.hosts)
    if not isinstance(place, TierPlace):
        refused = (Skipped(scope, place.reason) for scope, _, _ in found.made)
        return RecommendationSet((), (), tuple(sorted([*found.skipped, *refused])))
    items = tuple(made_of_host(*each, making) for each in found.made)
    return RecommendationSet(items, (place.tier,) if items and place.written else (), found.skipped, place.tier)
