"""What is known about what was not seen yet."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
import pytest

from ringfence.flows.evidence import Evidence, EvidenceTable, Unplaced
from ringfence.flows.left_out import LeftOut
from ringfence.learning.admission import admit
from ringfence.model.cluster import Cluster
from ringfence.model.controller import Controller, Schedule
from ringfence.model.edge import Edge
from ringfence.model.endpoint import Workload
from ringfence.model.inventory import Inventory
from ringfence.model.labels import Labels
from ringfence.model.namespace import Namespace
from ringfence.model.pod import Pod, PodSpec
from ringfence.model.policy_set import PolicySet
from ringfence.recommend.confidence import NOT_CALIBRATED, confidence
from ringfence.recommend.history import history_of
from ringfence.recommend.recommendation import Confidence, Scope
from ringfence.recommend.settings import Settings
from ringfence.recommend.watermark import watermark
from ringfence.rules.passes import permits_of
from ringfence.rules.scope_baseline import ScopeBaseline
from ringfence.rules.surroundings import surroundings_of
from ringfence.semantics.workloads import KnownWorkload
from tests.learning.evidence_rows import CART, HOUR, LEDGER, TIER, WEB, row, table_of, tcp
from tests.recommend.watched import WEEK, slots_of, watched

NO_SNAPSHOT: Final = "no snapshot: schedules that have not run and blind workloads are unknown"
FORTNIGHT: Final = range(14 * 24)
ALWAYS: Final = {"node-a": slots_of(FORTNIGHT)}
CLUSTER: Final = Cluster(Inventory(), PolicySet())
SHOP: Final = (KnownWorkload(WEB, (Pod("shop", "web-1", PodSpec(), node="node-a"),)),)
DEFAULTS: Final = Settings()


def ledger(port: int, hours: Sequence[int]) -> Evidence:
    """Return what shop asks of the ledger on a port, in these hours."""
    return row(tcp(WEB, LEDGER, port), hours=hours)


BUSY: Final = ledger(80, FORTNIGHT)
ONCE: Final = (ledger(1001, [20]), ledger(1003, [50]), ledger(1005, [300]))
TWICE: Final = ledger(1007, [30, 200])


def confident(
    *rows: Evidence,
    nodes: Mapping[str, Mapping[int, int]] = ALWAYS,
    cluster: Cluster | None = CLUSTER,
    settings: Settings = DEFAULTS,
    workloads: Sequence[KnownWorkload] = SHOP,
) -> Confidence:
    """Return the confidence in shop's rules."""
    return of_table(watched(rows, nodes=nodes), table_of(rows), cluster=cluster, settings=settings, workloads=workloads)


def of_table(
    table: EvidenceTable,
    learnt: EvidenceTable,
    *,
    cluster: Cluster | None,
    settings: Settings = DEFAULTS,
    workloads: Sequence[KnownWorkload] = SHOP,
) -> Confidence:
    """Return the confidence after a reading; ``learnt`` is what its rules come from."""
    edges = admit(learnt, tier=TIER, covers={"shop"}).admitted
    permits = permits_of(ScopeBaseline("shop", edges, surroundings_of(learnt)))
    history = history_of(table, watermark=watermark(table), cluster=cluster)
    return confidence(history, permits, edges, scope=Scope("Namespace", "shop"), workloads=workloads, settings=settings)


def test_after_two_weeks_with_a_snapshot_the_point_estimate_is_a_number() -> None:
    """With all that it was computed from, and the word that nothing calibrated it."""
    made = confident(BUSY, *ONCE, TWICE)

    assert (made.state, made.reasons) == ("Known", (NOT_CALIBRATED,))
    assert (made.healthy_hours, made.healthy_days, made.week_hours) == (336, 14, 168)
    assert made.estimate is not None
    assert (made.estimate.once, made.estimate.twice) == (3, 1)
    assert made.risk == made.estimate.risk
    assert made.risk > 0.5


def test_of_days_and_hours_the_worse_counts() -> None:
    """What was seen in one day but in many hours of it is rare by days only; days are worse then."""
    runs = [ledger(1001 + 2 * number, range(24 * number, 24 * number + 6)) for number in range(3)]
    made = confident(BUSY, *runs)

    assert made.estimate is not None
    assert (made.estimate.unit, made.estimate.units, made.estimate.horizon) == ("Day", 14, 7)
    assert (made.estimate.incidences, made.estimate.once, made.estimate.twice) == (14 + 3, 3, 0)


def test_hours_are_worse_where_days_look_like_a_second_sighting() -> None:
    """Four hours on two days are twice by days, which speaks against more to come, and often by hours."""
    twice = [ledger(2001 + 2 * number, [1, 2, 25, 26]) for number in range(3)]

    made = confident(BUSY, *ONCE, *twice)

    assert made.estimate is not None
    assert (made.estimate.unit, made.estimate.units, made.estimate.horizon) == ("Hour", 336, 168)
    assert (made.estimate.incidences, made.estimate.once, made.estimate.twice) == (336 + 3 + 12, 3, 0)


def test_the_risk_rises_with_the_horizon() -> None:
    """A day is safer than a week."""
    week = confident(BUSY, *ONCE, TWICE)
    day = confident(BUSY, *ONCE, TWICE, settings=Settings(risk_horizon=86_400))

    assert week.risk is not None
    assert day.risk is not None
    assert 0 < day.risk < week.risk


@pytest.mark.parametrize("rows", [(BUSY,), (BUSY, ONCE[0])])
def test_where_what_was_seen_once_says_nothing_the_risk_is_unknown_and_not_zero(rows: Sequence[Evidence]) -> None:
    """Nothing seen once, or one thing once and none twice, would give a risk of exactly zero."""
    made = confident(*rows)

    assert (made.state, made.risk) == ("Unknown", None)
    once = {1: "0 rules", 2: "1 rule"}[len(rows)]
    assert made.reasons == (f"{once} seen at work in a single day, 0 in two: too few to tell what is still unseen",)


def test_a_scope_never_seen_in_healthy_hours_says_so() -> None:
    """Its only flow came in an hour in which the node was cut off."""
    made = confident(ledger(80, [30]), nodes={"node-a": slots_of(FORTNIGHT) | slots_of([30], 1)})

    assert made.reasons == ("no rule was seen at work in a healthy hour",)


def test_a_horizon_longer_than_what_was_seen_is_unknown() -> None:
    """Nobody knows the rhythm of a month after two weeks."""
    made = confident(BUSY, *ONCE, settings=Settings(risk_horizon=30 * 86_400))

    assert made.state == "Unknown"
    assert made.reasons == ("the horizon of 30 days is longer than the 336 healthy hours seen",)


def test_six_days_are_not_enough_and_show_the_estimate_without_a_risk() -> None:
    """The numbers behind it may be looked at."""
    made = confident(BUSY, *ONCE[:2], nodes={"node-a": slots_of(range(6 * 24))})

    assert made.risk is None
    assert made.estimate is not None
    assert made.reasons == (
        "6 healthy days of flows, 7 healthy days needed for an estimate",
        "144 of the 168 hours of the week seen",
    )


def test_a_whole_week_is_just_enough() -> None:
    """Seven days, each hour of the week once, and a horizon as long as that."""
    made = confident(BUSY, *ONCE[:2], nodes={"node-a": slots_of(WEEK)})

    assert (made.state, made.healthy_days, made.week_hours) == ("Known", 7, 168)


def test_a_day_of_hours_is_just_enough_to_show_numbers() -> None:
    """Though not a risk."""
    made = confident(BUSY, *ONCE[:1], nodes={"node-a": slots_of(range(24))})

    assert made.estimate is not None
    assert (made.estimate.unit, made.estimate.units) == ("Hour", 24)
    assert made.risk is None


def test_below_a_day_nothing_is_shown() -> None:
    """In hours, because in days it would be nothing."""
    made = confident(BUSY, *ONCE[:1], nodes={"node-a": slots_of(range(23))})

    assert made.estimate is None
    assert made.reasons[0] == "23 healthy hours of flows, 7 healthy days needed for an estimate"


def test_many_days_at_the_same_hours_leave_the_others_unseen() -> None:
    """Thirty mornings say nothing of the nights, and are no days."""
    mornings = [day * 24 + hour for day in range(30) for hour in range(6, 12)]

    made = confident(BUSY, nodes={"node-a": slots_of(mornings)})

    assert made.reasons == (
        "180 healthy hours of flows, 7 healthy days needed for an estimate",
        "42 of the 168 hours of the week seen",
    )


def test_one_unseen_hour_of_the_week_keeps_the_risk_unknown() -> None:
    """Both Mondays at three, on one node; it says which."""
    gap = [hour for hour in FORTNIGHT if hour % 168 != 3]
    nodes = {"node-a": slots_of(gap), "node-b": slots_of(FORTNIGHT)}

    made = confident(BUSY, *ONCE, TWICE, nodes=nodes)

    assert made.reasons == (
        "167 of the 168 hours of the week seen",
        "nodes that host its pods were not healthy: node-a in 2 hours",
    )


def test_of_many_unhealthy_nodes_the_worst_are_named() -> None:
    """And how many more there are."""
    pods = tuple(Pod("shop", f"web-{name}", PodSpec(), node=f"node-{name}") for name in "abcde")
    nodes = {f"node-{name}": slots_of(range(lost, 144)) for name, lost in zip("abcde", range(5), strict=True)}

    made = confident(BUSY, nodes=nodes, workloads=[KnownWorkload(WEB, pods)])

    nodes_words = "node-e in 4 hours, node-d in 3 hours, node-c in 2 hours and 1 node more"
    assert f"nodes that host its pods were not healthy: {nodes_words}" in made.reasons


def test_without_a_snapshot_confidence_is_unknown() -> None:
    """However much was seen."""
    made = confident(BUSY, *ONCE, TWICE, cluster=None, workloads=())

    assert (made.state, made.risk, made.reasons) == ("Unknown", None, (NO_SNAPSHOT,))
    assert (made.schedules, made.blind) == (None, None)


@pytest.mark.parametrize(("records", "words"), [(1, "1 record comes"), (3, "3 records come")])
def test_a_sampled_source_is_named_with_its_records(records: int, words: str) -> None:
    """A sample shows what is frequent; what it left out is nobody's to tell."""
    sampled = Unplaced(LeftOut.SAMPLED, "shop/web", "shop/db", "tcp", records)
    ghost = Unplaced(LeftOut.GHOST, "shop/web", "shop/db", "tcp", 5)
    rows = (BUSY, *ONCE, TWICE)
    table = msgspec.structs.replace(watched(rows, nodes=ALWAYS), unplaced=(ghost, sampled))

    made = of_table(table, table_of(rows), cluster=CLUSTER)

    assert made.reasons == (f"{words} from a sample of a log, so what is rare may be missing",)


def made_in(hour: float) -> Cluster:
    """Return a cluster in which shop was made so many hours after HOUR."""
    shop = Namespace("shop", created=int((HOUR + hour) * 3600))
    return Cluster(Inventory(namespaces=(Namespace("lab", created=0), shop)), PolicySet())


def test_a_namespace_is_looked_at_since_it_was_made() -> None:
    """From its first whole hour on; days before say nothing of it."""
    assert confident(BUSY, cluster=made_in(24)).healthy_days == 13
    assert confident(BUSY, cluster=made_in(23.5)).healthy_hours == 336 - 24
    assert confident(BUSY, cluster=made_in(-100)).healthy_hours == 336


def test_where_nothing_tells_when_it_was_made_it_is_looked_at_since_it_was_first_seen() -> None:
    """Silence before that may have been absence."""
    assert confident(ledger(80, range(48, 336))).healthy_days == 12


def job(namespace: str, name: str) -> Controller:
    """Return a monthly CronJob."""
    return Controller("CronJob", namespace, name, PodSpec(), schedule=Schedule("0 4 1 * *"))


def test_what_lies_after_the_watermark_does_not_count() -> None:
    """A clock ahead by days, in an hour of too few records to move the watermark: neither healthy nor a run."""
    late = row(Edge(Workload("shop", "CronJob", "close"), LEDGER, "TCP", 80), hours=[400])
    table = watched([BUSY, late], nodes={"node-a": slots_of([*FORTNIGHT, 400])})
    table = msgspec.structs.replace(table, hours=dict(table.hours) | {HOUR + 400: 0})
    cluster = Cluster(Inventory(controllers=(job("shop", "close"),)), PolicySet())

    made = of_table(table, table_of([BUSY]), cluster=cluster)

    assert made.healthy_hours == 336
    assert made.schedules is not None
    assert [each.last_seen for each in made.schedules] == [None]


def test_the_namespaces_own_schedules_are_told_with_their_runs() -> None:
    """Also those that flows showed, learnt or left out; those of others are counted where they were never seen."""
    inventory = Inventory(controllers=(job("shop", "close"), job("shop", "seen"), job("lab", "other")))
    run = Edge(Workload("shop", "CronJob", "seen"), LEDGER, "TCP", 80)
    left_out = row(run, hours=[7, 9], left_out=LeftOut.OUTCOME_UNKNOWN)

    made = confident(BUSY, left_out, cluster=Cluster(inventory, PolicySet()))

    assert made.schedules is not None
    assert [(each.name, each.last_seen) for each in made.schedules] == [
        ("shop/close", None),
        ("shop/seen", (HOUR + 9) * 3600),
    ]
    assert made.unexercised_elsewhere == 1


def test_cron_jobs_that_nobody_took_are_unknown() -> None:
    """Not none."""
    inventory = Inventory(missing=frozenset({"CronJob"}))

    assert confident(BUSY, cluster=Cluster(inventory, PolicySet())).schedules is None


def test_blind_workloads_are_told_where_collectors_are_known() -> None:
    """And unknown, not none, where the snapshot has no collector."""
    old = KnownWorkload(WEB, (Pod("shop", "web-1", PodSpec(), node="node-a", started=5),))
    lost = KnownWorkload(CART, (Pod("shop", "cart-1", PodSpec(), node="node-z", started=5),))
    labels = Labels.of({"k8s-app": "calico-node"})
    collector = Pod("kube-system", "calico-node-x", PodSpec(labels), node="node-a", started=10)

    known = confident(BUSY, cluster=Cluster(Inventory(pods=(collector,)), PolicySet()), workloads=[old, lost])

    assert (known.blind, known.blind_unknown) == (("shop/web",), ("shop/cart",))
    assert confident(BUSY, workloads=[old]).blind is None


def test_a_host_is_healthy_when_it_reports_itself() -> None:
    """Whatever runs on it."""
    table = watched([BUSY], nodes={"node-a": slots_of(FORTNIGHT), "node-b": slots_of(range(48))})
    history = history_of(table, watermark=watermark(table), cluster=CLUSTER)

    made = confidence(history, (), (), scope=Scope("Host", "node-b"), workloads=(), settings=DEFAULTS)

    assert made.healthy_hours == 48
