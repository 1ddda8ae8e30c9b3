"""Listening ports and dynamic ones."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from ringfence.flows.evidence import Evidence
from ringfence.flows.left_out import LeftOut
from ringfence.learning.ephemeral import (
    DENSE_GAP,
    DENSE_PORTS,
    DENSE_SHARE,
    EPHEMERAL_FLOOR,
    FEW_HIGH_PORTS,
    listeners,
)
from ringfence.model.edge import Edge
from ringfence.model.endpoint import Endpoint
from ringfence.model.policy import ServiceRef
from ringfence.model.port import PortRange
from tests.learning.evidence_rows import CART, GATEWAY, INTERNET, LEDGER, WEB, denied, row, tcp

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


def test_a_declared_high_port_is_a_listener() -> None:
    """Of that server and protocol, however rarely it is met and however many others the server shows."""
    many = [row(tcp(WEB, LEDGER, 40000 + 999 * number), hours=[0, 1]) for number in range(FEW_HIGH_PORTS + 1)]

    known = listeners([row(HIGH), *many], declared_ports={(LEDGER, "TCP", 50051)})

    assert known.listens(HIGH)
    assert not known.listens(many[0].edge)
    assert known.handed_out(HIGH) is None


def dense(*, ports: Iterable[int], hours: Sequence[int] = (0, 1), client: Endpoint = WEB) -> list[Evidence]:
    """Return a transfer on each port, the hours in turn."""
    return [row(tcp(client, LEDGER, port), hours=[hours[number % len(hours)]]) for number, port in enumerate(ports)]


def test_a_client_that_meets_a_filled_range_meets_a_range_that_is_handed_out() -> None:
    """From the lowest to the highest port that was seen, and no further."""
    known = listeners(dense(ports=range(40000, 40100, 4)))

    assert known.handed_out(tcp(WEB, LEDGER, 40008)) == PortRange(40000, 40096)
    assert known.listens(tcp(WEB, LEDGER, 40009))
    assert not known.listens(tcp(WEB, LEDGER, 40097))
    assert not known.listens(tcp(GATEWAY, LEDGER, 40008))
    assert not known.listens(Edge(WEB, LEDGER, "UDP", 40008))


def test_ports_that_fill_nothing_are_no_range() -> None:
    """Too few, too thin, all in one burst, or of a network, which is no one server."""
    few = dense(ports=range(40000, 40000 + DENSE_PORTS - 1))
    thin = dense(ports=range(40000, 40000 + DENSE_GAP * 2 * DENSE_PORTS, 20))
    burst = dense(ports=range(40000, 40100, 2), hours=[3])
    outside = [row(tcp(WEB, INTERNET, port), hours=[port % 3]) for port in range(40000, 40100)]

    for rows in (few, thin, burst, outside):
        assert listeners(rows).ranges == {}


def test_another_port_far_away_does_not_widen_a_range() -> None:
    """Nor does what another client met: a scan shows itself only."""
    near = dense(ports=range(40000, 40100, 2))
    far = row(tcp(WEB, LEDGER, 60000), hours=[0])
    scan = dense(ports=range(40000, 60000, 7), client=CART)

    known = listeners([*near, far, *scan])

    assert known.handed_out(near[0].edge) == PortRange(40000, 40098)
    assert not known.listens(far.edge)


@given(
    st.lists(st.tuples(st.integers(32768, 33100), st.integers(0, 4)), max_size=80), st.randoms(use_true_random=False)
)
def test_ranges_hold_to_what_was_seen_in_any_order(seen: list[tuple[int, int]], random: Random) -> None:
    """A law: ends were seen, ports are many and dense, and ranges are apart."""
    rows = [row(tcp(WEB, LEDGER, port), hours=[hour]) for port, hour in seen]
    shuffled = list(rows)
    random.shuffle(shuffled)

    known = listeners(rows)

    assert known == listeners(shuffled)
    ports = {port for port, _ in seen if (LEDGER, "TCP", port) not in known.high}
    found = [each for ranges in known.ranges.values() for each in ranges]
    for each in found:
        inside = [port for port in ports if each.first <= port <= each.last]
        assert {each.first, each.last} <= ports
        assert len(inside) >= max(DENSE_PORTS, DENSE_SHARE * (each.last - each.first + 1))
    assert all(two.first - one.last > DENSE_GAP for one, two in pairwise(sorted(found)))
