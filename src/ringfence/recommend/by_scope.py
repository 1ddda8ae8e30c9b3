"""Give each scope its part of the baseline: a namespace's, or a workload's.

Promises: an admitted or held edge goes to each scope whose rules it makes, a left-out edge to each scope that it would
have made rules for; order is kept. Workloads that no label tells apart are one scope, so that the policy which selects
the pods of all of them holds the evidence of all of them.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from ringfence.learning.baseline import AdmittedEdge, Baseline, HeldEdge, LeftOutEdge
from ringfence.model.edge import Edge
from ringfence.model.endpoint import Endpoint, Workload
from ringfence.model.policy import Direction
from ringfence.recommend.recommendation import Scope
from ringfence.rules.scope_baseline import ScopeBaseline, own_side
from ringfence.rules.surroundings import Surroundings
from ringfence.rules.workload_selector import UNKNOWN, WorkloadSelectors

T = TypeVar("T")

_BOTH: Final[tuple[Direction, Direction]] = ("Egress", "Ingress")
Grain = Callable[[Endpoint], Scope | None]
"""The scope that an endpoint belongs to; only workloads have one."""


class ScopePart(Struct, frozen=True):
    """What the baseline holds for one scope. ``workloads`` are those of a workload's scope as the flows name them, None
    for a namespace. ``unknown`` says why no policy can select the scope, None where one can.
    """

    scope: Scope
    namespace: str
    workloads: frozenset[Workload] | None = None
    admitted: tuple[AdmittedEdge, ...] = ()
    left_out: tuple[LeftOutEdge, ...] = ()
    held: tuple[HeldEdge, ...] = ()
    unknown: str | None = None

    def baseline(self, surroundings: Surroundings) -> ScopeBaseline:
        """Return the part as rules are made from."""
        return ScopeBaseline(self.namespace, self.admitted, surroundings, self.workloads)


def by_namespace(baseline: Baseline) -> Mapping[Scope, ScopePart]:
    """Return the parts of all namespaces that have one, sorted."""
    return {each.scope: replace(each, workloads=None) for each in _dealt(baseline, _namespace)}


def by_workload(baseline: Baseline, selectors: WorkloadSelectors) -> Mapping[Scope, ScopePart]:
    """Return the parts of all workloads that have one, sorted."""
    return {each.scope: _together(each, selectors) for each in _dealt(baseline, lambda end: _workload(end, selectors))}


def _together(part: ScopePart, selectors: WorkloadSelectors) -> ScopePart:
    """Return a part with all workloads that stand in it, spoken or not, and whether a label means them."""
    named = part.workloads or frozenset()
    every = named.union(*(selectors.together(each) for each in named))
    selected = any(selectors.of_group(each) is not None for each in named)
    return replace(part, workloads=every, unknown=None if selected else UNKNOWN)


def _namespace(endpoint: Endpoint) -> Scope | None:
    return Scope("Namespace", endpoint.namespace) if isinstance(endpoint, Workload) else None


def _workload(endpoint: Endpoint, selectors: WorkloadSelectors) -> Scope | None:
    """Return the scope named by the first of the workloads that stand together: ``shop/Deployment/web``."""
    if not isinstance(endpoint, Workload):
        return None
    first = next(iter(selectors.together(endpoint)), endpoint)
    return Scope("Workload", "/".join(part for part in (first.namespace, first.kind, first.name) if part))


def _dealt(baseline: Baseline, grain: Grain) -> Iterator[ScopePart]:
    own: defaultdict[Scope, set[Workload]] = defaultdict(set)

    def owners(edge: Edge, directions: Sequence[Direction]) -> list[Scope]:
        """Return, each once, the scopes whose rules an edge makes in these directions."""
        found: set[Scope] = set()
        for side in (own_side(edge, direction) for direction in directions):
            scope = grain(side)
            if scope is not None and isinstance(side, Workload):
                found.add(scope)
                own[scope].add(side)
        return sorted(found)

    admitted = _of_scopes(baseline.admitted, lambda each: owners(each.summary.edge, each.directions))
    left_out = _of_scopes(
        baseline.left_out,
        lambda each: owners(each.summary.edge, _BOTH if each.direction is None else (each.direction,)),
    )
    held = _of_scopes(baseline.held, lambda each: owners(each.edge.summary.edge, each.edge.directions))
    for scope, workloads in sorted(own.items(), key=lambda item: item[0]):
        namespace = next(iter(workloads)).namespace
        yield ScopePart(
            scope,
            namespace,
            frozenset(workloads),
            admitted.get(scope, ()),
            left_out.get(scope, ()),
            held.get(scope, ()),
        )


def _of_scopes(edges: Iterable[T], owners: Callable[[T], Iterable[Scope]]) -> Mapping[Scope, tuple[T, ...]]:
    found: defaultdict[Scope, list[T]] = defaultdict(list)
    for each in edges:
        for scope in owners(each):
            found[scope].append(each)
    return {scope: tuple(own) for scope, own in found.items()}
