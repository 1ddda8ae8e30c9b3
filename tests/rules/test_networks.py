"""Networks as addresses, or as classes of addresses."""

from ringfence.flows.evidence import Sample
from ringfence.model.edge import Edge, Icmp
from ringfence.rules.permit import DomainsPeer, NetsPeer, Peer, Permit, PrivatePeer, PublicPeer
from tests.learning.evidence_rows import CART, INTERNET, INTRANET, WEB, addresses, row, tcp
from tests.rules.scopes import permits

PRIVATE = tcp(WEB, INTRANET, 5432)
PUBLIC = tcp(WEB, INTERNET, 443)


def shown(*made: Permit) -> list[tuple[Peer, str | None]]:
    """Return whom permits mean, and why they are wider than what was seen."""
    return [(permit.peer, permit.coarse) for permit in made]


def test_known_addresses_become_the_smallest_blocks_that_hold_exactly_them() -> None:
    """Neighbours join; nothing that was not seen comes in."""
    made = permits(row(PRIVATE, servers=addresses("10.0.0.4", "10.0.0.5", "10.0.0.6", "10.9.9.9")))

    assert shown(*made) == [(NetsPeer(("10.0.0.4/31", "10.0.0.6/32", "10.9.9.9/32")), None)]


def test_each_ip_family_has_a_rule_of_its_own() -> None:
    """A rule of both would be refused."""
    made = permits(row(PUBLIC, servers=addresses("198.51.100.7", "2001:db8::7")))

    assert shown(*made) == [(NetsPeer(("198.51.100.7/32",)), None), (NetsPeer(("2001:db8::7/128",)), None)]


def test_unknown_addresses_are_the_whole_class() -> None:
    """Private or public, as the record says: private ones are IPv4 by Calico's word, public ones of any family."""
    why = "addresses-not-reported"

    assert shown(*permits(row(PRIVATE))) == [(PrivatePeer(), why)]
    assert shown(*permits(row(PUBLIC))) == [(PublicPeer(4), why), (PublicPeer(6), why)]


def test_one_client_without_addresses_makes_the_port_coarse_for_all() -> None:
    """They share the rule."""
    made = permits(row(PRIVATE, servers=addresses("10.0.0.4")), row(tcp(CART, INTRANET, 5432)))

    assert shown(*made) == [(PrivatePeer(), "addresses-not-reported")]


def test_ports_are_judged_apart() -> None:
    """Known addresses on one port stay exact beside unknown ones on another."""
    made = permits(row(PRIVATE, servers=addresses("10.0.0.4")), row(tcp(WEB, INTRANET, 80)))

    assert [(permit.peer, str(permit.ports)) for permit in made] == [
        (NetsPeer(("10.0.0.4/32",)), "5432"),
        (PrivatePeer(), "80"),
    ]


def test_too_many_addresses_are_the_class_and_say_so() -> None:
    """A sample is no list."""
    made = permits(row(PRIVATE, servers=addresses("10.0.0.4", overflow=True)))

    assert shown(*made) == [(PrivatePeer(), "too-many-addresses")]


def test_private_ipv6_is_meant_only_where_such_an_address_was_seen() -> None:
    """Calico calls unique local addresses public, so nothing else speaks for them."""
    made = permits(row(PRIVATE, servers=addresses("fd00::7", complete=False)))

    assert shown(*made) == [(PrivatePeer(4), "addresses-not-reported"), (PrivatePeer(6), "addresses-not-reported")]


def test_an_address_that_its_class_does_not_hold_has_a_rule_of_its_own() -> None:
    """Calico's logs call 100.64.0.0/10 and unique local addresses public."""
    made = permits(row(PUBLIC, servers=addresses("100.64.0.9", "fd00::7", complete=False)))

    assert shown(*made) == [
        (NetsPeer(("100.64.0.9/32",)), None),
        (NetsPeer(("fd00::7/128",)), None),
        (PublicPeer(4), "addresses-not-reported"),
        (PublicPeer(6), "addresses-not-reported"),
    ]


def test_servers_with_names_are_names_at_the_addresses_they_had() -> None:
    """Those go stale, and the rule says so."""
    named = addresses("a.example.com", "b.example.com")

    made = permits(row(PUBLIC, servers=addresses("198.51.100.7"), domains=named))

    assert shown(*made) == [
        (DomainsPeer(("a.example.com", "b.example.com"), ("198.51.100.7/32",)), "addresses-will-go-stale")
    ]


def test_names_without_addresses_stay_beside_the_class() -> None:
    """For people, who may narrow it."""
    made = permits(row(PUBLIC, domains=addresses("a.example.com")))

    assert [(permit.peer, permit.domains) for permit in made] == [
        (PublicPeer(4), ("a.example.com",)),
        (PublicPeer(6), ("a.example.com",)),
    ]


def test_names_of_only_some_records_do_not_stand_for_all() -> None:
    """The other records went to addresses without a name."""
    made = permits(row(PUBLIC, servers=addresses("198.51.100.7"), domains=addresses("a.example.com", complete=False)))

    assert shown(*made) == [(NetsPeer(("198.51.100.7/32",)), None)]


def test_icmp_stays_in_its_ip_family() -> None:
    """A rule of ICMPv6 with IPv4 nets would match nothing."""
    six = Edge(WEB, INTERNET, "ICMPv6", None, Icmp(128, 0))
    four = Edge(WEB, INTERNET, "ICMP", None, Icmp(8, 0))
    mixed: Sample = addresses("198.51.100.7", "2001:db8::7")

    assert shown(*permits(row(six))) == [(PublicPeer(6), "addresses-not-reported")]
    assert shown(*permits(row(four))) == [(PublicPeer(4), "addresses-not-reported")]
    assert shown(*permits(row(six, servers=mixed))) == [(NetsPeer(("2001:db8::7/128",)), None)]
    assert shown(*permits(row(four, servers=addresses("2001:db8::7")))) == [(PublicPeer(4), "addresses-not-reported")]


def test_sctp_is_coarse_even_at_known_addresses() -> None:
    """Its ports are not reported."""
    made = permits(row(Edge(WEB, INTRANET, "SCTP"), servers=addresses("10.0.0.4")))

    assert shown(*made) == [(NetsPeer(("10.0.0.4/32",)), "port-not-reported")]
