"""Keep what later policies allow and nobody used yet, or say that it is taken away.

Law: adds permits that pass what an enforced policy of a later tier allows, and only in directions that have admitted
edges; never opens a direction by itself. A rule that an admitted edge was allowed by is learnt, not kept: its evidence
says how much of it is needed. What the rules for namespaces let through anyway is not written twice.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, Literal

from msgspec import Struct

from ringfence.learning.baseline import AdmittedEdge
from ringfence.model.edge import Edge
from ringfence.model.endpoint import namespace_of
from ringfence.model.policy import Direction, Match, Rule
from ringfence.model.protocol import TCP, UDP
from ringfence.model.selector import And, Equals, Selector
from ringfence.model.trace import Hit, PolicyRef
from ringfence.rules.derive import DIRECTIONS
from ringfence.rules.later_allows import LaterAllow
from ringfence.rules.permit import DeclaredPeer, Permit
from ringfence.rules.scope_baseline import ScopeBaseline, other_side
from ringfence.semantics.selectors import ORCHESTRATOR

_POD: Final = Equals(ORCHESTRATOR, "k8s")
_NAMESPACE_NAMES: Final = ("projectcalico.org/name", "kubernetes.io/metadata.name")
_MANY_PORTS: Final = 100

Hits = Mapping[tuple[str, str, int], list[tuple[Hit, Edge]]]
"""The edges that policies allowed, by namespace and name of the policy and the rule's index."""


class UnseenAllow(Struct, frozen=True):
    """A rule of a later policy that nobody used. *narrowed*: the recommendation takes away what it allows; *obstacle*
    says why it could not be kept.
    """

    policy: PolicyRef
    direction: Direction
    rule_index: int
    state: Literal["kept", "narrowed"]
    obstacle: str | None = None


class _Learnt(Struct, frozen=True):
    """What the edges of a direction make rules for: the policies' rules that they used, and by the namespace of pods
    and the protocol their ports; ``own`` is the scope's namespace where one rule lets all of its pods in.
    """

    hits: Hits
    ports: Mapping[tuple[str, str], set[int]]
    own: str | None


def declare_allows(scope: ScopeBaseline) -> Iterator[Permit]:
    """Yield the permits of later rules that are kept; none where the settings narrow."""
    if scope.surroundings.settings.declared_allows == "Narrow":
        return
    written: set[int] = set()
    for each in _unseen(scope):
        for copy in each.copies:
            if copy.number not in written:
                written.add(copy.number)
                peer = DeclaredPeer(copy.rule, each.policy, each.rule_index)
                ports = copy.rule.destination.ports
                yield Permit(each.direction, peer, copy.rule.protocol, ports, None, (), "Declared")


def unseen_allows(scope: ScopeBaseline) -> tuple[UnseenAllow, ...]:
    """Return what became of every rule of a later policy that allows and that nobody used, for people."""
    narrow = scope.surroundings.settings.declared_allows == "Narrow"
    return tuple(
        UnseenAllow(
            each.policy,
            each.direction,
            each.rule_index,
            "narrowed" if narrow or each.obstacle is not None else "kept",
            each.obstacle,
        )
        for each in _unseen(scope)
    )


def _unseen(scope: ScopeBaseline) -> Iterator[LaterAllow]:
    later = scope.surroundings.declared.later
    if later is None:
        return
    learnt = {direction: found for direction in DIRECTIONS if (found := _learnt(scope, direction)) is not None}
    for each in later.of(scope.namespace, scope.workloads) if learnt else ():
        known = learnt.get(each.direction)
        if known is not None and not _used(each, known.hits) and not _covered(each, known, scope):
            yield each


def _learnt(scope: ScopeBaseline, direction: Direction) -> _Learnt | None:
    edges = tuple(scope.towards(direction))
    if not edges:
        return None
    if scope.workloads is not None:
        return _Learnt(_hits(edges), {}, None)
    ports: dict[tuple[str, str], set[int]] = {}
    for each in edges:
        edge = each.summary.edge
        namespace = namespace_of(other_side(edge, direction))
        if namespace is not None and edge.port is not None:
            ports.setdefault((namespace, edge.protocol), set()).add(edge.port)
    inside = any(namespace_of(other_side(each.summary.edge, direction)) == scope.namespace for each in edges)
    return _Learnt(_hits(edges), ports, scope.namespace if inside else None)


def _hits(edges: Iterable[AdmittedEdge]) -> Hits:
    found: dict[tuple[str, str, int], list[tuple[Hit, Edge]]] = {}
    for each in edges:
        for hit in each.allowed_by:
            found.setdefault((hit.namespace, hit.name, hit.rule_index), []).append((hit, each.summary.edge))
    return found


def _used(allow: LaterAllow, hits: Hits) -> bool:
    """Say whether an edge of this direction was allowed by the rule. A hit does not tell its direction, so a rule that
    could not have matched is not the one that was hit.
    """
    named = hits.get((allow.policy.namespace, allow.policy.name, allow.rule_index), ())
    return any(hit.kind in {None, allow.policy.kind} and _may_match(allow.rule, edge) for hit, edge in named)


def _may_match(rule: Rule, edge: Edge) -> bool:
    match = rule.destination
    if rule.protocol not in {None, edge.protocol}:
        return False
    return match.ports is None or bool(match.named_ports) or edge.port is None or edge.port in match.ports


def _covered(allow: LaterAllow, learnt: _Learnt, scope: ScopeBaseline) -> bool:
    """Say whether rules for whole namespaces, which the edges make, or for DNS let through all that the rule allows."""
    if not allow.copies:
        return False
    rules = [copy.rule for copy in allow.copies]
    if allow.direction == "Ingress":
        return all(_lets_through(rule, rule.source, learnt, scope) for rule in rules)
    return all(_asks_resolver(rule, scope) or _lets_through(rule, rule.destination, learnt, scope) for rule in rules)


def _lets_through(rule: Rule, peer: Match, learnt: _Learnt, scope: ScopeBaseline) -> bool:
    namespace = _namespace(peer, scope.namespace)
    if namespace is None or _POD not in _terms(peer.selector):
        return False
    if namespace == learnt.own:
        return True
    ports = _numbers(rule)
    return bool(ports) and ports <= learnt.ports.get((namespace, rule.protocol or ""), set())


def _asks_resolver(rule: Rule, scope: ScopeBaseline) -> bool:
    """Say whether a rule allows nothing but questions to resolvers, which every scope may ask."""
    peer, ports = rule.destination, _numbers(rule)
    namespace, terms = _namespace(peer, scope.namespace), _terms(peer.selector)
    return (
        rule.protocol in {UDP, TCP}
        and bool(ports)
        and any(
            namespace == each.namespace
            and ports.issubset(each.ports)
            and {_POD, *(Equals(key, value) for key, value in each.labels.pairs)} <= terms
            for each in scope.surroundings.resolvers.known
        )
    )


def _namespace(peer: Match, own: str) -> str | None:
    """Return the one namespace whose endpoints a peer of a namespaced policy means."""
    match peer.namespace_selector:
        case None:
            return own if peer.selector is not None else None
        case Equals(label, name) if label in _NAMESPACE_NAMES:
            return name
        case _:
            return None


def _numbers(rule: Rule) -> frozenset[int]:
    """Return the ports of a rule that has only numbers, and not too many to have been seen one by one; else none."""
    ports = rule.destination.ports
    if ports is None or rule.destination.named_ports:
        return frozenset()
    if sum(each.last - each.first + 1 for each in ports) > _MANY_PORTS:
        return frozenset()
    return frozenset(number for each in ports for number in range(each.first, each.last + 1))


def _terms(selector: Selector | None) -> frozenset[Selector]:
    """Return the tests that must all hold. Without the one for pods, a peer may be network sets, too."""
    if isinstance(selector, And):
        return frozenset(term for each in selector.operands for term in _terms(each))
    return frozenset() if selector is None else frozenset({selector})
