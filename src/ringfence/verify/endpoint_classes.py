"""Endpoints that no policy of some sets can tell apart, as classes.

Promises: every pod, every workload and every address is in exactly one class; all of a class have the same answer to
every question, as client and as server. Classes are of one namespace and one kind, so that people can read them. A
workload whose pods differ stands where most of them are.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from typing import Final

from msgspec import Struct

from ringfence.model.address_set import AddressRange, AddressSet
from ringfence.model.endpoint import Workload, endpoint_key
from ringfence.semantics.connection import End, Subject
from ringfence.verify.members import Kind, Member, MemberPod, Situation, members
from ringfence.verify.rule_tables import RuleTables

_RANKS: Final[dict[Kind, int]] = {"Workload": 0, "Host": 1, "NetworkSet": 2, "Private": 3, "Public": 4}


class EndpointClass(Struct, frozen=True):
    """A class. ``id`` names its first member, and so is that of no other class. ``elsewhere`` are workloads of which
    some pods are here, and which stand in another class. ``assumed``: somebody of it has no address yet; ``unnamed``:
    of its addresses some are in no block that anything names.
    """

    id: str
    kind: Kind
    namespace: str | None = None
    pods: tuple[str, ...] = ()
    workloads: tuple[Workload, ...] = ()
    elsewhere: tuple[Workload, ...] = ()
    nets: AddressSet = AddressSet()
    network_sets: tuple[str, ...] = ()
    nodes: tuple[str, ...] = ()
    assumed: bool = False
    unnamed: bool = False


class Standing(Struct, frozen=True):
    """What a class is in one situation: its number in each IP family, and one of its ends, with the flags of whether
    each policy governs it.
    """

    numbers: tuple[int, int]
    end: End
    governing: bytes = b""

    @property
    def subject(self) -> Subject | None:
        """Return the endpoint that policies are asked of."""
        return self.end.subject


class EndpointClasses:
    """The classes of some situations, sorted, with what they are in each; ``tables`` are those of each situation."""

    def __init__(self, situations: Sequence[Situation]) -> None:
        """Find the members, ask every rule of them, and put those together that it cannot tell apart."""
        every = tuple(members(situations))
        self.tables = tuple(
            RuleTables(situation.tiers, [each.ends[place] for each in every])
            for place, situation in enumerate(situations)
        )
        found: dict[Hashable, list[Member]] = {}
        standings: dict[Hashable, tuple[Standing, ...]] = {}
        for number, member in enumerate(every):
            standing = tuple(_standing(tables, member.ends[place], number) for place, tables in enumerate(self.tables))
            key = (member.kind, member.namespace, member.network_sets, tuple(_key(each) for each in standing))
            found.setdefault(key, []).append(member)
            standings.setdefault(key, standing)
        homes = _homes(found)
        classes = sorted(
            ((_class(each, key, homes), standings[key]) for key, each in found.items()),
            key=lambda one: (_RANKS[one[0].kind], one[0].id),
        )
        self.all = tuple(each for each, _ in classes)
        self.standings = tuple(each for _, each in classes)


def _standing(tables: RuleTables, end: End, number: int) -> Standing:
    numbers = (int(tables.numbers[0][number]), int(tables.numbers[1][number]))
    if end.subject is None:
        return Standing(numbers, end)
    return Standing(numbers, end, tables.governing(end.subject.holder))


def _key(standing: Standing) -> Hashable:
    subject = standing.subject
    if subject is None:
        return standing.numbers
    profiles = tuple(each.partition(".")[0] for each in subject.profiles)
    return standing.numbers, subject.host, profiles, standing.governing


def _homes(found: dict[Hashable, list[Member]]) -> dict[Workload, Hashable]:
    """Return where each workload stands: with the template that has no pods, else with most of its pods."""
    counts: dict[Workload, Counter[Hashable]] = {}
    for key, together in found.items():
        for member in together:
            for workload in (*(pod.workload for pod in member.pods), member.template):
                if workload is not None:
                    counts.setdefault(workload, Counter())[key] += 1
    return {workload: each.most_common(1)[0][0] for workload, each in counts.items()}


def _class(together: Sequence[Member], key: Hashable, homes: dict[Workload, Hashable]) -> EndpointClass:
    pods = sorted(pod for member in together for pod in member.pods)
    here = {pod.workload for pod in pods} | {each.template for each in together if each.template is not None}
    workloads = sorted((each for each in here if homes[each] == key), key=endpoint_key)
    elsewhere = sorted((each for each in here if homes[each] != key), key=endpoint_key)
    nets = _union(each.addresses for each in together)
    first = together[0]
    return EndpointClass(
        id=_id(first.kind, pods, workloads, nets, first.nodes),
        kind=first.kind,
        namespace=first.namespace,
        pods=tuple(pod.name for pod in pods),
        workloads=tuple(workloads),
        elsewhere=tuple(elsewhere),
        nets=nets,
        network_sets=first.network_sets,
        nodes=tuple(sorted({node for each in together for node in each.nodes})),
        assumed=any(each.assumed for each in together),
        unnamed=any(each.unnamed for each in together),
    )


def _id(
    kind: Kind, pods: Sequence[MemberPod], workloads: Sequence[Workload], nets: AddressSet, nodes: Sequence[str]
) -> str:
    if kind == "Workload" and workloads:
        return workload_text(workloads[0])
    if nets and kind != "Workload":
        return _first_net(nets)
    if pods:
        return f"pod/{pods[0].name}"
    return workload_text(workloads[0]) if workloads else f"node/{nodes[0]}"


def workload_text(workload: Workload) -> str:
    """Return a workload as ``NS/KIND/NAME``, which is also how arguments name it."""
    return f"{workload.namespace}/{workload.kind}/{workload.name}"


def _first_net(nets: AddressSet) -> str:
    return next(AddressSet(nets.ranges[:1]).nets())


def _union(sets: Iterable[AddressSet]) -> AddressSet:
    """Return the union of disjoint sets in one go, canonical."""
    merged: list[AddressRange] = []
    for each in sorted(one for found in sets for one in found.ranges):
        last = merged[-1] if merged else None
        if last is not None and last.family == each.family and last.last + 1 == each.first:
            merged[-1] = AddressRange(each.family, last.first, each.last)
        else:
            merged.append(each)
    return AddressSet(tuple(merged))
