"""Each namespace's part of the baseline."""

from ringfence.flows.left_out import LeftOut
from ringfence.learning.admission import admit
from ringfence.recommend.by_namespace import by_namespace
from tests.learning.evidence_rows import GATEWAY, INTERNET, LEDGER, TIER, WEB, both, denied, hit, row, table_of, tcp

ALL = frozenset({"shop", "payments", "edge"})


def test_an_edge_goes_to_both_namespaces_whose_rules_it_makes() -> None:
    """Egress at one, ingress at the other."""
    parts = by_namespace(admit(table_of(both(tcp(WEB, LEDGER))), tier=TIER, covers=ALL))

    assert {name: len(part.admitted) for name, part in parts.items()} == {"payments": 1, "shop": 1}


def test_an_edge_within_a_namespace_goes_there_once() -> None:
    """Though it makes rules of both directions."""
    parts = by_namespace(admit(table_of(both(tcp(WEB, WEB))), tier=TIER, covers=ALL))

    assert {name: len(part.admitted) for name, part in parts.items()} == {"shop": 1}


def test_a_namespace_that_is_not_selected_gets_nothing_of_an_admitted_edge() -> None:
    """It is only a peer."""
    parts = by_namespace(admit(table_of(both(tcp(WEB, LEDGER))), tier=TIER, covers={"shop"}))

    assert list(parts) == ["shop"]


def test_a_direction_that_is_left_out_goes_to_its_own_side() -> None:
    """Ingress is admitted in payments, egress is decided before us in shop."""
    rows = [row(tcp(WEB, LEDGER), trace=(hit("kube-admin"),)), row(tcp(WEB, LEDGER), reporter="Destination")]

    parts = by_namespace(admit(table_of(rows), tier=TIER, covers=ALL))

    assert [each.reason for each in parts["shop"].left_out] == [LeftOut.DECIDED_EARLIER]
    assert parts["payments"].left_out == ()
    assert (len(parts["shop"].admitted), len(parts["payments"].admitted)) == (0, 1)


def test_an_edge_left_out_as_a_whole_goes_to_both() -> None:
    """Both may want to know."""
    rows = [denied(tcp(GATEWAY, WEB)), row(tcp(INTERNET, WEB), left_out=LeftOut.REPLY)]

    parts = by_namespace(admit(table_of(rows), tier=TIER, covers=ALL))

    assert {name: [each.reason for each in part.left_out] for name, part in parts.items()} == {
        "edge": [LeftOut.DENIED],
        "shop": [LeftOut.DENIED, LeftOut.REPLY],
    }
