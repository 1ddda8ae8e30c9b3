"""Laws of peers outside the pods, with and without a snapshot, judged by the reference evaluator."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ringfence.flows.evidence import Evidence, Sample
from ringfence.learning.baseline import EdgeSummary
from ringfence.model.edge import Edge
from ringfence.model.endpoint import Endpoint, Host, Network, Workload
from ringfence.model.inventory import Inventory
from ringfence.model.network_set_object import NetworkSetObject
from ringfence.model.pod import PodDns
from ringfence.model.policy import Direction, ServiceRef
from ringfence.rules.address_blocks import METADATA
from ringfence.rules.coarse import COARSE_REASONS
from ringfence.rules.passes import permits_of
from ringfence.rules.permit import NetsPeer, NodesPeer, Permit
from ringfence.rules.rule_settings import RuleSettings
from ringfence.rules.scope_baseline import own_side
from ringfence.rules.without_metadata import without_metadata
from tests.learning.evidence_rows import CORP, INTERNET, INTRANET, NODE, PARTNERS, WEB, row, rows, tcp
from tests.rules.peer_world import CORP as CORP_OBJECT
from tests.rules.peer_world import DATABASE, SLICES, WORLD, Judge, passes, permits_in, scope_in, slice_of, with_hosts

DIRECTIONS: tuple[Direction, Direction] = ("Ingress", "Egress")
SEEN = (
    *METADATA,
    "169.254.169.253",
    "169.254.20.10",
    "10.1.2.3",
    "10.9.0.5",
    "10.244.1.1",
    "192.168.7.10",
    "fd07::1",
    "fd00:ec2::253",
    "198.51.100.7",
    "2001:db8::7",
)
LURES = replace(
    WORLD,
    pods=tuple(replace(pod, spec=replace(pod.spec, dns=PodDns("None", METADATA))) for pod in WORLD.pods),
    slices=(SLICES[0], slice_of(DATABASE, *METADATA, port=443)),
    network_sets=(
        replace(CORP_OBJECT, nets=("169.254.0.0/16", "fd00::/8")),
        NetworkSetObject("shop", "partners", CORP_OBJECT.labels, ("0.0.0.0/0",)),
    ),
)
"""Services, network sets and name servers that lead to the metadata address."""
OUTSIDE: tuple[Endpoint, ...] = (INTERNET, INTRANET, CORP, PARTNERS, NODE, Host("node-b"), Host("control"))
inventories = st.sampled_from([None, WORLD, with_hosts(WORLD), LURES])
settings = st.builds(RuleSettings, false_allow_budget=st.sampled_from([0, 0, 1, 300]))
samples = st.builds(
    lambda texts, overflow, complete: Sample(tuple(sorted(texts)), overflow, complete),
    st.lists(st.sampled_from(SEEN), max_size=4, unique=True),
    st.booleans(),
    st.booleans(),
)


@st.composite
def outside_rows(draw: st.DrawFn) -> Evidence:
    """Draw a row between the shop's front and something outside the pods."""
    other, port = draw(st.sampled_from(OUTSIDE)), draw(st.sampled_from([80, 443, 6443]))
    services = st.sampled_from([None, None, ServiceRef("default", "kubernetes"), DATABASE.ref])
    if draw(st.booleans()):
        return row(tcp(WEB, other, port), servers=draw(samples), service=draw(services))
    return row(tcp(other, WEB, port), reporter="Destination", clients=draw(samples))


evidence = st.lists(st.one_of(outside_rows(), rows()), max_size=6)


@given(evidence, inventories, settings)
def test_no_learnt_rule_reaches_the_metadata_address(
    seen: list[Evidence], inventory: Inventory | None, chosen: RuleSettings
) -> None:
    """Whatever was seen, whatever objects say, however wide the budget; on every port and protocol of any rule."""
    scope = scope_in(seen, inventory, settings=chosen)
    made = tuple(each for each in permits_of(scope) if each.direction == "Egress")
    if not made:
        return

    judge = Judge(made, _judged_in(inventory))

    for address in METADATA:
        for port in _ports(made):
            assert not judge.passes(address, "TCP", port), (address, port)
            assert not judge.passes(address, "UDP", port), (address, port)


def _judged_in(inventory: Inventory | None) -> Inventory:
    """Return the cluster in which rules are judged. Without a snapshot nobody lays lures that flows could not show."""
    return WORLD if inventory is None else inventory


def _ports(made: tuple[Permit, ...]) -> set[int]:
    return {80} | {each.first for permit in made if permit.ports is not None for each in permit.ports}


@given(evidence, st.sampled_from([None, WORLD, with_hosts(WORLD)]), settings)
def test_every_address_of_an_admitted_network_is_let_through(
    seen: list[Evidence], inventory: Inventory | None, chosen: RuleSettings
) -> None:
    """Those seen, and one of every kind that it may have been where the flows do not tell."""
    scope = scope_in(seen, inventory, settings=chosen)
    judge = Judge(permits_in(seen, inventory, settings=chosen), _judged_in(inventory))

    for direction in DIRECTIONS:
        for each in scope.towards(direction):
            edge = each.summary.edge
            if _is_ours(edge, direction) and not (direction == "Egress" and each.summary.services):
                for address in _must_pass(each.summary, direction):
                    assert judge.passes(address, port=edge.port, direction=direction), (edge, address)


def _is_ours(edge: Edge, direction: Direction) -> bool:
    """Say whether the front speaks to a network over TCP: the world has no other pod of the shop."""
    other = edge.server if direction == "Egress" else edge.client
    return own_side(edge, direction) == WEB and isinstance(other, Network) and edge.protocol == "TCP"


def _must_pass(summary: EdgeSummary, direction: Direction) -> set[str]:
    other = summary.edge.server if direction == "Egress" else summary.edge.client
    sample = summary.server_addresses if direction == "Egress" else summary.client_addresses
    wanted = set(sample.texts)
    if not sample.exhaustive and other == INTRANET:
        wanted |= {"10.200.1.2", "192.168.7.1", "192.168.7.10"} | ({"10.244.1.1"} if direction == "Ingress" else set())
    if not sample.exhaustive and other == INTERNET:
        wanted |= {"203.0.113.9", "2001:db8:77::9"}
    return wanted - {*METADATA}


@given(evidence, inventories)
def test_reasons_have_words_and_edges_are_of_the_scope(seen: list[Evidence], inventory: Inventory | None) -> None:
    """Reports look them up."""
    scope = scope_in(seen, inventory)
    known = {each.summary.edge.id for direction in DIRECTIONS for each in scope.towards(direction)}

    for permit in permits_in(seen, inventory):
        assert permit.coarse in {None, *COARSE_REASONS}
        assert set(permit.edges) <= known


@given(
    st.lists(st.one_of(outside_rows(), rows()), max_size=6).flatmap(
        lambda some: st.tuples(st.just(some), st.permutations(some))
    ),
    inventories,
)
def test_order_does_not_matter(seen: tuple[list[Evidence], list[Evidence]], inventory: Inventory | None) -> None:
    """Of rows and of objects."""
    straight, shuffled = seen
    turned = None if inventory is None else _turned(inventory)

    assert permits_in(straight, inventory) == permits_in(shuffled, turned)


def _turned(inventory: Inventory) -> Inventory:
    return replace(
        inventory,
        **{name: tuple(reversed(getattr(inventory, name))) for name in ("nodes", "services", "slices", "pods")},
    )


def test_the_evaluator_would_find_a_rule_that_reaches_metadata() -> None:
    """The judge itself can fail: a set by its label leads there."""
    made = permits_in([row(tcp(WEB, CORP, 80))], WORLD)

    assert passes(made, METADATA[0], port=80, inventory=LURES)
    assert not passes(made, METADATA[0], port=80, inventory=WORLD)


def test_an_edge_to_nothing_but_metadata_makes_no_rule() -> None:
    """Holding it and saying so is the guard's."""
    lone = row(tcp(WEB, INTERNET, 80), servers=Sample((METADATA[0],), complete=True))

    assert permits_in([lone]) == ()
    assert isinstance(lone.edge.client, Workload)


def test_metadata_is_taken_out_of_every_rule_of_addresses() -> None:
    """What remains is all that was there; a rule of nothing else is no rule."""
    wide = Permit("Egress", NetsPeer(("169.254.169.252/30",)), "UDP", None, None, (), "Declared")
    lone = replace(wide, peer=NetsPeer(("169.254.169.254/32",)))
    nodes = replace(wide, peer=NodesPeer(("192.168.7.1/32",)))

    narrow, same = without_metadata((wide, lone, nodes))

    assert narrow == replace(wide, peer=NetsPeer(("169.254.169.252/31", "169.254.169.255/32")))
    assert same == nodes
