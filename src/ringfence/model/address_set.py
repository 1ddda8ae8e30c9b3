"""Sets of IP addresses of both families, exact and canonical.

Promises: equal sets compare, hash and print equal, however they were written; operations are those of sets. Ranges of a
family are disjoint, rising and do not touch.
"""

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Address, ip_address, ip_network, summarize_address_range
from itertools import chain
from typing import Literal, Self

from msgspec import Struct

Family = Literal[4, 6]


class AddressRange(Struct, frozen=True, order=True):
    """Addresses of a family from ``first`` to ``last``, both included, as integers."""

    family: Family
    first: int
    last: int


class AddressSet(Struct, frozen=True):
    """A set of addresses. Build it with `of`."""

    ranges: tuple[AddressRange, ...] = ()

    @classmethod
    def of(cls, nets: Iterable[str]) -> Self:
        """Return the addresses of CIDR texts; host bits are ignored, as Calico does. Raises ValueError for others.

        >>> str(AddressSet.of(["10.0.0.0/9", "10.128.0.0/9", "::1"]))
        '10.0.0.0/8, ::1/128'
        """
        return cls(_canonical(_range_of(net) for net in nets))

    def __or__(self, other: "AddressSet") -> "AddressSet":
        return AddressSet(_canonical(chain(self.ranges, other.ranges)))

    def __and__(self, other: "AddressSet") -> "AddressSet":
        return AddressSet(tuple(_intersections(self.ranges, other.ranges)))

    def __sub__(self, other: "AddressSet") -> "AddressSet":
        left = list(self.ranges)
        for gone in other.ranges:
            left = [piece for each in left for piece in _without(each, gone)]
        return AddressSet(tuple(left))

    def __le__(self, other: "AddressSet") -> bool:
        return not self - other

    def __bool__(self) -> bool:
        return bool(self.ranges)

    def __contains__(self, address: str) -> bool:
        return AddressSet.of([address]) <= self

    @property
    def families(self) -> frozenset[Family]:
        """Return the families that the set has addresses of."""
        return frozenset(each.family for each in self.ranges)

    def of_family(self, family: Family) -> "AddressSet":
        """Return the addresses of one family."""
        return AddressSet(tuple([each for each in self.ranges if each.family == family]))

    def nets(self) -> Iterator[str]:
        """Yield the fewest CIDRs that are this set, rising, IPv4 first."""
        for each in self.ranges:
            if each.family == 4:  # noqa: PLR2004 - a family
                yield from map(str, summarize_address_range(IPv4Address(each.first), IPv4Address(each.last)))
            else:
                yield from map(str, summarize_address_range(IPv6Address(each.first), IPv6Address(each.last)))

    def __str__(self) -> str:
        return ", ".join(self.nets())


def _range_of(net: str) -> AddressRange:
    if "/" not in net and "%" not in net:
        address = ip_address(net)
        return AddressRange(4 if isinstance(address, IPv4Address) else 6, int(address), int(address))
    parsed = ip_network(net, strict=False)
    family: Family = 4 if isinstance(parsed, IPv4Network) else 6
    return AddressRange(family, int(parsed.network_address), int(parsed.broadcast_address))


def _canonical(ranges: Iterable[AddressRange]) -> tuple[AddressRange, ...]:
    merged: list[AddressRange] = []
    for each in sorted(ranges):
        last = merged[-1] if merged else None
        if last is not None and last.family == each.family and each.first <= last.last + 1:
            merged[-1] = AddressRange(last.family, last.first, max(last.last, each.last))
        else:
            merged.append(each)
    return tuple(merged)


def _intersections(ours: Iterable[AddressRange], theirs: tuple[AddressRange, ...]) -> Iterator[AddressRange]:
    """Yield what canonical ranges share; that is canonical, too: pieces that touched would be of one range in both."""
    for each in ours:
        for other in theirs:
            if each.family == other.family and each.first <= other.last and other.first <= each.last:
                yield AddressRange(each.family, max(each.first, other.first), min(each.last, other.last))


def _without(whole: AddressRange, gone: AddressRange) -> Iterator[AddressRange]:
    if gone.family != whole.family or gone.last < whole.first or whole.last < gone.first:
        yield whole
        return
    if whole.first < gone.first:
        yield AddressRange(whole.family, whole.first, gone.first - 1)
    if gone.last < whole.last:
        yield AddressRange(whole.family, gone.last + 1, whole.last)
