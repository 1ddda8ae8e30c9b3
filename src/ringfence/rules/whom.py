"""Say whom the policies of a scope select.

Promises: a direction's policy selects the scope's workloads, but for quiet ones where settings exclude them, and only
the ones known now where settings exempt new ones. A policy has one selector for both directions, so where the
directions select differently there is one policy for each, named after it. A quiet workload that no label tells apart
from one that speaks stays in; nothing that speaks is taken out.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from ringfence.dialects.calico.limits import MAX_SELECTOR
from ringfence.dialects.calico.names import suffixed_label, workload_label
from ringfence.dialects.selector import written_selector
from ringfence.model.endpoint import Workload, endpoint_key
from ringfence.model.policy import Direction
from ringfence.model.selector import And, Equals, In, Not, NotEquals, NotIn, Or, Selector
from ringfence.rules.scope_baseline import ScopeBaseline
from ringfence.rules.workload_selector import UNKNOWN, disjunction
from ringfence.semantics.selectors import NAMESPACE, conjunction

Quiet = tuple[Workload, Direction]
"""A workload without evidence of its own in an isolated direction."""


class Whom(Struct, frozen=True):
    """Whom one policy selects in which directions; ``label`` is the part of its name after the tier."""

    label: str
    selector: Selector
    directions: tuple[Direction, ...]


class Refused(Struct, frozen=True):
    """Why a scope gets no policy."""

    reason: str


def whom(
    scope: ScopeBaseline, directions: Sequence[Direction], quiet: Collection[Quiet] = ()
) -> tuple[Whom, ...] | Refused:
    """Return whom each of the scope's policies selects, or why no policy can."""
    label = scope_label(scope)
    base = scope_selector(scope)
    if base is None:
        return Refused(UNKNOWN)
    chosen: dict[Direction, Selector] = {}
    for direction in directions:
        selector = _selector(scope, base, excluded(scope, quiet, direction))
        if selector is None:
            return Refused(f"no label means any workload of {scope.namespace} that is known now: {UNKNOWN}")
        if len(written_selector(selector)) > MAX_SELECTOR:
            return Refused(
                f"the selector of its {direction.lower()} policy has more than {MAX_SELECTOR} characters; "
                "exclude or exempt fewer workloads"
            )
        chosen[direction] = selector
    if len(set(chosen.values())) <= 1:
        return tuple(Whom(label, selector, tuple(directions)) for selector in list(chosen.values())[:1])
    return tuple(
        Whom(suffixed_label(label, direction.lower()), selector, (direction,)) for direction, selector in chosen.items()
    )


def scope_label(scope: ScopeBaseline) -> str:
    """Return the part of the scope's policy names after the tier: of several workloads the first names it."""
    if scope.workloads is None:
        return scope.namespace
    first = scope_workloads(scope)[0]
    return workload_label(first.namespace, first.kind, first.name)


def scope_selector(scope: ScopeBaseline) -> Selector | None:
    """Return what selects the scope's pods, None where no label means its workload."""
    if scope.workloads is None:
        return Equals(NAMESPACE, scope.namespace)
    return scope.surroundings.selectors.of_group(scope_workloads(scope)[0])


def excluded(scope: ScopeBaseline, quiet: Collection[Quiet], direction: Direction) -> tuple[Workload, ...]:
    """Return the quiet workloads that settings take out of a direction's policy, and that a label tells apart."""
    if scope.surroundings.settings.quiet_workloads != "Exclude":
        return ()
    out = {workload for workload, where in quiet if where == direction}
    while True:
        told = {each for each in out if _told_apart(scope, each, out)}
        if told == out:
            return tuple(sorted(told, key=endpoint_key))
        out = told


def _told_apart(scope: ScopeBaseline, workload: Workload, out: Collection[Workload]) -> bool:
    """Say whether what means a workload means only workloads that are taken out too."""
    means = scope.surroundings.selectors.of(workload)
    return means is not None and all(each in out for each in means.shared)


def _selector(scope: ScopeBaseline, base: Selector, out: Sequence[Workload]) -> Selector | None:
    if scope.workloads is not None or scope.surroundings.settings.new_workloads == "Isolate":
        return conjunction([*terms(base), *(negated(each) for each in joined(_means(scope, out)))])
    selectors = scope.surroundings.selectors
    known = [each for each in selectors.governed(scope.namespace) if each not in out]
    some = disjunction(joined(_means(scope, known)))
    if some is None:
        return None
    meant = {other for each in known if (means := selectors.of(each)) for other in means.shared}
    also = joined(_means(scope, [each for each in out if each in meant]))
    return conjunction([*terms(base), some, *(negated(each) for each in also)])


def _means(scope: ScopeBaseline, workloads: Iterable[Workload]) -> Iterator[Selector]:
    for each in workloads:
        means = scope.surroundings.selectors.of(each)
        if means is not None:
            yield means.selector


def scope_workloads(scope: ScopeBaseline) -> tuple[Workload, ...]:
    """Return the workloads of a workload's scope, each by its best known name, sorted."""
    known = {scope.surroundings.selectors.known(each) or each for each in scope.workloads or ()}
    return tuple(sorted(known, key=endpoint_key))


def terms(selector: Selector) -> Sequence[Selector]:
    """Return the selectors that all hold where this one does."""
    return selector.operands if isinstance(selector, And) else (selector,)


def joined(selectors: Iterable[Selector]) -> list[Selector]:
    """Return fewer selectors of which one holds exactly where one of these does.

    Those that ask for the same values of the same labels but one become one, with a list of that label's values.
    """
    alike: defaultdict[tuple[str, ...], list[dict[str, str]]] = defaultdict(list)
    others: dict[Selector, None] = {}
    for each in selectors:
        pairs = {term.label: term.value for term in terms(each) if isinstance(term, Equals)}
        if len(pairs) == len(terms(each)):
            alike[tuple(sorted(pairs))].append(pairs)
        else:
            others[each] = None
    return [*(made for labels, found in sorted(alike.items()) for made in _listed(labels, found)), *others]


def _listed(labels: tuple[str, ...], found: Sequence[Mapping[str, str]]) -> Iterator[Selector]:
    """Yield a selector for each set of values that all but the most telling label have, in the order of labels."""
    telling = max(labels, key=lambda label: len({each[label] for each in found}))
    groups: defaultdict[tuple[str, ...], set[str]] = defaultdict(set)
    for each in found:
        groups[tuple(each[label] for label in labels if label != telling)].add(each[telling])
    for rest, values in sorted(groups.items()):
        others = iter(rest)
        yield conjunction(
            [_one_of(telling, values) if label == telling else Equals(label, next(others)) for label in labels]
        )


def _one_of(label: str, values: Collection[str]) -> Selector:
    return Equals(label, min(values)) if len(values) == 1 else In(label, tuple(values))


def negated(selector: Selector) -> Selector:
    """Return the selector that holds exactly where this one does not, written as people do."""
    match selector:
        case Equals(label, value):
            return NotEquals(label, value)
        case In(label, values):
            return NotIn(label, values)
        case Or(operands):
            return And(tuple(negated(each) for each in operands))
        case _:
            return Not(selector)
