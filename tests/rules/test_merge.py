"""Permits that differ only in their ports become one."""

from collections.abc import Iterator, Sequence

from hypothesis import given
from hypothesis import strategies as st

from ringfence.model.edge import Icmp
from ringfence.model.port import PortSet
from ringfence.rules.merge import merge
from ringfence.rules.permit import NamespacePeer, NetsPeer, Permit, PrivatePeer

TYPES = (Icmp(8, 0), Icmp(3, 4), None)
PEERS = (NamespacePeer("a"), NamespacePeer("b"), NetsPeer(("10.0.0.1/32",)), PrivatePeer())


@st.composite
def permits(draw: st.DrawFn) -> Permit:
    """Draw a permit with few ports and peers, so that many can be merged."""
    protocol = draw(st.sampled_from(["TCP", "UDP", "ICMP", "SCTP"]))
    with_ports = protocol in {"TCP", "UDP"}
    return Permit(
        direction=draw(st.sampled_from(["Ingress", "Egress"])),
        peer=draw(st.sampled_from(PEERS)),
        protocol=protocol,
        ports=PortSet.of(draw(st.lists(st.integers(1, 6), min_size=1, max_size=3))) if with_ports else None,
        icmp=draw(st.sampled_from(TYPES)) if protocol == "ICMP" else None,
        edges=(draw(st.sampled_from("abcdef")),),
        source="Observed",
        coarse=draw(st.sampled_from([None, "internet-clients"])),
    )


def atoms(made: Sequence[Permit]) -> Iterator[tuple[object, ...]]:
    """Yield everything that permits allow, one port or ICMP type at a time; None stands for any other type."""
    for permit in made:
        ports = [None] if permit.ports is None else [port for port in range(1, 8) if port in permit.ports]
        types = TYPES if permit.protocol == "ICMP" and permit.icmp is None else (permit.icmp,)
        for port in ports:
            for icmp in types:
                yield permit.direction, permit.peer, permit.protocol, port, icmp, permit.coarse


@given(st.lists(permits()))
def test_merging_allows_exactly_what_the_permits_allowed_together(made: Sequence[Permit]) -> None:
    """The law of the pass."""
    assert set(atoms(merge(made))) == set(atoms(made))


@given(st.lists(permits()))
def test_nothing_is_allowed_twice_under_one_reason(made: Sequence[Permit]) -> None:
    """Each port and type of a peer stands in one rule."""
    merged = list(atoms(merge(made)))

    assert len(merged) == len(set(merged))


@given(st.lists(permits()).flatmap(lambda made: st.tuples(st.just(made), st.permutations(made))))
def test_the_order_of_permits_says_nothing(drawn: tuple[Sequence[Permit], Sequence[Permit]]) -> None:
    """Same permits, same rules in the same order."""
    made, shuffled = drawn

    assert merge(shuffled) == merge(made)
    assert merge(merge(made)) == merge(made)


@given(st.lists(permits()))
def test_edges_stay_behind_their_permits(made: Sequence[Permit]) -> None:
    """No rule forgets where it came from."""
    assert {edge for permit in merge(made) for edge in permit.edges} == {
        edge for permit in made for edge in permit.edges
    }


def test_neighbouring_ports_become_a_range() -> None:
    """Written as one entry."""
    made = [
        Permit("Egress", PEERS[0], "TCP", PortSet.of([port]), None, (str(port),), "Observed") for port in (80, 82, 81)
    ]

    assert [str(permit.ports) for permit in merge(made)] == ["80:82"]
