"""Each scope's part of the baseline, at both grains."""

from collections.abc import Mapping
from typing import Final

from msgspec.structs import replace

from ringfence.flows.left_out import LeftOut
from ringfence.learning.admission import admit
from ringfence.learning.baseline import Baseline, HeldEdge, HeldReason
from ringfence.model.endpoint import Workload
from ringfence.recommend.by_scope import ScopePart, by_namespace, by_workload
from ringfence.recommend.recommendation import Scope
from ringfence.rules.workload_selector import UNKNOWN, WorkloadSelectors
from tests.learning.evidence_rows import (
    CART,
    GATEWAY,
    INTERNET,
    LABELS,
    LEDGER,
    TIER,
    WEB,
    both,
    denied,
    hit,
    row,
    table_of,
    tcp,
)
from tests.rules.clusters import cluster, controller

ALL: Final = frozenset({"shop", "payments", "edge"})
WEB_SCOPE: Final = Scope("Workload", "shop/Deployment/web")
LEDGER_SCOPE: Final = Scope("Workload", "payments/StatefulSet/ledger")


def baseline(*rows: object, covers: frozenset[str] = ALL) -> Baseline:
    """Return the baseline of these rows."""
    return admit(table_of(rows), tier=TIER, covers=covers)  # type: ignore[arg-type]


def by_names(found: Mapping[Scope, ScopePart]) -> dict[str, int]:
    """Return how many admitted edges each scope has."""
    return {scope.name: len(part.admitted) for scope, part in found.items()}


def test_an_edge_goes_to_both_scopes_whose_rules_it_makes() -> None:
    """Egress at one, ingress at the other."""
    seen = baseline(*both(tcp(WEB, LEDGER)))

    assert by_names(by_namespace(seen)) == {"payments": 1, "shop": 1}
    assert by_names(by_workload(seen, WorkloadSelectors(LABELS))) == {WEB_SCOPE.name: 1, LEDGER_SCOPE.name: 1}


def test_an_edge_within_a_namespace_goes_there_once_and_to_each_of_its_workloads() -> None:
    """Though it makes rules of both directions."""
    seen = baseline(*both(tcp(WEB, CART)), *both(tcp(WEB, WEB)))

    assert by_names(by_namespace(seen)) == {"shop": 2}
    assert by_names(by_workload(seen, WorkloadSelectors(LABELS))) == {"shop/Deployment/cart": 1, WEB_SCOPE.name: 2}


def test_a_namespace_that_is_not_selected_gets_nothing_of_an_admitted_edge() -> None:
    """It is only a peer."""
    seen = baseline(*both(tcp(WEB, LEDGER)), covers=frozenset({"shop"}))

    assert list(by_namespace(seen)) == [Scope("Namespace", "shop")]
    assert list(by_workload(seen, WorkloadSelectors(LABELS))) == [WEB_SCOPE]


def test_a_direction_that_is_left_out_goes_to_its_own_side() -> None:
    """Ingress is admitted in payments, egress is decided before us in shop."""
    seen = baseline(row(tcp(WEB, LEDGER), trace=(hit("kube-admin"),)), row(tcp(WEB, LEDGER), reporter="Destination"))

    parts = by_workload(seen, WorkloadSelectors(LABELS))

    assert [each.reason for each in parts[WEB_SCOPE].left_out] == [LeftOut.DECIDED_EARLIER]
    assert parts[LEDGER_SCOPE].left_out == ()
    assert by_names(parts) == {WEB_SCOPE.name: 0, LEDGER_SCOPE.name: 1}


def test_an_edge_left_out_as_a_whole_goes_to_both() -> None:
    """Both may want to know."""
    seen = baseline(denied(tcp(GATEWAY, WEB)), row(tcp(INTERNET, WEB), left_out=LeftOut.REPLY))

    assert {scope.name: [each.reason for each in part.left_out] for scope, part in by_namespace(seen).items()} == {
        "edge": [LeftOut.DENIED],
        "shop": [LeftOut.DENIED, LeftOut.REPLY],
    }


def test_a_held_edge_waits_in_each_scope_whose_rules_it_would_make() -> None:
    """So that whoever decides for the scope sees it."""
    seen = baseline(*both(tcp(WEB, LEDGER)))
    held = tuple(HeldEdge(each, (), (HeldReason("scan", "many ports"),)) for each in seen.admitted)
    waiting = replace(seen, admitted=(), held=held)

    assert [(scope.name, part.held) for scope, part in by_namespace(waiting).items()] == [
        ("payments", held),
        ("shop", held),
    ]


def test_a_scope_of_workloads_that_nothing_tells_apart_is_named_by_the_first() -> None:
    """And covers the silent one too, because its policy selects it."""
    blue, green = (controller("Deployment", name, "app=x") for name in ("blue", "green"))
    names = frozenset(Workload("shop", "Deployment", name) for name in ("blue", "green"))
    seen = baseline(*both(tcp(Workload("shop", "Deployment", "green"), LEDGER)), covers=frozenset({"shop"}))

    parts = by_workload(seen, WorkloadSelectors({}, cluster(blue, green)))

    assert [(scope.name, part.workloads) for scope, part in parts.items()] == [("shop/Deployment/blue", names)]


def test_a_workload_that_no_label_means_says_so() -> None:
    """No policy can select it."""
    seen = baseline(*both(tcp(WEB, LEDGER)))

    assert {part.unknown for part in by_workload(seen, WorkloadSelectors({})).values()} == {UNKNOWN}
    assert {part.unknown for part in by_workload(seen, WorkloadSelectors(LABELS)).values()} == {None}
