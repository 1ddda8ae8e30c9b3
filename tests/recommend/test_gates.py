"""The conditions of Ready."""

from collections.abc import Sequence
from typing import Final, Literal

import pytest

from ringfence.learning.baseline import AdmittedEdge, HeldEdge, HeldReason
from ringfence.learning.pairing import summary
from ringfence.model.labels import Labels
from ringfence.recommend.estimator import Estimate
from ringfence.recommend.gates import Standing, gates
from ringfence.recommend.recommendation import Confidence, Gate, Readiness
from ringfence.recommend.schedules import UnseenRun
from ringfence.recommend.settings import RareEvent, Settings
from ringfence.rules.permit import NamespacePeer, Permit, PublicPeer
from ringfence.rules.resolver import Resolver, Resolvers
from tests.learning.evidence_rows import DNS, LEDGER, WEB, row, tcp

NO_RESOLVER: Final = Resolvers((), node_local=False)
COREDNS: Final = Resolvers((Resolver("kube-system", Labels(), (DNS,), (53,)),), node_local=False)
NODE_LOCAL: Final = Resolvers((), node_local=True)
EGRESS: Final = Permit("Egress", NamespacePeer("a"), "TCP", None, None, ("a",), "Observed")
INGRESS: Final = Permit("Ingress", PublicPeer(), "TCP", None, None, ("a",), "Observed", "internet-clients")
NOTHING_KNOWN: Final = Confidence("Unknown", None, ("12 hours of flows", "no snapshot"))
MONDAY: Final = 1_772_409_600
DEFAULTS: Final = Settings()


def gate(
    name: str,
    *permits: Permit,
    readiness: Readiness = Readiness("Stable", 0, 7200),  # noqa: B008 - a frozen value
    confidence: Confidence = NOTHING_KNOWN,
    resolvers: Resolvers = COREDNS,
    quiet: Sequence[str] = (),
    workloads_known: bool = False,
    uncovered: Sequence[str] | None = None,
    held: Sequence[HeldEdge] | None = None,
    settings: Settings = DEFAULTS,
) -> Gate:
    """Return one gate of a scope."""
    standing = Standing(permits, readiness, confidence, resolvers, quiet, workloads_known, uncovered, held)
    return {each.name: each for each in gates(standing, settings=settings)}[name]


def known(*, expected: float) -> Confidence:
    """Return a confidence that expects so many new rules."""
    estimate = Estimate("Day", 14, 7, 100, 3, 1, 0.97, 4.2, expected)
    return Confidence("Known", estimate.risk, ("not calibrated",), estimate)


def scheduled(*runs: UnseenRun, blind: Sequence[str] | None = (), unknown: Sequence[str] = ()) -> Confidence:
    """Return a confidence with these CronJobs and blind workloads."""
    return Confidence(
        "Unknown",
        None,
        (),
        schedules=runs,
        blind=None if blind is None else tuple(blind),
        blind_unknown=tuple(unknown),
    )


@pytest.mark.parametrize(("state", "status"), [("Learning", "False"), ("Stabilizing", "False"), ("Stable", "True")])
def test_only_stable_rules_pass_the_first_gate(
    state: Literal["Learning", "Stabilizing", "Stable"], status: Literal["True", "False"]
) -> None:
    """It says how far they are, and how long nothing changed."""
    made = gate("stable", EGRESS, readiness=Readiness(state, 100, 100 + 7200))

    assert made == Gate("stable", status, f"the rules are {state.lower()}, unchanged for 2 hours")


def test_a_change_after_the_watermark_is_not_a_negative_time() -> None:
    """A clock that runs ahead."""
    assert gate("stable", readiness=Readiness("Learning", 500, 100)).reason.endswith("unchanged for 0 seconds")


@pytest.mark.parametrize("name", ["risk", "schedules", "blind", "quiet", "uncovered", "held", "conflicts", "replay"])
def test_what_nobody_judged_is_unknown_and_says_why(name: str) -> None:
    """Nothing is Ready by omission."""
    made = gate(name, EGRESS)

    assert made.status == "Unknown"
    assert made.reason


def test_an_unknown_risk_tells_all_its_reasons() -> None:
    """They are what is missing."""
    assert gate("risk").reason == "12 hours of flows; no snapshot"


def test_a_risk_above_the_budget_closes_its_gate() -> None:
    """The estimate is hopeful, and even so it is too high."""
    assert gate("risk", confidence=known(expected=0.7)) == Gate(
        "risk", "False", "0.70 new rules expected within 7 days, risk 0.50, budget 0.20"
    )


def test_a_risk_within_the_budget_does_not_open_its_gate() -> None:
    """Nothing calibrated it; the numbers are told all the same."""
    assert gate("risk", confidence=known(expected=0.01)) == Gate(
        "risk", "Unknown", "0.01 new rules expected within 7 days, risk 0.01, budget 0.20; not calibrated"
    )


def test_a_risk_of_just_the_budget_is_within_it() -> None:
    """The budget is what may be spent."""
    confidence = known(expected=0.7)
    assert confidence.risk is not None

    assert gate("risk", confidence=confidence, settings=Settings(risk_budget=confidence.risk)).status == "Unknown"


def test_a_small_risk_is_not_written_as_none() -> None:
    """Unknown things remain."""
    made = gate("risk", confidence=known(expected=0.001))

    assert made.reason.startswith("less than 0.01 new rules expected within 7 days, risk less than 0.01, budget 0.20")


def test_the_budget_is_a_setting() -> None:
    """So is the horizon, which the words tell."""
    generous = Settings(risk_budget=0.6, risk_horizon=86_400 * 3)

    made = gate("risk", confidence=known(expected=0.7), settings=generous)

    assert made.status == "Unknown"
    assert made.reason.startswith("0.70 new rules expected within 3 days, risk 0.50, budget 0.60")


def run(
    name: str,
    *,
    last_seen: int | None = None,
    suspended: bool = False,
    zone: str | None = None,
    next_runs: Sequence[int] = (MONDAY,),
    was_due: bool = False,
    unknown: str | None = None,
) -> UnseenRun:
    """Return a CronJob."""
    return UnseenRun(f"shop/{name}", "0 0 * * *", zone, suspended, last_seen, tuple(next_runs), was_due, unknown)


@pytest.mark.parametrize(
    ("unexercised", "words"),
    [
        (run("close"), "shop/close (0 0 * * *; next 2026-03-02T00:00:00Z)"),
        (run("close", was_due=True), "shop/close (0 0 * * *; next 2026-03-02T00:00:00Z, though it was due)"),
        (run("close", zone="Asia/Tokyo"), "shop/close (0 0 * * * in Asia/Tokyo; next 2026-03-02T00:00:00Z)"),
        (run("close", next_runs=()), "shop/close (0 0 * * *; no run within five years)"),
        (run("close", unknown="because"), "shop/close (0 0 * * *; next run not known: because)"),
    ],
)
def test_a_schedule_that_was_never_seen_closes_its_gate(unexercised: UnseenRun, words: str) -> None:
    """By name and next run; one that was due may run without a flow, so waiting is not the way."""
    made = gate("schedules", confidence=scheduled(run("nightly", last_seen=5), unexercised))

    assert made == Gate("schedules", "False", f"never seen running: {words}")


def test_seen_and_suspended_schedules_pass() -> None:
    """The suspended are said, because they may be resumed."""
    made = gate("schedules", confidence=scheduled(run("nightly", last_seen=5), run("close", suspended=True)))

    assert made == Gate("schedules", "True", "1 CronJob seen running; suspended: shop/close")


def test_no_schedules_pass() -> None:
    """None, which is not unknown."""
    assert gate("schedules", confidence=scheduled()) == Gate("schedules", "True", "0 CronJobs seen running")


def test_unseen_schedules_of_others_are_said() -> None:
    """Whom they will speak to is not known, so they close nothing."""
    confidence = Confidence("Unknown", None, (), schedules=(), unexercised_elsewhere=2)

    assert gate("schedules", confidence=confidence) == Gate(
        "schedules",
        "True",
        "0 CronJobs seen running; of other namespaces 2 CronJobs never seen running, perhaps with connections to here",
    )


def test_declared_events_must_be_exercised() -> None:
    """Also where nobody knows the schedules."""
    settings = Settings(events=(RareEvent("restore"), RareEvent("failover"), RareEvent("month end", exercised=True)))
    words = "declared events not exercised: failover, restore"

    assert gate("schedules", confidence=scheduled(), settings=settings) == Gate("schedules", "False", words)
    assert gate("schedules", settings=settings) == Gate("schedules", "False", words)


def test_exercised_events_are_counted() -> None:
    """And do not make unknown schedules known."""
    settings = Settings(events=(RareEvent("restore", exercised=True),))

    assert gate("schedules", confidence=scheduled(), settings=settings).reason == (
        "0 CronJobs seen running; 1 declared event exercised"
    )
    assert gate("schedules", settings=settings).status == "Unknown"


def test_blind_workloads_close_their_gate() -> None:
    """By name; those not known leave it open to doubt."""
    assert gate("blind", confidence=scheduled(blind=["shop/db"], unknown=["shop/web"])) == Gate(
        "blind", "False", "pods not younger than the collector on their node: shop/db"
    )
    assert gate("blind", confidence=scheduled(unknown=["shop/web"])) == Gate(
        "blind", "Unknown", "no collector is known on nodes of shop/web"
    )
    assert gate("blind", confidence=scheduled(blind=None)).status == "Unknown"
    assert gate("blind", confidence=scheduled()).status == "True"


def test_coarse_permits_are_listed_by_reason() -> None:
    """One reason once."""
    assert gate("coarse", INGRESS, INGRESS, EGRESS) == Gate("coarse", "False", "internet-clients")
    assert gate("coarse", EGRESS).status == "True"


def test_quiet_workloads_are_named() -> None:
    """Where there are none, it is a question of whether all workloads are known."""
    assert gate("quiet", EGRESS, quiet=["shop/db egress"]) == Gate(
        "quiet", "False", "no evidence of their own: shop/db egress"
    )
    assert gate("quiet", EGRESS).status == "Unknown"
    assert gate("quiet", EGRESS, workloads_known=True).status == "True"


def test_uncovered_workloads_are_named() -> None:
    """They are cut off already."""
    assert gate("uncovered", uncovered=["shop/new"]) == Gate(
        "uncovered", "False", "new where a policy of ours is enforced: shop/new"
    )
    assert gate("uncovered", uncovered=[]).status == "True"


def held(rejected: str | None) -> HeldEdge:
    """Return a held edge with a person's reason."""
    edge = AdmittedEdge(summary(tcp(WEB, LEDGER), [row(tcp(WEB, LEDGER))]), ("Egress",), (), partly_denied=False)
    return HeldEdge(edge, (), (HeldReason("scan", "400 ports"),), rejected)


def test_held_edges_wait_for_a_person() -> None:
    """Rejected is decided."""
    assert gate("held", held=[held(None), held("scan of ours")]) == Gate("held", "False", "1 held edge undecided")
    assert gate("held", held=[held("scan of ours")]) == Gate("held", "True", "1 held edge rejected")
    assert gate("held", held=[]) == Gate("held", "True", "no edge is held")


def test_isolated_egress_needs_a_resolver() -> None:
    """Without one nothing would be found by name."""
    assert gate("dns", EGRESS, resolvers=NO_RESOLVER).status == "False"
    assert gate("dns", EGRESS, resolvers=COREDNS).status == "True"
    assert gate("dns", EGRESS, resolvers=NODE_LOCAL).status == "True"
    assert gate("dns", INGRESS, resolvers=NO_RESOLVER).status == "True"
