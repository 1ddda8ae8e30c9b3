"""The vendor's machine on the flows' own times."""

import msgspec
import pytest

from ringfence.flows.evidence import Evidence
from ringfence.learning.admission import admit
from ringfence.model.endpoint import Network
from ringfence.recommend.readiness import readiness
from ringfence.recommend.recommendation import Readiness
from ringfence.recommend.settings import Settings
from ringfence.rules.passes import permits_of
from ringfence.rules.scope_baseline import ScopeBaseline
from ringfence.rules.surroundings import surroundings_of
from tests.learning.evidence_rows import CART, HOUR, LEDGER, TIER, WEB, addresses, row, table_of, tcp

START = HOUR * 3600


def after(seconds: int, *rows: Evidence, settings: Settings = Settings()) -> Readiness:  # noqa: B008 - a frozen value
    """Return the readiness of shop, so many seconds after START."""
    table = table_of(rows)
    edges = admit(table, tier=TIER, covers={"shop"}).admitted
    permits = permits_of(ScopeBaseline("shop", edges, surroundings_of(table)))
    return readiness(permits, edges, watermark=START + seconds, settings=settings)


@pytest.mark.parametrize(
    ("seconds", "state"),
    [
        (0, "Learning"),
        (300, "Learning"),
        (301, "Stabilizing"),
        (600, "Stabilizing"),
        (601, "Stable"),
    ],
)
def test_states_change_after_two_intervals_and_after_the_stabilization_period(seconds: int, state: str) -> None:
    """Both boundaries belong to the earlier state."""
    assert after(seconds, row(tcp(WEB, LEDGER))).state == state


def test_a_long_interval_leaves_no_time_to_stabilize() -> None:
    """As in the vendor's engine: Learning goes over into Stable."""
    settings = Settings(interval=300)

    assert after(600, row(tcp(WEB, LEDGER)), settings=settings).state == "Learning"
    assert after(601, row(tcp(WEB, LEDGER)), settings=settings).state == "Stable"


def test_a_new_port_of_an_old_peer_is_a_change() -> None:
    """The rule got longer."""
    made = after(7200, row(tcp(WEB, LEDGER, 80)), row(tcp(WEB, LEDGER, 81), hours=[1]))

    assert made.last_change == START + 3600


def test_another_client_of_a_known_port_is_no_change() -> None:
    """The rule was there already, and its first evidence counts."""
    made = after(7200, row(tcp(WEB, LEDGER, 80)), row(tcp(CART, LEDGER, 80), hours=[1]))

    assert made.last_change == START


def test_another_edge_inside_the_namespace_is_no_change() -> None:
    """One rule stands for all of them, whatever their ports."""
    made = after(7200, row(tcp(WEB, CART, 80)), row(tcp(CART, WEB, 81), hours=[1]))

    assert made.last_change == START


def test_a_rule_that_is_split_changes_as_one() -> None:
    """Its parts share their edges."""
    rows = [row(tcp(WEB, LEDGER, 2 * number + 1), hours=[number]) for number in range(60)]

    assert after(400_000, *rows).last_change == START + 59 * 3600


def test_what_is_declared_without_evidence_changes_nothing() -> None:
    """It came with the scope's first egress."""
    asked = row(msgspec.structs.replace(tcp(WEB, Network("public"), 53), protocol="UDP"), hours=[0])
    node_local = msgspec.structs.replace(asked, server_addresses=addresses("169.254.20.10"))

    assert after(700, node_local).last_change == START
