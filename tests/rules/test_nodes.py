"""Every node as peers of rules."""

from msgspec.structs import replace

from ringfence.model.cluster import Cluster
from ringfence.model.endpoint import Host
from ringfence.model.inventory import Inventory
from ringfence.model.labels import Labels
from ringfence.model.network_set_object import NetworkSetObject
from ringfence.model.node import Node
from ringfence.model.policy_set import PolicySet
from ringfence.rules.nodes import node_peers
from ringfence.rules.permit import HostPeer, NetsPeer, NodesPeer, Permit, ServicePeer
from tests.learning.evidence_rows import INTRANET, LEDGER, WEB, addresses, both, row, tcp
from tests.rules.peer_world import AUTOMATIC, CORP, NODE_A, NODE_B, WORLD, passes, permits_in, with_hosts

KUBELET = tcp(WEB, Host("node-a"), 10250)
TELEMETRY = tcp(Host("node-a"), WEB, 8080)


def peers(inventory: Inventory) -> tuple[HostPeer | NodesPeer, ...]:
    """Return the peers that mean every node."""
    return node_peers(Cluster(inventory, PolicySet()))


def test_a_peer_on_one_node_is_expected_on_each_by_own_and_tunnel_addresses() -> None:
    """Tunnels lie inside the pod range; one rule an IP family; not coarse, because the snapshot names them all."""
    made = permits_in([row(TELEMETRY, reporter="Destination"), row(KUBELET)])

    for direction, port in (("Ingress", 8080), ("Egress", 10250)):
        nets = [permit.peer.nets for permit in made if permit.direction == direction and _is_nodes(permit)]
        assert nets == [
            ("10.244.0.1/32", "10.244.1.1/32", "10.244.2.1/32", "192.168.7.1/32", "192.168.7.2/32", "192.168.7.10/32"),
            ("fd07::1/128", "fd07::2/128"),
        ]
        assert all(
            passes(made, address, port=port, direction=direction) for address in (*NODE_B.addresses, *NODE_B.tunnels)
        )
        assert not passes(made, "10.244.2.5", port=port, direction=direction)
    assert {permit.coarse for permit in made} == {None}


def _is_nodes(permit: Permit) -> bool:
    return isinstance(permit.peer, NodesPeer)


def test_automatic_host_endpoints_are_meant_by_their_label() -> None:
    """Then a new node needs no new rule."""
    inventory = with_hosts(WORLD)

    made = permits_in([row(KUBELET)], inventory)

    assert [permit.peer for permit in made] == [HostPeer(AUTOMATIC)]
    assert passes(made, "10.244.2.1", port=10250, inventory=inventory)


def test_the_label_is_not_relied_on_where_it_misses_something_or_means_more() -> None:
    """A node without a host endpoint, a tunnel that none expects, a network set with the same label."""
    hosts = with_hosts(WORLD).host_endpoints
    without_tunnels = tuple(replace(host, expected_ips=host.expected_ips[:1]) for host in hosts)
    twin = NetworkSetObject(None, "twin", AUTOMATIC, ("203.0.113.0/24",))

    for inventory in (
        replace(WORLD, host_endpoints=hosts[1:]),
        replace(WORLD, host_endpoints=without_tunnels),
        replace(WORLD, host_endpoints=hosts, network_sets=(CORP, twin)),
    ):
        assert all(isinstance(peer, NodesPeer) for peer in peers(inventory))


def test_hosts_stay_as_seen_without_nodes_in_the_snapshot() -> None:
    """Nothing is said of what nobody supplied."""
    empty = replace(WORLD, nodes=(), missing=frozenset({"Node"}))

    made = permits_in([row(KUBELET, servers=addresses("192.168.7.1"))], empty, labels={Host("node-a"): Labels()})

    assert peers(empty) == ()
    assert [permit.coarse for permit in made] == ["node-addresses-as-seen"]


def test_an_address_of_a_node_is_every_node_also_where_the_flow_calls_it_a_network() -> None:
    """The rest of the addresses are nets of their own."""
    made = permits_in([row(tcp(WEB, INTRANET, 9100), servers=addresses("192.168.7.1", "10.9.9.9"))])

    assert sorted(type(permit.peer).__name__ for permit in made) == ["NetsPeer", "NodesPeer", "NodesPeer"]
    assert passes(made, "192.168.7.2", port=9100)
    assert passes(made, "10.9.9.9", port=9100)
    assert not passes(made, "10.9.9.8", port=9100)


def test_a_node_that_comes_or_goes_changes_the_rules_for_nodes_only() -> None:
    """Also where a private class is there, from which the pod range is taken."""
    rows = [
        row(KUBELET),
        row(TELEMETRY, reporter="Destination"),
        row(tcp(WEB, INTRANET, 5433)),
        row(tcp(INTRANET, WEB, 8080), reporter="Destination"),
        *both(tcp(WEB, LEDGER, 9000)),
    ]
    joined = Node("node-c", addresses=("192.168.7.3",), tunnels=("10.244.3.1",), pod_cidrs=("10.244.3.0/24",))

    before = permits_in(rows)
    after = permits_in(rows, replace(WORLD, nodes=(*WORLD.nodes, joined)))

    assert before != after
    assert [each for each in before if not _is_nodes(each)] == [each for each in after if not _is_nodes(each)]


def test_a_node_that_was_seen_and_is_gone_stands_in_rules_for_nodes() -> None:
    """Beside nodes that are there, on the same port: nothing seen is cut, and other rules do not change with nodes."""
    own, tunnel = ("192.168.7.2", "10.244.2.1")
    rows = [
        row(TELEMETRY, reporter="Destination"),
        row(tcp(INTRANET, WEB, 8080), reporter="Destination", clients=addresses(own, tunnel, "10.9.9.9")),
        row(tcp(INTRANET, WEB, 8081), reporter="Destination", clients=addresses("192.168.7.1", own)),
    ]
    without = replace(WORLD, nodes=(WORLD.nodes[0], NODE_A))

    there, gone = permits_in(rows), permits_in(rows, without)

    assert [each for each in there if not _is_nodes(each)] == [each for each in gone if not _is_nodes(each)]
    for address, port in ((own, 8080), (tunnel, 8080), ("10.9.9.9", 8080), (own, 8081)):
        assert passes(gone, address, port=port, direction="Ingress", inventory=without), (address, port)


def test_an_address_near_nodes_is_its_own_where_no_node_was_seen() -> None:
    """It may be any machine of that network."""
    made = permits_in([row(tcp(WEB, INTRANET, 5432), servers=addresses("192.168.7.9"))])

    assert [permit.peer for permit in made] == [NetsPeer(("192.168.7.9/32",))]


def test_the_api_server_is_its_service_also_where_flows_name_its_node() -> None:
    """On its port only: the kubelet of that node is the node's."""
    made = permits_in([row(tcp(WEB, Host("control"), 6443)), row(tcp(WEB, Host("node-a"), 6443))])
    kubelet = permits_in([row(tcp(WEB, Host("control"), 10250))])

    assert [type(permit.peer) for permit in made] == [ServicePeer, NodesPeer, NodesPeer]
    assert {type(permit.peer) for permit in kubelet} == {NodesPeer}
    assert passes(made[:1], "192.168.7.10", port=6443)
    assert not passes(made[:1], "192.168.7.10", port=10250)


def test_a_large_cluster_is_split_into_rules_that_the_api_takes() -> None:
    """256 nets a rule."""
    many = tuple(Node(f"n{number}", addresses=(f"192.168.{number}.2",)) for number in range(256))
    made = permits_in([row(tcp(WEB, Host("n1"), 10250))], replace(WORLD, nodes=(*many, NODE_A)))

    assert [len(permit.peer.nets) for permit in made if _is_nodes(permit)] == [256, 2, 1]
