"""Permits that are larger than one rule may be."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from ringfence.dialects.calico.limits import MAX_NETS, MAX_PORTS
from ringfence.model.port import PortSet
from ringfence.rules.permit import DomainsPeer, NamespacePeer, NetsPeer, Peer, Permit
from ringfence.rules.split import split


def permit(peer: Peer, ports: PortSet | None) -> Permit:
    """Return an egress permit."""
    return Permit("Egress", peer, "TCP", ports, None, ("a",), "Observed")


def nets(count: int) -> tuple[str, ...]:
    """Return blocks that do not touch."""
    return tuple(f"10.{number // 128}.{number % 128 * 2}.0/24" for number in range(count))


def atoms(permits: Sequence[Permit]) -> list[tuple[str, str]]:
    """Return each pair of net and port entry that permits allow."""
    return [
        (net, str(port))
        for each in permits
        if isinstance(each.peer, NetsPeer | DomainsPeer)
        for net in each.peer.nets
        for port in each.ports or ()
    ]


@given(st.integers(1, 3 * MAX_NETS), st.integers(1, 3 * MAX_PORTS), st.booleans())
def test_the_parts_allow_together_exactly_what_the_whole_allowed(net_count: int, port_count: int, named: bool) -> None:  # noqa: FBT001
    """The law of the pass, and the reason for it: no part is too large."""
    peer = DomainsPeer(("a.example.com",), nets(net_count)) if named else NetsPeer(nets(net_count))
    whole = permit(peer, PortSet.of(range(1, 2 * port_count, 2)))

    parts = split([whole])

    assert sorted(atoms(parts)) == sorted(atoms([whole]))
    assert all(part.ports is not None and len(part.ports) <= MAX_PORTS for part in parts)
    assert all(isinstance(part.peer, NetsPeer | DomainsPeer) and len(part.peer.nets) <= MAX_NETS for part in parts)


def test_a_permit_within_the_limits_stays_as_it_is() -> None:
    """Also one without ports, which means every port and not none."""
    small = (permit(NamespacePeer("a"), None), permit(NetsPeer(nets(MAX_NETS)), PortSet.of(range(1, 2 * MAX_PORTS, 2))))

    assert split(small) == small


def test_ports_of_a_namespace_are_split_too() -> None:
    """A peer without nets has one part."""
    ports = PortSet.of(range(1, 2 * MAX_PORTS + 2, 2))

    assert [len(part.ports or ()) for part in split([permit(NamespacePeer("a"), ports)])] == [MAX_PORTS, 1]
