"""Private and public blocks, and exact covers."""

from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.rules.address_blocks import PRIVATE, PUBLIC, cover, ip_version


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1",
        "172.31.255.255",
        "192.168.0.1",
        "100.64.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "224.0.0.1",
        "240.0.0.1",
    ],
)
def test_public_holds_nothing_that_may_be_inside(address: str) -> None:
    """A public rule must not reach a pod, a node or the cloud's metadata server."""
    assert address not in PUBLIC[4]


@pytest.mark.parametrize("address", ["fd00::1", "fe80::1", "::1", "ff02::1"])
def test_public_ipv6_is_what_is_routed_on_the_internet(address: str) -> None:
    """One block, so nothing needs to be taken out of it."""
    assert address not in PUBLIC[6]
    assert "2001:db8::1" in PUBLIC[6]


def test_private_and_public_have_nothing_in_common() -> None:
    """Edges of blocks."""
    for address in ("9.255.255.255", "11.0.0.0", "172.15.255.255", "172.32.0.0", "192.167.255.255", "192.169.0.0"):
        assert address in PUBLIC[4]
        assert address not in PRIVATE[4]


@given(st.sets(st.one_of(st.ip_addresses(v=4), st.ip_addresses(network="198.51.100.0/28"), st.ip_addresses(v=6))))
def test_a_cover_holds_exactly_the_addresses_by_family(wanted: set[object]) -> None:
    """A law: no address more, none less, one tuple a family."""
    covered = cover(str(address) for address in wanted)

    assert {address for nets in covered for net in nets for address in ip_network(net)} == wanted
    assert all(len({ip_version(net) for net in nets}) == 1 for nets in covered)


def test_a_link_local_address_with_a_zone_is_covered_without_it() -> None:
    """A rule knows no interface names."""
    assert cover(["fe80::1%eth0"]) == (("fe80::1/128",),)
