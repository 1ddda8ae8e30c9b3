"""Which edges a person asked for."""

import click
import pytest

from ringfence.cli.edge_filter import EdgeFilter, PortFilter, port_filter
from ringfence.cli.get_edges import get_edges_command
from ringfence.flows.evidence import Sample
from ringfence.model.edge import Edge
from ringfence.model.endpoint import Host, Network, NetworkSet, Workload

CONTEXT = click.Context(get_edges_command)
PORT = next(each for each in get_edges_command.params if each.name == "port")

WEB = Workload("shop", "Deployment", "web")
CART = Workload("shop", None, "cart")
EDGE = Edge(Workload("edge", None, "gateway"), WEB, "TCP", 8080)


def accepted(wanted: EdgeFilter, edge: Edge = EDGE, *, server: tuple[str, ...] = ()) -> bool:
    """Judge an edge whose server was seen with these addresses."""
    return wanted.accepts(edge, client_addresses=Sample(), server_addresses=Sample(server))


def test_no_filter_lets_everything_pass() -> None:
    """Nothing asked, nothing hidden."""
    assert accepted(EdgeFilter())


@pytest.mark.parametrize(("namespace", "expected"), [("shop", True), ("edge", True), ("payments", False)])
def test_a_namespace_takes_either_side(namespace: str, *, expected: bool) -> None:
    """What a workload of the namespace takes part in, as client or server."""
    assert accepted(EdgeFilter(frozenset({namespace}))) is expected


@pytest.mark.parametrize(
    ("peer", "edge"),
    [
        ("edge", EDGE),
        ("shop/web", EDGE),
        ("public", Edge(Network("public"), WEB, "TCP", 443)),
        ("private", Edge(WEB, Network("private"), "TCP", 443)),
        ("node/a", Edge(Host("a"), WEB, "TCP", 8080)),
        ("10.1.1.1", Edge(Host("10.1.1.1"), WEB, "TCP", 8080)),
        ("networkset/corp", Edge(WEB, NetworkSet(None, "corp"), "TCP", 443)),
        ("networkset/shop/corp", Edge(WEB, NetworkSet("shop", "corp"), "TCP", 443)),
    ],
)
def test_a_peer_is_found_by_what_tables_print(peer: str, edge: Edge) -> None:
    """What is shown can be typed back."""
    assert accepted(EdgeFilter(peer=peer), edge)
    assert not accepted(EdgeFilter(peer=peer + "x"), edge)


def test_a_peer_is_found_by_an_address_in_any_spelling() -> None:
    """Addresses are compared as addresses."""
    assert accepted(EdgeFilter(peer="2001:DB8:0::7"), server=("2001:db8::7",))
    assert not accepted(EdgeFilter(peer="2001:db8::8"), server=("2001:db8::7",))


def test_with_a_namespace_the_peer_is_the_other_side() -> None:
    """``-n shop --peer shop`` asks for traffic within the namespace."""
    within = EdgeFilter(frozenset({"shop"}), "shop")

    assert not accepted(within)
    assert accepted(within, Edge(WEB, CART, "TCP", 7070))


@pytest.mark.parametrize(
    ("text", "port"),
    [("80", PortFilter(80)), ("80/tcp", PortFilter(80, "TCP")), ("udp", PortFilter(None, "UDP"))],
)
def test_a_port_is_a_number_a_protocol_or_both(text: str, port: PortFilter) -> None:
    """The spellings of the help."""
    assert port_filter(CONTEXT, PORT, text) == port


@pytest.mark.parametrize("text", ["", "0", "65536", "80/quic", "http", "80-90", "80/"])
def test_anything_else_is_no_port(text: str) -> None:
    """Refused, not guessed."""
    with pytest.raises(click.BadParameter, match="no port"):
        port_filter(CONTEXT, PORT, text)


@pytest.mark.parametrize(
    ("port", "expected"),
    [
        (PortFilter(8080), True),
        (PortFilter(8080, "TCP"), True),
        (PortFilter(None, "TCP"), True),
        (PortFilter(80), False),
        (PortFilter(8080, "UDP"), False),
    ],
)
def test_a_port_filter_compares_what_it_names(port: PortFilter, *, expected: bool) -> None:
    """A part that is not named restricts nothing."""
    assert accepted(EdgeFilter(port=port)) is expected
