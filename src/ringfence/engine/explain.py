"""Whether one end may reach another, and what each policy said of it.

Promises: every pod that stands behind a name is judged; pods are answered together only where they have the same
labels, ports and account and the answer is the same. What was not supplied is said. Nothing is read or written here.
"""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from ringfence.engine.arguments import ArgumentError, asked_of
from ringfence.engine.ends import Ends
from ringfence.engine.named_end import NamedEnd, NamedTarget
from ringfence.model.address_set import AddressSet
from ringfence.model.cluster_policy import ClusterPolicy
from ringfence.model.edge import Icmp
from ringfence.model.inventory import Inventory
from ringfence.model.labels import Labels
from ringfence.model.pod import PodSpec
from ringfence.model.policy import Direction
from ringfence.model.policy_set import PolicySet
from ringfence.model.trace import PolicyRef
from ringfence.model.verdict import Judgement, Outcome, Side
from ringfence.semantics.connection import Connection, End
from ringfence.semantics.considered import ConsideredPolicy, considered
from ringfence.semantics.deviations import Deviation, deviations
from ringfence.semantics.effective import EffectiveTier
from ringfence.semantics.hosts import FAILSAFE_INBOUND, FAILSAFE_OUTBOUND, judge_host
from ringfence.semantics.reference import side
from ringfence.semantics.resolve import conversion, resolve
from ringfence.semantics.scopes import Scope, in_scope, ref_of, twin_of
from ringfence.semantics.words import policy_words

_EACH_PODS_OWN: Final = frozenset(
    {
        "pod-template-hash",
        "controller-revision-hash",
        "statefulset.kubernetes.io/pod-name",
        "apps.kubernetes.io/pod-index",
        "batch.kubernetes.io/job-completion-index",
    }
)
"""Labels that Kubernetes gives each pod or revision; pods that differ only by these are equal if their answers are."""
_SET_ASIDE: Final[Mapping[Scope, str]] = {
    "enforced": "is staged, which does not count in mode enforced",
    "pending": "is a staged deletion, which Calico never previews",
    "what-if": "is dismissed (stagedAction Ignore), which does not count in mode what-if",
}


class Question(Struct, frozen=True):
    """Who would reach whom, as a person writes it, and which policies count."""

    source: str
    destination: str
    mode: Scope = "enforced"


class ExplainedSide(Struct, frozen=True):
    """The answer at one end, and the policies that did not decide it; ``tiers`` are all, in their order."""

    side: Side
    considered: tuple[ConsideredPolicy, ...]
    tiers: tuple[str, ...]


class Explained(Struct, frozen=True):
    """One answer. ``notes`` say what a reader could miss; ``connection`` is the one that was judged."""

    source: NamedEnd
    destination: NamedEnd
    connection: Connection
    judgement: Judgement
    egress: ExplainedSide | None
    ingress: ExplainedSide | None
    notes: tuple[str, ...]


class Explanation(Struct, frozen=True):
    """All answers to a question."""

    mode: Scope
    items: tuple[Explained, ...]


def explain(inventory: Inventory, policies: PolicySet, question: Question) -> Explanation:
    """Answer a question. Raises ArgumentError where an argument does not name ends that can speak to each other."""
    asked = asked_of(question.destination)
    ends = Ends(inventory)
    sources, targets = ends.source(question.source), ends.target(asked)
    explainer = _Explainer(inventory, policies, question.mode)
    found: dict[Hashable, Explained] = {}
    by_node = any(each.host for each in (*sources, *(each.end for each in targets)))
    for source in explainer.classes([NamedTarget(each, None) for each in sources], by_node=by_node):
        for target in explainer.classes(targets, by_node=by_node):
            one = explainer.explained(source.end, target, asked.protocol, asked.icmp)
            if one is None:
                continue
            key = _likeness(one)
            found[key] = one if key not in found else _together(found[key], one)
    if not found:
        raise ArgumentError(
            f"{question.source} and {asked.end} have no IP family in common, so no connection is possible"
        )
    return Explanation(question.mode, tuple(found.values()))


class _Explainer:
    """The policies of one mode, asked about many connections."""

    def __init__(self, inventory: Inventory, policies: PolicySet, mode: Scope) -> None:
        self._inventory, self._policies, self._mode = inventory, policies, mode
        self._tiers = resolve(policies, inventory, mode)
        self._aside = _aside(policies, mode)
        others = [each for each in policies.policies if ref_of(each) in self._aside]
        shown = [
            each if isinstance(each, ClusterPolicy) else replace(each, staged=each.staged and "Set") for each in others
        ]
        self._aside_tiers = resolve(replace(policies, policies=tuple(shown)), inventory, "pending") if shown else ()
        self._nets = tuple(dict.fromkeys(_nets(self._tiers)))
        self._conversion_notes = tuple(
            note for each in policies.policies if isinstance(each, ClusterPolicy) for note in conversion(each).notes
        )

    def classes(self, targets: Sequence[NamedTarget], *, by_node: bool) -> tuple[NamedTarget, ...]:
        """Return one of each class of ends that no rule can tell apart, with the pods of all of its class."""
        found: dict[Hashable, NamedTarget] = {}
        for each in targets:
            key = (self._signature(each.end), each.port, each.end.node if by_node else None)
            known = found.get(key)
            found[key] = each if known is None else NamedTarget(_joined(known.end, each.end), each.port)
        return tuple(found.values())

    def _signature(self, named: NamedEnd) -> Hashable:
        """Return all of an end that evaluators look at. Addresses count by the sets of addresses they are in."""
        end = named.end
        if named.spec is None:
            return named.shown, named.address
        return (
            named.spec,
            named.workload_kind,
            named.name,
            named.namespace,
            end.addresses.families,
            end.unknown is None,
            tuple((tuple(sorted(each.labels.items())), each.unknown) for each in end.holders),
            tuple((str(covered), tuple(sorted(each.labels.items())), each.unknown) for covered, each in end.partly),
            tuple((end.addresses <= nets, bool(end.addresses & nets)) for nets in self._nets),
        )

    def explained(self, source: NamedEnd, target: NamedTarget, protocol: str, icmp: Icmp | None) -> Explained | None:
        """Return the answer for two ends, None where they have no IP family in common."""
        destination = target.end
        connection = Connection(source.end, destination.end, protocol, target.port, None, icmp)
        if not connection.families:
            return None
        egress = self._side(source.end, "Egress", connection)
        ingress = self._side(destination.end, "Ingress", connection)
        if ingress is not None and _same_node(source, destination):
            ingress = ExplainedSide(Side((Outcome("Allow", ()),)), (), ingress.tiers)
        judgement = Judgement(None if egress is None else egress.side, None if ingress is None else ingress.side)
        preview: tuple[Deviation, ...] = ()
        if self._mode == "pending":
            preview = deviations(self._policies, self._tiers, connection, judgement)
        notes = (
            *source.notes,
            *destination.notes,
            *_path_notes(source, destination),
            *_failsafe_notes(connection),
            *self._rejected_notes(source, destination),
            *self._conversion_notes,
            *(f"{each.id}: {each.sentence}" for each in preview),
        )
        return Explained(source, destination, connection, judgement, egress, ingress, tuple(dict.fromkeys(notes)))

    def _side(self, end: End, direction: Direction, connection: Connection) -> ExplainedSide | None:
        if end.subject is None:
            return None
        judge = judge_host if end.subject.host else side
        found = judge(self._tiers, end.subject, direction, connection)
        passed_over = considered(
            self._tiers,
            end.subject,
            direction,
            connection,
            found,
            aside=self._aside,
            aside_tiers=self._aside_tiers,
        )
        order = list(dict.fromkeys(tier.name for tier in (*self._tiers, *self._aside_tiers)))
        return ExplainedSide(found, tuple(sorted(passed_over, key=lambda each: order.index(each.tier))), tuple(order))

    def _rejected_notes(self, source: NamedEnd, destination: NamedEnd) -> Iterator[str]:
        namespaces = {"", source.namespace, destination.namespace}
        for each in self._policies.rejected:
            if each.namespace in namespaces:
                name = f"{each.namespace}/{each.name}" if each.namespace else each.name
                effect = "it counts as deleted" if each.absent else "it counts as far as it could be read"
                yield f"Calico's API would refuse {each.kind} {name} ({'; '.join(each.reasons)}); {effect}"


def _aside(policies: PolicySet, mode: Scope) -> dict[PolicyRef, str]:
    """Return the policies that do not count in a mode, and why."""
    counted = {ref_of(each) for each in in_scope(policies.policies, mode)}
    enforced = in_scope(policies.policies, "enforced")
    reasons: dict[PolicyRef, str] = {}
    for each in policies.policies:
        if isinstance(each, ClusterPolicy) or each.staged is None:
            continue
        twin = twin_of(each, enforced)
        if mode == "what-if" and twin is not None and twin not in counted:
            done = "deleted by" if each.staged == "Delete" else "replaced by"
            reasons[twin] = f"is {done} {policy_words(ref_of(each))} in mode what-if"
        if ref_of(each) not in counted:
            deletes = mode == "what-if" and each.staged == "Delete"
            reasons[ref_of(each)] = "is a staged deletion, carried out in mode what-if" if deletes else _SET_ASIDE[mode]
    return reasons


def _nets(tiers: Sequence[EffectiveTier]) -> Iterator[AddressSet]:
    """Yield every set of addresses that a rule names."""
    for tier in tiers:
        for policy in tier.policies:
            for rule in (*policy.ingress, *policy.egress):
                for match in (rule.source, rule.destination):
                    yield from (nets for nets in (match.nets, match.not_nets) if nets is not None)
                    yield from (member.addresses for member in match.service.members) if match.service else ()


def _same_node(source: NamedEnd, destination: NamedEnd) -> bool:
    """Say whether a node speaks to a pod of its own, which Felix lets through whatever policy says."""
    own = source.host and destination.kind == "Workload" and not destination.host
    return own and source.node is not None and source.node == destination.node


def _path_notes(source: NamedEnd, destination: NamedEnd) -> Iterator[str]:
    """Say where the path between two ends is not policed as it looks."""
    if source.node and destination.node and source.node != destination.node:
        return
    known = source.node is not None and destination.node is not None
    where = f"both are on node {source.node}" if known else "where both are on one node"
    if source.host and destination.kind == "Workload" and not destination.host:
        yield f"{where}: what a node opens to its own pods is let through whatever policy says"
    if destination.host and source.kind == "Workload" and not source.host:
        yield f"{where}: after egress, Felix's defaultEndpointToHostAction decides as well (Drop unless configured)"


def _failsafe_notes(connection: Connection) -> Iterator[str]:
    for end, ports in ((connection.source, FAILSAFE_OUTBOUND), (connection.destination, FAILSAFE_INBOUND)):
        host = end.subject is not None and end.subject.host
        if host and (connection.protocol, connection.port) in ports:
            yield (
                f"{connection.protocol} {connection.port} is one of Felix's failsafe ports (as they are by default), "
                f"which no policy closes at {end.name}"
            )


def _likeness(one: Explained) -> Hashable:
    """Return what answers that are given as one have in common."""

    def side(each: ExplainedSide | None) -> Hashable:
        if each is None:
            return None
        return (
            tuple((outcome.verdict, outcome.trace, bool(outcome.unknown)) for outcome in each.side.outcomes),
            tuple((item.tier, item.considered.policy) for item in each.considered),
        )

    return (
        _end_likeness(one.source),
        _end_likeness(one.destination),
        one.connection.port,
        side(one.egress),
        side(one.ingress),
    )


def _end_likeness(named: NamedEnd) -> Hashable:
    if named.spec is None or named.namespace is None:
        return named.shown, named.address
    return named.namespace, named.workload_kind, named.name, _stable(named.spec)


def _stable(spec: PodSpec) -> PodSpec:
    return replace(spec, labels=Labels(tuple(pair for pair in spec.labels.pairs if pair[0] not in _EACH_PODS_OWN)))


def _joined(one: NamedEnd, other: NamedEnd) -> NamedEnd:
    return replace(
        one,
        pods=tuple(sorted({*one.pods, *other.pods})),
        node=one.node if one.node == other.node else None,
        notes=tuple(dict.fromkeys((*one.notes, *other.notes))),
    )


def _together(one: Explained, other: Explained) -> Explained:
    return replace(
        one,
        source=_joined(one.source, other.source),
        destination=_joined(one.destination, other.destination),
        notes=tuple(dict.fromkeys((*one.notes, *other.notes))),
    )
