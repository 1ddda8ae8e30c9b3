"""The things that a policy lets through, each with the hours in which it was seen."""

import msgspec

from ringfence.flows.evidence import AddressSighting, Counters, Evidence
from ringfence.learning.admission import admit
from ringfence.model.port import PortRange, PortSet
from ringfence.recommend.incidences import hours_seen
from ringfence.rules.passes import permits_of
from ringfence.rules.permit import NamespacePeer, NetsPeer, Permit
from ringfence.rules.scope_baseline import ScopeBaseline
from ringfence.rules.surroundings import surroundings_of
from tests.learning.evidence_rows import CART, HOUR, INTERNET, LEDGER, TIER, WEB, addresses, row, table_of, tcp


def seen(*rows: Evidence) -> list[list[int]]:
    """Return the hours of each thing that shop's rules let through, counted from HOUR."""
    table = table_of(rows)
    edges = admit(table, tier=TIER, covers={"shop"}).admitted
    return told(hours_seen(permits_of(ScopeBaseline("shop", edges, surroundings_of(table))), edges))


def told(things: tuple[frozenset[int], ...]) -> list[list[int]]:
    """Return hours counted from HOUR, sorted."""
    return sorted(sorted(hour - HOUR for hour in hours) for hours in things)


def test_each_port_of_a_peer_is_one_thing() -> None:
    """Also where neighbouring ports are written as a range."""
    rows = [row(tcp(WEB, LEDGER, port), hours=[port - 80]) for port in (80, 81, 90)]

    assert seen(*rows) == [[0], [1], [10]]


def test_two_clients_of_one_port_are_one_thing() -> None:
    """The rule lets both through."""
    assert seen(row(tcp(WEB, LEDGER), hours=[0]), row(tcp(CART, LEDGER), hours=[3])) == [[0, 3]]


def test_the_own_namespace_is_one_thing() -> None:
    """Whatever the ports; once a direction."""
    assert seen(row(tcp(WEB, CART, 80)), row(tcp(CART, WEB, 81), hours=[1])) == [[0, 1], [0, 1]]


def test_permits_that_were_split_count_as_one() -> None:
    """Sixty ports need two rules, and are sixty things."""
    rows = [row(tcp(WEB, LEDGER, 2 * number + 1), hours=[number]) for number in range(60)]

    assert seen(*rows) == [[number] for number in range(60)]


def test_a_range_with_unused_ports_is_one_thing() -> None:
    """It lets through what nobody used, so a new port in it is nothing new."""
    rows = [row(tcp(WEB, LEDGER, 8000 + number), hours=[number]) for number in (0, 2)]
    edges = admit(table_of(rows), tier=TIER, covers={"shop"}).admitted
    ids = tuple(sorted(each.summary.edge.id for each in edges))
    ports = PortSet.of([PortRange(8000, 8005)])

    things = hours_seen([Permit("Egress", NamespacePeer("payments"), "TCP", ports, None, ids, "Observed")], edges)

    assert told(things) == [[0, 2]]


def sighting(address: str, *hours: int) -> AddressSighting:
    """Return when an address was seen."""
    return AddressSighting(address, 0, 0, tuple(HOUR + hour for hour in hours), 1, Counters())


def test_each_net_that_was_seen_apart_is_one_thing() -> None:
    """A new address is a new cut, although the edge is an old one."""
    outside = msgspec.structs.replace(
        row(tcp(WEB, INTERNET, 443), hours=[0, 1, 2], servers=addresses("192.0.2.1", "198.51.100.7")),
        server_sightings=(sighting("192.0.2.1", 0, 1, 2), sighting("198.51.100.7", 1)),
    )

    assert seen(outside) == [[0, 1, 2], [1]]


def test_addresses_that_were_not_seen_apart_are_one_thing() -> None:
    """With the hours of their edge."""
    assert seen(row(tcp(WEB, INTERNET, 443), hours=[0, 4], servers=addresses("192.0.2.1", "198.51.100.7"))) == [[0, 4]]


def test_what_is_declared_and_was_never_seen_is_no_sighting() -> None:
    """Its edges are none."""
    assert hours_seen([Permit("Egress", NetsPeer(("10.0.0.1/32",)), "UDP", None, None, (), "Declared")], ()) == ()
