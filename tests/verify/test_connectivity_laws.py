"""The algebra against the specification, asked about every pair of a small world, connection by connection."""

from itertools import pairwise
from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from ringfence.model.inventory import Inventory
from ringfence.model.labels import Labels
from ringfence.model.policy import Match, Policy, Rule
from ringfence.model.policy_set import PolicySet
from ringfence.model.selector import All, And, Global, Not, Or, Selector
from ringfence.semantics.connection import Connection
from ringfence.semantics.hosts import judge_host
from ringfence.semantics.reference import side
from ringfence.semantics.resolve import resolve
from ringfence.semantics.scopes import Scope
from ringfence.verify.connectivity import Connectivity, connectivity
from ringfence.verify.connectivity_diff import connectivity_diff
from ringfence.verify.members import Situation
from tests.verify.all_traffic import differences, inventories, policy_sets

few = settings(max_examples=settings().max_examples // 3)
"""Each example asks thousands of connections."""
RENAMED: Final = {"a": "c", "b": "a"}


def asked(policy_set: PolicySet, inventory: Inventory, mode: Scope = "enforced") -> Connectivity:
    """Return the answer of one world."""
    (found,) = connectivity(Situation(inventory, resolve(policy_set, inventory, mode)))
    return found


def all_of(found: Connectivity) -> dict[tuple[str, str], object]:
    """Return what every pair may send, by ids."""
    names = [each.id for each in found.classes]
    return {(names[one], names[other]): found.reach(one, other) for one, other in found.pairs()}


@few
@given(policy_sets(), inventories())
def test_every_connection_is_answered_as_the_specification_answers(policy_set: PolicySet, inventory: Inventory) -> None:
    """Every pod, host endpoint and bound of addresses, both families, at every bound of ports and ICMP types."""
    tiers = resolve(policy_set, inventory, "enforced")

    found = asked(policy_set, inventory)

    assert list(differences(found, inventory, tiers))[:3] == []


@given(policy_sets(), inventories())
def test_everybody_is_in_exactly_one_class(policy_set: PolicySet, inventory: Inventory) -> None:
    """Every pod, every workload, every address."""
    found = asked(policy_set, inventory)

    pods = sorted(pod for each in found.classes for pod in each.pods)
    workloads = [one for each in found.classes for one in each.workloads]
    assert pods == sorted(f"{pod.namespace}/{pod.name}" for pod in inventory.pods)
    assert len(set(workloads)) == len(workloads) == len(inventory.pods)
    assert len({each.id for each in found.classes}) == len(found.classes)
    sizes = [one.last - one.first + 1 for each in found.classes for one in each.nets.ranges if one.family == 4]
    bounds = sorted((one.first, one.last) for each in found.classes for one in each.nets.ranges if one.family == 4)
    assert sum(sizes) == 2**32
    assert all(before[1] < after[0] for before, after in pairwise(bounds))


@given(policy_sets(), inventories())
def test_what_is_uncertain_has_a_reason(policy_set: PolicySet, inventory: Inventory) -> None:
    """And where nothing is uncertain, there is none."""
    found = asked(policy_set, inventory)

    uncertain = any(each.uncertain for pair in found.pairs() for each in found.reach(*pair))

    assert uncertain == (not found.complete)


@given(policy_sets(), inventories(), st.data())
def test_the_order_in_which_policies_stand_means_nothing(
    policy_set: PolicySet, inventory: Inventory, data: st.DataObject
) -> None:
    """Only ``order``, names and tiers do."""
    shuffled = replace(policy_set, policies=tuple(data.draw(st.permutations(policy_set.policies))))

    assert all_of(asked(policy_set, inventory)) == all_of(asked(shuffled, inventory))


@given(policy_sets(), inventories())
def test_saying_a_rule_twice_changes_nothing(policy_set: PolicySet, inventory: Inventory) -> None:
    """The second is never reached, or matches what the first let through in doubt."""
    twice = replace(
        policy_set,
        policies=tuple(
            replace(each, ingress=_twice(each.ingress), egress=_twice(each.egress)) for each in policy_set.policies
        ),
    )

    assert all_of(asked(policy_set, inventory)) == all_of(asked(twice, inventory))


def _twice(rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
    return tuple(rule for rule in rules for _ in (1, 2))


@given(policy_sets(), inventories())
def test_names_of_labels_mean_nothing(policy_set: PolicySet, inventory: Inventory) -> None:
    """Renamed everywhere, in objects and in selectors, the answer is the same."""
    world = replace(
        inventory,
        pods=tuple(replace(each, spec=replace(each.spec, labels=_labels(each.spec.labels))) for each in inventory.pods),
        namespaces=tuple(replace(each, labels=_labels(each.labels)) for each in inventory.namespaces),
        network_sets=tuple(replace(each, labels=_labels(each.labels)) for each in inventory.network_sets),
        host_endpoints=tuple(replace(each, labels=_labels(each.labels)) for each in inventory.host_endpoints),
    )
    renamed = replace(policy_set, policies=tuple(map(_policy, policy_set.policies)))

    assert all_of(asked(renamed, world)) == all_of(asked(policy_set, inventory))


def _labels(labels: Labels) -> Labels:
    return Labels.of((RENAMED.get(key, key), value) for key, value in labels.pairs)


def _policy(policy: Policy) -> Policy:
    return replace(
        policy,
        selector=policy.selector and _selector(policy.selector),
        ingress=tuple(map(_rule, policy.ingress)),
        egress=tuple(map(_rule, policy.egress)),
    )


def _rule(rule: Rule) -> Rule:
    return replace(rule, source=_match(rule.source), destination=_match(rule.destination))


def _match(match: Match) -> Match:
    return replace(
        match,
        selector=match.selector and _selector(match.selector),
        not_selector=match.not_selector and _selector(match.not_selector),
        namespace_selector=match.namespace_selector and _selector(match.namespace_selector),
    )


def _selector(selector: Selector) -> Selector:
    match selector:
        case Not(operand):
            return Not(_selector(operand))
        case And(operands):
            return And(tuple(map(_selector, operands)))
        case Or(operands):
            return Or(tuple(map(_selector, operands)))
        case All() | Global():
            return selector
        case _:
            return replace(selector, label=RENAMED.get(selector.label, selector.label))


@given(policy_sets(), policy_sets(), inventories())
def test_a_difference_is_shown_by_a_connection_that_both_judge_otherwise(
    old: PolicySet, new: PolicySet, inventory: Inventory
) -> None:
    """The witness, asked of the specification; and a set differs from itself nowhere."""
    tiers = [resolve(each, inventory, "enforced") for each in (old, new)]
    before, after = connectivity(*(Situation(inventory, each) for each in tiers))

    found = connectivity_diff(before, after)

    assert connectivity_diff(before, before).changes == ()
    for change in found.changes[:10]:
        verdicts = [_verdicts(each, change.witness) for each in tiers]
        if change.change == "Uncertain":
            assert any(len(each) > 1 for each in verdicts)
        else:
            assert not set.intersection(*verdicts)


def _verdicts(tiers: object, connection: Connection) -> set[tuple[str, ...]]:
    """Return every verdict that a connection may have, of both ends together."""
    every = {"Allow"}
    for end, direction in ((connection.source, "Egress"), (connection.destination, "Ingress")):
        if end.subject is None:
            continue
        judged = (judge_host if end.subject.host else side)(tiers, end.subject, direction, connection)  # type: ignore[arg-type]  # resolved tiers
        here = {outcome.verdict for outcome in judged.outcomes}
        every = {"Deny" if "Deny" in (one, other) else "Allow" for one in every for other in here}
    return every  # type: ignore[return-value]  # words


@given(policy_sets(), policy_sets(), inventories())
def test_two_sets_are_answered_together_as_each_alone(old: PolicySet, new: PolicySet, inventory: Inventory) -> None:
    """Classes that both tell apart say of every pod what the classes of one say."""
    tiers = [resolve(each, inventory, "enforced") for each in (old, new)]

    together = connectivity(*(Situation(inventory, each) for each in tiers))
    alone = [connectivity(Situation(inventory, each))[0] for each in tiers]

    for joint, single in zip(together, alone, strict=True):
        assert _between_pods(joint) == _between_pods(single)


def _between_pods(found: Connectivity) -> dict[tuple[str, str], object]:
    of_pod = {pod: place for place, each in enumerate(found.classes) for pod in each.pods}
    return {(one, other): found.reach(of_pod[one], of_pod[other]) for one in of_pod for other in of_pod}
