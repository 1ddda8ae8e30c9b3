"""What a person should know of a scope beside its rules."""

from msgspec.structs import replace

from ringfence.model.cluster import Cluster
from ringfence.recommend.recommend import recommend
from ringfence.recommend.recommendation import Recommendation
from ringfence.recommend.settings import Settings
from ringfence.rules.rule_settings import RuleSettings
from tests.learning.evidence_rows import CART, WEB, both, hit, table_of, tcp
from tests.learning.test_enforced import cluster, policy, port

SEEN = both(tcp(WEB, CART), trace=(hit("default"),))


def shop(of: Cluster, settings: Settings) -> Recommendation:
    """Return the recommendation of namespace shop."""
    found, _ = recommend(table_of(SEEN), settings=settings, cluster=of)
    return next(each for each in found.items if each.scope.name == "shop")


def told(of: Cluster, settings: Settings | None = None) -> list[tuple[str, str]]:
    """Return kinds and words of the remarks of namespace shop."""
    return [(each.kind, each.words) for each in shop(of, settings or Settings()).remarks]


def test_a_rule_that_nobody_used_is_kept_or_narrowed_and_either_is_told() -> None:
    """The used rule of the same policy is neither."""
    world = cluster(policy("default", port(8080), port(9090)))
    narrow = Settings(rules=RuleSettings(declared_allows="Narrow"))
    for kind, settings in (("Kept", Settings()), ("Narrowed", narrow)):
        (words,) = [words for found, words in told(world, settings) if found == kind]
        assert "rule 1 of NetworkPolicy shop/team" in words


def test_a_record_that_names_another_decider_than_todays_policies_is_told() -> None:
    """The record's policy is gone."""
    remarks = told(cluster())
    assert {kind for kind, _ in remarks} == {"Disagreement"}
    assert any("recorded allowed by rule 0 of NetworkPolicy shop/default-policy" in words for _, words in remarks)


def test_to_tighten_an_earlier_allow_says_that_it_must_go() -> None:
    """Our rule would not be reached."""
    world = cluster(policy("security", port(8080)))
    kinds = {kind for kind, _ in told(world, Settings(brownfield=True))}
    assert "Tightens" in kinds


def test_without_a_snapshot_there_is_nothing_to_remark() -> None:
    """Nothing is compared with anything."""
    found, _ = recommend(table_of(SEEN), settings=Settings())
    assert {each.remarks for each in found.items} == {()}


def test_what_the_snapshot_does_not_hold_is_told_once() -> None:
    """For the cluster as a whole."""
    world = cluster()
    lacking = replace(world, inventory=replace(world.inventory, missing=frozenset({"ValidatingWebhookConfiguration"})))
    found, _ = recommend(table_of(SEEN), settings=Settings(), cluster=lacking)
    assert any("ValidatingWebhookConfiguration" in words for words in found.remarks)
