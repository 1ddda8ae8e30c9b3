"""Whom each rule will mean."""

from ringfence.model.edge import Edge, Icmp
from ringfence.model.endpoint import Host, NetworkSet
from ringfence.model.labels import Labels
from ringfence.model.policy import ServiceRef
from ringfence.model.port import PortSet
from ringfence.rules.permit import (
    HostPeer,
    IntraNamespacePeer,
    NamespacePeer,
    NetsPeer,
    NetworkSetPeer,
    Permit,
    PrivatePeer,
    PublicPeer,
    ServicePeer,
)
from tests.learning.evidence_rows import (
    CART,
    CORP,
    INTERNET,
    INTRANET,
    LABELS,
    LEDGER,
    NODE,
    WEB,
    addresses,
    both,
    row,
    tcp,
)
from tests.rules.scopes import permits

API = ServiceRef("default", "kubernetes")


def test_the_own_namespace_is_one_rule_without_ports() -> None:
    """Per direction, whatever its pods say to each other."""
    first, second = tcp(WEB, CART, 7070), Edge(CART, WEB, "ICMP", None, Icmp(8, 0))

    made = permits(*both(first), *both(second))

    behind = tuple(sorted([first.id, second.id]))
    assert made == tuple(
        Permit(direction, IntraNamespacePeer("shop"), None, None, None, behind, "Observed")
        for direction in ("Ingress", "Egress")
    )


def test_another_namespace_is_one_rule_a_protocol_with_all_its_ports() -> None:
    """Two ports of one pair are one rule."""
    made = permits(*both(tcp(WEB, LEDGER, 9000)), *both(tcp(CART, LEDGER, 9001)), *both(tcp(WEB, LEDGER, 80)))

    assert [(permit.peer, permit.protocol, permit.ports) for permit in made] == [
        (NamespacePeer("payments"), "TCP", PortSet.of([80, 9000, 9001]))
    ]


def test_a_protocol_without_reported_ports_has_none_in_its_rule() -> None:
    """Calico reports no ports for SCTP, so the rule is wider than the traffic; for others there are none to know."""
    made = permits(*both(Edge(WEB, LEDGER, "SCTP")), *both(Edge(WEB, LEDGER, "47")))

    assert [(permit.protocol, permit.ports, permit.coarse) for permit in made] == [
        ("47", None, None),
        ("SCTP", None, "port-not-reported"),
    ]


def test_icmp_types_are_rules_of_their_own() -> None:
    """Unless some record told no type: then every type is meant, once."""
    echo, fragment = (Edge(WEB, LEDGER, "ICMP", None, icmp) for icmp in (Icmp(8, 0), Icmp(3, 4)))

    typed = permits(*both(echo), *both(fragment))
    untyped = permits(*both(echo), *both(fragment), *both(Edge(WEB, LEDGER, "ICMP")))

    assert [permit.icmp for permit in typed] == [Icmp(3, 4), Icmp(8, 0)]
    assert [(permit.icmp, len(permit.edges)) for permit in untyped] == [(None, 3)]


def test_a_network_reached_through_a_service_is_that_service() -> None:
    """The API server has no pods; Calico follows its EndpointSlices."""
    edge = tcp(WEB, INTRANET, 6443)

    made = permits(row(edge, service=API))

    assert made == (Permit("Egress", ServicePeer("default", "kubernetes"), "TCP", None, None, (edge.id,), "Observed"),)


def test_another_service_without_pods_says_who_can_widen_it() -> None:
    """Whoever edits its EndpointSlices."""
    made = permits(row(tcp(WEB, INTRANET, 5432), service=ServiceRef("shop", "database")))

    assert [permit.coarse for permit in made] == ["service-endpoints-open"]


def test_a_network_also_reached_directly_is_its_addresses() -> None:
    """The Service does not explain what did not go through it."""
    edge = tcp(WEB, INTRANET, 6443)

    made = permits(row(edge, service=API, servers=addresses("10.1.2.3")), row(edge, servers=addresses("10.1.2.4")))

    assert [permit.peer for permit in made] == [NetsPeer(("10.1.2.3/32", "10.1.2.4/32"))]


def test_a_network_set_is_meant_by_its_labels() -> None:
    """Addresses change while the set stays."""
    made = permits(row(tcp(WEB, CORP, 443), servers=addresses("10.1.2.3")))

    assert [(permit.peer, permit.coarse) for permit in made] == [
        (NetworkSetPeer(None, "corp", Labels.of({"site": "corp"})), None)
    ]


def test_a_set_that_shares_its_labels_is_coarse() -> None:
    """The rule would mean both."""
    twin = NetworkSet(None, "twin")
    labels = {**LABELS, twin: Labels.of({"site": "corp", "floor": "two"})}

    made = permits(row(tcp(WEB, CORP, 443)), row(tcp(WEB, twin, 443)), labels=labels)

    assert [(permit.peer.name, permit.coarse) for permit in made if isinstance(permit.peer, NetworkSetPeer)] == [
        ("corp", "network-set-not-unique"),
        ("twin", None),
    ]


def test_a_set_without_labels_is_its_addresses_or_everything() -> None:
    """Never nothing: the edge must pass. One rule where the addresses are known, also where they have names."""
    edge = tcp(WEB, NetworkSet(None, "bare"), 443)
    named = addresses("api.example.com")

    known = permits(row(edge, servers=addresses("10.1.2.3", "198.51.100.7"), domains=named))
    unknown = permits(row(edge))

    assert [(permit.peer, permit.coarse) for permit in known] == [
        (NetsPeer(("10.1.2.3/32", "198.51.100.7/32")), "network-set-without-labels")
    ]
    assert [(permit.peer, permit.coarse) for permit in unknown] == [
        (PrivatePeer(), "network-set-without-labels"),
        (PublicPeer(4), "network-set-without-labels"),
        (PublicPeer(6), "network-set-without-labels"),
    ]


def test_automatic_hosts_are_meant_by_the_label_they_all_carry() -> None:
    """A new node needs no new rule."""
    made = permits(row(tcp(WEB, NODE, 10250)), row(tcp(NODE, WEB, 8080), reporter="Destination"))

    assert {permit.peer for permit in made} == {HostPeer(LABELS[NODE])}


def test_other_hosts_are_their_addresses_as_seen() -> None:
    """Nodes come and go, so the rule says that it will not last."""
    edge = tcp(WEB, Host("node-b"), 10250)

    known = permits(row(edge, servers=addresses("192.168.7.1")))
    unknown = permits(row(edge))

    assert [(permit.peer, permit.coarse) for permit in known] == [
        (NetsPeer(("192.168.7.1/32",)), "node-addresses-as-seen")
    ]
    assert [(permit.peer, permit.coarse) for permit in unknown] == [(PrivatePeer(), "node-addresses-unknown")]


def test_clients_on_the_internet_are_the_internet() -> None:
    """Also where every address was seen."""
    made = permits(row(tcp(INTERNET, WEB, 443), reporter="Destination", clients=addresses("198.51.100.7")))

    assert [(permit.direction, permit.peer, permit.coarse) for permit in made] == [
        ("Ingress", PublicPeer(), "internet-clients")
    ]
