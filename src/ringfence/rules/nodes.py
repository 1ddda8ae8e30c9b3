"""Say *every node* as peers of rules.

Promises: a peer on one node is expected on each of them, by its own addresses and those of its tunnels, which lie
inside the pod range. Where Calico keeps a host endpoint for every node and those hold every address, the label that
they carry says it, and a new node needs no new rule; else the addresses of the snapshot do, one peer an IP family, and
these rules change with the nodes. Without nodes in the snapshot nothing is said.
"""

from typing import Final

from ringfence.model.address_set import AddressSet
from ringfence.model.cluster import Cluster
from ringfence.model.inventory import Inventory
from ringfence.model.labels import Labels
from ringfence.rules.permit import HostPeer, NodesPeer

AUTOMATIC_HOST: Final = ("projectcalico.org/created-by", "calico-kube-controllers")
"""The label of host endpoints that Calico's own controller makes, one for each node."""


def node_peers(cluster: Cluster) -> tuple[HostPeer | NodesPeer, ...]:
    """Return the peers that together are every node, none where the snapshot names no address of one."""
    inventory = cluster.inventory
    addresses = node_addresses(inventory)
    if not addresses:
        return ()
    if addresses <= _behind_the_label(inventory):
        return (HostPeer(Labels((AUTOMATIC_HOST,))),)
    families = (tuple(net for net in addresses.nets() if (":" in net) == six) for six in (False, True))
    return tuple(NodesPeer(nets) for nets in families if nets)


def node_addresses(inventory: Inventory) -> AddressSet:
    """Return the nodes' own and tunnel addresses."""
    return AddressSet.of(address for node in inventory.nodes for address in (*node.addresses, *node.tunnels))


def _behind_the_label(inventory: Inventory) -> AddressSet:
    """Return the addresses of automatic host endpoints, none where a node has none or another thing has the label."""
    automatic = [host for host in inventory.host_endpoints if AUTOMATIC_HOST in host.labels.pairs]
    by_hand = any(each.namespace is None and AUTOMATIC_HOST in each.labels.pairs for each in inventory.network_sets)
    if by_hand or not {node.name for node in inventory.nodes} <= {host.node for host in automatic}:
        return AddressSet()
    return AddressSet.of(address for host in automatic for address in host.expected_ips)
