"""Workloads that a policy would isolate without having seen them speak."""

from typing import Final

from ringfence.flows.evidence import Evidence
from ringfence.learning.admission import admit
from ringfence.model.cluster import Cluster
from ringfence.model.endpoint import Workload
from ringfence.model.policy import Direction
from ringfence.recommend.by_scope import by_namespace
from ringfence.recommend.quiet import quiet_in, quiet_text
from ringfence.recommend.recommendation import Scope
from ringfence.rules.surroundings import surroundings_of
from tests.learning.evidence_rows import CART, GATEWAY, LEDGER, TIER, WEB, both, denied, table_of, tcp
from tests.rules.clusters import bare, cluster, controller, pods_of

BOTH: Final[tuple[Direction, ...]] = ("Ingress", "Egress")
WEB_ITSELF: Final = controller("Deployment", "web", "app=web")


def quiet(*rows: Evidence, isolated: tuple[Direction, ...] = BOTH, world: Cluster | None = None) -> tuple[str, ...]:
    """Return the quiet workloads of shop."""
    table = table_of(rows)
    part = by_namespace(admit(table, tier=TIER, covers={"shop"}))[Scope("Namespace", "shop")]
    scope = part.baseline(surroundings_of(table, cluster=world))
    return tuple(quiet_text(each) for each in quiet_in(scope, left_out=part.left_out, isolated=isolated))


def test_a_client_that_never_served_is_quiet_in_ingress() -> None:
    """And the server that never called, in egress."""
    assert quiet(*both(tcp(WEB, CART))) == ("shop/cart egress", "shop/web ingress")


def test_a_direction_that_is_not_isolated_has_no_quiet_workloads() -> None:
    """Nothing is taken away there."""
    assert quiet(*both(tcp(WEB, CART)), isolated=("Egress",)) == ("shop/cart egress",)


def test_workloads_of_other_namespaces_are_not_ours_to_list() -> None:
    """Their own recommendation does."""
    assert quiet(*both(tcp(GATEWAY, WEB)), *both(tcp(GATEWAY, CART)), isolated=("Ingress",)) == ()


def test_a_workload_whose_flows_were_all_left_out_is_quiet() -> None:
    """The policy selects it all the same."""
    assert quiet(*both(tcp(WEB, LEDGER)), denied(tcp(CART, LEDGER)), isolated=("Egress",)) == ("shop/cart egress",)


def test_a_workload_without_labels_counts_too() -> None:
    """Only its namespace is known, and that is what the policy selects."""
    nameless = Workload("shop", None, "x")

    assert quiet(*both(tcp(WEB, nameless)), isolated=("Egress",)) == ("shop/cart egress", "shop/x egress")


def test_with_a_snapshot_what_no_flow_names_is_quiet() -> None:
    """Whatever makes its pods, and whether it has any now."""
    silent = [
        controller("CronJob", "report", "app=report"),
        controller("DaemonSet", "agent", "app=agent"),
        controller("Deployment", "parked", "app=parked"),
    ]
    world = cluster(
        WEB_ITSELF, *silent, pods=[*pods_of(WEB_ITSELF, "10.0.0.1"), bare("debug", "app=debug", "10.0.0.9")]
    )

    assert quiet(*both(tcp(WEB, LEDGER)), isolated=("Egress",), world=world) == (
        "shop/agent egress",
        "shop/debug egress",
        "shop/parked egress",
        "shop/report egress",
    )


def test_pods_on_the_hosts_network_are_never_quiet() -> None:
    """No policy of pods isolates them."""
    agent = controller("DaemonSet", "agent", "app=agent", host_network=True)
    world = cluster(WEB_ITSELF, agent, pods=pods_of(agent, "192.168.0.1"))

    assert quiet(*both(tcp(WEB, LEDGER)), isolated=("Egress",), world=world) == ()


def test_a_workload_that_is_gone_is_not_quiet() -> None:
    """Flows name it, and no pod is left to isolate."""
    assert (
        quiet(*both(tcp(WEB, LEDGER)), denied(tcp(CART, LEDGER)), isolated=("Egress",), world=cluster(WEB_ITSELF)) == ()
    )


def test_a_workload_is_the_same_whether_flows_tell_its_kind_or_not() -> None:
    """It speaks under its bare name."""
    rows = both(tcp(Workload("shop", None, "web"), LEDGER))

    assert quiet(*rows, isolated=("Egress",), world=cluster(WEB_ITSELF)) == ()
