"""Say how a rule can mean each network set of a snapshot.

Promises: a set is meant by labels only if, of all objects where the rule looks, nothing else carries them: other sets
and host endpoints for a global one, other sets and pods of its namespace for a namespaced one. Else its nets are
copied, and the reason says that they will go stale. Nets that hold the metadata address are always copied, without it.
"""

from collections.abc import Iterator, Mapping
from typing import Final, Literal

from msgspec import Struct

from ringfence.model.address_set import AddressSet
from ringfence.model.endpoint import NetworkSet
from ringfence.model.inventory import Inventory
from ringfence.model.labels import Labels
from ringfence.rules.address_blocks import METADATA
from ringfence.rules.outside import identifying_labels
from ringfence.rules.permit import NetsPeer, NetworkSetPeer

SetReason = Literal["network-set-without-labels", "network-set-not-unique", "network-set-reaches-metadata"]
_METADATA: Final = AddressSet.of(METADATA)


class KnownSet(Struct, frozen=True):
    """How a rule means a set: by labels, or by a copy of its nets (one peer an IP family) for a reason."""

    peers: tuple[NetworkSetPeer | NetsPeer, ...]
    coarse: SetReason | None = None


def known_sets(inventory: Inventory) -> Mapping[NetworkSet, KnownSet]:
    """Return how each network set of the snapshot is meant."""
    places: dict[str | None, list[tuple[object, frozenset[tuple[str, str]]]]]
    places = {each.namespace: [] for each in inventory.network_sets}
    for place, holder, labels in _holders(inventory):
        if place in places:
            places[place].append((holder, frozenset(labels.pairs)))
    known: dict[NetworkSet, KnownSet] = {}
    for each in inventory.network_sets:
        name = NetworkSet(each.namespace, each.name)
        labels = identifying_labels(name, each.labels)
        nets = AddressSet.of(each.nets)
        reason: SetReason | None = None
        if nets & _METADATA:
            reason = "network-set-reaches-metadata"
        elif not labels.pairs:
            reason = "network-set-without-labels"
        elif any(holder != name and set(labels.pairs) <= pairs for holder, pairs in places[each.namespace]):
            reason = "network-set-not-unique"
        by_label = NetworkSetPeer(each.namespace, each.name, labels)
        known[name] = KnownSet((by_label,)) if reason is None else KnownSet(_copied(nets - _METADATA), reason)
    return known


def _holders(inventory: Inventory) -> Iterator[tuple[str | None, object, Labels]]:
    """Yield who carries labels, and where: the namespace, None for what is in none."""
    for each in inventory.network_sets:
        yield each.namespace, NetworkSet(each.namespace, each.name), each.labels
    for host in inventory.host_endpoints:
        yield None, host, host.labels
    for pod in inventory.pods:
        yield pod.namespace, pod, pod.spec.labels
    for controller in inventory.controllers:
        yield controller.namespace, controller, controller.template.labels


def _copied(nets: AddressSet) -> tuple[NetsPeer, ...]:
    families = (tuple(net for net in nets.nets() if (":" in net) == six) for six in (False, True))
    return tuple(NetsPeer(each) for each in families if each)
