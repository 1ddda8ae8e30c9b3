"""The time zones that a cluster's CronJobs name.

Promises: a zone is looked up in this machine's time zone data; a name that has none is absent, so that whoever asks
says that it is not known. This is the only place that reads such data: the core is handed the zones.
"""

from collections.abc import Mapping
from datetime import tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ringfence.model.inventory import Inventory


def time_zones(inventory: Inventory) -> Mapping[str, tzinfo]:
    """Return the zones of an inventory's schedules by IANA name."""
    names = {each.schedule.time_zone for each in inventory.controllers if each.schedule is not None}
    zones: dict[str, tzinfo] = {}
    for name in sorted(name for name in names if name):
        try:
            zones[name] = ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):  # no such zone, no zone's name, a folder of zones
            continue
    return zones
