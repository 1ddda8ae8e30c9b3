"""Why each policy did not decide, in worlds whose answers follow from calico-semantics 4.3 by eye."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ringfence.model.address_set import AddressSet
from ringfence.model.inventory import Inventory
from ringfence.model.policy import IcmpMatch, Match, Policy, Rule
from ringfence.model.policy_set import PolicySet
from ringfence.model.port import PortSet
from ringfence.model.verdict import Judgement
from ringfence.semantics.connection import Connection
from ringfence.semantics.considered import considered
from ringfence.semantics.endpoints import EVERYWHERE, Endpoints
from ringfence.semantics.reference import judge
from ringfence.semantics.resolve import resolve
from tests.semantics.small_world import CART, LEDGER, REDIS, connection, inventory, policies, policy, rule

TO_REDIS = connection(CART, REDIS)


def ingress_reasons(
    found: PolicySet, asked: Connection = TO_REDIS, *, there: Inventory | None = None
) -> tuple[Judgement, dict[str, str]]:
    """Return the judgement of a connection and the reason of each policy considered for its ingress."""
    tiers = resolve(found, there or inventory(), "enforced")
    judgement = judge(tiers, asked)
    subject = asked.destination.subject
    assert subject is not None
    assert judgement.ingress is not None
    each = considered(tiers, subject, "Ingress", asked, judgement.ingress, aside={})
    return judgement, {item.considered.policy.name: item.considered.reason for item in each}


def test_the_criterion_that_failed_is_named() -> None:
    """The rule wants another port than this one has."""
    judgement, reasons = ingress_reasons(policies(policy("web", rule(port=443))))

    assert judgement.verdict == "Deny"
    assert reasons == {"web": "rule 0 wants TCP 443, this is 6379"}


def test_the_nearest_rule_is_named_among_many() -> None:
    """One criterion fails in the third, more in the others."""
    near = policy(
        "web",
        rule(port=443, source="app == 'web'"),
        rule(port=80, source="app == 'web'"),
        rule(port=6379, source="app == 'web'"),
    )

    _, reasons = ingress_reasons(policies(near))

    assert reasons["web"] == (
        "none of its 3 ingress rules matches; the nearest, rule 2, wants a source with "
        '(app == "web" && projectcalico.org/namespace == "shop"), which pod shop/cart is not'
    )


def test_each_standing_has_its_reason() -> None:
    """Selection, direction, order in the tier, and order of tiers; policies of others are not listed."""
    found = policies(
        policy("decides", rule(), tier="security", order=1),
        policy("after", rule(), tier="security", order=2),
        policy("later", rule()),
        policy("other-direction", direction="Egress"),
        policy("other-pods", rule(), selects="app == 'web'"),
        policy("other-namespace", rule(), namespace="payments", selects="all()"),
        policy("of-others", rule(), namespace=None, selects="app == 'web'"),
    )

    judgement, reasons = ingress_reasons(found)

    assert judgement.ingress is not None
    assert [hit.name for hit in judgement.ingress.trace] == ["decides"]
    assert reasons == {
        "after": "NetworkPolicy shop/decides comes before it and decided",
        "later": "its tier comes after tier security, where this was decided",
        "other-direction": "does not govern ingress",
        "other-pods": "does not select this endpoint",
    }


def test_a_pass_leaves_the_later_tiers_asked() -> None:
    """Only the tier that passed on is behind; the next one's policies say why they did not match."""
    found = policies(policy("passes", rule("Pass"), tier="security"), policy("isolates"))

    judgement, reasons = ingress_reasons(found)

    assert judgement.verdict == "Deny"
    assert reasons == {"isolates": "has no rule for ingress that decides"}


def test_what_a_profile_allows_was_asked_of_every_tier() -> None:
    """Pass in the last tier goes to the profile, which is not a tier that decided before."""
    found = policies(policy("passes", rule("Pass")), policy("never", rule(port=1), tier="kube-baseline"))

    judgement, reasons = ingress_reasons(found)

    assert judgement.verdict == "Allow"
    assert reasons == {"never": "rule 0 wants TCP 1, this is 6379"}


def test_a_rule_that_may_match_says_what_is_not_known() -> None:
    """Without network sets in the snapshot, an address may be in one; both verdicts are possible."""
    there = inventory(missing=["GlobalNetworkSet", "NetworkSet"])
    asked = replace(TO_REDIS, source=Endpoints(there).somewhere("internet", EVERYWHERE))
    found = policies(
        policy("sets", rule(source="app == 'partner'"), namespace=None, order=1),
        policy("more", rule(source="app == 'other'"), namespace=None, order=2),
    )

    judgement, reasons = ingress_reasons(found, asked, there=there)

    assert judgement.verdict == "Uncertain"
    assert "rule 0 may match: the snapshot holds no NetworkSet and no GlobalNetworkSet" in reasons["more"]


def failing(written: Rule, asked: Connection = TO_REDIS, *, addresses: str | None = None) -> str:
    """Return the reason of a policy with one rule that does not match."""
    if addresses is not None:
        source = replace(asked.source, addresses=AddressSet.of([addresses]))
        asked = replace(asked, source=source, destination=replace(asked.destination, addresses=EVERYWHERE))
    return ingress_reasons(policies(policy("one", written)), asked)[1]["one"]


def test_every_criterion_has_words() -> None:
    """Each fails alone, so each is told alone."""
    icmp = connection(CART, REDIS, None, protocol="ICMP", icmp=None)

    assert failing(Rule("Allow", "UDP")) == "rule 0 wants UDP, this is TCP"
    assert failing(Rule("Allow", not_protocol="TCP")) == "rule 0 wants any protocol but TCP"
    assert failing(Rule("Allow", ip_version=6)) == "rule 0 is for IPv6 only"
    assert failing(Rule("Allow", source=Match(nets=("192.0.2.0/24",)))) == (
        "rule 0 wants a source in 192.0.2.0/24, which pod shop/cart is not"
    )
    assert failing(Rule("Allow", source=Match(not_nets=("10.0.0.0/8",)))) == "rule 0 excludes the sources 10.0.0.0/8"
    assert failing(Rule("Allow", "TCP", destination=Match(not_ports=PortSet.of([6379])))) == "rule 0 excludes port 6379"
    assert failing(Rule("Allow", "TCP", destination=Match(named_ports=("http",)))) == (
        "rule 0 wants TCP the port named http, this is 6379"
    )
    assert failing(Rule("Allow", "TCP", icmp=IcmpMatch(8)), icmp) == "rule 0 wants TCP, this is ICMP"


def test_a_rule_of_the_other_family_is_absent() -> None:
    """A v4-only list means that Calico does not even make the rule for IPv6 (calico-semantics 4.5)."""
    excluded = Rule("Allow", source=Match(not_nets=("10.0.0.0/8",)))

    assert failing(excluded, addresses="fd00::1") == (
        "rule 0 does not exist for IPv6: it excludes sources of the other IP family"
    )


@st.composite
def _policies(draw: st.DrawFn) -> Policy:
    """Draw a policy of some tier with a few rules that may or may not match."""
    actions = st.sampled_from(["Allow", "Deny", "Pass", "Log"])
    rules = draw(
        st.lists(
            st.builds(
                rule,
                actions,
                source=st.sampled_from([None, "app == 'cart'", "all()"]),
                port=st.sampled_from([None, 80, 6379]),
            ),
            max_size=3,
        )
    )
    return policy(
        draw(st.sampled_from("abcdefgh")),
        *rules,
        tier=draw(st.sampled_from(["security", "default"])),
        order=draw(st.sampled_from([1.0, 2.0])),
        namespace=draw(st.sampled_from(["shop", None])),
        selects=draw(st.sampled_from(["all()", "app == 'redis'"])),
        direction=draw(st.sampled_from(["Ingress", "Egress"])),
    )


@given(st.lists(_policies(), max_size=6, unique_by=lambda each: (each.namespace, each.name)))
def test_every_policy_is_either_in_the_trace_or_considered(found: list[Policy]) -> None:
    """A rule's hit decides; at the end of a tier all of its policies are told. Nothing is told twice."""
    tiers = resolve(policies(*found), inventory(), "enforced")
    judgement = judge(tiers, TO_REDIS)
    subject = TO_REDIS.destination.subject
    assert subject is not None
    assert judgement.ingress is not None

    each = considered(tiers, subject, "Ingress", TO_REDIS, judgement.ingress, aside={})

    told = [(item.considered.policy.namespace, item.considered.policy.name) for item in each]
    decided = [(hit.namespace, hit.name) for hit in judgement.ingress.trace if hit.rule_index >= 0 and not hit.profile]
    assert sorted([*told, *decided]) == sorted((item.namespace or "", item.name) for item in found)
    assert all(item.considered.reason for item in each)


def test_policies_of_other_namespaces_are_left_out() -> None:
    """Payments' policies say nothing of shop's pods, and the other way round."""
    found = policies(policy("ours", rule()), policy("theirs", rule(), namespace="payments", selects="app == 'ledger'"))

    _, reasons = ingress_reasons(found, connection(CART, LEDGER))

    assert reasons == {}
