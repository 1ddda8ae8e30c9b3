"""The time zones that a cluster's CronJobs name."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from ringfence.engine.time_zones import time_zones
from ringfence.model.controller import Controller, Schedule
from ringfence.model.inventory import Inventory
from ringfence.model.pod import PodSpec


def inventory(*zones: str | None) -> Inventory:
    """Return an inventory of CronJobs in these zones, and a workload without a schedule."""
    jobs = [
        Controller("CronJob", "shop", f"job-{n}", PodSpec(), schedule=Schedule("@daily", zone))
        for n, zone in enumerate(zones)
    ]
    return Inventory(controllers=(*jobs, Controller("Deployment", "shop", "web", PodSpec())))


def test_a_named_zone_is_found_with_its_clock() -> None:
    """One that nobody names is not looked for."""
    found = time_zones(inventory("Europe/Berlin", None, "Europe/Berlin"))

    assert list(found) == ["Europe/Berlin"]
    assert (
        datetime(2026, 7, 1, 12, tzinfo=found["Europe/Berlin"]).timestamp()
        == datetime(2026, 7, 1, 10, tzinfo=ZoneInfo("UTC")).timestamp()
    )


@pytest.mark.parametrize("name", ["Mars/Olympus", "../../etc/passwd", "/etc/passwd", "Europe", "a\0b", "x" * 5000])
def test_a_name_without_data_is_absent(name: str) -> None:
    """Also one that was never meant as a zone's."""
    assert time_zones(inventory(name)) == {}
