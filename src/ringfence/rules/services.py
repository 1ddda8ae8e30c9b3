"""Which Services explain a network that was reached through them.

Promises: decided by the Service object where the snapshot has it: only a Service without a selector, that is no
ExternalName and has EndpointSlices, stands for a network. Pods behind a Service are named as pods, at their target
ports; pods on the host network are nodes. A Service that would lead to the metadata address explains nothing.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from ringfence.model.address_set import AddressSet
from ringfence.model.inventory import Inventory
from ringfence.model.policy import ServiceRef
from ringfence.rules.address_blocks import METADATA

API_SERVER: Final = ServiceRef("default", "kubernetes")
"""The Service of the Kubernetes API, whose endpoints only the control plane writes."""
_METADATA: Final = AddressSet.of(METADATA)


class Backing(Struct, frozen=True):
    """What stands behind a Service that a rule may name: addresses, and the ports (protocol, number; None for every
    port) on which they answer.
    """

    addresses: AddressSet
    ports: frozenset[tuple[str, int | None]]

    def answers(self, protocol: str, port: int | None) -> bool:
        """Say whether its endpoints answer on a port."""
        return (protocol, port) in self.ports or (protocol, None) in self.ports


NOTHING: Final = Backing(AddressSet(), frozenset())


def backings(inventory: Inventory) -> Mapping[ServiceRef, Backing] | None:
    """Return the Services that may explain a network, None where the snapshot lacks Services or EndpointSlices."""
    if inventory.missing & {"Service", "EndpointSlice"}:
        return None
    by_hand = {each.ref for each in inventory.services if each.selector is None and each.type != "ExternalName"}
    addresses: defaultdict[ServiceRef, list[str]] = defaultdict(list)
    ports: defaultdict[ServiceRef, set[tuple[str, int | None]]] = defaultdict(set)
    for each in inventory.slices:
        ref = ServiceRef(each.namespace, each.service or "")
        if ref in by_hand:
            addresses[ref] += [address for endpoint in each.endpoints for address in endpoint.addresses]
            ports[ref] |= {(port.protocol, port.port) for port in each.ports}
    found: dict[ServiceRef, Backing] = {}
    for ref in by_hand:
        behind = AddressSet.of(addresses[ref])
        if behind and not behind & _METADATA:
            found[ref] = Backing(behind, frozenset(ports[ref]))
    return found
