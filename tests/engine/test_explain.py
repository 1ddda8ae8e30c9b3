"""Answers to *may this reach that*: which pods are answered together, what is said besides, what is not known."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ringfence.engine.arguments import ArgumentError
from ringfence.engine.explain import Explained, Question, explain
from ringfence.model.controller import Controller
from ringfence.model.inventory import Inventory
from ringfence.model.node import HostEndpoint, Node
from ringfence.model.pod import Owner, Pod
from ringfence.model.policy import Match, Rule
from ringfence.model.policy_set import AnyPolicy, Rejected
from ringfence.semantics.scopes import Scope
from tests.semantics.small_world import CART, LEDGER, REDIS, inventory, pod, policies, policy, rule

STATEFUL = Owner("StatefulSet", "redis")


def redis(number: int, address: str, **labels: str) -> Pod:
    """Return a pod of a StatefulSet, with the labels that Kubernetes gives each one."""
    own = {"statefulset.kubernetes.io/pod-name": f"redis-{number}", "apps.kubernetes.io/pod-index": str(number)}
    return pod(f"redis-{number}", address, app="redis", owner=STATEFUL, **own, **labels)


def answers(
    there: Inventory,
    *found: AnyPolicy,
    source: str = "shop/cart",
    to: str = "shop/redis:6379",
    mode: Scope = "enforced",
) -> tuple[Explained, ...]:
    """Return the answers to a question."""
    return explain(there, policies(*found), Question(source, to, mode)).items


def test_equal_pods_are_answered_once() -> None:
    """Labels that Kubernetes gives each pod make no difference where the answer is the same."""
    (item,) = answers(inventory(CART, redis(0, "10.0.0.2"), redis(1, "10.0.0.4")))

    assert item.judgement.verdict == "Allow"
    assert item.destination.pods == ("shop/redis-0", "shop/redis-1")


def test_pods_with_other_labels_are_answered_by_themselves() -> None:
    """Even where no policy tells them apart."""
    items = answers(inventory(CART, redis(0, "10.0.0.2"), redis(1, "10.0.0.4", canary="yes")))

    assert [item.destination.pods for item in items] == [("shop/redis-0",), ("shop/redis-1",)]


def test_pods_with_another_answer_are_answered_by_themselves() -> None:
    """A rule of addresses tells apart what labels do not."""
    only = policy(
        "only-one",
        Rule("Deny", destination=Match(nets=("10.0.0.4/32",))),
        Rule("Allow"),
        selects="app == 'cart'",
        direction="Egress",
    )

    items = answers(inventory(CART, redis(0, "10.0.0.2"), redis(1, "10.0.0.4"), redis(2, "10.0.0.6")), only)

    assert [(item.destination.pods, item.judgement.verdict) for item in items] == [
        (("shop/redis-0", "shop/redis-2"), "Allow"),
        (("shop/redis-1",), "Deny"),
    ]


@given(
    nets=st.lists(
        st.sampled_from(["10.0.0.0/29", "10.0.0.2/32", "10.0.0.4/30", "10.0.0.9/32", "0.0.0.0/0"]), max_size=3
    ),
    addresses=st.lists(st.sampled_from([f"10.0.0.{last}" for last in range(2, 12)]), min_size=1, unique=True),
)
def test_answering_together_changes_no_answer(nets: list[str], addresses: list[str]) -> None:
    """Each pod's verdict is the one that it has when it is asked for alone."""
    rules = [Rule("Allow" if number % 2 else "Deny", destination=Match(nets=(net,))) for number, net in enumerate(nets)]
    found = policy("nets", *rules, selects="app == 'cart'", direction="Egress")
    there = inventory(CART, *(redis(number, address) for number, address in enumerate(addresses)))

    together = answers(there, found)

    told = {name: item.judgement.verdict for item in together for name in item.destination.pods}
    alone = {
        f"shop/redis-{number}": answers(there, found, to=f"pod/shop/redis-{number}:6379")[0].judgement.verdict
        for number in range(len(addresses))
    }
    assert told == alone


def test_a_side_outside_the_cluster_is_absent() -> None:
    """Nothing of Calico's is asked there."""
    (item,) = answers(inventory(), policy("closed"), source="internet")

    assert item.egress is None
    assert item.judgement.verdict == "Deny"


def test_what_the_snapshot_lacks_is_uncertain_and_never_absent() -> None:
    """An address may be in a network set that nobody supplied; both outcomes are told."""
    partner = policy("partner", rule(source="has(partner)"), namespace=None)
    there = inventory(missing=["GlobalNetworkSet"])

    (unknown,) = answers(there, partner, source="192.0.2.1")
    (known,) = answers(inventory(), partner, source="192.0.2.1")

    assert unknown.judgement.verdict == "Uncertain"
    assert unknown.ingress is not None
    assert {each.verdict for each in unknown.ingress.side.outcomes} == {"Allow", "Deny"}
    assert "the snapshot holds no GlobalNetworkSet" in unknown.ingress.side.unknown[0]
    assert known.judgement.verdict == "Deny"


def test_policies_that_nobody_supplied_make_the_answer_uncertain() -> None:
    """Whether one of them decides is not known; staged kinds count only where staged policies do."""
    there = inventory(missing=["StagedNetworkPolicy"])

    (enforced,) = answers(there)
    (pending,) = answers(there, mode="pending")

    assert enforced.judgement.verdict == "Allow"
    assert pending.judgement.verdict == "Uncertain"
    assert pending.ingress is not None
    assert "StagedNetworkPolicy" in pending.ingress.side.unknown[0]


def test_a_workload_without_pods_is_answered_by_its_template() -> None:
    """Its labels decide; a rule of addresses makes it uncertain."""
    template = Controller("Deployment", "shop", "worker", replace(CART.spec))
    there = inventory(REDIS, controllers=(template,))
    by_label, by_net = (
        policy("label", rule(source="app == 'cart'")),
        policy("net", Rule("Allow", source=Match(nets=("10.0.0.1/32",)))),
    )

    (labelled,) = answers(there, by_label, source="shop/worker")
    (somewhere,) = answers(there, by_net, source="shop/worker")

    assert labelled.judgement.verdict == "Allow"
    assert somewhere.judgement.verdict == "Uncertain"


def test_each_mode_counts_its_own_policies() -> None:
    """A revision that closes what is open: not yet, not reached behind its twin, and closed if it were carried out."""
    found = (policy("redis", rule()), policy("redis", rule("Deny"), staged="Set"))

    enforced, pending, what_if = (
        answers(inventory(), *found, mode=mode)[0] for mode in ("enforced", "pending", "what-if")
    )

    assert [each.judgement.verdict for each in (enforced, pending, what_if)] == ["Allow", "Allow", "Deny"]
    assert [note.partition(":")[0] for note in pending.notes] == ["twin-not-reached"]
    assert enforced.notes == what_if.notes == ()


def reasons(item: Explained) -> dict[str, str]:
    """Return the reasons of the policies considered at the destination, by kind."""
    assert item.ingress is not None
    return {each.considered.policy.kind: each.considered.reason for each in item.ingress.considered}


def test_policies_that_do_not_count_say_so() -> None:
    """Staged ones where they do not, replaced ones where their revision does."""
    found = (policy("redis", rule()), policy("redis", rule("Deny"), staged="Set"))
    deleted = (policy("redis"), replace(policy("redis", staged="Delete"), ingress=()))

    assert reasons(answers(inventory(), *found)[0]) == {
        "StagedNetworkPolicy": "is staged, which does not count in mode enforced"
    }
    assert reasons(answers(inventory(), *found, mode="what-if")[0]) == {
        "NetworkPolicy": "is replaced by StagedNetworkPolicy shop/redis in mode what-if"
    }
    assert reasons(answers(inventory(), *deleted, mode="what-if")[0]) == {
        "NetworkPolicy": "is deleted by StagedNetworkPolicy shop/redis in mode what-if",
        "StagedNetworkPolicy": "is a staged deletion, carried out in mode what-if",
    }
    assert reasons(answers(inventory(), *deleted, mode="pending")[0])["StagedNetworkPolicy"] == (
        "is a staged deletion, which Calico never previews"
    )


def test_a_node_reaches_its_own_pods_whatever_policy_says() -> None:
    """Felix lets a node's traffic to its own pods through; another node's is policed (calico-semantics 4.4)."""
    there = inventory(nodes=[Node("node-2", addresses=("192.0.2.2",)), Node("node-3", addresses=("192.0.2.3",))])

    (own,) = answers(there, policy("closed"), source="node/node-2")
    (other,) = answers(there, policy("closed"), source="192.0.2.3")

    assert (own.judgement.verdict, other.judgement.verdict) == ("Allow", "Deny")
    assert "both are on node node-2: what a node opens to its own pods is let through whatever policy says" in own.notes


def test_failsafe_ports_of_a_host_are_open() -> None:
    """A host endpoint without profiles denies all but these (calico-semantics 4.9)."""
    host = HostEndpoint("a-eth0", "node-a", expected_ips=("192.0.2.1",))
    there = replace(inventory(nodes=[Node("node-a")]), host_endpoints=(host,))

    (ssh,) = answers(there, source="internet", to="node/node-a:22")
    (web,) = answers(there, source="internet", to="node/node-a:80")

    assert (ssh.judgement.verdict, web.judgement.verdict) == ("Allow", "Deny")
    assert any("TCP 22 is one of Felix's failsafe ports" in note for note in ssh.notes)


def test_a_refused_policy_is_said() -> None:
    """Where it could have had a say, and what its refusal means."""
    rejected = Rejected("NetworkPolicy", "shop", "odd", ("spec.order: is no number",), absent=True)
    found = replace(policies(), rejected=(rejected, replace(rejected, namespace="payments")))

    (item,) = explain(inventory(), found, Question("shop/cart", "shop/redis:6379")).items

    assert item.notes == (
        "Calico's API would refuse NetworkPolicy shop/odd (spec.order: is no number); it counts as deleted",
    )


def test_ends_without_a_common_family_cannot_speak() -> None:
    """No verdict is made up for a connection that cannot be."""
    there = inventory(CART, replace(REDIS, addresses=("fd00::2",)), LEDGER)

    with pytest.raises(ArgumentError, match="no IP family in common"):
        answers(there)
