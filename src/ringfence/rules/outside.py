"""Say by which labels a rule can mean a network set or a host.

Promises: a set is named by labels it was always seen with, by its own name where it carries one (Calico Enterprise sets
do, open-source sets do not), and it says when another set that was seen would match too.
"""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from ringfence.model.endpoint import Endpoint, NetworkSet
from ringfence.model.labels import Labels
from ringfence.rules.stable_labels import selectable, stable_labels

_NAME_LABELS: Final = ("projectcalico.org/name", "projectcalico.org/kind")
_AUTOMATIC_HOST: Final = ("projectcalico.org/created-by", "calico-kube-controllers")


class SetSelector(Struct, frozen=True):
    """Labels that mean a set; ``coarse`` tells when they may mean another too."""

    labels: Labels
    coarse: str | None


def set_selector(
    wanted: NetworkSet, *, labels: Mapping[Endpoint, Labels], sets: frozenset[NetworkSet]
) -> SetSelector | None:
    """Return the labels that mean a set, None when it was seen without any that a rule may name."""
    known = selectable(labels.get(wanted, Labels()))
    named = Labels(tuple((key, value) for key, value in known.pairs if key in _NAME_LABELS))
    chosen = named if named.get(_NAME_LABELS[0]) == wanted.name else stable_labels(known)
    if not chosen.pairs:
        return None
    others = (other for other in sets if other != wanted and other.namespace == wanted.namespace)
    shared = any(set(chosen.pairs) <= set(labels.get(other, Labels()).pairs) for other in others)
    return SetSelector(chosen, "network-set-not-unique" if shared else None)


def usable_host_labels(labels: Labels) -> Labels | None:
    """Return the label that all automatic host endpoints carry, None where the host was seen without it."""
    return Labels((_AUTOMATIC_HOST,)) if _AUTOMATIC_HOST in labels.pairs else None
