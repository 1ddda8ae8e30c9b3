"""What an inventory knows of names and addresses that flows tell: whose they are, and since when.

Promises: a workload is named as `semantics.workloads` names it; what the inventory does not prove it does not say. An
address is a pod's only from the pod's creation on, a namespace's name only from the namespace's. Of several pods with
one address the youngest has it: the others' deletion has not reached their objects yet. Names and addresses are asked
once per distinct text and era, so nothing here grows with records.
"""

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from ipaddress import ip_address, ip_network
from typing import Final

from msgspec import Struct

from ringfence.flows.address_text import canonical
from ringfence.flows.batch import SightingText
from ringfence.flows.left_out import LeftOut
from ringfence.model.address_set import AddressSet
from ringfence.model.endpoint import Host, Workload
from ringfence.model.inventory import Inventory
from ringfence.model.labels import Labels
from ringfence.model.pod import Pod
from ringfence.semantics.workloads import Workloads

_BY_TEMPLATE: Final = frozenset({"Deployment", "CronJob"})
"""Kinds whose pods are made by other objects, so no pod's name begins with theirs alone."""
_RANDOM: Final = re.compile(r"(?P<stem>.+)-[bcdfghjklmnpqrstvwxz2456789]{5}\Z")
"""A generated name: Kubernetes draws five of these characters."""
_ORDINAL: Final = re.compile(r"(?P<stem>.+)-[0-9]+\Z")
_SCHEDULED: Final = re.compile(r"(?P<stem>.+)-[0-9]{8,10}\Z")
"""A run of a CronJob: its name and when it was due, in minutes since the epoch (before Kubernetes 1.21 seconds)."""


class PodName(Struct, frozen=True):
    """What a sighting tells of a pod's name: whole, or without its generated end, each empty where it does not tell."""

    namespace: str
    whole: str
    stem: str


class Directory:
    """Names and addresses of an inventory. Built once, asked often.

    ``beginnings`` are the Unix seconds from which on a text stands for what it stands for now, by the type of the
    sighting and the text: a namespace for ``wep`` and ``ns``, an address for ``net``.
    """

    def __init__(self, inventory: Inventory) -> None:
        """Index pods, what makes them, nodes and Services."""
        self._workloads = Workloads(inventory)
        self._controllers = {Workload(each.namespace, each.kind, each.name) for each in inventory.controllers}
        self._pods = {(each.namespace, each.name): self._workloads.of(each) for each in inventory.pods}
        self._makers = self._making(inventory)
        self._labels = self._told_labels(inventory)
        self._hosts = dict(_host_addresses(inventory))
        self._nodes = {each.name: each.node for each in inventory.host_endpoints if each.node}
        self._nodes |= {each.name: each.name for each in inventory.nodes}
        self._sets = {(each.namespace, each.name) for each in inventory.network_sets}
        self._services = {canonical(address) for each in inventory.services for address in each.cluster_ips}
        self._holders = self._holding(inventory)
        own = (each for each in inventory.pods if not each.spec.host_network)
        self._left = frozenset(canonical(text) for each in own for text in each.addresses)
        self._ranges = AddressSet.of(_pod_ranges(inventory, self._left)).ranges
        self.beginnings = dict(self._began(inventory))

    def workload(self, told: Workload, pod: PodName) -> Workload | None:
        """Return the workload of a pod, None where the inventory does not know it. ``told`` is what the sighting says
        by itself.
        """
        known = self._pods.get((pod.namespace, pod.whole))
        if known is not None:
            return known
        makers = [each for each in self._makers.get((pod.namespace, pod.stem), ()) if _makes(each, pod)]
        if len(makers) == 1:
            return makers[0]
        return told if told in makers else self._climbed(told, whole=not pod.stem)

    def labels(self, workload: Workload) -> Labels | None:
        """Return the labels of a workload's template, else those that all its pods have; None of one not known."""
        return self._labels.get(workload)

    def host(self, name: str, address: str) -> Host | None:
        """Return the node of a host endpoint's name, else of an address."""
        node = self._nodes.get(name) or self._hosts.get(canonical(address))
        return None if node is None else Host(node)

    def type_of(self, namespace: str | None, name: str) -> str:
        """Return what has a whole name, as flows write types: ``wep``, ``ns`` or ``hep``; the empty text where nothing
        or more than one thing has it. ``namespace`` is None for what has none.
        """
        named = {
            "wep": namespace is not None and (namespace, name) in self._pods,
            "ns": (namespace, name) in self._sets,
            "hep": namespace is None and name in self._nodes,
        }
        types = [each for each, has_it in named.items() if has_it]
        return types[0] if len(types) == 1 else ""

    def at(self, address: str, *, early: bool) -> Host | Workload | LeftOut | None:
        """Return who is at an address that a flow takes for a network's: a node, a pod's workload, or why nobody we
        know; None for one that the cluster does not have. ``early``: before its holder can have had it.
        """
        text = canonical(address)
        if text in self._hosts:
            return Host(self._hosts[text])
        if text in self._services:
            return LeftOut.SERVICE_ADDRESS
        holder = self._holders.get(address)
        if holder is not None:
            return LeftOut.GONE if early else self._workloads.of(holder)
        return LeftOut.GONE if text in self._left or self._in_pod_range(text) else None

    def early(self, sighting: SightingText, *, start: int, end: int) -> bool:
        """Say whether a record ended before its text stood for what it stands for now."""
        text = sighting.address if sighting.type == "net" else sighting.namespace
        beginning = self.beginnings.get((sighting.type, text))
        return beginning is not None and start < beginning and end <= beginning

    def _climbed(self, told: Workload, *, whole: bool) -> Workload | None:
        """Return the workload above a known controller, or the one for which a pod or a run that is gone is named."""
        if told in self._controllers:
            return self._workloads.above(told)
        form, kind = (_ORDINAL, "StatefulSet") if whole and told.kind is None else (_SCHEDULED, "CronJob")
        found = form.match(told.name) if told.kind in {None, "Job"} else None
        namesake = None if found is None else Workload(told.namespace, kind, found["stem"])
        return namesake if namesake in self._controllers else None

    def _making(self, inventory: Inventory) -> Mapping[tuple[str, str], frozenset[Workload]]:
        """Return the workloads by the beginning that their pods' names share."""
        makers: defaultdict[tuple[str, str], set[Workload]] = defaultdict(set)
        for each in inventory.controllers:
            if each.kind not in _BY_TEMPLATE:
                name = Workload(each.namespace, each.kind, each.name)
                makers[each.namespace, each.name].add(self._workloads.above(name))
        for pod in inventory.pods:
            if pod.owner is not None and pod.owner.kind != "Node":
                for stem in filter(None, (pod.owner.name, pod.name.rpartition("-")[0])):
                    makers[pod.namespace, stem].add(self._workloads.of(pod))
        return {place: frozenset(each) for place, each in makers.items()}

    def _told_labels(self, inventory: Inventory) -> Mapping[Workload, Labels]:
        labels: dict[Workload, Labels] = {}
        for pod in inventory.pods:
            workload = self._workloads.of(pod)
            known = labels.get(workload)
            labels[workload] = pod.spec.labels if known is None else known & pod.spec.labels
        for each in inventory.controllers:
            labels[Workload(each.namespace, each.kind, each.name)] = each.template.labels
        return labels

    def _holding(self, inventory: Inventory) -> Mapping[str, Pod]:
        """Return the pods by addresses that are theirs alone, as written and canonical."""
        holders: dict[str, Pod] = {}
        for pod in inventory.pods:
            if not pod.finished and not pod.spec.host_network:
                for text in _written(pod.addresses):
                    holders[text] = max(pod, holders.get(text, pod), key=_age)
        return {
            text: pod
            for text, pod in holders.items()
            if canonical(text) not in self._hosts and canonical(text) not in self._services
        }

    def _began(self, inventory: Inventory) -> Iterator[tuple[tuple[str, str], int]]:
        for namespace in inventory.namespaces:
            if namespace.created is not None:
                yield ("wep", namespace.name), namespace.created
                yield ("ns", namespace.name), namespace.created
        for text, pod in self._holders.items():
            if pod.created is not None:
                yield ("net", text), pod.created

    def _in_pod_range(self, text: str) -> bool:
        """Say whether a node gives such an address to its pods."""
        if not text or not self._ranges:
            return False
        parsed = ip_address(text)
        place = bisect_right(self._ranges, (parsed.version, int(parsed)), key=lambda each: (each.family, each.first))
        if not place:
            return False
        before = self._ranges[place - 1]
        return before.family == parsed.version and int(parsed) <= before.last


def generated_stem(whole: str) -> str:
    """Return a pod's name without its end if that looks generated, else the empty text."""
    found = _RANDOM.match(whole)
    return "" if found is None else found["stem"]


def _makes(workload: Workload, pod: PodName) -> bool:
    """Say whether a workload can have made a pod: those of a StatefulSet end with a number."""
    return workload.kind != "StatefulSet" or not pod.whole or _ORDINAL.match(pod.whole) is not None


def _host_addresses(inventory: Inventory) -> Iterator[tuple[str, str]]:
    """Yield the addresses of nodes: those of the pods on their network first, their own last, so that these count."""
    for pod in inventory.pods:
        if pod.spec.host_network and not pod.finished and pod.node is not None:
            for address in pod.addresses:
                yield canonical(address), pod.node
    for node in inventory.nodes:
        for address in (*node.tunnels, *node.addresses):
            yield canonical(address), node.name


def _pod_ranges(inventory: Inventory, addresses: Iterable[str]) -> Iterator[str]:
    """Yield the ranges of nodes that pods really have addresses of: where the network plugin goes by ranges of its own,
    those of the nodes may be anybody's.
    """
    known = sorted((parsed.version, int(parsed)) for parsed in map(ip_address, filter(None, addresses)))
    for node in inventory.nodes:
        for text in node.pod_cidrs:
            net = ip_network(text, strict=False)
            place = bisect_left(known, (net.version, int(net.network_address)))
            if place < len(known) and known[place] <= (net.version, int(net.broadcast_address)):
                yield text


def _written(addresses: Iterable[str]) -> frozenset[str]:
    return frozenset(text for address in addresses for text in (address, canonical(address)))


def _age(pod: Pod) -> tuple[int, str, str]:
    return pod.created or 0, pod.namespace, pod.name
