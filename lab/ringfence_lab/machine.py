"""What a report says of the machine it was measured on: processor, cores and memory, and no name of it."""

import platform
import re
from os import cpu_count, sysconf
from pathlib import Path


def machine() -> str:
    """Return what a report says of this machine."""
    try:
        cpu = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.MULTILINE)
    except OSError:
        cpu = None
    memory = sysconf("SC_PAGE_SIZE") * sysconf("SC_PHYS_PAGES") / 1e9
    return f"{cpu[1] if cpu else platform.machine()}, {cpu_count()} cores, {memory:.0f} GB memory"
