"""Cover addresses by as few blocks as a false-allow budget permits.

Law: every address given is covered; the addresses covered beside them are at most ``beside`` for each one given, within
each IP family; no cover within that budget has fewer blocks, and none of as few lets in less. A block that would let in
a reserved address (loopback, link-local, multicast, metadata, the cluster's own) is never chosen. Exact: the choice is
made at each branching of the prefix trie, keeping every trade of blocks against addresses that may still win.
"""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_address
from typing import Final

from msgspec import Struct

from ringfence.model.address_set import AddressSet, Family
from ringfence.rules.address_blocks import METADATA

NEVER_COVERED: Final = AddressSet.of(
    [
        "0.0.0.0/8",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "224.0.0.0/3",
        "::/127",
        "fe80::/10",
        "ff00::/8",
        *METADATA,
    ]
)
"""Addresses that no block lets in beside others."""
_BITS: Final[dict[Family, int]] = {4: 32, 6: 128}


class _Plan(Struct, frozen=True):
    """Blocks, as (first address, prefix length), and how many addresses they let in beside those given."""

    extra: int
    blocks: tuple[tuple[int, int], ...]


class _Question(Struct, frozen=True):
    family: Family
    budget: int
    reserved: AddressSet


def cover(
    addresses: Iterable[str], *, beside: int = 0, reserved: AddressSet = NEVER_COVERED
) -> tuple[tuple[str, ...], ...]:
    """Return the fewest blocks that hold the addresses, rising, one tuple per IP family that has any."""
    wanted: dict[Family, set[int]] = {4: set(), 6: set()}
    for address in addresses:
        parsed = ip_address(address)
        wanted[4 if isinstance(parsed, IPv4Address) else 6].add(int(parsed))
    return tuple(
        _fewest(tuple(sorted(ints)), _Question(family, beside * len(ints), reserved))
        for family, ints in wanted.items()
        if ints
    )


def _fewest(wanted: tuple[int, ...], question: _Question) -> tuple[str, ...]:
    best = min(_plans(wanted, question), key=lambda plan: (len(plan.blocks), plan.extra, plan.blocks))
    return tuple(str(_network(question.family, first, length)) for first, length in best.blocks)


def _plans(wanted: tuple[int, ...], question: _Question) -> list[_Plan]:
    """Return the plans for some addresses that no other plan beats in both blocks and extra addresses."""
    bits = _BITS[question.family]
    host = (wanted[0] ^ wanted[-1]).bit_length()
    first = wanted[0] >> host << host
    whole = _Plan((1 << host) - len(wanted), ((first, bits - host),))
    plans = [whole] if _admissible(whole, wanted, question) else []
    if len(wanted) > 1 and not (plans and whole.extra == 0):
        middle = first + (1 << (host - 1))
        low = _plans(tuple(each for each in wanted if each < middle), question)
        high = _plans(tuple(each for each in wanted if each >= middle), question)
        plans += [
            _Plan(left.extra + right.extra, (*left.blocks, *right.blocks))
            for left in low
            for right in high
            if left.extra + right.extra <= question.budget
        ]
    return _unbeaten(plans)


def _admissible(plan: _Plan, wanted: tuple[int, ...], question: _Question) -> bool:
    if plan.extra == 0:
        return True
    if plan.extra > question.budget:
        return False
    net = AddressSet.of([str(_network(question.family, *plan.blocks[0]))])
    inside = net & question.reserved
    given = AddressSet.of(str(_network(question.family, each, _BITS[question.family])) for each in wanted)
    return inside <= given


def _unbeaten(plans: Iterable[_Plan]) -> list[_Plan]:
    kept: list[_Plan] = []
    for plan in sorted(plans, key=lambda plan: (len(plan.blocks), plan.extra, plan.blocks)):
        if not kept or plan.extra < kept[-1].extra:
            kept.append(plan)
    return kept


def _network(family: Family, first: int, length: int) -> IPv4Network | IPv6Network:
    return IPv4Network((first, length)) if family == 4 else IPv6Network((first, length))  # noqa: PLR2004 - a family
