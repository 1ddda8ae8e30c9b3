"""From admitted edges to permits: the laws of all passes together, judged by meaning."""

from ipaddress import ip_network

from hypothesis import given

from ringfence.dialects.calico.limits import MAX_NETS, MAX_PORTS
from ringfence.flows.evidence import EvidenceTable
from ringfence.learning.admission import admit
from ringfence.model.port import PortSet
from ringfence.rules.assemble import assemble
from ringfence.rules.coarse import COARSE_REASONS
from ringfence.rules.passes import permits_of
from ringfence.rules.permit import DomainsPeer, NetsPeer, Permit
from ringfence.rules.scope_baseline import ScopeBaseline
from ringfence.rules.surroundings import surroundings_of
from tests.learning.evidence_rows import (
    DNS,
    GATEWAY,
    INTERNET,
    LABELS,
    LEDGER,
    TIER,
    WEB,
    addresses,
    both,
    row,
    tables,
    tcp,
    udp,
)
from tests.rules.matcher import cut
from tests.rules.scopes import permits, scope_of

NAMESPACES = ("shop", "payments", "edge", "kube-system")


def scopes(table: EvidenceTable) -> list[ScopeBaseline]:
    """Return the baselines of all namespaces."""
    admitted = admit(table, tier=TIER, covers=frozenset(NAMESPACES)).admitted
    return [ScopeBaseline(namespace, admitted, surroundings_of(table)) for namespace in NAMESPACES]


@given(tables)
def test_no_admitted_edge_is_cut(table: EvidenceTable) -> None:
    """The law of the product, over generated evidence: every address that was seen passes, or may have been seen."""
    for scope in scopes(table):
        policy = assemble(scope.namespace, permits_of(scope), tier=TIER)
        for direction in ("Ingress", "Egress"):
            for each in scope.towards(direction):
                assert cut(policy, each.summary, direction, table.labels) == [], each.summary.edge


@given(tables)
def test_every_admitted_edge_stands_behind_a_permit(table: EvidenceTable) -> None:
    """A rule can say which edges it comes from, and no edge is without a rule."""
    for scope in scopes(table):
        behind = {(permit.direction, edge) for permit in permits_of(scope) for edge in permit.edges}
        wanted = {
            (direction, each.summary.edge.id)
            for direction in ("Ingress", "Egress")
            for each in scope.towards(direction)
        }

        assert behind == wanted


@given(tables)
def test_a_permit_that_is_not_coarse_holds_what_was_seen_and_no_more(table: EvidenceTable) -> None:
    """Ports are those of its edges, nets those of their addresses."""
    for scope in scopes(table):
        summaries = {each.summary.edge.id: each.summary for each in scope.edges}
        for permit in permits_of(scope):
            edges = [summaries[edge] for edge in permit.edges]
            if permit.ports is not None and permit.source == "Observed":
                assert permit.ports == PortSet.of(each.edge.port for each in edges if each.edge.port is not None)
            if isinstance(permit.peer, NetsPeer) and permit.source == "Observed":
                sides = (
                    each.server_addresses if permit.direction == "Egress" else each.client_addresses for each in edges
                )
                seen = {text for sample in sides for text in sample.texts}
                assert _addresses(permit.peer) <= seen


def _addresses(peer: NetsPeer) -> set[str]:
    return {str(address) for net in peer.nets for address in ip_network(net)}


@given(tables)
def test_a_direction_has_permits_only_where_it_has_evidence(table: EvidenceTable) -> None:
    """What is declared opens no direction by itself, and nothing is isolated by accident."""
    for scope in scopes(table):
        opened = {permit.direction for permit in permits_of(scope)}

        assert opened == {direction for direction in ("Ingress", "Egress") if any(scope.towards(direction))}


@given(tables)
def test_permits_keep_the_limits_of_the_api(table: EvidenceTable) -> None:
    """Ports and nets of one rule."""
    for scope in scopes(table):
        for permit in permits_of(scope):
            assert permit.ports is None or len(permit.ports) <= MAX_PORTS
            assert not isinstance(permit.peer, NetsPeer | DomainsPeer) or len(permit.peer.nets) <= MAX_NETS


@given(tables)
def test_every_reason_for_being_coarse_has_its_words(table: EvidenceTable) -> None:
    """Reports look them up."""
    reasons = {permit.coarse for scope in scopes(table) for permit in permits_of(scope)}

    assert reasons <= {None, *COARSE_REASONS}


def test_rules_stand_specific_before_broad() -> None:
    """DNS, namespaces by name, the own namespace, addresses, the internet."""
    made = permits(
        row(tcp(WEB, INTERNET, 443)),
        row(tcp(WEB, INTERNET, 8443), servers=addresses("198.51.100.7")),
        *both(tcp(WEB, LEDGER, 9000)),
        *both(tcp(WEB, WEB)),
        *both(udp(WEB, DNS)),
        *both(tcp(WEB, GATEWAY)),
    )

    egress = [type(permit.peer).__name__ for permit in made if permit.direction == "Egress"]

    assert egress == [
        "ResolverPeer",
        "ResolverPeer",
        "NamespacePeer",
        "NamespacePeer",
        "IntraNamespacePeer",
        "NetsPeer",
        "PublicPeer",
        "PublicPeer",
    ]


def test_an_edge_teaches_each_namespace_its_own_half() -> None:
    """The client's scope gets an egress permit, the server's an ingress one."""
    rows = both(tcp(WEB, LEDGER, 9000))

    def shown(made: tuple[Permit, ...]) -> list[tuple[str, object]]:
        return [(permit.direction, permit.peer.name) for permit in made]  # type: ignore[union-attr]

    assert shown(permits(*rows, namespace="shop")) == [("Egress", "payments")]
    assert shown(permits(*rows, namespace="payments")) == [("Ingress", "shop")]


def test_the_matcher_would_find_a_cut() -> None:
    """The judge itself can fail: a policy without its last rule (the internet by IPv6) cuts the edge of that rule."""
    scope = scope_of([row(tcp(WEB, INTERNET, 443)), *both(tcp(WEB, LEDGER))])
    whole = permits_of(scope)
    edge = next(each.summary for each in scope.edges if each.summary.edge.server == INTERNET)

    shorter = assemble("shop", whole[:-1], tier=TIER)

    assert [peer.address for peer in cut(shorter, edge, "Egress", LABELS)] == ["2001:db8:77::9"]
    assert cut(assemble("shop", whole, tier=TIER), edge, "Egress", LABELS) == []


def test_no_evidence_makes_no_permit() -> None:
    """Not even DNS."""
    assert permits() == ()
