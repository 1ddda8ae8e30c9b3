"""By which labels each workload is known, before others are looked at.

Promises: the terms of a workload are true of every pod that it has now and of its template. They are those of the
controller's own ``spec.selector``, which Kubernetes never lets change, without what a rollout or a run changes; where
there is none, the stable labels that all pods and the template carry; none where nothing lasting is left.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct

from ringfence.dialects.calico.limits import MAX_SELECTOR
from ringfence.dialects.selector import written_selector
from ringfence.model.cluster import Cluster
from ringfence.model.endpoint import Workload
from ringfence.model.label_selector import LabelSelector
from ringfence.model.labels import Labels
from ringfence.model.pod import PodSpec
from ringfence.model.selector import All, And, Equals, Selector, matches
from ringfence.rules.stable_labels import is_stable, stable_labels
from ringfence.semantics.label_selectors import selector_of
from ringfence.semantics.selectors import conjunction
from ringfence.semantics.workloads import Workloads

IDENTIFYING: Final = frozenset(
    {
        "app",
        "app.kubernetes.io/component",
        "app.kubernetes.io/instance",
        "app.kubernetes.io/name",
        "component",
        "k8s-app",
        "name",
        "release",
        "role",
        "run",
        "tier",
    }
)
"""Labels that say what a workload is, and so stay with the next deploy."""
_LONGEST: Final = MAX_SELECTOR // 2
"""Characters of a selector that leave room for what a rule, a policy or another workload adds; a longer one is none."""


class LabelledWorkload(Struct, frozen=True):
    """A workload with the lasting label sets of its pods and its template, and the terms that mean it, perhaps none."""

    name: Workload
    labels: tuple[Labels, ...]
    terms: tuple[Selector, ...]


def labelled_workloads(cluster: Cluster) -> Mapping[str, Sequence[LabelledWorkload]]:
    """Return the workloads of a snapshot by namespace, but for those whose pods stand on the host's network."""
    inventory = cluster.inventory
    workloads = Workloads(inventory)
    controllers = {Workload(each.namespace, each.kind, each.name): each for each in inventory.controllers}
    running: defaultdict[Workload, list[PodSpec]] = defaultdict(list)
    finished: defaultdict[Workload, list[PodSpec]] = defaultdict(list)
    for pod in inventory.pods:
        (finished if pod.finished else running)[workloads.of(pod)].append(pod.spec)
    found: defaultdict[str, list[LabelledWorkload]] = defaultdict(list)
    for name in workloads.names():
        controller = controllers.get(name)
        template = () if controller is None else (controller.template,)
        specs = [*running[name], *template] or finished[name]
        labels = tuple(dict.fromkeys(stable_labels(spec.labels) for spec in specs if not spec.host_network))
        if labels:
            terms = _terms(labels, None if controller is None else controller.selector)
            found[name.namespace].append(LabelledWorkload(name, labels, terms))
    return found


def seen_workload(name: Workload, labels: Labels) -> LabelledWorkload:
    """Return a workload that only flows tell of, with the labels that every sighting carried."""
    lasting = stable_labels(labels)
    return LabelledWorkload(name, (lasting,), _of_labels(lasting))


def common(labels: Sequence[Labels]) -> Labels:
    """Return the labels that all sets hold."""
    shared = labels[0]
    for each in labels[1:]:
        shared &= each
    return shared


def _terms(labels: Sequence[Labels], own: LabelSelector | None) -> tuple[Selector, ...]:
    """Return the terms of a controller's selector that last, where they are true of all its pods; else their labels."""
    if own is not None:
        lasting = LabelSelector(
            tuple((key, value) for key, value in own.match_labels if is_stable(key)),
            tuple(each for each in own.match_expressions if is_stable(each.key)),
        )
        selector = selector_of(lasting)
        terms = selector.operands if isinstance(selector, And) else (selector,)
        if (
            not isinstance(selector, All)
            and all(matches(selector, each.as_dict()) for each in labels)
            and _short(terms)
        ):
            return terms
    return _of_labels(common(labels))


def _of_labels(labels: Labels) -> tuple[Selector, ...]:
    """Return all labels as terms, those that say what a workload is where all would be too long."""
    terms = tuple(Equals(key, value) for key, value in labels.pairs)
    return terms if _short(terms) else tuple(each for each in terms if each.label in IDENTIFYING)


def _short(terms: Sequence[Selector]) -> bool:
    return not terms or len(written_selector(conjunction(list(terms)))) <= _LONGEST
