"""Which addresses are the cluster's own, by its objects.

Promises: a range that stands for *pods* or *Services* is never wider than what the cluster was given for them: node
ranges come out of one range an IP family, Service addresses out of one of at most 2^20, so the smallest range that
holds them all lies within. Where an address that is known to be neither lies in it, the range is not believed: pods
are then only in the nodes' own ranges, and Services nowhere. Sources: Kubernetes' node range allocator, and the limit
of ``--service-cluster-ip-range``.
"""

from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from ringfence.model.address_set import AddressSet, Family
from ringfence.model.inventory import Inventory
from ringfence.rules.address_blocks import ip_version
from ringfence.rules.cover import NEVER_COVERED
from ringfence.rules.nodes import node_addresses

_FAMILIES: Final[tuple[Family, Family]] = (4, 6)
_SERVICE_BITS: Final = 20
_BITS: Final[dict[Family, int]] = {4: 32, 6: 128}
_NETWORK: Final[dict[Family, int]] = {4: 16, 6: 56}
"""Prefix lengths of a usual network. No rule is made as wide: only an address that was seen is asked to be in one."""


class Inside(Struct, frozen=True):
    """Families that pods and nodes have (every one where the snapshot tells none), the nodes' addresses, where those of
    nodes that came or went may be, the ranges of pods and Services, and all that no covering block may let in.
    """

    families: frozenset[Family]
    nodes: AddressSet
    near_nodes: AddressSet
    pods: AddressSet
    services: AddressSet
    reserved: AddressSet

    @property
    def refuted(self) -> AddressSet:
        """Return what a network cannot be: flows call a pod a pod, and policies never see a Service's own address.

        A node's tunnel lies in the range of pods and is not one; whoever means nodes says so apart.
        """
        return self.pods | self.services


def inside(inventory: Inventory, *, reserve_pods: bool = True) -> Inside:
    """Return what the inventory tells of the cluster's own addresses.

    Without ``reserve_pods`` only the range of pods is reserved, not each pod outside it: cheaper, and enough where
    covers are exact.
    """
    nodes = node_addresses(inventory)
    own = AddressSet.of(address for node in inventory.nodes for address in node.addresses)
    running = (pod for pod in inventory.pods if not pod.finished and not pod.spec.host_network)
    pod_addresses = [address for pod in running for address in pod.addresses]
    node_ranges = AddressSet.of(net for node in inventory.nodes for net in node.pod_cidrs)
    elsewhere = _elsewhere(inventory) | own
    pods, services, near_nodes = AddressSet(), AddressSet(), AddressSet()
    cluster_ips = AddressSet.of(address for each in inventory.services for address in each.cluster_ips)
    for family in _FAMILIES:
        ranges = _of_family(node_ranges, family)
        whole = _smallest(ranges)
        pods |= ranges - elsewhere if whole & elsewhere else whole
        near_nodes |= _neighbourhood(whole, family) | _neighbourhood(_smallest(_of_family(own, family)), family)
        whole = _smallest(_of_family(cluster_ips, family))
        believed = not whole & (nodes | elsewhere) and _size(whole) <= 1 << _SERVICE_BITS
        services |= whole if believed else AddressSet()
    families = nodes.families | node_ranges.families | _families(pod_addresses)
    return Inside(
        families=families or frozenset(_FAMILIES),
        nodes=nodes,
        near_nodes=near_nodes,
        pods=pods,
        services=services,
        reserved=NEVER_COVERED | nodes | pods | services | AddressSet.of(pod_addresses if reserve_pods else ()),
    )


def _families(addresses: Iterable[str]) -> frozenset[Family]:
    return frozenset(ip_version(address) for address in addresses)


def _elsewhere(inventory: Inventory) -> AddressSet:
    """Return addresses that objects name outside the cluster: in small network sets, and behind Services by hand."""
    by_hand = {(each.namespace, each.name) for each in inventory.services if each.selector is None}
    endpoints = (
        address
        for each in inventory.slices
        if (each.namespace, each.service) in by_hand
        for endpoint in each.endpoints
        if endpoint.pod is None
        for address in endpoint.addresses
    )
    sets = AddressSet.of(net for each in inventory.network_sets for net in each.nets)
    small = AddressSet(tuple(each for each in sets.ranges if each.last - each.first < 1 << _SERVICE_BITS))
    return AddressSet.of(endpoints) | small


def _of_family(addresses: AddressSet, family: Family) -> AddressSet:
    return AddressSet(tuple(each for each in addresses.ranges if each.family == family))


def _smallest(addresses: AddressSet) -> AddressSet:
    """Return the smallest block that holds the addresses of one family, empty for none."""
    if not addresses:
        return addresses
    first, last = addresses.ranges[0], addresses.ranges[-1]
    length = _BITS[first.family] - (first.first ^ last.last).bit_length()
    any_address = next(AddressSet((first,)).nets()).split("/")[0]
    return AddressSet.of([f"{any_address}/{length}"])


def _neighbourhood(block: AddressSet, family: Family) -> AddressSet:
    """Return a block, widened to what networks of machines usually are."""
    wide = ("/".join((net.split("/")[0], str(_NETWORK[family]))) for net in block.nets())
    return block | AddressSet.of(wide)


def _size(addresses: AddressSet) -> int:
    return sum(each.last - each.first + 1 for each in addresses.ranges)
