"""Ports of rules: those seen, or a range that a server hands out."""

from msgspec.structs import replace

from ringfence.model.controller import Controller
from ringfence.model.labels import Labels
from ringfence.model.pod import ContainerPort, PodSpec
from ringfence.model.port import PortRange, PortSet
from ringfence.rules.permit import NamespacePeer, Permit
from tests.learning.evidence_rows import LEDGER, WEB, row, tcp
from tests.rules.peer_world import WORLD, permits_in

PASSIVE = [row(tcp(WEB, LEDGER, port), hours=[port % 3]) for port in range(40000, 40200, 5)]


def test_a_range_that_a_server_hands_out_is_one_rule_and_says_so() -> None:
    """Beside its listening port; a port between the seen ones is meant, one beyond them is not."""
    made = permits_in([*PASSIVE, row(tcp(WEB, LEDGER, 21))])

    assert [(permit.peer, permit.ports, permit.coarse, len(permit.edges)) for permit in made] == [
        (NamespacePeer("payments"), PortSet.of([21]), None, 1),
        (NamespacePeer("payments"), PortSet.of([PortRange(40000, 40195)]), "ports-handed-out", len(PASSIVE)),
    ]


def test_ports_of_a_thin_range_make_no_rule() -> None:
    """Each is a transfer's own."""
    assert permits_in(PASSIVE[::4]) == ()


def test_a_declared_high_port_is_a_rule_of_that_port() -> None:
    """Seen once, on a server that hands out others."""
    template = PodSpec(Labels.of({"app": "ledger"}), ports=(ContainerPort("rpc", "TCP", 40001),))
    declaring = replace(WORLD, controllers=(Controller("StatefulSet", "payments", "ledger", template),))
    once = row(tcp(WEB, LEDGER, 40001))

    def ports(made: tuple[Permit, ...]) -> list[tuple[str, str | None]]:
        return [(str(permit.ports), permit.coarse) for permit in made]

    assert ports(permits_in([once], declaring)) == [("40001", None)]
    assert ports(permits_in([once, *PASSIVE], declaring)) == [("40000:40195", "ports-handed-out"), ("40001", None)]
    assert permits_in([once]) == ()
