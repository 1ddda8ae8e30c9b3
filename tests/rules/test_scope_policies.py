"""A scope's policies: nothing that was seen is cut, whatever labels workloads share and whatever settings say."""

from collections.abc import Iterator, Sequence
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ringfence.dialects.calico.names import policy_name, workload_label
from ringfence.dialects.calico.render import render_network_set, render_policy
from ringfence.dialects.calico.valid import problems
from ringfence.dialects.selector import written_selector
from ringfence.learning.admission import admit
from ringfence.model.cluster import Cluster
from ringfence.model.endpoint import Workload
from ringfence.model.labels import Labels
from ringfence.model.policy import Direction
from ringfence.model.selector import matches
from ringfence.recommend.by_scope import ScopePart, by_namespace, by_workload
from ringfence.recommend.quiet import isolated_quiet, quiet_in, quiet_text
from ringfence.recommend.recommendation import Scope
from ringfence.rules.passes import permits_of
from ringfence.rules.rule_settings import DEFAULT_RULES, RuleSettings
from ringfence.rules.scope_baseline import ScopeBaseline
from ringfence.rules.scope_policies import ScopePolicies, scope_policies
from ringfence.rules.stable_labels import is_stable
from ringfence.rules.surroundings import surroundings_of
from ringfence.rules.whom import Refused
from tests.learning.evidence_rows import TIER, both, row, table_of, tcp
from tests.rules.clusters import cluster, controller, pods_of
from tests.rules.judged import allowed, named
from tests.rules.workload_worlds import NAMESPACES, SERVED, World, edges_of, worlds

settings = st.builds(
    RuleSettings,
    granularity=st.sampled_from(["Namespace", "Workload"]),
    action=st.sampled_from(["Auto", "Allow"]),
    intra_namespace_pass=st.booleans(),
    quiet_workloads=st.sampled_from(["Confirm", "Exclude"]),
    new_workloads=st.sampled_from(["Isolate", "Exempt"]),
)


def scopes(world: World, rules: RuleSettings) -> Iterator[tuple[ScopePart, ScopeBaseline]]:
    """Yield the parts of all scopes with admitted edges."""
    baseline = admit(world.table, tier=TIER, covers=frozenset(NAMESPACES))
    around = surroundings_of(world.table, cluster=world.cluster, settings=rules)
    by_grain = by_workload(baseline, around.selectors) if rules.granularity == "Workload" else by_namespace(baseline)
    for part in by_grain.values():
        if part.admitted:
            yield part, part.baseline(around)


def made(world: World, rules: RuleSettings = DEFAULT_RULES) -> dict[Scope, ScopePolicies | Refused]:
    """Return what each scope gets."""
    found = {}
    for part, scope in scopes(world, rules):
        permits = permits_of(scope)
        isolated: Sequence[Direction] = sorted({permit.direction for permit in permits})
        quiet = quiet_in(scope, left_out=part.left_out, isolated=isolated)
        found[part.scope] = scope_policies(scope, permits, tier=TIER, quiet=quiet)
    return found


@given(worlds(), settings)
def test_nothing_that_was_seen_is_cut(world: World, rules: RuleSettings) -> None:
    """The law of the product, at both grains, judged by the reference evaluator: every pod of both sides."""
    policies = [each for got in made(world, rules).values() if isinstance(got, ScopePolicies) for each in got.policies]
    passing = allowed(policies, world.cluster.inventory)

    for edge in edges_of(world):
        assert isinstance(edge.client, Workload)
        assert isinstance(edge.server, Workload)
        for client in world.pods(edge.client):
            for server in world.pods(edge.server):
                assert (named(client), named(server), "TCP", edge.port) in passing, edge


@given(worlds(), settings)
def test_every_permit_knows_its_rule(world: World, rules: RuleSettings) -> None:
    """Its policy holds, at its index, a rule of its direction and protocol; each rule is one permit's."""
    for got in made(world, rules).values():
        if isinstance(got, Refused):
            continue
        by_name = {each.name: each for each in got.policies}
        assert len(by_name) == len(got.policies)
        taken = set()
        for permit, place in zip(got.permits, got.places, strict=True):
            policy = by_name[place.policy]
            rule = (policy.ingress if permit.direction == "Ingress" else policy.egress)[place.rule_index]
            assert rule.protocol == permit.protocol
            taken.add((place, permit.direction))
        assert len(taken) == sum(len(each.ingress) + len(each.egress) for each in got.policies)


@given(worlds(), settings, st.randoms(use_true_random=False))
def test_the_order_of_evidence_and_objects_says_nothing(world: World, rules: RuleSettings, random: Random) -> None:
    """Same input, same policies, in any order."""
    inventory = world.cluster.inventory
    rows, controllers, pods = (list(each) for each in (world.rows, inventory.controllers, inventory.pods))
    for each in (rows, controllers, pods):
        random.shuffle(each)
    shuffled = replace(inventory, controllers=tuple(controllers), pods=tuple(pods))

    assert made(World(Cluster(shuffled, world.cluster.policies), tuple(rows)), rules) == made(world, rules)


@given(worlds(), settings)
def test_a_rollout_changes_nothing(world: World, rules: RuleSettings) -> None:
    """Pods get new names, addresses, hashes and versions."""
    inventory = world.cluster.inventory
    pods = tuple(
        replace(
            pod,
            name=f"{pod.name}-next",
            spec=replace(
                pod.spec,
                labels=Labels.of({key: value if is_stable(key) else "next" for key, value in pod.spec.labels.pairs}),
            ),
            addresses=(f"10.1.0.{number}",),
        )
        for number, pod in enumerate(inventory.pods)
    )

    assert made(World(replace(world.cluster, inventory=replace(inventory, pods=pods)), world.rows), rules) == made(
        world, rules
    )


@given(worlds(), settings)
def test_calico_takes_every_policy(world: World, rules: RuleSettings) -> None:
    """As its own validator judges; names too, in both namings."""
    for got in made(world, rules).values():
        if isinstance(got, ScopePolicies):
            assert [problems(render_policy(each)) for each in got.policies] == [()] * len(got.policies)
            assert all(problems(render_network_set(each)) == () for each in got.network_sets)


@given(worlds())
def test_a_workloads_policies_let_pass_no_more_than_its_namespaces(world: World) -> None:
    """Where labels mean each workload, the finer grain is never the wider one."""
    if any(written is None for written in selectors_of(world)):
        return
    both_grains = []
    for granularity in ("Namespace", "Workload"):
        got = made(world, RuleSettings(granularity=granularity)).values()
        both_grains.append([each for one in got if isinstance(one, ScopePolicies) for each in one.policies])
    coarse, fine = (allowed(policies, world.cluster.inventory) for policies in both_grains)
    isolated = isolated_pods(world)

    assert {each for each in fine if {(each[0], "Egress"), (each[1], "Ingress")} <= isolated} <= coarse


def selectors_of(world: World) -> list[object]:
    """Return what means each workload of a world."""
    around = surroundings_of(world.table, cluster=world.cluster)
    return [around.selectors.of(each) for name in NAMESPACES for each in around.selectors.governed(name)]


def isolated_pods(world: World) -> set[tuple[str, Direction]]:
    """Return the pods and directions that policies of workloads isolate."""
    isolated: set[tuple[str, Direction]] = set()
    for got in made(world, RuleSettings(granularity="Workload")).values():
        assert isinstance(got, ScopePolicies)
        for policy in got.policies:
            for pod in world.cluster.inventory.pods:
                assert policy.selector is not None
                if pod.namespace == policy.namespace and matches(policy.selector, pod.spec.labels.as_dict()):
                    isolated |= {(named(pod), direction) for direction in policy.types}
    return isolated


WEB = controller("Deployment", "web", "app=web")
DB = controller("StatefulSet", "db", "app=db")
CRON = controller("CronJob", "report", "app=report")
NAMES = {each.name: Workload("shop", each.kind, each.name) for each in (WEB, DB, CRON)}
SHOP = cluster(WEB, DB, CRON, pods=[*pods_of(WEB, "10.0.0.1"), *pods_of(DB, "10.0.0.2")])
SEEN = World(SHOP, both(tcp(NAMES["web"], NAMES["db"], 5432)))


def policies_of(world: World, rules: RuleSettings = DEFAULT_RULES, **where: str) -> list[tuple[str, str, str]]:
    """Return each policy's name, selector and types, as text."""
    return [
        (each.name, written_selector(each.selector), ",".join(each.types))
        for scope, got in made(world, rules).items()
        if isinstance(got, ScopePolicies) and scope.name.startswith(where.get("scope", ""))
        for each in got.policies
        if each.selector is not None
    ]


def test_a_workloads_policy_is_named_and_selected_by_it() -> None:
    """Kind, name and a hash; only the direction that was seen."""
    assert policies_of(SEEN, RuleSettings(granularity="Workload")) == [
        (policy_name(TIER, workload_label("shop", "Deployment", "web")), "app == 'web'", "Egress"),
        (policy_name(TIER, workload_label("shop", "StatefulSet", "db")), "app == 'db'", "Ingress"),
    ]


def test_within_a_namespace_workloads_are_peers_with_ports() -> None:
    """Where the namespace is the scope, they are one rule without."""
    got = made(SEEN, RuleSettings(granularity="Workload"))[Scope("Workload", "shop/StatefulSet/db")]

    assert isinstance(got, ScopePolicies)
    rule = render_policy(got.policies[0])["spec"]["ingress"][0]  # type: ignore[index, call-overload]
    assert rule["source"] == {
        "namespaceSelector": "projectcalico.org/name == 'shop'",
        "selector": "projectcalico.org/orchestrator == 'k8s' && app == 'web'",
    }
    assert rule["destination"] == {"ports": [5432]}


def test_a_workload_without_labels_stands_by_its_namespace_and_has_no_policy_of_its_own() -> None:
    """As a peer it is coarse; as a scope it is refused with the reason."""
    bare = controller("Deployment", "bare", "version=v1")
    world = World(
        cluster(bare, DB, pods=[*pods_of(bare, "10.0.0.1"), *pods_of(DB, "10.0.0.2")]),
        both(tcp(Workload("shop", "Deployment", "bare"), NAMES["db"], 5432)),
    )
    got = made(world, RuleSettings(granularity="Workload"))

    assert got[Scope("Workload", "shop/Deployment/bare")] == Refused("workload-labels-unknown")
    other = got[Scope("Workload", "shop/StatefulSet/db")]
    assert isinstance(other, ScopePolicies)
    assert [permit.coarse for permit in other.permits] == ["workload-labels-unknown"]


def test_workloads_that_share_a_selector_share_a_policy_with_the_evidence_of_both() -> None:
    """Or the one's policy would cut the other."""
    blue, green = (controller("Deployment", name, "app=x") for name in ("blue", "green"))
    names = [Workload("shop", "Deployment", name) for name in ("blue", "green")]
    world = World(
        cluster(
            blue, green, DB, pods=[*pods_of(blue, "10.0.0.1"), *pods_of(green, "10.0.0.3"), *pods_of(DB, "10.0.0.2")]
        ),
        (*both(tcp(names[0], NAMES["db"], 5432)), *both(tcp(names[1], NAMES["db"], 80))),
    )
    rules = RuleSettings(granularity="Workload")

    assert policies_of(world, rules, scope="shop/Dep") == [
        (policy_name(TIER, workload_label("shop", "Deployment", "blue")), "app == 'x'", "Egress")
    ]
    found = made(world, rules)
    own, peer = (found[Scope("Workload", f"shop/{name}")] for name in ("Deployment/blue", "StatefulSet/db"))
    assert isinstance(own, ScopePolicies)
    assert isinstance(peer, ScopePolicies)
    assert dict(own.policies[0].annotations) == {
        "ringfence.io/coarse": "selector-shared",
        "ringfence.io/name": "shop/blue,shop/green",
        "ringfence.io/namespace": "shop",
        "ringfence.io/scope": "workload",
    }
    assert {permit.coarse for permit in peer.permits} == {"selector-shared"}


def test_quiet_workloads_are_listed_with_those_that_do_not_run() -> None:
    """The CronJob between its runs is selected by the policy of its namespace."""
    part, scope = next(scopes(SEEN, DEFAULT_RULES))

    quiet = quiet_in(scope, left_out=part.left_out, isolated=("Egress", "Ingress"))

    assert [quiet_text(each) for each in quiet] == [
        "shop/db egress",
        "shop/report egress",
        "shop/report ingress",
        "shop/web ingress",
    ]
    assert isolated_quiet(scope, quiet) == tuple(quiet_text(each) for each in quiet)


def test_excluded_quiet_workloads_split_the_policy_by_direction() -> None:
    """One selector would take a workload out of both."""
    assert policies_of(SEEN, RuleSettings(quiet_workloads="Exclude")) == [
        (
            f"{TIER}.shop-ingress",
            "projectcalico.org/namespace == 'shop' && app not in {'report', 'web'}",
            "Ingress",
        ),
        (f"{TIER}.shop-egress", "projectcalico.org/namespace == 'shop' && app not in {'db', 'report'}", "Egress"),
    ]


def test_workloads_quiet_in_every_isolated_direction_leave_one_policy() -> None:
    """Its name stays."""
    world = replace(SEEN, rows=both(tcp(NAMES["web"], Workload("bank", "Deployment", "ledger"), 80)))

    assert policies_of(world, RuleSettings(quiet_workloads="Exclude"), scope="shop") == [
        (f"{TIER}.shop", "projectcalico.org/namespace == 'shop' && app not in {'db', 'report'}", "Egress")
    ]


def test_a_quiet_workload_that_no_label_tells_apart_from_one_that_speaks_stays_isolated() -> None:
    """And is still listed: nothing that speaks is taken out of the policy."""
    twin = controller("Deployment", "twin", "app=web")
    shop = cluster(WEB, twin, DB, pods=[*pods_of(WEB, "10.0.0.1"), *pods_of(DB, "10.0.0.2")])
    rules = RuleSettings(quiet_workloads="Exclude")
    world = replace(SEEN, cluster=shop)
    part, scope = next(scopes(world, rules))
    quiet = quiet_in(scope, left_out=part.left_out, isolated=("Egress",))

    assert isolated_quiet(scope, quiet) == ("shop/twin egress",)


def test_exempt_policies_select_only_workloads_known_now() -> None:
    """A new one is not isolated before somebody looked at it."""
    assert policies_of(SEEN, RuleSettings(new_workloads="Exempt")) == [
        (f"{TIER}.shop", "projectcalico.org/namespace == 'shop' && app in {'db', 'report', 'web'}", "Ingress,Egress")
    ]


def test_what_means_a_known_workload_takes_no_quiet_one_back_in() -> None:
    """The one's selector is true of the other's pods, and not the other way round."""
    loud = controller("Deployment", "loud", "app=x")
    quiet = controller("Deployment", "quiet", "app=x kind=other")
    shop = cluster(loud, quiet, pods=[*pods_of(loud, "10.0.0.1"), *pods_of(quiet, "10.0.0.2")])
    seen = both(tcp(Workload("shop", "Deployment", "loud"), Workload("bank", "Deployment", "ledger"), 80))
    rules = RuleSettings(new_workloads="Exempt", quiet_workloads="Exclude")

    assert policies_of(World(shop, seen), rules, scope="shop") == [
        (
            f"{TIER}.shop",
            "projectcalico.org/namespace == 'shop' && app == 'x' && !(app == 'x' && kind == 'other')",
            "Egress",
        )
    ]


def test_a_workloads_scope_lists_only_its_own_quiet_workloads() -> None:
    """Here one that shares its labels, and is isolated with it."""
    twin = controller("Deployment", "twin", "app=web")
    world = replace(SEEN, cluster=cluster(WEB, twin, DB, pods=pods_of(WEB, "10.0.0.1")))
    found = {
        part.scope.name: [quiet_text(each) for each in quiet_in(scope, left_out=(), isolated=("Egress",))]
        for part, scope in scopes(world, RuleSettings(granularity="Workload"))
    }

    assert found == {"shop/Deployment/twin": ["shop/twin egress"], "shop/StatefulSet/db": ["shop/db egress"]}


def test_a_selector_that_is_too_long_is_refused_with_the_reason() -> None:
    """Rather than a policy that the API refuses, or one that selects others."""
    many = [controller("Deployment", f"w{number}", f"app={'x' * 40}{number}") for number in range(40)]
    world = World(cluster(*many, WEB, DB), SEEN.rows)
    got = made(world, RuleSettings(new_workloads="Exempt"))[Scope("Namespace", "shop")]

    assert isinstance(got, Refused)
    assert "1024 characters" in got.reason


@pytest.mark.parametrize(("most", "refused"), [(0, False), (3, False), (2, True)])
def test_more_rules_than_wanted_are_refused_with_the_number(most: int, *, refused: bool) -> None:
    """Three clients of one port are three rules."""
    clients = [controller("Deployment", name, f"app={name}", namespace="bank") for name in ("a", "b", "c")]
    rows = [each for one in clients for each in both(tcp(Workload("bank", "Deployment", one.name), NAMES["db"], 5432))]
    world = World(cluster(*clients, DB), tuple(rows))
    got = made(world, RuleSettings(granularity="Workload", max_rules=most))[Scope("Workload", "shop/StatefulSet/db")]

    assert isinstance(got, Refused) == refused
    if isinstance(got, Refused):
        assert got.reason == "3 rules are needed in one direction and maxRules is 2"


def test_vendor_compatible_rules_allow_and_may_pass_within_the_namespace() -> None:
    """``action: Allow`` with ``intraNamespacePassThroughTraffic``."""
    rows = [*SEEN.rows, *both(tcp(NAMES["web"], Workload("bank", "Deployment", "ledger"), 80))]
    world = replace(SEEN, rows=tuple(rows))
    got = made(world, RuleSettings(action="Allow", intra_namespace_pass=True))[Scope("Namespace", "shop")]

    assert isinstance(got, ScopePolicies)
    assert [each.action for each in got.policies[0].egress] == ["Allow", "Pass"]


def test_within_the_namespace_workloads_pass_too() -> None:
    """The finer grain has a rule for each of them."""
    rows = [*SEEN.rows, *both(tcp(NAMES["web"], Workload("bank", "Deployment", "ledger"), 80))]
    rules = RuleSettings(granularity="Workload", action="Allow", intra_namespace_pass=True)
    got = made(replace(SEEN, rows=tuple(rows)), rules)[Scope("Workload", "shop/Deployment/web")]

    assert isinstance(got, ScopePolicies)
    assert [each.action for each in got.policies[0].egress] == ["Pass", "Allow"]


def test_without_a_snapshot_workloads_are_meant_by_what_was_seen() -> None:
    """The labels that every sighting carried."""
    table = table_of([row(tcp(NAMES["web"], NAMES["db"], 5432))])
    baseline = admit(table, tier=TIER, covers={"shop"})
    around = surroundings_of(table)

    parts = by_workload(baseline, around.selectors)

    assert [(each.name, parts[each].unknown) for each in parts] == [
        ("shop/Deployment/web", None),
        ("shop/StatefulSet/db", "workload-labels-unknown"),
    ]


def test_the_world_of_these_laws_is_not_too_kind() -> None:
    """Some drawn workloads share selectors: without grouping, the law of this file finds a cut."""
    blue, green = (controller("Deployment", name, "app=x") for name in ("blue", "green"))
    shop: Cluster = cluster(
        blue, green, DB, pods=[*pods_of(blue, "10.0.0.1"), *pods_of(green, "10.0.0.3"), *pods_of(DB, "10.0.0.2")]
    )
    world = World(shop, both(tcp(Workload("shop", "Deployment", "blue"), NAMES["db"], 5432)))
    got = made(world, RuleSettings(granularity="Workload"))[Scope("Workload", "shop/Deployment/blue")]

    assert isinstance(got, ScopePolicies)
    passing = allowed(got.policies, shop.inventory, ports=[("TCP", each) for each in (*SERVED, 5432)])
    assert ("shop/green-3", "shop/db-2", "TCP", 5432) in passing
    assert ("shop/green-3", "shop/db-2", "TCP", 80) not in passing
