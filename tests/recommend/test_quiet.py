"""Workloads that a policy would isolate without having seen them speak."""

from ringfence.flows.evidence import Evidence
from ringfence.learning.admission import admit
from ringfence.model.policy import Direction
from ringfence.recommend.by_namespace import by_namespace
from ringfence.recommend.quiet import quiet_workloads
from tests.learning.evidence_rows import CART, GATEWAY, LEDGER, TIER, WEB, both, denied, table_of, tcp


def quiet(*rows: Evidence, isolated: tuple[Direction, ...] = ("Ingress", "Egress")) -> tuple[str, ...]:
    """Return the quiet workloads of shop."""
    part = by_namespace(admit(table_of(rows), tier=TIER, covers={"shop"}))["shop"]
    return quiet_workloads("shop", edges=part.admitted, left_out=part.left_out, isolated=isolated)


def test_a_client_that_never_served_is_quiet_in_ingress() -> None:
    """And the server that never called, in egress."""
    assert quiet(*both(tcp(WEB, CART))) == ("shop/cart egress", "shop/web ingress")


def test_a_direction_that_is_not_isolated_has_no_quiet_workloads() -> None:
    """Nothing is taken away there."""
    assert quiet(*both(tcp(WEB, LEDGER)), isolated=("Egress",)) == ()


def test_workloads_of_other_namespaces_are_not_ours_to_list() -> None:
    """Their own recommendation does."""
    assert quiet(*both(tcp(GATEWAY, WEB)), isolated=("Ingress",)) == ()


def test_a_workload_whose_flows_were_all_left_out_is_quiet() -> None:
    """The policy selects it all the same."""
    assert quiet(*both(tcp(WEB, LEDGER)), denied(tcp(CART, LEDGER)), isolated=("Egress",)) == ("shop/cart egress",)
