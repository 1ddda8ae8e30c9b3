"""Addresses that no policy and no endpoint can tell apart.

Promises: two addresses of one class are in the same nets of every rule and of every network set, and both or neither is
the address of an endpoint, so one answer serves the class. A class is an interval between neighbouring boundaries.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from ipaddress import ip_address

from ringfence.model.address_set import AddressSet, Family
from ringfence.model.inventory import Inventory
from ringfence.semantics.effective import EffectiveMatch, EffectiveTier

AddressClass = tuple[Family, int]


class AddressClasses:
    """The classes that tiers and an inventory make. Built once, asked often."""

    def __init__(self, tiers: Sequence[EffectiveTier], inventory: Inventory) -> None:
        """Collect the boundaries of everything that has addresses."""
        boundaries: dict[Family, set[int]] = {4: set(), 6: set()}
        for addresses in (*_of_rules(tiers), *_of_objects(inventory)):
            for each in addresses.ranges:
                boundaries[each.family] |= {each.first, each.last + 1}
        self._boundaries = {family: sorted(found) for family, found in boundaries.items()}

    def of(self, address: str) -> AddressClass:
        """Return the class of an address. Raises ValueError for what is none."""
        parsed = ip_address(address)
        family: Family = 4 if parsed.version == 4 else 6  # noqa: PLR2004 - a family
        return family, bisect_right(self._boundaries[family], int(parsed))


def _of_rules(tiers: Iterable[EffectiveTier]) -> Iterator[AddressSet]:
    for tier in tiers:
        for policy in tier.policies:
            for rule in (*policy.ingress, *policy.egress):
                yield from _of_match(rule.source)
                yield from _of_match(rule.destination)


def _of_match(match: EffectiveMatch) -> Iterator[AddressSet]:
    yield from (nets for nets in (match.nets, match.not_nets) if nets is not None)
    if match.service is not None:
        yield from (member.addresses for member in match.service.members)


def _of_objects(inventory: Inventory) -> Iterator[AddressSet]:
    for each in inventory.network_sets:
        yield AddressSet.of(each.nets)
    for pod in inventory.pods:
        yield AddressSet.of(pod.addresses)
    for host in inventory.host_endpoints:
        yield AddressSet.of(host.expected_ips)
