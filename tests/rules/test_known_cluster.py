"""Networks, Services and network sets by the objects of the cluster, judged by the reference evaluator."""

import pytest
from msgspec.structs import replace

from ringfence.model.edge import Edge, Icmp
from ringfence.model.endpoint import NetworkSet
from ringfence.model.inventory import Inventory
from ringfence.model.labels import Labels
from ringfence.model.network_set_object import NetworkSetObject
from ringfence.model.policy import ServiceRef
from ringfence.model.service import EndpointSlice, Service, SliceEndpoint, SlicePort
from ringfence.rules.permit import (
    DomainsPeer,
    HostPeer,
    NetsPeer,
    NetworkSetPeer,
    NodesPeer,
    Permit,
    PrivatePeer,
    PublicPeer,
    ServicePeer,
)
from ringfence.rules.rule_settings import RuleSettings
from tests.learning.evidence_rows import CORP as CORP_SET
from tests.learning.evidence_rows import INTERNET, INTRANET, NODE, WEB, addresses, row, tcp
from tests.rules.peer_world import API, CORP, DATABASE, NODE_A, SLICES, WORLD, passes, permits_in, slice_of

REF = ServiceRef("shop", "database")
PRIVATE = tcp(WEB, INTRANET, 5432)
PUBLIC = tcp(WEB, INTERNET, 443)
SINGLE_STACK = replace(
    WORLD,
    nodes=tuple(replace(node, addresses=node.addresses[:1], pod_cidrs=node.pod_cidrs[:1]) for node in WORLD.nodes),
    pods=tuple(replace(pod, addresses=pod.addresses[:1]) for pod in WORLD.pods),
)


def shown(made: tuple[Permit, ...]) -> list[tuple[object, str | None]]:
    """Return whom permits mean, and why they are wider than what was seen."""
    return [(permit.peer, permit.coarse) for permit in made]


class TestServices:
    """Networks reached through Services."""

    def test_a_service_without_selector_stands_for_the_network_behind_it(self) -> None:
        """Who edits its EndpointSlices widens the rule; the API server's belong to the control plane."""
        made = permits_in([row(PRIVATE, service=REF), row(tcp(WEB, INTRANET, 6443), service=API.ref)])

        assert shown(made) == [
            (ServicePeer("default", "kubernetes"), None),
            (ServicePeer("shop", "database"), "service-endpoints-open"),
        ]
        assert passes(made, "10.9.0.5", port=5432)
        assert not passes(made, "10.9.0.6", port=5432)

    @pytest.mark.parametrize(
        "changed",
        [
            replace(DATABASE, selector=(("app", "db"),)),
            replace(DATABASE, type="ExternalName", external_name="db.example.com"),
            None,
        ],
        ids=["pods stand behind it", "it is a name", "it is gone"],
    )
    def test_another_service_explains_nothing(self, changed: Service | None) -> None:
        """Calico would find no endpoint that is a network, or another one."""
        services = tuple(each for each in (API, changed) if each is not None)

        made = permits_in([row(PRIVATE, service=REF)], replace(WORLD, services=services))

        assert [type(permit.peer) for permit in made] == [PrivatePeer]

    def test_a_service_without_slices_explains_nothing(self) -> None:
        """Its rule would match nothing."""
        made = permits_in([row(PRIVATE, service=REF)], replace(WORLD, slices=SLICES[:1]))

        assert [type(permit.peer) for permit in made] == [PrivatePeer]

    def test_pods_on_the_host_network_behind_a_service_are_nodes(self) -> None:
        """Their Service has a selector; its target port is the node's."""
        reached = row(
            tcp(WEB, INTRANET, 10250),
            service=ServiceRef("kube-system", "kubelet"),
            servers=addresses("192.168.7.1"),
        )

        made = permits_in([reached])

        assert {type(permit.peer) for permit in made} == {NodesPeer}
        assert passes(made, "192.168.7.2", port=10250)

    def test_the_flow_decides_where_the_snapshot_holds_no_slices(self) -> None:
        """As without a snapshot."""
        made = permits_in([row(PRIVATE, service=REF)], replace(WORLD, slices=(), missing=frozenset({"EndpointSlice"})))

        assert shown(made) == [(ServicePeer("shop", "database"), "service-endpoints-open")]

    def test_the_api_server_reached_without_a_service_is_its_service(self) -> None:
        """Its endpoint's address on its port says so; the same address on another port is a node's."""
        made = permits_in([row(tcp(WEB, INTRANET, 6443), servers=addresses("192.168.7.10"))])
        other = permits_in([row(tcp(WEB, INTRANET, 2379), servers=addresses("192.168.7.10"))])

        assert shown(made) == [(ServicePeer("default", "kubernetes"), None)]
        assert made[0].ports is None
        assert passes(made, "192.168.7.10", port=6443)
        assert not passes(made, "192.168.7.10", port=22)
        assert {type(permit.peer) for permit in other} == {NodesPeer}

    def test_a_managed_api_server_is_known_by_its_endpoint_alone(self) -> None:
        """Its address is no node's."""
        managed = replace(WORLD, slices=(slice_of(API, "34.1.2.3", port=443), *SLICES[1:]))

        made = permits_in([row(PUBLIC, servers=addresses("34.1.2.3", "198.51.100.7"))], managed)

        assert shown(made) == [(ServicePeer("default", "kubernetes"), None), (NetsPeer(("198.51.100.7/32",)), None)]

    def test_a_service_that_leads_to_the_metadata_address_explains_nothing(self) -> None:
        """Whoever may edit an EndpointSlice would get the node's credentials."""
        lure = slice_of(DATABASE, "169.254.169.254", port=80)

        made = permits_in([row(tcp(WEB, INTERNET, 80), service=REF)], replace(WORLD, slices=(SLICES[0], lure)))

        assert {type(permit.peer) for permit in made} == {PublicPeer}


class TestClasses:
    """Networks without addresses."""

    def test_a_private_network_is_what_the_objects_do_not_refute(self) -> None:
        """No pod, no Service; databases outside and nodes stay."""
        made = permits_in([row(PRIVATE)])

        (permit,) = made
        assert (permit.peer, permit.coarse) == (
            PrivatePeer(4, ("10.96.0.0/28", "10.244.0.0/22")),
            "addresses-not-reported",
        )
        assert passes(made, "10.9.0.5", port=5432)
        assert passes(made, "192.168.7.2", port=5432)
        assert not passes(made, "10.244.2.5", port=5432)
        assert not passes(made, "10.96.0.1", port=5432)

    def test_clients_that_come_through_a_tunnel_are_not_refuted(self) -> None:
        """Its address lies in the pod range; a node's own stays in the class."""
        made = permits_in([row(tcp(INTRANET, WEB, 8080), reporter="Destination")])

        assert [type(permit.peer) for permit in made] == [NodesPeer, PrivatePeer]
        assert {permit.coarse for permit in made} == {"addresses-not-reported"}
        for address in ("10.244.1.1", "192.168.7.1", "10.200.1.2"):
            assert passes(made, address, port=8080, direction="Ingress")
        assert not passes(made, "10.244.2.5", port=8080, direction="Ingress")

    def test_a_public_client_may_be_a_node_by_a_unique_local_address(self) -> None:
        """Calico calls those public, and the class of public addresses does not hold them. IPv4 nodes are private."""
        clients = tcp(INTERNET, WEB, 5061)

        unknown = permits_in([row(clients, reporter="Destination")])
        told = permits_in([row(clients, reporter="Destination", clients=addresses("203.0.113.9"))])

        assert shown(unknown) == [
            (NodesPeer(("fd07::1/128", "fd07::2/128")), "addresses-not-reported"),
            (PublicPeer(4), "internet-clients"),
            (PublicPeer(6), "internet-clients"),
        ]
        assert shown(told) == [(PublicPeer(4), "internet-clients")]

    def test_an_address_that_was_seen_in_a_refuted_range_is_let_through_all_the_same(self) -> None:
        """Objects change; what was seen is not cut."""
        made = permits_in([row(PRIVATE, servers=addresses("10.244.0.77", complete=False))])

        assert passes(made, "10.244.0.77", port=5432)

    def test_a_range_is_not_believed_where_something_else_is_known_to_lie_in_it(self) -> None:
        """Pods from two distant ranges: the smallest range of both would hold the network set between them."""
        apart = replace(NODE_A, pod_cidrs=("10.0.1.0/24",))

        made = permits_in([row(PRIVATE)], replace(WORLD, nodes=(WORLD.nodes[0], apart, WORLD.nodes[2])))

        assert made[0].peer == PrivatePeer(4, ("10.0.1.0/24", "10.96.0.0/28", "10.244.0.0/24", "10.244.2.0/24"))
        assert passes(made, "10.1.2.3", port=5432)

    def test_what_it_may_be_is_listed(self) -> None:
        """By class, direction and port; words, never rules."""
        own = replace(DATABASE, external_ips=("203.0.113.5",), source_ranges=("198.51.100.0/24",))
        inventory = replace(WORLD, services=(API, own))

        database, other, world = (
            permits_in([row(edge)], inventory)[-1].candidates for edge in (PRIVATE, tcp(WEB, INTRANET, 80), PUBLIC)
        )
        clients = permits_in([row(tcp(INTERNET, WEB, 443), reporter="Destination")], inventory)[-1].candidates

        assert database == ("a node", "an address of network set corp", "an endpoint of service shop/database")
        assert other == ("a node", "an address of network set corp")
        assert world == ("a node",)
        assert clients == ("a client in the source ranges of service shop/database", "a node")

    def test_flows_that_name_network_sets_call_none_of_them_a_network(self) -> None:
        """Then a set is no candidate."""
        made = permits_in([row(PRIVATE), row(tcp(WEB, CORP_SET, 443))])

        assert next(each for each in made if isinstance(each.peer, PrivatePeer)).candidates == (
            "a node",
            "an endpoint of service shop/database",
        )

    def test_nothing_is_listed_where_addresses_tell(self) -> None:
        """There is nothing to guess."""
        assert [each.candidates for each in permits_in([row(PRIVATE, servers=addresses("10.9.9.9"))])] == [()]

    def test_public_is_one_rule_for_each_family_that_the_cluster_has(self) -> None:
        """A dual-stack cluster's clients may come by either."""
        clients = row(tcp(INTERNET, WEB, 5061), reporter="Destination")

        dual, single = permits_in([clients]), permits_in([clients], SINGLE_STACK)

        assert [permit.peer.ip_version for permit in dual if isinstance(permit.peer, PublicPeer)] == [4, 6]
        assert [permit.peer.ip_version for permit in single if isinstance(permit.peer, PublicPeer)] == [4]
        assert passes(dual, "2001:db8:7::1", port=5061, direction="Ingress")
        assert passes(dual, "203.0.113.9", port=5061, direction="Ingress")

    def test_a_family_that_was_seen_exists(self) -> None:
        """Whatever the objects say."""
        made = permits_in([row(PUBLIC, servers=addresses("2001:db8::7", complete=False))], SINGLE_STACK)

        assert shown(made) == [(PublicPeer(4), "addresses-not-reported"), (PublicPeer(6), "addresses-not-reported")]

    def test_families_are_open_where_no_object_tells(self) -> None:
        """A snapshot of policies alone."""
        bare = Inventory(missing=frozenset({"Node", "Pod", "Service", "EndpointSlice", "NetworkSet"}))

        assert [permit.peer for permit in permits_in([row(PUBLIC)], bare)] == [PublicPeer(4), PublicPeer(6)]

    def test_icmp_stays_in_its_family(self) -> None:
        """Nodes and sets too."""
        ping = Edge(WEB, NODE, "ICMP", None, Icmp(8, 0))

        made = permits_in([row(ping), row(Edge(WEB, CORP_SET, "ICMPv6", None, Icmp(128, 0)))])

        nets = [permit.peer.nets for permit in made if isinstance(permit.peer, NodesPeer)]
        assert len(nets) == 1
        assert not any(":" in net for net in nets[0])

    def test_known_addresses_are_covered_within_the_budget(self) -> None:
        """Never over a pod, a node or a Service."""
        seen = row(PRIVATE, servers=addresses("10.9.0.0", "10.9.0.1", "10.9.0.3", "10.96.0.2", "10.96.0.3"))

        exact = permits_in([seen])
        wide = permits_in([seen], settings=RuleSettings(false_allow_budget=1))

        assert exact[0].peer == NetsPeer(("10.9.0.0/31", "10.9.0.3/32", "10.96.0.2/31"))
        assert wide[0].peer == NetsPeer(("10.9.0.0/30", "10.96.0.2/31"))

    def test_a_name_seen_with_changing_addresses_is_a_name(self) -> None:
        """Not a list that goes stale unnamed."""
        named = addresses("api.example.com")

        made = permits_in([row(PUBLIC, servers=addresses("198.51.100.7", "198.51.100.9"), domains=named)])

        assert shown(made) == [
            (
                DomainsPeer(("api.example.com",), ("198.51.100.7/32", "198.51.100.9/32")),
                "addresses-will-go-stale",
            )
        ]


class TestNetworkSets:
    """Sets by label, or by what is in them."""

    def test_a_set_is_meant_by_labels_that_nothing_else_carries(self) -> None:
        """By the object's labels, whatever the flow showed."""
        made = permits_in([row(tcp(WEB, CORP_SET, 443))], labels={CORP_SET: Labels.of({"old": "label"})})

        assert shown(made) == [(NetworkSetPeer(None, "corp", Labels.of({"site": "corp"})), None)]
        assert passes(made, "10.1.2.3", port=443)
        assert not passes(made, "10.2.2.3", port=443)

    @pytest.mark.parametrize(
        ("own", "others", "reason"),
        [
            ({}, (), "network-set-without-labels"),
            ({"pod-template-hash": "7d9f"}, (), "network-set-without-labels"),
            (
                {"site": "corp"},
                (NetworkSetObject(None, "twin", Labels.of({"site": "corp"})),),
                "network-set-not-unique",
            ),
        ],
    )
    def test_another_set_is_copied_and_says_why(
        self, own: dict[str, str], others: tuple[NetworkSetObject, ...], reason: str
    ) -> None:
        """Its nets go stale; but the rule means this set alone. One rule an IP family."""
        known = NetworkSetObject(None, "corp", Labels.of(own), ("10.1.0.0/16", "10.0.0.0/16", "2001:db8:1::/48"))

        made = permits_in([row(tcp(WEB, CORP_SET, 443))], replace(WORLD, network_sets=(known, *others)))

        assert shown(made) == [(NetsPeer(("10.0.0.0/15",)), reason), (NetsPeer(("2001:db8:1::/48",)), reason)]

    def test_likeness_counts_only_where_the_rule_looks(self) -> None:
        """A pod of the namespace is in the way of a namespaced set, a host endpoint of a global one, and no other."""
        partners = NetworkSet("shop", "partners")
        labels = Labels.of({"app": "web"})
        namespaced = NetworkSetObject("shop", "partners", labels, ("198.51.100.0/24",))
        elsewhere = NetworkSetObject("payments", "partners", labels, ("203.0.113.0/24",))
        same_label = NetworkSetObject(None, "corp", labels, ("10.1.0.0/16",))

        beside_pod = permits_in([row(tcp(WEB, partners, 443))], replace(WORLD, network_sets=(namespaced,)))
        alone = permits_in(
            [row(tcp(WEB, partners, 443))], replace(WORLD, network_sets=(elsewhere, namespaced), pods=())
        )
        of_all = permits_in([row(tcp(WEB, CORP_SET, 443))], replace(WORLD, network_sets=(same_label, elsewhere)))

        assert shown(beside_pod) == [(NetsPeer(("198.51.100.0/24",)), "network-set-not-unique")]
        assert shown(alone) == [(NetworkSetPeer("shop", "partners", labels), None)]
        assert shown(of_all) == [(NetworkSetPeer(None, "corp", labels), None)]

    def test_a_set_that_is_gone_is_its_addresses_as_seen(self) -> None:
        """Its labels would match nothing."""
        gone = permits_in(
            [row(tcp(WEB, CORP_SET, 443), servers=addresses("10.1.2.3"))], replace(WORLD, network_sets=())
        )

        assert shown(gone) == [(NetsPeer(("10.1.2.3/32",)), "network-set-gone")]

    def test_a_set_that_holds_the_metadata_address_is_copied_without_it(self) -> None:
        """By label the rule would reach it."""
        wide = replace(CORP, nets=("169.254.169.252/30", "10.1.0.0/16"))
        inventory = replace(WORLD, network_sets=(wide,))

        made = permits_in([row(tcp(WEB, CORP_SET, 80))], inventory)

        assert {permit.coarse for permit in made} == {"network-set-reaches-metadata"}
        assert not passes(made, "169.254.169.254", port=80, inventory=inventory)
        assert passes(made, "169.254.169.253", port=80, inventory=inventory)

    def test_labels_as_seen_stand_where_the_snapshot_holds_no_sets(self) -> None:
        """As without a snapshot."""
        made = permits_in(
            [row(tcp(WEB, CORP_SET, 443))], replace(WORLD, network_sets=(), missing=frozenset({"GlobalNetworkSet"}))
        )

        assert shown(made) == [(NetworkSetPeer(None, "corp", Labels.of({"site": "corp"})), None)]


def test_a_snapshot_without_any_kind_is_as_none() -> None:
    """But for what objects told nobody could refute."""
    everything = ("Node", "Pod", "Service", "EndpointSlice", "NetworkSet", "GlobalNetworkSet", "HostEndpoint")
    rows = [
        row(PRIVATE),
        row(PUBLIC),
        row(tcp(WEB, CORP_SET, 443)),
        row(tcp(WEB, NODE, 10250)),
        row(tcp(WEB, INTRANET, 6443), service=API.ref),
    ]

    with_nothing = permits_in(rows, Inventory(missing=frozenset(everything)))

    assert with_nothing == permits_in(rows, None)
    assert {type(each.peer) for each in with_nothing} == {
        HostPeer,
        NetworkSetPeer,
        PrivatePeer,
        PublicPeer,
        ServicePeer,
    }


def test_an_endpoint_of_every_port_answers_on_any() -> None:
    """A slice may name no number."""
    open_slice = EndpointSlice(
        "default", "kubernetes", "kubernetes", (SlicePort("", "TCP", None),), (SliceEndpoint(("192.168.7.10",)),)
    )

    made = permits_in(
        [row(tcp(WEB, INTRANET, 8443), servers=addresses("192.168.7.10"))], replace(WORLD, slices=(open_slice,))
    )

    assert shown(made) == [(ServicePeer("default", "kubernetes"), None)]
