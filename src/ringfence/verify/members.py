"""Everybody who may be an end of a connection: pods, workloads without pods, host endpoints, and blocks of addresses.

Promises: every pod, every workload without pods and every address is in exactly one member; a pod on its host's network
is with the addresses of its node. A pod that has no address yet is taken to be outside every block that policies name,
where there is such a place, and says so.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final, Literal

from msgspec import Struct
from msgspec.structs import replace

from ringfence.model.address_set import AddressSet, Family
from ringfence.model.controller import Controller
from ringfence.model.endpoint import Workload
from ringfence.model.inventory import Inventory
from ringfence.model.node import HostEndpoint
from ringfence.model.pod import Pod
from ringfence.semantics.connection import End
from ringfence.semantics.effective import EffectiveTier
from ringfence.semantics.endpoints import Endpoints
from ringfence.semantics.matching import family_space
from ringfence.semantics.parties import PRIVATE
from ringfence.semantics.workloads import Workloads
from ringfence.verify.address_blocks import Block, address_blocks
from ringfence.verify.rule_tables import named_nets

Kind = Literal["Workload", "Host", "NetworkSet", "Private", "Public"]
_HOSTS: Final = 0
_PRIVATE: Final = 1
_SETS: Final = 2
"""Places of what makes blocks: addresses of nodes, private ones, and from here on those of network sets and rules."""


class Situation(Struct, frozen=True):
    """A cluster's objects and the tiers that are asked. Of two to be compared, pods and hosts are the same."""

    inventory: Inventory
    tiers: tuple[EffectiveTier, ...]


class MemberPod(Struct, frozen=True, order=True):
    """A pod by ``namespace/name``, and the workload that it belongs to."""

    name: str
    workload: Workload


class Member(Struct, frozen=True):
    """One of those who may be an end. ``ends`` are what it is in each situation; ``template`` is a workload that has
    no pods; ``assumed`` says that it has no address yet, and was given a place. ``unnamed`` addresses are in no block
    that a rule or a network set names, but for all of their family.
    """

    kind: Kind
    ends: tuple[End, ...]
    addresses: AddressSet = AddressSet()
    namespace: str | None = None
    pods: tuple[MemberPod, ...] = ()
    template: Workload | None = None
    network_sets: tuple[str, ...] = ()
    nodes: tuple[str, ...] = ()
    assumed: bool = False
    unnamed: bool = False


def members(situations: Sequence[Situation]) -> Iterator[Member]:
    """Yield the members of some situations of one cluster."""
    return _Members(situations).all()


class _Members:
    """The members, as they are found."""

    def __init__(self, situations: Sequence[Situation]) -> None:
        self._inventory = situations[0].inventory
        self._situations = situations
        self._endpoints = [Endpoints(each.inventory) for each in situations]
        self._workloads = Workloads(self._inventory)
        self._claimed: set[str] = set()
        self._on_hosts: dict[str, list[Pod]] = {}

    def all(self) -> Iterator[Member]:
        """Yield them: who has addresses first, then the addresses that are left, then who has none."""
        unplaced: list[Pod] = []
        for pod in self._inventory.pods:
            if pod.finished or not pod.addresses:
                unplaced.append(pod)
            elif pod.spec.host_network:
                self._on_hosts.setdefault(_text(pod.addresses[0]), []).append(pod)
            else:
                yield self._pod(pod)
        for host in self._inventory.host_endpoints:
            yield from self._host(host)
        free: dict[Family, str] = {}
        yield from self._addresses(free)
        unplaced += [pod for pods in self._on_hosts.values() for pod in pods]
        yield from self._without_addresses(unplaced, self._somewhere(free))

    def _addresses(self, free: dict[Family, str]) -> Iterator[Member]:
        """Yield the blocks that nobody has claimed, and note an address of each family that nothing names."""
        blocks, sets = self._blocks()
        for block in blocks:
            unnamed = all(family_space(block.family) <= sets[place] for place in block.inside if place >= _SETS)
            if _HOSTS in block.inside:
                yield self._node(block)
                continue
            if unnamed and (_PRIVATE in block.inside or block.family not in free):
                free[block.family] = _first(block)
            yield self._outside(block, unnamed=unnamed)

    def _without_addresses(self, unplaced: Iterable[Pod], somewhere: AddressSet) -> Iterator[Member]:
        for pod in unplaced:
            yield self._unplaced(pod, somewhere)
        with_pods = {self._workloads.of(pod) for pod in self._inventory.pods if not pod.finished}
        for controller in self._inventory.controllers:
            name = Workload(controller.namespace, controller.kind, controller.name)
            if name not in with_pods and self._workloads.above(name) == name:
                yield self._template(controller, name, somewhere)

    def _claim(self, addresses: Iterable[str]) -> AddressSet:
        """Return which of some addresses are nobody else's yet."""
        own = {_text(address) for address in addresses} - self._claimed
        self._claimed |= own
        return AddressSet.of(own)

    def _member_pods(self, pods: Iterable[Pod]) -> tuple[MemberPod, ...]:
        return tuple(MemberPod(f"{pod.namespace}/{pod.name}", self._workloads.of(pod)) for pod in pods)

    def _pod(self, pod: Pod) -> Member:
        return Member(
            "Workload",
            tuple(each.pod(pod) for each in self._endpoints),
            self._claim(pod.addresses),
            pod.namespace,
            self._member_pods([pod]),
        )

    def _host(self, host: HostEndpoint) -> Iterator[Member]:
        """Yield a host endpoint once for each of its addresses, with the pods on its network."""
        nodes = [each for each in self._inventory.nodes if each.name == host.node]
        addresses = host.expected_ips or tuple(text for node in nodes for text in (*node.addresses, *node.tunnels))
        if not addresses:
            yield Member("Host", tuple(each.host(host) for each in self._endpoints), nodes=(host.node,))
        for address in dict.fromkeys(map(_text, addresses)):
            at = replace(host, expected_ips=(address,))
            yield Member(
                "Host",
                tuple(each.host(at) for each in self._endpoints),
                self._claim([address]),
                pods=self._member_pods(self._on_hosts.pop(address, ())),
                nodes=(host.node,),
            )

    def _blocks(self) -> tuple[tuple[Block, ...], tuple[AddressSet, ...]]:
        """Return the blocks of addresses that nobody has claimed, and the sets that make them."""
        named = [each for one in self._situations for each in one.inventory.network_sets]
        self._sets = tuple(each.name if each.namespace is None else f"{each.namespace}/{each.name}" for each in named)
        self._nodes = {
            _text(address): node.name for node in self._inventory.nodes for address in (*node.addresses, *node.tunnels)
        }
        sets = (
            AddressSet.of({*self._nodes, *self._on_hosts}),
            PRIVATE,
            *(AddressSet.of(each.nets) for each in named),
            *(each for one in self._situations for each in named_nets(one.tiers)),
        )
        return tuple(address_blocks(sets, AddressSet.of(self._claimed))), sets

    def _outside(self, block: Block, *, unnamed: bool) -> Member:
        covering = [self._sets[each - _SETS] for each in block.inside if _SETS <= each < _SETS + len(self._sets)]
        kind: Kind = "NetworkSet" if covering else "Private" if _PRIVATE in block.inside else "Public"
        sets = tuple(sorted(set(covering)))
        return Member(kind, self._at(block), block.addresses, network_sets=sets, unnamed=unnamed)

    def _node(self, block: Block) -> Member:
        """Return the addresses of nodes, which no policy is asked of, with the pods on their network."""
        here = [text for text in {*self._nodes, *self._on_hosts} if text in block.addresses]
        pods = [pod for text in sorted(here) for pod in self._on_hosts.pop(text, ())]
        nodes = sorted({self._nodes[text] for text in here if text in self._nodes})
        return Member("Host", self._at(block), block.addresses, pods=self._member_pods(pods), nodes=tuple(nodes))

    def _at(self, block: Block) -> tuple[End, ...]:
        return tuple(each.address(_first(block)) for each in self._endpoints)

    def _somewhere(self, free: Mapping[Family, str]) -> AddressSet:
        """Return one address of each family that pods have, where there is a free one; else all of that family."""
        families = {family for pod in self._inventory.pods for family in AddressSet.of(pod.addresses).families}
        every = AddressSet()
        wanted: Iterable[Family] = families or {4}
        for family in wanted:
            every = every | (AddressSet.of([free[family]]) if family in free else family_space(family))
        return every

    def _unplaced(self, pod: Pod, somewhere: AddressSet) -> Member:
        pods = self._member_pods([pod])
        if pod.spec.host_network:
            gone = replace(pod, addresses=())
            return Member("Host", tuple(each.pod(gone) for each in self._endpoints), pods=pods)
        at = replace(pod, addresses=tuple(somewhere.nets()))
        ends = tuple(each.pod(at) for each in self._endpoints)
        return Member("Workload", ends, namespace=pod.namespace, pods=pods, assumed=not pod.finished)

    def _template(self, controller: Controller, name: Workload, somewhere: AddressSet) -> Member:
        if controller.template.host_network:
            return Member("Host", tuple(each.controller(controller) for each in self._endpoints), template=name)
        at = Pod(controller.namespace, controller.name, controller.template, tuple(somewhere.nets()))
        ends = tuple(each.pod(at) for each in self._endpoints)
        return Member("Workload", ends, namespace=controller.namespace, template=name, assumed=True)


def _text(address: str) -> str:
    return str(ip_address(address.split("/", maxsplit=1)[0]))


def _first(block: Block) -> str:
    first = block.addresses.ranges[0].first
    return str(IPv4Address(first) if block.family == 4 else IPv6Address(first))  # noqa: PLR2004 - a family
