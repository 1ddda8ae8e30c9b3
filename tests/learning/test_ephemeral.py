"""Listening ports and dynamic ones."""

from ringfence.flows.left_out import LeftOut
from ringfence.learning.ephemeral import EPHEMERAL_FLOOR, FEW_HIGH_PORTS, listeners
from ringfence.model.edge import Edge
from ringfence.model.policy import ServiceRef
from tests.learning.evidence_rows import CART, GATEWAY, LEDGER, WEB, denied, row, tcp

HIGH = tcp(WEB, LEDGER, 50051)


def test_a_low_port_is_always_a_listener() -> None:
    """Nobody is handed one."""
    known = listeners([])

    assert known.listens(tcp(WEB, LEDGER, EPHEMERAL_FLOOR - 1))
    assert not known.listens(tcp(WEB, LEDGER, EPHEMERAL_FLOOR))


def test_a_protocol_without_ports_is_not_in_question() -> None:
    """SCTP, ICMP and the others."""
    assert listeners([]).listens(Edge(WEB, LEDGER, "SCTP"))


def test_a_high_port_seen_once_is_dynamic() -> None:
    """The data port of one transfer."""
    assert not listeners([row(HIGH)]).listens(HIGH)


def test_a_high_port_behind_a_service_is_a_listener_for_every_client() -> None:
    """The Service declares it, whoever was seen to use it, and also where that was denied."""
    through = row(tcp(CART, LEDGER, 50051), service=ServiceRef("payments", "ledger"))
    refused = row(tcp(CART, LEDGER, 50052), outcome="Denied", service=ServiceRef("payments", "ledger"))

    known = listeners([through, refused])

    assert known.listens(HIGH)
    assert known.listens(tcp(WEB, LEDGER, 50052))
    assert not known.listens(Edge(WEB, LEDGER, "UDP", 50051))


def test_a_high_port_that_comes_back_is_a_listener() -> None:
    """Another client, or another hour."""
    other_client = [row(HIGH), row(tcp(CART, LEDGER, 50051))]
    other_hour = [row(HIGH, hours=[0, 9])]
    both_reporters_of_one_hour = [row(HIGH), row(HIGH, reporter="Destination")]

    assert listeners(other_client).listens(HIGH)
    assert listeners(other_hour).listens(HIGH)
    assert not listeners(both_reporters_of_one_hour).listens(HIGH)


def test_a_server_with_many_high_ports_hands_them_out() -> None:
    """A passive FTP or RPC server: ports return by chance."""
    few = [row(tcp(WEB, LEDGER, 40000 + number), hours=[0, 1]) for number in range(FEW_HIGH_PORTS)]
    one_more = row(tcp(GATEWAY, LEDGER, 41000), hours=[0, 1])

    assert listeners(few).listens(few[0].edge)
    assert not listeners([*few, one_more]).listens(few[0].edge)


def test_denied_and_left_out_rows_prove_no_listener() -> None:
    """A scan comes back too, and a reply's port is the client's own."""
    scan = [denied(HIGH, hours=[0, 1, 2])]
    replies = [row(HIGH, hours=[0, 1, 2], left_out=LeftOut.REPLY, service=ServiceRef("payments", "ledger"))]

    assert not listeners(scan).listens(HIGH)
    assert not listeners(replies).listens(HIGH)
