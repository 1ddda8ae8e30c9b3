"""Who stands together, and where: pods, templates, hosts, blocks of addresses."""

from msgspec.structs import replace

from ringfence.model.cluster import Cluster
from ringfence.model.controller import Controller
from ringfence.model.endpoint import Workload
from ringfence.model.inventory import Inventory
from ringfence.model.label_selector import LabelSelector
from ringfence.model.pod import Owner, PodSpec
from ringfence.model.policy import Policy, Rule
from ringfence.model.policy_set import PolicySet
from ringfence.semantics.resolve import resolve
from ringfence.verify.all_connections import all_connections
from ringfence.verify.connectivity import Connectivity, connectivity
from ringfence.verify.endpoint_classes import EndpointClass
from ringfence.verify.members import Situation
from ringfence.verify.traffic import TrafficSet
from tests.semantics.worlds import CLUSTER, labels, match, pod, sel


def policy(selector: str, *ingress: Rule, namespace: str | None = "shop", tier: str = "default") -> Policy:
    """Return a policy of ingress."""
    return Policy(tier, namespace, "p", None, sel(selector), ingress=ingress)


def asked(inventory: Inventory, *policies: Policy) -> Connectivity:
    """Return the answer for some policies."""
    tiers = resolve(PolicySet(policies=policies), inventory, "enforced")
    (found,) = connectivity(Situation(inventory, tiers))
    return found


def of(found: Connectivity, name: str) -> EndpointClass:
    """Return the class of a pod or of an address."""
    return next(each for each in found.classes if name in each.pods or ("/" not in name and name in each.nets))


def test_pods_that_no_policy_tells_apart_stand_together() -> None:
    """In one namespace, whatever their labels; a policy that selects one sets it apart."""
    plain, told = asked(CLUSTER), asked(CLUSTER, policy("app == 'web'"))

    assert {"shop/web", "shop/db"} <= set(of(plain, "shop/web").pods)
    assert of(told, "shop/web").pods == ("shop/web",)
    assert "shop/db" in of(told, "shop/bare").pods


def test_a_block_in_a_rule_sets_apart_whoever_is_in_it() -> None:
    """Pods by their addresses, and addresses outside."""
    found = asked(CLUSTER, policy("app == 'db'", Rule("Allow", source=match(nets=["10.0.0.0/30", "203.0.113.0/28"]))))

    assert of(found, "shop/web") != of(found, "shop/spoof")
    assert of(found, "203.0.113.7") != of(found, "203.0.113.77")
    assert of(found, "203.0.113.77").network_sets == ("partners",)


def test_a_pod_on_its_hosts_network_is_with_the_host() -> None:
    """Its address is the node's, and so are its policies."""
    found = asked(CLUSTER)

    assert of(found, "shop/agent").kind == "Host"
    assert "192.168.0.1" in of(found, "shop/agent").nets


def test_every_workload_stands_once_where_its_pods_differ() -> None:
    """With most of its pods; the others say of whom they are."""
    owner = Owner("StatefulSet", "db")
    pods = tuple(
        replace(pod("shop", f"db-{number}", f"app=db role={role}", f"10.9.0.{number}"), owner=owner)
        for number, role in enumerate(("first", "other", "other"))
    )
    found = asked(replace(CLUSTER, pods=pods), policy("role == 'first'"))
    name = Workload("shop", "StatefulSet", "db")

    assert of(found, "shop/db-1").workloads == (name,)
    assert of(found, "shop/db-0").workloads == ()
    assert of(found, "shop/db-0").elsewhere == (name,)
    assert of(found, "shop/db-0").id == "pod/shop/db-0"


def test_a_workload_without_pods_stands_by_its_template() -> None:
    """Outside of every block that policies name, which is said where a policy names one."""
    web = Controller("Deployment", "shop", "new", PodSpec(labels("app=new")), selector=LabelSelector((("app", "new"),)))
    inventory = replace(CLUSTER, pods=(), controllers=(web,), host_endpoints=())
    within = policy("app == 'new'", Rule("Allow", source=match("app == 'new'")))
    named = policy("app == 'new'", Rule("Allow", source=match(nets=["10.0.0.0/8"])))

    by_label, by_block = (
        all_connections([Cluster(inventory, PolicySet(policies=(each,)))], "enforced") for each in (within, named)
    )

    assert [str(one.id) for one in by_label.answers[0].classes if one.workloads] == ["shop/Deployment/new"]
    assert by_label.not_proved == ()
    assert [reason for reason in by_block.not_proved if "shop/Deployment/new is without an address" in reason]
    (reach,) = by_block.answers[0].reach(0, 0)
    assert not reach.surely


def test_a_tier_that_nobody_supplied_is_answered_both_ways() -> None:
    """Neither allowed nor denied, with the reason."""
    inventory = replace(CLUSTER, missing=frozenset({"Tier"}))
    one = policy("app == 'web'", Rule("Allow", "TCP", source=match("app == 'db'")), tier="ours")

    found = all_connections([Cluster(inventory, PolicySet(policies=(one,)))], "enforced")
    answer = found.answers[0]
    places = {pod: place for place, each in enumerate(answer.classes) for pod in each.pods}
    (reach,) = answer.reach(places["shop/bare"], places["shop/web"])

    assert any("order and default action of tier ours were not supplied" in reason for reason in found.not_proved)
    assert TrafficSet.of("TCP") <= reach.uncertain
    assert not reach.surely


def test_a_kind_that_was_not_supplied_is_taken_to_have_no_objects_and_said() -> None:
    """In one reason for all kinds."""
    inventory = replace(CLUSTER, missing=frozenset({"GlobalNetworkPolicy", "Pod"}), pods=())

    found = all_connections([Cluster(inventory, PolicySet())], "enforced")

    assert found.not_proved == (
        "the snapshot holds no GlobalNetworkPolicy, Pod: this is answered as if the cluster had none of it",
    )
