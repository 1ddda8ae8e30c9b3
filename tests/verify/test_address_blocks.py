"""Blocks of addresses that sets cannot tell apart: a partition, exact."""

from hypothesis import given
from hypothesis import strategies as st

from ringfence.model.address_set import AddressSet
from ringfence.verify.address_blocks import address_blocks

NETS = (
    "0.0.0.0/0",
    "10.0.0.0/8",
    "10.0.0.0/9",
    "10.128.0.0/9",
    "10.1.2.3/32",
    "255.255.255.255/32",
    "::/0",
    "fd00::/8",
)
sets = st.lists(st.lists(st.sampled_from(NETS), min_size=1, max_size=3).map(AddressSet.of), max_size=4)


@given(sets, st.lists(st.sampled_from(["10.1.2.3", "0.0.0.1", "255.255.255.255", "fd00::1"]), max_size=3))
def test_blocks_are_a_partition_that_no_set_divides(some: list[AddressSet], claimed: list[str]) -> None:
    """Together everything that is not taken, none twice, each wholly inside or outside of every set."""
    taken = AddressSet.of(claimed)

    blocks = list(address_blocks(some, taken))

    together = AddressSet()
    for block in blocks:
        assert not together & block.addresses
        together = together | block.addresses
        for place, each in enumerate(some):
            assert (block.addresses <= each) == (place in block.inside)
            assert bool(block.addresses & each) == (place in block.inside)
    assert together == AddressSet.of(["0.0.0.0/0", "::/0"]) - taken


@given(sets)
def test_one_block_for_each_way_of_being_inside(some: list[AddressSet]) -> None:
    """Addresses in the same sets stand together, however far apart they are."""
    blocks = list(address_blocks(some, AddressSet()))

    assert len({(each.family, each.inside) for each in blocks}) == len(blocks)
