"""Covers of addresses."""

from ipaddress import ip_address, ip_network
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from ringfence.model.address_set import AddressSet
from ringfence.rules.address_blocks import ip_version
from ringfence.rules.cover import NEVER_COVERED, cover

NOTHING = AddressSet()
FOUR, SIX = ip_network("198.51.100.16/29"), ip_network("2001:db8::8/125")


def size(nets: tuple[str, ...]) -> int:
    """Return how many addresses blocks hold together."""
    return len({address for net in nets for address in ip_network(net)})


def fewest(wanted: set[str], world: str, budget: int, reserved: set[str]) -> tuple[int, int]:
    """Return the fewest blocks of a small world that hold the addresses within a budget, and the fewest addresses that
    so many blocks let in, by trying all.
    """
    whole = ip_network(world)
    blocks = [
        net for length in range(whole.prefixlen, whole.max_prefixlen + 1) for net in whole.subnets(new_prefix=length)
    ]
    for count in range(1, len(wanted) + 1):
        extras = []
        for chosen in combinations(blocks, count):
            held = {str(address) for net in chosen for address in net}
            extra = held - wanted
            if wanted <= held and len(extra) <= budget and not extra & reserved:
                extras.append(len(extra))
        if extras:
            return count, min(extras)
    raise AssertionError(wanted)


@given(st.sets(st.one_of(st.ip_addresses(v=4), st.ip_addresses(network="198.51.100.0/28"), st.ip_addresses(v=6))))
def test_without_a_budget_a_cover_holds_exactly_the_addresses_by_family(wanted: set[object]) -> None:
    """No address more, none less, one tuple a family."""
    covered = cover(str(address) for address in wanted)

    assert {address for nets in covered for net in nets for address in ip_network(net)} == wanted
    assert all(len({ip_version(net) for net in nets}) == 1 for nets in covered)


@given(
    st.sampled_from([FOUR, SIX]).flatmap(
        lambda net: st.tuples(
            st.just(str(net)),
            st.sets(st.sampled_from([str(address) for address in net]), min_size=1, max_size=4),
            st.sets(st.sampled_from([str(address) for address in net]), max_size=3),
        )
    ),
    st.integers(0, 3),
)
def test_a_cover_is_the_smallest_within_its_budget(world: tuple[str, set[str], set[str]], beside: int) -> None:
    """Against every choice of blocks in a world of eight addresses, some of them reserved."""
    net, wanted, reserved = world

    (nets,) = cover(wanted, beside=beside, reserved=AddressSet.of(reserved))

    assert AddressSet.of(wanted) <= AddressSet.of(nets)
    assert (len(nets), size(nets) - len(wanted)) == fewest(wanted, net, beside * len(wanted), reserved - wanted)


@given(st.sets(st.ip_addresses(network="198.51.96.0/20"), min_size=1, max_size=24), st.integers(0, 40))
def test_a_budget_is_never_exceeded_and_never_costs_blocks(wanted: set[object], beside: int) -> None:
    """More addresses beside those seen mean fewer blocks, or as many."""
    texts = [str(address) for address in wanted]

    (exact,), (wide,) = cover(texts), cover(texts, beside=beside)

    assert AddressSet.of(texts) <= AddressSet.of(wide)
    assert size(wide) - len(texts) <= beside * len(texts)
    assert len(wide) <= len(exact)


def test_the_order_of_addresses_does_not_matter() -> None:
    """The same blocks, rising."""
    texts = ["10.0.0.9", "10.0.0.1", "10.0.0.3", "2001:db8::2"]

    assert cover(texts, beside=2) == cover(reversed(texts), beside=2)
    assert cover(texts) == (("10.0.0.1/32", "10.0.0.3/32", "10.0.0.9/32"), ("2001:db8::2/128",))


def test_what_is_inside_the_cluster_comes_in_only_where_it_was_seen() -> None:
    """Pod, Service and node ranges, loopback, link-local, multicast and metadata addresses."""
    inside = NEVER_COVERED | AddressSet.of(["10.0.0.2"])

    assert cover(["10.0.0.1", "10.0.0.3"], beside=9, reserved=inside) == (("10.0.0.1/32", "10.0.0.3/32"),)
    assert cover(["10.0.0.1", "10.0.0.2", "10.0.0.3"], beside=9, reserved=inside) == (("10.0.0.0/30",),)
    assert cover(["169.254.169.253", "169.254.169.255"], beside=9) == (("169.254.169.253/32", "169.254.169.255/32"),)


def test_a_link_local_address_with_a_zone_is_covered_without_it() -> None:
    """A rule knows no interface names."""
    assert cover(["fe80::1%eth0"]) == (("fe80::1/128",),)
    assert ip_address("fe80::1") in ip_network(cover(["fe80::1%eth0"])[0][0])


def test_nothing_is_covered_by_nothing() -> None:
    """No family, no tuple."""
    assert cover([]) == ()
    assert cover([], reserved=NOTHING) == ()
