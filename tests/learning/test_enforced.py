"""Edges are judged under the policies that are enforced now, and recorded traces only where those cannot tell."""

from collections.abc import Iterable

from msgspec.structs import replace

from ringfence.flows.evidence import Evidence
from ringfence.flows.left_out import LeftOut
from ringfence.learning.admission import admit
from ringfence.learning.baseline import Baseline
from ringfence.learning.enforced import Enforced
from ringfence.model.cluster import Cluster
from ringfence.model.controller import Controller
from ringfence.model.inventory import Inventory
from ringfence.model.labels import Labels
from ringfence.model.namespace import Namespace
from ringfence.model.network_set_object import NetworkSetObject
from ringfence.model.pod import Owner, Pod, PodSpec, ServiceAccount
from ringfence.model.policy import Match, Policy, Rule, RuleAction, Tier
from ringfence.model.policy_set import PolicySet
from ringfence.model.port import PortSet
from ringfence.model.selector import All, Equals
from tests.learning.evidence_rows import (
    CART,
    CORP,
    GATEWAY,
    INTERNET,
    LEDGER,
    PROFILE,
    TIER,
    WEB,
    addresses,
    both,
    denied,
    hit,
    row,
    table_of,
    tcp,
)

SECURITY = Tier("security", 100, "Deny")
OURS = Tier(TIER, 500_000, "Deny")
TO_CART = tcp(WEB, CART)


def pod(namespace: str, kind: str, name: str, address: str, *, template_hash: str = "7d9f") -> Pod:
    """Return a pod of a workload, with a hash of its template."""
    labels = Labels.of({"app": name, "pod-template-hash": template_hash})
    return Pod(namespace, f"{name}-{template_hash}-x", PodSpec(labels), (address,), owner=Owner(kind, name))


PODS = (
    pod("edge", "Deployment", "gateway", "10.0.0.4"),
    pod("payments", "StatefulSet", "ledger", "10.0.0.3"),
    pod("shop", "Deployment", "cart", "10.0.0.2"),
    pod("shop", "Deployment", "web", "10.0.0.1"),
)


def cluster(*policies: Policy, pods: Iterable[Pod] = PODS, missing: Iterable[str] = ()) -> Cluster:
    """Return a cluster of four workloads, a network set, two tiers and these policies."""
    inventory = Inventory(
        namespaces=tuple(Namespace(name) for name in ("edge", "payments", "shop")),
        service_accounts=tuple(ServiceAccount(name, "default") for name in ("edge", "payments", "shop")),
        pods=tuple(pods),
        network_sets=(NetworkSetObject(None, "corp", Labels.of({"site": "corp"}), ("203.0.113.0/24",)),),
        missing=frozenset(missing),
    )
    return Cluster(inventory, PolicySet((SECURITY, OURS), policies))


def policy(tier: str, *rules: Rule, app: str = "cart", name: str = "team", namespace: str = "shop") -> Policy:
    """Return a namespaced ingress policy for one application."""
    return Policy(tier, namespace, name, 10, Equals("app", app), ("Ingress",), ingress=rules)


def port(number: int, action: RuleAction = "Allow", *, nets: tuple[str, ...] | None = None) -> Rule:
    """Return a rule for one TCP port, for some sources only where nets are given."""
    return Rule(action, "TCP", source=Match(nets=nets), destination=Match(ports=PortSet.of([number])))


def learn(*rows: Evidence, of: Cluster, brownfield: bool = False) -> Baseline:
    """Return the baseline of namespace shop under the policies of a cluster."""
    enforced = Enforced(of, tier=TIER, order=OURS.order)
    return admit(table_of(rows), tier=TIER, covers={"shop"}, enforced=enforced, brownfield=brownfield)


def reasons(baseline: Baseline) -> set[LeftOut]:
    """Return why edges were left out."""
    return {each.reason for each in baseline.left_out}


def test_what_no_policy_decides_is_admitted_in_both_directions() -> None:
    """The profile alone allows it, at both ends."""
    (admitted,) = learn(*both(TO_CART), of=cluster()).admitted
    assert admitted.directions == ("Egress", "Ingress")
    assert admitted.allowed_by == ()


def test_what_is_denied_now_is_left_out_by_name_though_it_was_allowed_then() -> None:
    """A policy written after the flows counts, and the disagreement with the record is told."""
    baseline = learn(*both(TO_CART), of=cluster(policy("default", port(9090))))
    assert baseline.admitted == ()
    assert {each.by.name for each in baseline.left_out if each.by} == {"team"}
    assert reasons(baseline) == {LeftOut.DENIED}
    (found,) = [each for each in baseline.disagreements if each.direction == "Ingress"]
    assert (found.recorded, found.judged.action) == (PROFILE[0], "Deny")


def test_what_a_later_tier_allows_is_learnt_with_the_policy_that_allows_it() -> None:
    """Our tier would starve it, so it becomes a permit that names who allows it."""
    trace = (hit("default"),)
    baseline = learn(*both(TO_CART, trace=trace), of=cluster(policy("default", port(8080))))
    (admitted,) = baseline.admitted
    assert [(each.tier, each.name) for each in admitted.allowed_by] == [("default", "team")]


def test_what_an_earlier_tier_decides_is_left_out_by_that_name_unless_it_is_to_be_tightened() -> None:
    """A rule of ours would never be reached; ``brownfield`` asks for it all the same."""
    world = cluster(policy("security", port(8080)))
    ingress = [each for each in learn(*both(TO_CART), of=world).left_out if each.direction == "Ingress"]
    assert [(each.reason, each.by and each.by.name) for each in ingress] == [(LeftOut.DECIDED_EARLIER, "team")]
    (admitted,) = learn(*both(TO_CART), of=world, brownfield=True).admitted
    assert admitted.directions == ("Egress", "Ingress")


def test_a_pass_of_an_earlier_tier_leaves_it_to_us() -> None:
    """Pass hands on to the next tier, which is ours."""
    (admitted,) = learn(*both(TO_CART), of=cluster(policy("security", port(8080, "Pass")))).admitted
    assert admitted.directions == ("Egress", "Ingress")


def test_a_workload_that_is_no_longer_there_is_gone() -> None:
    """Neither pods nor a template are in the snapshot."""
    baseline = learn(*both(TO_CART), of=cluster(pods=PODS[:3]))
    assert (baseline.admitted, reasons(baseline)) == ((), {LeftOut.GONE})


def test_a_workload_without_pods_stands_by_its_template() -> None:
    """A workload scaled to zero is asked all the same."""
    template = Controller("Deployment", "shop", "web", PodSpec(Labels.of({"app": "web"})))
    world = cluster(pods=PODS[:3])
    inventory = replace(world.inventory, controllers=(template,))
    (admitted,) = learn(*both(TO_CART), of=Cluster(inventory, world.policies)).admitted
    assert admitted.directions == ("Egress", "Ingress")


def test_a_rollout_asks_no_new_question_and_finds_no_other_answer() -> None:
    """Pods that differ by their template hash are one kind of pod."""
    rolled = (*PODS, pod("shop", "Deployment", "web", "10.0.0.9", template_hash="5c4d"))
    rows = both(TO_CART)
    assert learn(*rows, of=cluster(pods=rolled)) == learn(*rows, of=cluster())


def test_the_missing_side_of_a_lost_record_is_supplied_by_the_evaluator() -> None:
    """Without a snapshot that side stays unverified."""
    one_side = row(TO_CART, reporter="Source")
    assert learn(one_side, of=cluster()).admitted[0].unverified == ()
    without = admit(table_of([one_side]), tier=TIER, covers={"shop"})
    assert without.admitted[0].unverified == ("Ingress",)


def test_a_side_that_only_the_others_record_shows_is_denied_where_its_policies_deny() -> None:
    """The source saw it leave; the destination drops it today."""
    baseline = learn(row(TO_CART, reporter="Source"), of=cluster(policy("default", port(9090))))
    assert reasons(baseline) == {LeftOut.DENIED}


def test_of_the_addresses_of_a_network_those_denied_now_are_not_learnt() -> None:
    """One address is outside the nets of the policy that allows."""
    edge = tcp(INTERNET, CART, 8080)
    rows = [row(edge, reporter="Destination", clients=addresses("198.51.100.7", "203.0.113.9"))]
    (admitted,) = learn(*rows, of=cluster(policy("default", port(8080, nets=("203.0.113.0/24",))))).admitted
    assert admitted.summary.client_addresses.texts == ("203.0.113.9",)


def test_a_network_without_addresses_is_uncertain_and_its_record_counts() -> None:
    """Some public addresses are allowed and some are not; the record says what happened."""
    edge = tcp(INTERNET, CART, 8080)
    world = cluster(policy("default", port(8080, nets=("203.0.113.0/24",))))
    (admitted,) = learn(row(edge, reporter="Destination", trace=(hit("default"),)), of=world).admitted
    assert [each.tier for each in admitted.allowed_by] == ["default"]
    denial = learn(denied(edge, reporter="Destination"), of=world)
    assert (denial.admitted, reasons(denial)) == ((), {LeftOut.DENIED})


def test_a_network_set_is_judged_by_its_nets() -> None:
    """The nets of the object decide, not its name."""
    edge = tcp(CORP, CART, 8080)
    rows = [row(edge, reporter="Destination")]
    assert learn(*rows, of=cluster(policy("default", port(8080, nets=("203.0.113.0/24",))))).admitted
    assert reasons(learn(*rows, of=cluster(policy("default", port(8080, nets=("198.51.100.0/24",)))))) == {
        LeftOut.DENIED
    }


def test_a_policy_that_someone_staged_decides_nothing() -> None:
    """A draft that would deny leaves the edge admitted."""
    staged = replace(policy("default", port(9090)), staged="Set")
    assert learn(*both(TO_CART), of=cluster(staged)).admitted


def test_an_edge_denied_at_its_other_end_teaches_neither_side() -> None:
    """The client may send, but the server of another namespace refuses."""
    edge = tcp(WEB, LEDGER)
    world = cluster(policy("default", port(9090), app="ledger", namespace="payments"))
    assert reasons(learn(*both(edge), of=world)) == {LeftOut.DENIED}


def test_where_no_tier_was_supplied_the_order_is_unknown_but_for_calicos_own() -> None:
    """The policy is known, the place of its tier is not."""
    world = cluster(policy("security", port(8080)), missing=["Tier"])
    left = learn(*both(TO_CART, trace=(hit("security"),)), of=world).left_out
    assert {each.reason for each in left} == {LeftOut.TIER_ORDER_UNKNOWN}


def test_a_selector_that_selects_everything_counts_for_each_namespace() -> None:
    """A global policy without a namespace isolates what it selects."""
    everything = Policy("default", None, "all", 10, All(), ("Ingress",), ingress=(port(8080),))
    assert reasons(learn(*both(tcp(GATEWAY, CART, 443)), of=cluster(everything))) == {LeftOut.DENIED}
