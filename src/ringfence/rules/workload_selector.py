"""Say by which labels a rule or a policy means one workload among those of its namespace.

Promises: a selector is true of every pod of the workload, by labels that last (`workload_labels`). Where it also means
another workload's pods, labels that say what a workload *is* are added as far as they tell both apart; workloads that
nothing tells apart stand *together*: a policy of one would govern the other. Without a snapshot the labels are those
that every sighting carried. None where nothing means the workload.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from ringfence.model.cluster import Cluster
from ringfence.model.endpoint import Endpoint, Workload, endpoint_key
from ringfence.model.labels import Labels
from ringfence.model.selector import Equals, Or, Selector, matches
from ringfence.rules.workload_labels import IDENTIFYING, LabelledWorkload, common, labelled_workloads, seen_workload
from ringfence.semantics.selectors import conjunction

SHARED: Final = "selector-shared"
"""Why a permit or a scope means more than one workload."""
UNKNOWN: Final = "workload-labels-unknown"
"""Why a namespace stands for a workload."""


class WorkloadSelector(Struct, frozen=True):
    """What means a workload among the pods of its namespace, and the other workloads that it means too.

    ``name`` is the first of those that the same selector stands for, so that a rule for all of them has one name.
    """

    name: Workload
    selector: Selector
    shared: tuple[Workload, ...] = ()


class WorkloadSelectors:
    """The selectors of a reading's workloads. Built once, asked often; a namespace is worked out when first asked."""

    def __init__(self, labels: Mapping[Endpoint, Labels], cluster: Cluster | None = None) -> None:
        """Take the labels that all sightings of an endpoint carried, and the cluster where a snapshot was given."""
        self._seen: defaultdict[str, dict[Workload, Labels]] = defaultdict(dict)
        for endpoint, own in labels.items():
            if isinstance(endpoint, Workload):
                self._seen[endpoint.namespace][endpoint] = own
        self._cluster = cluster
        self._listed: Mapping[str, Sequence[LabelledWorkload]] | None = None
        self._namespaces: dict[str, _Namespace] = {}

    def of(self, workload: Workload) -> WorkloadSelector | None:
        """Return what means a workload, None where nothing does."""
        known = self.known(workload)
        return None if known is None else self._namespace(workload.namespace).selector(known)

    def together(self, workload: Workload) -> tuple[Workload, ...]:
        """Return the workloads that nothing tells apart from this one, itself included, sorted; none of an unknown."""
        known = self.known(workload)
        return () if known is None else self._namespace(workload.namespace).group(known)

    def of_group(self, workload: Workload) -> Selector | None:
        """Return what means this workload and all that stand together with it, None where nothing does."""
        every = {self._namespace(workload.namespace).members[each].terms for each in self.together(workload)} - {()}
        needed = [terms for terms in every if not any(set(other) < set(terms) for other in every)]
        return disjunction([conjunction(list(terms)) for terms in sorted(needed, key=repr)])

    def governed(self, namespace: str) -> tuple[Workload, ...]:
        """Return the workloads of a namespace whose pods policies govern, sorted: not those on the host's network."""
        return tuple(self._namespace(namespace).members)

    def known(self, workload: Workload) -> Workload | None:
        """Return a workload as the snapshot names it; where flows did not tell its kind, the only one of its name."""
        members = self._namespace(workload.namespace)
        if workload in members.members:
            return workload
        alike = members.by_name.get(workload.name, ()) if workload.kind is None else ()
        return alike[0] if len(alike) == 1 else None

    def _namespace(self, namespace: str) -> "_Namespace":
        if namespace not in self._namespaces:
            self._namespaces[namespace] = _Namespace(self._candidates(namespace))
        return self._namespaces[namespace]

    def _candidates(self, namespace: str) -> Iterator[LabelledWorkload]:
        if self._cluster is not None and self._listed is None:
            self._listed = labelled_workloads(self._cluster)
        listed = () if self._listed is None else self._listed.get(namespace, ())
        yield from listed
        if self._cluster is None or "Pod" in self._cluster.inventory.missing:
            names = {(each.name.name, kind) for each in listed for kind in (each.name.kind, None)}
            for workload, labels in self._seen[namespace].items():
                if (workload.name, workload.kind) not in names:
                    yield seen_workload(workload, labels)


class _Namespace:
    """The workloads of one namespace, told apart as far as labels do."""

    def __init__(self, candidates: Iterable[LabelledWorkload]) -> None:
        """Take the workloads in any order."""
        every = sorted(candidates, key=lambda each: endpoint_key(each.name))
        self._pods = _Pods(every)
        self.members = {each.name: _told_apart(each, self._pods) for each in every}
        self.by_name: defaultdict[str, list[Workload]] = defaultdict(list)
        for name in self.members:
            self.by_name[name.name].append(name)
        self._first: dict[tuple[Selector, ...], Workload] = {}
        for each in self.members.values():
            self._first.setdefault(each.terms, each.name)
        self._selectors: dict[Workload, WorkloadSelector] = {}
        self._groups: dict[Workload, tuple[Workload, ...]] = {}

    def selector(self, name: Workload) -> WorkloadSelector | None:
        """Return what means one of them."""
        terms = self.members[name].terms
        if terms and name not in self._selectors:
            shared = tuple(each for each in self._pods.met(terms) if each != name)
            self._selectors[name] = WorkloadSelector(self._first[terms], conjunction(list(terms)), shared)
        return self._selectors.get(name)

    def group(self, name: Workload) -> tuple[Workload, ...]:
        """Return those that stand together with one: one selects pods of the other, directly or through a third."""
        if not self._groups:
            self._groups = {each: group for group in self._together() for each in group}
        return self._groups[name]

    def _together(self) -> Iterator[tuple[Workload, ...]]:
        near: defaultdict[Workload, set[Workload]] = defaultdict(set)
        for name, member in self.members.items():
            for other in self._pods.met(member.terms):
                near[name].add(other)
                near[other].add(name)
        left = dict.fromkeys(self.members)
        while left:
            group = [next(iter(left))]
            del left[group[0]]
            for each in group:
                joined = [other for other in near[each] if other in left]
                group += joined
                for other in joined:
                    del left[other]
            yield tuple(sorted(group, key=endpoint_key))


class _Pods:
    """The label sets of a namespace's workloads, found by the pairs that they hold."""

    def __init__(self, workloads: Sequence[LabelledWorkload]) -> None:
        self._labels = {each.name: [labels.as_dict() for labels in each.labels] for each in workloads}
        self._with: defaultdict[tuple[str, str], dict[Workload, None]] = defaultdict(dict)
        for each in workloads:
            for labels in each.labels:
                for pair in labels.pairs:
                    self._with[pair][each.name] = None

    def met(self, terms: Sequence[Selector]) -> list[Workload]:
        """Return the workloads with a pod of which all terms are true, sorted. No terms mean nobody."""
        if not terms:
            return []
        holders = [self._with.get((each.label, each.value), {}) for each in terms if isinstance(each, Equals)]
        among = min(holders, key=len) if holders else self._labels
        return [name for name in among if any(_all_true(terms, labels) for labels in self._labels[name])]


def _told_apart(member: LabelledWorkload, pods: _Pods) -> LabelledWorkload:
    """Return a workload with the terms that tell it apart from others, as far as lasting labels do."""
    terms = member.terms
    met = len(pods.met(terms))
    for key, value in common(member.labels).pairs if met > 1 else ():
        more = (*terms, Equals(key, value))
        if key in IDENTIFYING and more[-1] not in terms and len(pods.met(more)) < met:
            terms, met = more, len(pods.met(more))
    return replace(member, terms=terms)


def _all_true(terms: Sequence[Selector], labels: Mapping[str, str]) -> bool:
    return all(matches(term, labels) for term in terms)


def disjunction(selectors: Sequence[Selector]) -> Selector | None:
    """Return that one of them holds, None of none."""
    if not selectors:
        return None
    return selectors[0] if len(selectors) == 1 else Or(tuple(selectors))
