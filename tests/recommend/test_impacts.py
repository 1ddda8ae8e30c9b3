"""A recommendation's own replay: what it would cut closes its gate, and what is not known keeps it from opening."""

from msgspec.structs import replace

from ringfence.flows.left_out import LeftOut
from ringfence.learning.baseline import AdmittedEdge, EdgeSummary, HeldEdge, HeldReason, LeftOutEdge
from ringfence.learning.pairing import pair, summary
from ringfence.model.cluster import Cluster
from ringfence.model.edge import Edge
from ringfence.model.policy import Direction, Match, Policy, Rule
from ringfence.recommend.impact import Impact
from ringfence.recommend.impacts import with_impacts
from ringfence.recommend.recommend import recommend
from ringfence.recommend.recommendation import Gate, Recommendation, RecommendationSet
from ringfence.recommend.settings import Settings
from tests.learning.evidence_rows import CART, GATEWAY, INTERNET, LEDGER, WEB, both, row, table_of, tcp
from tests.learning.test_enforced import cluster, policy, port

TO_CART, FROM_GATEWAY, TO_LEDGER = tcp(WEB, CART), tcp(GATEWAY, WEB), tcp(WEB, LEDGER, 9000)


def recommended(*edges: Edge, of: Cluster) -> RecommendationSet:
    """Return the recommendations that these edges give."""
    rows = [each for edge in edges for each in both(edge)]
    return recommend(table_of(rows), settings=Settings(), cluster=of)[0]


def shop(found: RecommendationSet, *, of: Cluster | None, **changed: object) -> Recommendation:
    """Return the recommendation of namespace shop with its impact; parts of it may be changed before."""
    items = [replace(each, **changed) if each.scope.name == "shop" else each for each in found.items]
    (item,) = [each for each in with_impacts(items, of, tiers=found.tiers) if each.scope.name == "shop"]
    return item


def gate(item: Recommendation) -> Gate:
    """Return the gate of replay."""
    (found,) = [each for each in item.gates if each.name == "replay"]
    return found


def impact(item: Recommendation) -> Impact:
    """Return the impact, which is known."""
    assert item.impact is not None
    return item.impact


def without_rules(item: Recommendation, direction: Direction) -> tuple[Policy, ...]:
    """Return the policies of a recommendation without their rules of a direction."""
    field = direction.lower()
    return tuple(replace(each, **{field: ()}) for each in item.policies)


def test_a_recommendation_as_made_cuts_nothing_and_its_gate_is_open() -> None:
    """With the number of edges that were judged."""
    world = cluster()
    item = shop(recommended(TO_CART, FROM_GATEWAY, TO_LEDGER, of=world), of=world)

    assert impact(item) == Impact(judged=3)
    assert gate(item) == Gate("replay", "True", "cuts none of 3 observed edges")


def test_an_edge_that_would_be_cut_closes_the_gate_by_name() -> None:
    """Told with both traces, and only of the recommendation whose policy cuts it."""
    world = cluster()
    found = recommended(TO_CART, FROM_GATEWAY, of=world)
    (whole,) = [each for each in found.items if each.scope.name == "shop"]

    item = shop(found, of=world, policies=without_rules(whole, "Ingress"))

    assert {each.seen.edge for each in impact(item).cut} == {TO_CART, FROM_GATEWAY}
    assert gate(item).status == "False"
    assert "edge/gateway to shop/web TCP 8080" in gate(item).reason
    items = [replace(each, policies=without_rules(whole, "Ingress")) if each is whole else each for each in found.items]
    others = [each for each in with_impacts(items, world, tiers=found.tiers) if each.scope.name != "shop"]
    assert [gate(each).status for each in others] == ["True"] * len(others)
    assert others


def test_without_a_snapshot_the_gate_is_not_known() -> None:
    """And there is no impact, which is not an empty one."""
    item = shop(recommended(TO_CART, of=cluster()), of=None)

    assert item.impact is None
    assert gate(item).status == "Unknown"


def test_what_is_not_known_keeps_the_gate_from_opening() -> None:
    """A rule names a net, and nobody told the address that was spoken to."""
    world = cluster()
    found = recommended(TO_CART, of=world)
    (whole,) = [each for each in found.items if each.scope.name == "shop"]
    partner = Rule("Pass", destination=Match(nets=("203.0.113.0/24",)))
    policies = tuple(replace(each, egress=(*each.egress, partner)) for each in whole.policies)

    item = shop(found, of=world, policies=policies, edges=(*whole.edges, _to_the_internet()))

    assert [each.seen.edge.server for each in impact(item).uncertain] == [INTERNET]
    assert impact(item).cut == ()
    assert gate(item).status == "Unknown"
    assert "for 1 observed edge it is not known: shop/web to public network TCP 443" in gate(item).reason


def _shop_edges(found: RecommendationSet) -> tuple[AdmittedEdge, ...]:
    return next(each.edges for each in found.items if each.scope.name == "shop")


def _to_the_internet() -> AdmittedEdge:
    known = recommend(table_of([row(tcp(WEB, INTERNET, 443))]), settings=Settings(), cluster=cluster())[0]
    return known.items[0].edges[0]


def test_a_held_edge_that_would_be_cut_is_told_apart() -> None:
    """It is held so that nothing lets it through; whether to, a person says elsewhere."""
    world = cluster()
    found = recommended(TO_CART, of=world)
    held = HeldEdge(replace(_shop_edges(found)[0], summary=_seen(TO_LEDGER)), (), (HeldReason("scan", "many"),))

    item = shop(found, of=world, held=(held,))

    assert [each.seen.edge for each in impact(item).held] == [TO_LEDGER]
    assert impact(item).cut == ()
    assert gate(item) == Gate("replay", "True", "cuts none of 1 observed edge; 1 held edge would be cut")


def test_an_edge_that_learning_left_out_keeps_the_gate_from_opening_if_it_would_be_cut() -> None:
    """Nothing says that it is not needed. One that is denied already is no news."""
    world = cluster(policy("security", port(9001, "Deny"), Rule("Pass"), app="ledger", namespace="payments"))
    found = recommended(TO_CART, of=world)
    dynamic = LeftOutEdge(_seen(tcp(WEB, LEDGER, 40001)), "Egress", LeftOut.EPHEMERAL_PORT)
    reply = LeftOutEdge(_seen(tcp(WEB, LEDGER, 40002)), None, LeftOut.REPLY)
    refused = LeftOutEdge(_seen(tcp(WEB, LEDGER, 9001)), "Egress", LeftOut.DENIED)
    none = shop(found, of=world, left_out=(reply, refused))

    item = shop(found, of=world, left_out=(dynamic, reply, refused))

    assert gate(none).status == "True"
    assert [reason for _, reason in impact(item).left_out] == ["ephemeral-port"]
    assert gate(item).status == "Unknown"
    assert "would cut 1 edge that learning left out (ephemeral-port 1)" in gate(item).reason


def _seen(edge: Edge) -> EdgeSummary:
    rows = both(edge)
    return summary(edge, pair(edge, rows).rows)
