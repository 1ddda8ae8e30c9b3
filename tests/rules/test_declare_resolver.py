"""DNS is declared, not learnt."""

from ringfence.model.edge import Edge
from ringfence.model.endpoint import Network
from ringfence.model.labels import Labels
from ringfence.model.port import PortSet
from ringfence.model.protocol import TCP, UDP
from ringfence.rules.permit import IntraNamespacePeer, NamespacePeer, NetsPeer, Permit, ResolverPeer
from tests.learning.evidence_rows import DNS, GATEWAY, LEDGER, WEB, addresses, both, row, tcp, udp
from tests.rules.scopes import permits

COREDNS = ResolverPeer("kube-system", "coredns", Labels((("k8s-app", "kube-dns"),)))
DNS_PORT = PortSet.of([53])


def declared(*edges: Edge, protocol: str) -> Permit:
    """Return the permit to the cluster's resolver with these questions behind it."""
    return Permit("Egress", COREDNS, protocol, DNS_PORT, None, tuple(edge.id for edge in edges), "Declared")


def test_a_scope_with_egress_may_ask_over_udp_and_tcp() -> None:
    """Long answers come over TCP, though nobody was seen to need it."""
    question = udp(WEB, DNS)

    assert permits(*both(question)) == (declared(protocol=TCP), declared(question, protocol=UDP))


def test_a_scope_that_never_asked_may_ask_too() -> None:
    """Its names were cached, or it asks once a month."""
    made = permits(*both(tcp(WEB, LEDGER)), *both(udp(GATEWAY, DNS)))

    assert made[:2] == (declared(protocol=TCP), declared(protocol=UDP))


def test_dns_alone_never_isolates_egress() -> None:
    """A scope that only serves keeps its egress open."""
    made = permits(*both(tcp(GATEWAY, WEB)), *both(udp(GATEWAY, DNS)))

    assert [permit.direction for permit in made] == ["Ingress"]


def test_other_ports_of_the_resolver_are_learnt_as_usual() -> None:
    """Metrics are not DNS."""
    made = permits(*both(udp(WEB, DNS)), *both(tcp(WEB, DNS, 9153)))

    assert [(permit.peer, str(permit.ports)) for permit in made if permit.source == "Observed"] == [
        (NamespacePeer("kube-system"), "9153")
    ]


def test_the_resolvers_own_namespace_reaches_it_by_the_intra_namespace_rule() -> None:
    """No second rule for the same pods."""
    made = permits(*both(udp(DNS, DNS)), namespace="kube-system")

    assert {permit.peer for permit in made} == {IntraNamespacePeer("kube-system")}


def test_the_resolvers_own_namespace_gets_the_rule_where_it_has_no_intra_namespace_one() -> None:
    """Its other pods must find names as everybody else."""
    made = permits(*both(tcp(DNS, LEDGER)), *both(udp(WEB, DNS)), namespace="kube-system")

    egress = [permit.peer for permit in made if permit.direction == "Egress"]

    assert egress == [COREDNS, COREDNS, NamespacePeer("payments")]


def test_a_resolver_without_labels_is_its_namespace_and_coarse() -> None:
    """The gate shows it."""
    made = permits(*both(udp(WEB, DNS)), labels={})

    assert {permit.coarse for permit in made} == {"resolver-labels-unknown"}
    assert {permit.peer for permit in made} == {ResolverPeer("kube-system", "coredns", Labels())}


def test_nodelocal_gets_its_address_and_no_other_rule() -> None:
    """The questions stand behind the declared permit."""
    question = udp(WEB, Network("public"))

    made = permits(row(question, servers=addresses("169.254.20.10")))

    peer = NetsPeer(("169.254.20.10/32",))
    assert made == (
        Permit("Egress", peer, TCP, DNS_PORT, None, (), "Declared"),
        Permit("Egress", peer, UDP, DNS_PORT, None, (question.id,), "Declared"),
    )


def test_a_company_name_server_is_an_ordinary_edge() -> None:
    """It is not the cluster's resolver, so it is allowed as seen."""
    made = permits(row(udp(WEB, Network("private")), servers=addresses("10.9.9.9")))

    assert [(permit.peer, permit.source) for permit in made] == [(NetsPeer(("10.9.9.9/32",)), "Observed")]
