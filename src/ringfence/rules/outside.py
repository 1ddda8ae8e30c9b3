"""Say by which labels a rule can mean a network set or a host.

Promises: a set is named by labels it was always seen with, by its own name where it carries one (Calico Enterprise sets
do, open-source sets do not), and it says when something else that was seen would match too: another set or a host for a
global set, another set or a workload of the namespace for a namespaced one. With a snapshot, labels and likenesses are
those of the objects, see `known_sets`.
"""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from ringfence.dialects.calico.limits import MAX_SELECTOR
from ringfence.model.endpoint import Endpoint, Host, Network, NetworkSet, Workload
from ringfence.model.labels import Labels
from ringfence.rules.nodes import AUTOMATIC_HOST
from ringfence.rules.stable_labels import selectable, stable_labels

_NAME_LABELS: Final = ("projectcalico.org/name", "projectcalico.org/kind")
_TERM: Final = len(" == '' && ")
"""Characters that a label costs in a selector beside its key and value."""


class SetSelector(Struct, frozen=True):
    """Labels that mean a set; ``coarse`` tells when they may mean something else too."""

    labels: Labels
    coarse: str | None


def set_selectors(labels: Mapping[Endpoint, Labels]) -> Mapping[NetworkSet, SetSelector]:
    """Return the labels that mean each network set that was seen; a set that no label means is absent."""
    chosen = {each: identifying_labels(each, labels[each]) for each in labels if isinstance(each, NetworkSet)}
    return {
        wanted: SetSelector(pairs, "network-set-not-unique" if _shared(wanted, pairs, labels) else None)
        for wanted, pairs in chosen.items()
        if pairs.pairs
    }


def usable_host_labels(labels: Labels) -> Labels | None:
    """Return the label that all automatic host endpoints carry, None where the host was seen without it."""
    return Labels((AUTOMATIC_HOST,)) if AUTOMATIC_HOST in labels.pairs else None


def identifying_labels(wanted: NetworkSet, labels: Labels) -> Labels:
    """Return the set's name and kind where it carries them, else its stable labels as far as one selector holds."""
    known = selectable(labels)
    named = Labels(tuple((key, value) for key, value in known.pairs if key in _NAME_LABELS))
    if named.get(_NAME_LABELS[0]) == wanted.name:
        return named
    kept: list[tuple[str, str]] = []
    left = MAX_SELECTOR
    for key, value in stable_labels(known).pairs:
        left -= len(key) + len(value) + _TERM
        if left >= 0:
            kept.append((key, value))
    return Labels(tuple(kept))


def _shared(wanted: NetworkSet, chosen: Labels, labels: Mapping[Endpoint, Labels]) -> bool:
    """Say whether the chosen labels would also match something else in the place where the set stands."""
    pairs = set(chosen.pairs)
    return any(
        pairs <= set(theirs.pairs)
        for other, theirs in labels.items()
        if other != wanted and _place(other) == _place(wanted)
    )


def _place(endpoint: Endpoint) -> str | None:
    """Return the namespace in which a selector finds an endpoint, empty for one without, None for no endpoint."""
    match endpoint:
        case Workload(namespace, _, _):
            return namespace
        case NetworkSet(namespace, _):
            return namespace or ""
        case Host():
            return ""
        case Network():
            return None
