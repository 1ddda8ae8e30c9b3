"""Keep policies within the limits of the API, and within the rules a person wants at most.

Law: what is allowed stays exactly the same. A policy that is too large becomes several of the same tier that select the
same endpoints: the first rule of any of them decides, and the tier denies only what none lets pass. Where fewer rules
are wanted, rules that differ in their nets alone become one rule that names a network set, which has no such limit.
"""

from collections import defaultdict
from collections.abc import Sequence
from hashlib import blake2b
from typing import Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from ringfence.dialects.calico.limits import MAX_OBJECT, MAX_RULES
from ringfence.dialects.calico.names import suffixed_label
from ringfence.dialects.calico.render import render_policy
from ringfence.dialects.calico.render_rule import render_rule
from ringfence.model.labels import Labels
from ringfence.model.network_set_object import NetworkSetObject
from ringfence.model.policy import Direction, Policy, Rule
from ringfence.rules.assemble import MANAGED_BY
from ringfence.rules.merge import permit_key
from ringfence.rules.permit import DomainsPeer, NetsPeer, NetworkSetPeer, NodesPeer, Permit

SET_LABEL: Final = "ringfence.io/network-set"
"""The label by which our rules mean our own network sets; its value is the set's name."""
_HASH_BYTES: Final = 3


class Fitted(Struct, frozen=True):
    """The parts of a policy, and for each rule of a direction the part and the index at which it now stands."""

    policies: tuple[Policy, ...]
    ingress: tuple[tuple[int, int], ...]
    egress: tuple[tuple[int, int], ...]


def fit(policy: Policy, *, most_rules: int = MAX_RULES, most_bytes: int = MAX_OBJECT) -> Fitted:
    """Return the policy in as few parts as the limits allow; one that is within them stays as it is."""
    small = max(len(policy.ingress), len(policy.egress)) <= most_rules
    if small and _size(policy) <= most_bytes:
        return Fitted((policy,), *(tuple((0, index) for index in range(len(each))) for each in _sides(policy)))
    room = most_bytes - _size(replace(policy, ingress=(), egress=()))
    parts: list[_Part] = [_Part()]
    ingress, egress = (_dealt(rules, side, parts, most_rules, room) for side, rules in enumerate(_sides(policy)))
    return Fitted(tuple(_numbered(policy, number, part) for number, part in enumerate(parts)), ingress, egress)


class _Part:
    """What one part holds so far: its rules of both directions and their bytes."""

    def __init__(self) -> None:
        self.rules: tuple[list[Rule], list[Rule]] = ([], [])
        self.bytes = 0


def _sides(policy: Policy) -> tuple[tuple[Rule, ...], tuple[Rule, ...]]:
    return policy.ingress, policy.egress


def _dealt(
    rules: Sequence[Rule], side: int, parts: list[_Part], most_rules: int, room: int
) -> tuple[tuple[int, int], ...]:
    """Deal a direction's rules to parts in order, and return where each went."""
    places: list[tuple[int, int]] = []
    number = 0
    for rule in rules:
        size = len(msgspec.json.encode(render_rule(rule))) + 1
        while len(parts[number].rules[side]) >= most_rules or (
            parts[number].bytes and parts[number].bytes + size > room
        ):
            number += 1
            if number == len(parts):
                parts.append(_Part())
        part = parts[number]
        places.append((number, len(part.rules[side])))
        part.rules[side].append(rule)
        part.bytes += size
    return tuple(places)


def _numbered(policy: Policy, number: int, part: _Part) -> Policy:
    """Return a part as a policy. Orders rise with the parts, because rules must be met in order."""
    ingress, egress = part.rules
    named: tuple[tuple[Direction, list[Rule]], ...] = (("Ingress", ingress), ("Egress", egress))
    types = tuple(direction for direction, rules in named if rules)
    tier, _, label = policy.name.rpartition(".")
    return replace(
        policy,
        name=policy.name if number == 0 else f"{tier}.{suffixed_label(label, str(number + 1))}",
        order=None if policy.order is None else policy.order + number,
        types=types,
        ingress=tuple(ingress),
        egress=tuple(egress),
    )


def _size(policy: Policy) -> int:
    return len(msgspec.json.encode(render_policy(policy)))


def with_network_sets(
    permits: Sequence[Permit], *, namespace: str, label: str
) -> tuple[tuple[Permit, ...], tuple[NetworkSetObject, ...]]:
    """Return permits of which those that differ in their nets alone name one network set of the namespace instead.

    The sets come with them. One is named by all but its nets, so an address more or less changes the set and no rule.
    """
    groups: defaultdict[tuple[object, ...], list[Permit]] = defaultdict(list)
    kept: list[Permit] = []
    for permit in permits:
        if isinstance(permit.peer, NetsPeer | DomainsPeer | NodesPeer):
            groups[_but_nets(permit)].append(permit)
        else:
            kept.append(permit)
    sets: list[NetworkSetObject] = []
    for key, group in groups.items():
        if len(group) == 1:
            kept += group
            continue
        hash_ = blake2b(repr(key).encode(), digest_size=_HASH_BYTES).hexdigest()
        made = _network_set(namespace, suffixed_label(label, hash_), group)
        sets.append(made)
        kept.append(
            replace(
                group[0],
                peer=NetworkSetPeer(namespace, made.name, Labels(((SET_LABEL, made.name),))),
                edges=tuple(sorted({edge for permit in group for edge in permit.edges})),
                domains=tuple(sorted({name for permit in group for name in permit.domains})),
            )
        )
    return tuple(sorted(kept, key=permit_key)), tuple(sorted(sets, key=lambda each: each.name))


def _but_nets(permit: Permit) -> tuple[object, ...]:
    icmp = None if permit.icmp is None else (permit.icmp.type, permit.icmp.code)
    ports = None if permit.ports is None else str(permit.ports)
    return (
        permit.direction,
        type(permit.peer).__name__,
        permit.protocol,
        ports,
        icmp,
        permit.coarse,
        permit.source,
    )


def _network_set(namespace: str, name: str, group: Sequence[Permit]) -> NetworkSetObject:
    nets = {
        net
        for permit in group
        if isinstance(permit.peer, NetsPeer | DomainsPeer | NodesPeer)
        for net in permit.peer.nets
    }
    return NetworkSetObject(namespace, name, Labels.of([MANAGED_BY, (SET_LABEL, name)]), tuple(sorted(nets)))
