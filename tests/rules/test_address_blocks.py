"""Private and public blocks."""

import pytest

from ringfence.rules.address_blocks import METADATA, PRIVATE, PUBLIC, class_blocks
from ringfence.rules.permit import PrivatePeer, PublicPeer


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


def test_no_class_holds_the_metadata_address() -> None:
    """Of either family."""
    for address in METADATA:
        assert not any(address in blocks for blocks in (*PRIVATE.values(), *PUBLIC.values()))


def test_what_objects_refute_is_taken_out_of_a_class() -> None:
    """Beside what is never in it."""
    blocks = class_blocks(PublicPeer(4, ("203.0.113.0/24",)))

    assert "203.0.113.9" not in blocks
    assert "198.51.100.9" in blocks
    assert "10.0.0.1" not in blocks
    assert class_blocks(PrivatePeer(4)) == PRIVATE[4]
