"""CronJobs whose next runs nobody has seen yet."""

from typing import Final
from zoneinfo import ZoneInfo

from ringfence.model.controller import Controller, Schedule
from ringfence.model.endpoint import Workload
from ringfence.model.pod import PodSpec
from ringfence.recommend.schedules import ReadTime, UnseenRun, Zones, unseen_runs
from tests.learning.evidence_rows import HOUR

START: Final = HOUR * 3600
DAY: Final = 86_400
BERLIN: Final[Zones] = {"Europe/Berlin": ZoneInfo("Europe/Berlin")}


def job(
    cron: str, *, zone: str | None = None, suspended: bool = False, name: str = "report", created: int | None = None
) -> Controller:
    """Return a CronJob of shop."""
    schedule = Schedule(cron, zone, suspended)
    return Controller("CronJob", "shop", name, PodSpec(), schedule=schedule, created=created)


def unseen(controller: Controller, *, last_run: int | None = None, zones: Zones = BERLIN) -> UnseenRun:
    """Return the word on one CronJob after six days from START, a Monday, last seen running in an hour of them."""
    last = {} if last_run is None else {Workload("shop", "CronJob", controller.name): HOUR + last_run}
    read = ReadTime(HOUR, START + 6 * DAY, last)
    return unseen_runs([controller], read=read, zones=zones)["shop"][0]


def test_a_job_of_sunday_was_not_exercised_from_monday_to_saturday() -> None:
    """It was not due, and its next runs are told."""
    made = unseen(job("30 3 * * 0"))

    sunday = START + 6 * DAY + 3 * 3600 + 1800
    assert made.is_unexercised
    assert made.next_runs == (sunday, sunday + 7 * DAY, sunday + 14 * DAY)
    assert made.was_due is False


def test_a_nightly_job_that_was_seen_is_exercised() -> None:
    """Its last run is told, as the hour in which it was seen."""
    made = unseen(job("30 3 * * *"), last_run=123)

    assert not made.is_unexercised
    assert made.last_seen == START + 123 * 3600
    assert made.next_runs[0] == START + 6 * DAY + 3 * 3600 + 1800


def test_a_nightly_job_that_was_never_seen_was_due() -> None:
    """It ran without a flow, or did not run: a person must know which."""
    made = unseen(job("30 3 * * *"))

    assert made.is_unexercised
    assert made.was_due is True


def test_a_job_made_after_its_last_time_was_not_due() -> None:
    """It did not exist then."""
    assert unseen(job("30 3 * * *", created=START + 5 * DAY + 4 * 3600)).was_due is False
    assert unseen(job("30 3 * * *", created=START + 5 * DAY + 3 * 3600)).was_due is True


def test_the_edges_of_what_was_read_and_of_a_jobs_life() -> None:
    """The first second of what was read counts, and so does the watermark; the second in which it was made does not."""
    assert unseen(job("0 0 2 3 *")).was_due is True
    assert unseen(job("0 0 8 3 *")).was_due is True
    assert unseen(job("0 0 8 3 *", created=START + 6 * DAY)).was_due is False


def test_a_suspended_job_says_so_and_has_no_next_run() -> None:
    """Nothing waits for it."""
    made = unseen(job("30 3 * * *", suspended=True))

    assert made.suspended
    assert not made.is_unexercised
    assert made.next_runs == ()


def test_a_job_runs_by_the_clock_of_its_zone() -> None:
    """Half past three in Berlin is half past two in UTC, in winter."""
    assert unseen(job("30 3 * * *", zone="Europe/Berlin")).next_runs[0] == START + 6 * DAY + 2 * 3600 + 1800


def test_what_cannot_be_told_says_why() -> None:
    """Whether it was seen is known all the same."""
    zoneless = unseen(job("30 3 * * *", zone="Mars/Olympus"), last_run=5)
    unreadable = unseen(job("@every 1h"))

    assert (zoneless.next_runs, zoneless.was_due, zoneless.last_seen) == ((), None, START + 5 * 3600)
    assert zoneless.unknown == "its time zone is not known here"
    assert unreadable.is_unexercised
    assert unreadable.unknown == "its schedule counts from a moment that the snapshot does not hold"


def test_only_cron_jobs_are_listed_by_namespace_and_name() -> None:
    """In any order of the snapshot."""
    other = Controller("CronJob", "lab", "a", PodSpec(), schedule=Schedule("@daily"))
    controllers = [job("@daily", name="z"), Controller("Deployment", "shop", "web", PodSpec()), other, job("@daily")]

    found = unseen_runs(controllers, read=ReadTime(HOUR, START, {}), zones={})

    assert {name: [run.name for run in runs] for name, runs in found.items()} == {
        "lab": ["lab/a"],
        "shop": ["shop/report", "shop/z"],
    }
