"""What holds for every policy set and every connection, whatever the policies say."""

from collections.abc import Sequence
from typing import Literal

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ringfence.model.address_set import AddressSet
from ringfence.model.inventory import Inventory
from ringfence.model.labels import Labels
from ringfence.model.policy import Direction, Match, Policy, Rule, Tier
from ringfence.model.policy_set import PolicySet
from ringfence.model.selector import All, And, Global, Not, Or, Selector
from ringfence.model.verdict import Outcome, Side
from ringfence.semantics.connection import Connection, End
from ringfence.semantics.endpoints import Endpoints
from ringfence.semantics.hosts import judge_host
from ringfence.semantics.reference import side
from ringfence.semantics.resolve import resolve
from ringfence.semantics.scopes import ref_of
from tests.semantics.generated import ADDRESSES, inventories, policies, policy_sets, rules
from tests.semantics.worlds import connection, end, pod

some_addresses = st.lists(st.sampled_from(ADDRESSES), min_size=1, max_size=4, unique=True)
ports = st.sampled_from([80, 443, 9])


def asked(policy_set: PolicySet, inventory: Inventory, other: End, direction: Direction, port: int | None = 80) -> Side:
    """Return what the shop's web pod says of a client or a server."""
    web = end("shop/web", Endpoints(inventory), inventory)
    assert web.subject is not None
    ends = (other, web) if direction == "Ingress" else (web, other)
    return side(resolve(policy_set, inventory, "enforced"), web.subject, direction, Connection(*ends, "TCP", port))


def verdicts(found: Side) -> set[str]:
    """Return all verdicts that a side may have."""
    return {each.verdict for each in found.outcomes}


@given(policy_sets(), inventories(), some_addresses, st.sampled_from(["Ingress", "Egress"]), ports)
def test_not_knowing_which_address_loses_no_verdict(
    policy_set: PolicySet, inventory: Inventory, addresses: list[str], direction: Direction, port: int
) -> None:
    """An end with one of several addresses may have every verdict that it has with each of them."""
    ends = Endpoints(inventory)

    each = [
        asked(policy_set, inventory, ends.somewhere("it", AddressSet.of([address])), direction, port)
        for address in addresses
    ]
    any_of_them = asked(policy_set, inventory, ends.somewhere("it", AddressSet.of(addresses)), direction, port)

    assert all(len(found.outcomes) == 1 for found in each)
    assert verdicts(any_of_them) >= set.union(*map(verdicts, each))


@given(policy_sets(), inventories(), st.sampled_from(ADDRESSES), st.sampled_from(["Ingress", "Egress"]), ports)
def test_a_pod_whose_address_is_not_known_loses_no_verdict(
    policy_set: PolicySet, inventory: Inventory, address: str, direction: Direction, port: int
) -> None:
    """A pod without an address may have every verdict that it has at any address."""
    there, nowhere = pod("bank", "new", "a=x", address), pod("bank", "new", "a=x")
    known, unknown = (replace(inventory, pods=(*inventory.pods, each)) for each in (there, nowhere))

    exact = asked(policy_set, known, Endpoints(known).pod(there), direction, port)
    open_ = asked(policy_set, unknown, Endpoints(unknown).pod(nowhere), direction, port)

    assert verdicts(open_) >= verdicts(exact)


@given(policy_sets(), inventories(), st.sampled_from(["Ingress", "Egress"]))
def test_not_knowing_the_port_loses_no_verdict(
    policy_set: PolicySet, inventory: Inventory, direction: Direction
) -> None:
    """A connection to some port may have every verdict that it has to each."""
    other = end("bank/app", Endpoints(inventory), inventory)

    each = [asked(policy_set, inventory, other, direction, port) for port in (80, 443, 9)]
    any_of_them = asked(policy_set, inventory, other, direction, None)

    assert verdicts(any_of_them) >= set.union(*map(verdicts, each))


@given(policy_sets(), inventories(), st.sets(st.sampled_from(["Namespace", "NetworkSet", "GlobalNetworkSet"])))
def test_a_kind_that_was_not_supplied_loses_no_verdict(
    policy_set: PolicySet, inventory: Inventory, missing: set[str]
) -> None:
    """Without its objects an evaluation may end as it does with them."""
    keep_sets = {"NetworkSet": None, "GlobalNetworkSet": None}
    sets = tuple(
        each
        for each in inventory.network_sets
        if ("GlobalNetworkSet" if each.namespace is None else "NetworkSet") not in missing & set(keep_sets)
    )
    spaces = () if "Namespace" in missing else inventory.namespaces
    poorer = replace(inventory, missing=frozenset(missing), network_sets=sets, namespaces=spaces)

    for client in ("bank/app", ADDRESSES[2]):
        told = asked(policy_set, inventory, end(client, Endpoints(inventory), inventory), "Ingress")
        untold = asked(policy_set, poorer, end(client, Endpoints(poorer), poorer), "Ingress")

        assert verdicts(untold) >= verdicts(told)


@given(policy_sets(), inventories(), some_addresses, st.sampled_from([80, None]))
def test_an_uncertain_side_says_what_is_not_known(
    policy_set: PolicySet, inventory: Inventory, addresses: list[str], port: int | None
) -> None:
    """Two outcomes never come without a reason, and one of each verdict is all there is."""
    other = Endpoints(inventory).somewhere("it", AddressSet.of(addresses))

    found = asked(policy_set, inventory, other, "Ingress", port)

    assert 1 <= len(found.outcomes) == len(verdicts(found)) <= 2
    assert found.verdict != "Uncertain" or found.unknown


@given(policy_sets(size=6), inventories(), st.sampled_from(["enforced", "pending", "what-if"]), st.data())
def test_the_order_in_which_policies_were_read_does_not_matter(
    policy_set: PolicySet, inventory: Inventory, scope: str, data: st.DataObject
) -> None:
    """Shuffled policies and tiers are asked in the same order."""
    shuffled = PolicySet(
        tuple(data.draw(st.permutations(policy_set.tiers))),
        tuple(data.draw(st.permutations(policy_set.policies))),
        policy_set.regime,
    )

    one, other = (resolve(each, inventory, scope) for each in (policy_set, shuffled))  # type: ignore[arg-type]  # sampled

    assert one == other


@given(policy_sets(), policies(size=2), st.sampled_from(["Set", "Delete", "Learn", "Ignore"]), inventories())
def test_what_is_staged_is_not_enforced(
    policy_set: PolicySet, staged: Sequence[Policy], action: str, inventory: Inventory
) -> None:
    """Staged policies change nothing of what is enforced, whatever they say and whomever they select."""
    more = tuple(replace(each, staged=action) for each in staged)
    both = replace(policy_set, policies=(*policy_set.policies, *more))

    assert resolve(both, inventory, "enforced") == resolve(policy_set, inventory, "enforced")


@given(policy_sets(), inventories(), st.lists(st.integers(0, 4), max_size=3))
def test_a_log_rule_changes_nothing_but_numbers(policy_set: PolicySet, inventory: Inventory, places: list[int]) -> None:
    """The same policies decide alike, with rules counted as they now stand."""
    logged = replace(policy_set, policies=tuple(_logged(each, places) for each in policy_set.policies))
    client = end("bank/app", Endpoints(inventory), inventory)

    before = asked(policy_set, inventory, client, "Ingress")
    after = asked(logged, inventory, client, "Ingress")

    def names(found: Side) -> list[tuple[str, str, str, bool]]:
        return [(each.tier, each.name, each.action, each.rule_index < 0) for each in found.trace]

    assert (after.verdict, names(after)) == (before.verdict, names(before))
    for hit, was in zip(after.trace, before.trace, strict=True):
        added = 0 if was.profile or was.rule_index < 0 else sum(place <= was.rule_index for place in places)
        assert hit.rule_index == was.rule_index + added


def _logged(policy: Policy, places: list[int]) -> Policy:
    return replace(policy, ingress=_with_logs(policy.ingress, places), egress=_with_logs(policy.egress, places))


def _with_logs(rules: tuple[Rule, ...], places: list[int]) -> tuple[Rule, ...]:
    return tuple(each for number, rule in enumerate(rules) for each in (*(Rule("Log"),) * places.count(number), rule))


RENAMED = {"a": "c", "b": "a"}
"""Not in the order of before, so that nothing may stand on how labels sort."""


@given(policy_sets(), inventories(), st.sampled_from(["bank/app", "shop/db", ADDRESSES[0], ADDRESSES[4]]))
def test_names_of_labels_mean_nothing(policy_set: PolicySet, inventory: Inventory, client: str) -> None:
    """Labels renamed everywhere give the same side, trace and all."""
    renamed = replace(policy_set, policies=tuple(_renamed_policy(each) for each in policy_set.policies))
    world = replace(
        inventory,
        pods=tuple(
            replace(each, spec=replace(each.spec, labels=_renamed(each.spec.labels))) for each in inventory.pods
        ),
        network_sets=tuple(replace(each, labels=_renamed(each.labels)) for each in inventory.network_sets),
        namespaces=tuple(replace(each, labels=_renamed(each.labels)) for each in inventory.namespaces),
    )

    before = asked(policy_set, inventory, end(client, Endpoints(inventory), inventory), "Ingress")
    after = asked(renamed, world, end(client, Endpoints(world), world), "Ingress")

    assert after == before


def _renamed(labels: Labels) -> Labels:
    return Labels.of((RENAMED.get(key, key), value) for key, value in labels.pairs)


def _renamed_policy(policy: Policy) -> Policy:
    return replace(
        policy,
        selector=None if policy.selector is None else _renamed_selector(policy.selector),
        ingress=tuple(_renamed_rule(each) for each in policy.ingress),
        egress=tuple(_renamed_rule(each) for each in policy.egress),
    )


def _renamed_rule(rule: Rule) -> Rule:
    return replace(rule, source=_renamed_match(rule.source), destination=_renamed_match(rule.destination))


def _renamed_match(match: Match) -> Match:
    return replace(
        match,
        selector=match.selector and _renamed_selector(match.selector),
        not_selector=match.not_selector and _renamed_selector(match.not_selector),
        namespace_selector=match.namespace_selector and _renamed_selector(match.namespace_selector),
    )


def _renamed_selector(selector: Selector) -> Selector:
    match selector:
        case Not(operand):
            return Not(_renamed_selector(operand))
        case And(operands):
            return And(tuple(map(_renamed_selector, operands)))
        case Or(operands):
            return Or(tuple(map(_renamed_selector, operands)))
        case All() | Global():
            return selector
        case _:
            return replace(selector, label=RENAMED.get(selector.label, selector.label))


@given(st.lists(rules(actions=("Allow", "Deny")), max_size=4), inventories(), ports)
def test_the_first_rule_that_matches_decides(all_rules: list[Rule], inventory: Inventory, port: int) -> None:
    """A policy decides as its first rule would that alone decides anything, else the end of its tier denies."""
    client = "bank/app"

    def ask(*some: Rule) -> Side:
        one = Policy("default", "shop", "p", None, All(), ingress=some)
        return asked(
            PolicySet(policies=(one,)), inventory, end(client, Endpoints(inventory), inventory), "Ingress", port
        )

    alone = [ask(rule).trace[0].rule_index == 0 for rule in all_rules]
    found = ask(*all_rules).trace[0]

    assert found.rule_index == (alone.index(True) if True in alone else -1)
    assert found.action == (all_rules[found.rule_index].action if True in alone else "Deny")


@given(policy_sets(), inventories(), st.sampled_from([1.0, 3e6]), st.sampled_from(["Deny", "Pass"]))
def test_not_knowing_the_tiers_loses_no_verdict(
    policy_set: PolicySet, inventory: Inventory, order: float, action: Literal["Deny", "Pass"]
) -> None:
    """Without its tiers an evaluation may end as it does with them, wherever they stand and however they end."""
    told = replace(policy_set, tiers=(Tier("early", order, action), Tier("late", 2.0, action)))
    untold, poorer = replace(policy_set, tiers=()), replace(inventory, missing=frozenset({"Tier"}))
    client = end("bank/app", Endpoints(inventory), inventory)

    known, unknown = asked(told, inventory, client, "Ingress"), asked(untold, poorer, client, "Ingress")

    assert verdicts(unknown) >= verdicts(known)


@given(policy_sets(), inventories(), st.sampled_from([80, 443, None]))
def test_a_host_is_judged_like_any_endpoint_by_policies_without_flags(
    policy_set: PolicySet, inventory: Inventory, port: int | None
) -> None:
    """Global policies without flags are asked of the host's own traffic only, and in the same way."""
    ends = Endpoints(inventory)
    web, client = end("shop/web", ends, inventory), end("bank/app", ends, inventory)
    assert web.subject is not None
    ours = replace(policy_set, policies=tuple(each for each in policy_set.policies if ref_of(each).namespace == ""))
    tiers = resolve(ours, inventory, "enforced")
    incoming = Connection(client, web, "SCTP", port)

    local = judge_host(tiers, web.subject, "Ingress", incoming, forwarded=False)
    forwarded = judge_host(tiers, web.subject, "Ingress", incoming, forwarded=True)

    assert local == side(tiers, web.subject, "Ingress", incoming)
    assert forwarded == Side((Outcome("Allow", ()),))


def test_the_worlds_of_these_laws_are_judged() -> None:
    """The questions above are about ends that are there."""
    asked_of = connection("bank/app shop/web TCP/80")

    assert asked_of.source.subject is not None
    assert asked_of.destination.subject is not None
