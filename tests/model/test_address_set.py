"""Sets of addresses against sets of integers, over so few addresses that every one can be asked."""

from ipaddress import IPv4Address, IPv6Address, ip_network
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.model.address_set import AddressRange, AddressSet

BITS: Final = 4
UNIVERSE: Final = tuple(str(family(number)) for family in (IPv4Address, IPv6Address) for number in range(1 << BITS))
"""The first addresses of both families: the smallest ones, whose integers are equal."""

nets = st.lists(
    st.one_of(
        st.builds("0.0.0.{}/{}".format, st.integers(0, 15), st.integers(32 - BITS, 32)),
        st.builds("::{:x}/{}".format, st.integers(0, 15), st.integers(128 - BITS, 128)),
    ),
    max_size=6,
)


def naive(texts: list[str]) -> frozenset[str]:
    """Return the addresses of CIDRs, one by one."""
    return frozenset(str(address) for text in texts for address in ip_network(text, strict=False))


def members(addresses: AddressSet) -> frozenset[str]:
    """Return those of the universe that the set says are in it."""
    return frozenset(each for each in UNIVERSE if each in addresses)


@given(nets)
def test_a_set_holds_the_addresses_of_its_nets(texts: list[str]) -> None:
    """Membership, emptiness and families are those of the addresses one by one."""
    built = AddressSet.of(texts)

    assert members(built) == naive(texts)
    assert bool(built) == bool(texts)
    assert built.families == {6 if ":" in each else 4 for each in naive(texts)}


@given(nets, nets)
def test_operations_are_those_of_sets(left: list[str], right: list[str]) -> None:
    """Union, intersection, difference and subset, address by address."""
    one, other = AddressSet.of(left), AddressSet.of(right)

    assert members(one | other) == naive(left) | naive(right)
    assert members(one & other) == naive(left) & naive(right)
    assert members(one - other) == naive(left) - naive(right)
    assert (one <= other) == (naive(left) <= naive(right))


@given(nets)
def test_addresses_of_a_family_are_those_of_it(texts: list[str]) -> None:
    """Both families together are the set again."""
    built = AddressSet.of(texts)

    assert members(built.of_family(6)) == {each for each in naive(texts) if ":" in each}
    assert built.of_family(4) | built.of_family(6) == built
    assert built.of_family(4).families <= {4}


@given(nets, nets)
def test_equal_sets_are_one_value(left: list[str], right: list[str]) -> None:
    """However a set was made, it compares, hashes and prints as any other with its addresses."""
    one, other = AddressSet.of(left), AddressSet.of(right)
    made = [one | other, (one - other) | other, other | (one - (one & other)), AddressSet.of([*right, *left])]

    assert len(set(made)) == 1
    assert len({str(each) for each in made}) == 1
    assert (one == other) == (naive(left) == naive(right))


@given(nets, nets)
def test_ranges_rise_and_do_not_touch(left: list[str], right: list[str]) -> None:
    """Every operation gives the canonical form: rising ranges with a gap between those of a family."""
    one, other = AddressSet.of(left), AddressSet.of(right)

    for made in (one, one | other, one & other, one - other):
        assert all(each.first <= each.last for each in made.ranges)
        assert all(
            before.family < after.family or (before.family == after.family and before.last + 1 < after.first)
            for before, after in zip(made.ranges, made.ranges[1:], strict=False)
        )


@given(nets)
def test_nets_are_the_set_again(texts: list[str]) -> None:
    """The nets of a set make the set, rise, and hold no address twice."""
    built = AddressSet.of(texts)
    again = list(built.nets())

    assert AddressSet.of(again) == built
    assert sum(ip_network(each).num_addresses for each in again) == len(naive(texts))
    assert again == sorted(again, key=lambda each: (":" in each, ip_network(each).network_address._ip))


@given(nets)
def test_nets_are_the_fewest(texts: list[str]) -> None:
    """No two of them are halves of one net."""
    again = [ip_network(each) for each in AddressSet.of(texts).nets()]
    above = [each.supernet() for each in again if each.prefixlen]

    assert len(set(above)) == len(above) or not _halves(again)


def _halves(all_nets: list[object]) -> bool:
    return any(
        set(each.supernet().subnets()) <= set(all_nets)  # type: ignore[attr-defined]  # networks of either family
        for each in all_nets
        if each.prefixlen  # type: ignore[attr-defined]  # as above
    )


@pytest.mark.parametrize(
    ("texts", "printed"),
    [
        ([], ""),
        (["10.0.0.1"], "10.0.0.1/32"),
        (["10.0.0.7/24"], "10.0.0.0/24"),
        (["::1", "10.0.0.1"], "10.0.0.1/32, ::1/128"),
        (["64.0.0.0/2", "0.0.0.0/2"], "0.0.0.0/1"),
        (["255.255.255.255", "::"], "255.255.255.255/32, ::/128"),
        (["FD00::/8"], "fd00::/8"),
    ],
)
def test_how_a_set_prints(texts: list[str], printed: str) -> None:
    """Host bits are ignored, IPv4 stands first, and the end of one family does not touch the other's begin."""
    assert str(AddressSet.of(texts)) == printed


def test_everything_less_one_address() -> None:
    """The edges of a family are addresses as others are."""
    every = AddressSet.of(["0.0.0.0/0", "::/0"])
    left = every - AddressSet.of(["0.0.0.0/32", "255.255.255.255", "::"])

    assert left.ranges == (AddressRange(4, 1, (1 << 32) - 2), AddressRange(6, 1, (1 << 128) - 1))
    assert every - left == AddressSet.of(["0.0.0.0/32", "255.255.255.255", "::"])


@pytest.mark.parametrize("text", ["", "10.0.0", "10.0.0.0/33", "::/129", "10.0.0.256", "web", "10.0.0.1-10.0.0.9"])
def test_other_text_is_refused(text: str) -> None:
    """What is no CIDR is an error, never the empty set."""
    with pytest.raises(ValueError, match=r".+"):
        AddressSet.of([text])
