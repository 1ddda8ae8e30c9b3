"""Where Calico's own preview of staged policies would mislead about a connection.

Promises: calico-semantics 4.10. Each deviation is told only where it changes what a rule that was consulted says of
this connection, or hides what a staged object would do. Ours is the answer of the dataplane; theirs is another.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from ringfence.model.address_set import Family
from ringfence.model.cluster_policy import ClusterPolicy
from ringfence.model.policy import Direction
from ringfence.model.policy_set import AnyPolicy, PolicySet
from ringfence.model.protocol import SCTP
from ringfence.model.trace import END_OF_TIER, PolicyRef
from ringfence.model.verdict import Judgement, Side
from ringfence.semantics.connection import Connection, Subject
from ringfence.semantics.effective import (
    EffectiveMatch,
    EffectivePolicy,
    EffectiveRule,
    EffectiveTier,
    Ports,
    ServiceMembers,
)
from ringfence.semantics.matching import holds, unknowns
from ringfence.semantics.reference import at_endpoint
from ringfence.semantics.resolve import BUILT_IN_TIERS
from ringfence.semantics.scopes import ref_of, twin_of
from ringfence.semantics.words import policy_words


class Deviation(Struct, frozen=True, order=True):
    """A place where the preview misleads: a short id that stays, and a sentence."""

    id: str
    sentence: str


AsPreviewed = Callable[[EffectiveRule, Connection, Family], EffectiveRule]
"""A rule as Calico's checker reads it, for one feature: the same rule where it does not use the feature."""


def deviations(
    policies: PolicySet, tiers: Sequence[EffectiveTier], connection: Connection, judgement: Judgement
) -> tuple[Deviation, ...]:
    """Return the deviations for a connection that was judged under the pending tiers of these policies."""
    sides: list[tuple[Subject | None, Direction, Side | None]] = [
        (connection.source.subject, "Egress", judgement.egress),
        (connection.destination.subject, "Ingress", judgement.ingress),
    ]
    found: list[Deviation] = []
    for subject, direction, side in sides:
        if subject is not None and side is not None:
            found.extend(_of_side(policies, tiers, connection, subject, direction, side))
    return tuple(dict.fromkeys(found))


def _of_side(
    policies: PolicySet,
    tiers: Sequence[EffectiveTier],
    connection: Connection,
    subject: Subject,
    direction: Direction,
    side: Side,
) -> Iterator[Deviation]:
    if subject.host:
        yield Deviation(
            "host-endpoint", f"Calico previews no host endpoints, so it shows nothing for {direction.lower()} here"
        )
        return
    families = connection.families
    for policy in _consulted(tiers, subject, direction, side):
        for number, rule in enumerate(policy.rules(direction)):
            for feature, (as_previewed, sentence) in _FEATURES.items():
                if rule.action != "Log" and _differs(rule, as_previewed, connection, families):
                    where = f"{direction.lower()} rule {number} of {policy_words(policy.ref)}"
                    yield Deviation(feature, f"{where}: {sentence}")
    yield from _deletions(policies, tiers, subject, direction)
    yield from _twins(policies, tiers, side)
    yield from _staged_ends(tiers, subject, direction, side)
    yield from _missing_tiers(policies, tiers, side)


def _governing(tier: EffectiveTier, subject: Subject, direction: Direction) -> tuple[EffectivePolicy, ...]:
    return tuple(
        policy
        for policy in tier.policies
        if direction in policy.types
        and at_endpoint(policy)
        and holds(policy.selector, subject.holder, "this endpoint") is not False
    )


def _consulted(
    tiers: Sequence[EffectiveTier], subject: Subject, direction: Direction, side: Side
) -> Iterator[EffectivePolicy]:
    """Yield the policies whose rules were asked: in each tier up to the one that decided there."""
    last = {outcome.trace[-1].tier for outcome in side.outcomes if outcome.trace}
    hits = {
        (hit.tier, PolicyRef(hit.kind, hit.namespace, hit.name))
        for hit in side.trace
        if hit.kind is not None and hit.rule_index != END_OF_TIER
    }
    for tier in tiers:
        for policy in _governing(tier, subject, direction):
            yield policy
            if len(side.outcomes) == 1 and (tier.name, policy.ref) in hits:
                break
        last.discard(tier.name)
        if not last:
            return


def _differs(
    rule: EffectiveRule, as_previewed: AsPreviewed, connection: Connection, families: Sequence[Family]
) -> bool:
    return any(
        read is not rule and unknowns(rule, connection, family) != unknowns(read, connection, family)
        for family in families
        for read in (as_previewed(rule, connection, family),)
    )


def _both(rule: EffectiveRule, change: Callable[[EffectiveMatch], EffectiveMatch]) -> EffectiveRule:
    source, destination = change(rule.source), change(rule.destination)
    if source is rule.source and destination is rule.destination:
        return rule
    return replace(rule, source=source, destination=destination)


def _without_named_ports(rule: EffectiveRule, _: Connection, __: Family) -> EffectiveRule:
    ports = rule.destination.ports
    if ports is None or not ports.names:
        return rule
    return replace(rule, destination=replace(rule.destination, ports=Ports(ports.numbers, ())))


def _without_negated_names(rule: EffectiveRule, _: Connection, __: Family) -> EffectiveRule:
    def change(match: EffectiveMatch) -> EffectiveMatch:
        excluded = match.not_ports
        if excluded is None or not excluded.names:
            return match
        return replace(match, not_ports=Ports(excluded.numbers, ()) if excluded.numbers else None)

    return _both(rule, change)


def _without_icmp(rule: EffectiveRule, _: Connection, __: Family) -> EffectiveRule:
    return rule if rule.icmp is None and rule.not_icmp is None else replace(rule, icmp=None, not_icmp=None)


def _without_version(rule: EffectiveRule, _: Connection, __: Family) -> EffectiveRule:
    return rule if rule.ip_version is None else replace(rule, ip_version=None)


def _without_other_family(rule: EffectiveRule, _: Connection, family: Family) -> EffectiveRule:
    def change(match: EffectiveMatch) -> EffectiveMatch:
        other = match.not_nets is not None and family not in match.not_nets.families
        return replace(match, not_nets=None) if other else match

    return _both(rule, change)


def _without_sctp_members(rule: EffectiveRule, connection: Connection, _: Family) -> EffectiveRule:
    if connection.protocol != SCTP or rule.destination.service is None:
        return rule
    return replace(rule, destination=replace(rule.destination, service=ServiceMembers()))


def _without_http(rule: EffectiveRule, _: Connection, __: Family) -> EffectiveRule:
    return rule if rule.http is None else replace(rule, http=None)


_FEATURES: Final[Mapping[str, tuple[AsPreviewed, str]]] = {
    "named-port": (
        _without_named_ports,
        "the preview never matches a destination port by its name; the dataplane does",
    ),
    "negated-named-port": (
        _without_negated_names,
        "the preview ignores excluded port names; the dataplane excludes these ports",
    ),
    "icmp-type": (_without_icmp, "the preview ignores ICMP type and code; the dataplane matches them exactly"),
    "ip-version": (_without_version, "the preview ignores ipVersion; the dataplane has the rule for that family only"),
    "not-nets-family": (
        _without_other_family,
        "it excludes addresses of the other IP family only, so the dataplane lacks it here; the preview matches it",
    ),
    "sctp-service": (_without_sctp_members, "the preview never matches an SCTP port of a service; the dataplane does"),
    "http": (
        _without_http,
        "the preview ignores its HTTP condition; with application layer policy the rule may not match",
    ),
}


def _deletions(
    policies: PolicySet, tiers: Sequence[EffectiveTier], subject: Subject, direction: Direction
) -> Iterator[Deviation]:
    governing = {policy.ref for tier in tiers for policy in _governing(tier, subject, direction)}
    for each in policies.policies:
        if isinstance(each, ClusterPolicy) or each.staged != "Delete":
            continue
        twin = twin_of(each, _enforced(policies))
        if twin is not None and twin in governing:
            yield Deviation(
                "staged-delete",
                f"{policy_words(ref_of(each))} would delete {policy_words(twin)}, which Calico never previews; "
                "mode what-if answers without it",
            )


def _twins(policies: PolicySet, tiers: Sequence[EffectiveTier], side: Side) -> Iterator[Deviation]:
    decided = {PolicyRef(hit.kind, hit.namespace, hit.name) for hit in side.trace if hit.kind is not None}
    places = {
        policy.ref: (number, place) for number, tier in enumerate(tiers) for place, policy in enumerate(tier.policies)
    }
    for each in policies.policies:
        if isinstance(each, ClusterPolicy) or each.staged in {None, "Delete"}:
            continue
        staged, twin = ref_of(each), twin_of(each, _enforced(policies))
        if twin is None or twin not in decided or twin not in places:
            continue
        if staged in places and places[twin] < places[staged]:
            yield Deviation(
                "twin-not-reached",
                f"{policy_words(twin)} comes before its staged revision {policy_words(staged)} and decides, so the "
                "preview never reaches the revision; give it a lower order, or use mode what-if",
            )
        else:
            yield Deviation(
                "twin-still-counts",
                f"{policy_words(twin)} decides what its staged revision {policy_words(staged)} does not, although the "
                "revision would replace it; mode what-if answers without it",
            )


def _enforced(policies: PolicySet) -> tuple[AnyPolicy, ...]:
    return tuple(each for each in policies.policies if isinstance(each, ClusterPolicy) or each.staged is None)


def _staged_ends(
    tiers: Sequence[EffectiveTier], subject: Subject, direction: Direction, side: Side
) -> Iterator[Deviation]:
    ends = {hit.tier for hit in side.trace if hit.rule_index == END_OF_TIER and hit.action == "Deny"}
    for tier in tiers:
        governing = _governing(tier, subject, direction)
        if tier.name in ends and governing and all(policy.staged for policy in governing):
            yield Deviation(
                "staged-tier-end",
                f"only staged policies select this endpoint in tier {tier.name}, so nothing there is denied today; "
                "enforcing them denies whatever none of them matches, as the preview shows",
            )


def _missing_tiers(policies: PolicySet, tiers: Sequence[EffectiveTier], side: Side) -> Iterator[Deviation]:
    met = {hit.tier for hit in side.trace}
    for tier in tiers:
        if tier.unknown is None and tier.name in met and tier.name not in _known_tiers(policies):
            yield Deviation(
                "tier-missing",
                f"tier {tier.name} does not exist: the dataplane denies at its end, the preview keeps its last answer",
            )


def _known_tiers(policies: PolicySet) -> frozenset[str]:
    return frozenset(each.name for each in (*policies.tiers, *BUILT_IN_TIERS[policies.regime]))
