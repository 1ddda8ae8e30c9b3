"""What every test may ask for: the folder of shared samples, and how hard hypothesis looks.

Promises: a test that needs the shared folder and has none is told as not run, by number, at the end of every run; where
``RINGFENCE_REQUIRE_SHARED=1`` is set it fails instead, so a run that must see the samples cannot pass without them.
"""

import os
from pathlib import Path
from typing import Final

import pytest
from _pytest.terminal import TerminalReporter
from hypothesis import HealthCheck, settings

REPOSITORY: Final = Path(__file__).parents[1]
SHARED_VARIABLE: Final = "RINGFENCE_SHARED"
REQUIRE_VARIABLE: Final = "RINGFENCE_REQUIRE_SHARED"
REGENERATE_VARIABLE: Final = "REGENERATE"
PROFILE_VARIABLE: Final = "RINGFENCE_HYPOTHESIS_PROFILE"

# A deadline would measure the other process on the machine, not us.
settings.register_profile("dev", max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("dev"), max_examples=200, derandomize=True, print_blob=True)
settings.register_profile("long", settings.get_profile("dev"), max_examples=5_000)
settings.load_profile(os.environ.get(PROFILE_VARIABLE, "dev"))


def shared_folder() -> Path:
    """Return where the shared samples are, whether they are there or not."""
    return Path(os.environ.get(SHARED_VARIABLE) or REPOSITORY.parent / "shared")


@pytest.fixture(scope="session")
def regenerate() -> bool:
    """Return whether goldens and generated pages are written anew (``make cases``, ``make docs``), not compared."""
    return os.environ.get(REGENERATE_VARIABLE) == "1"


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of shared samples. A test that uses it carries ``@pytest.mark.shared``."""
    folder = shared_folder()
    if folder.is_dir():
        return folder
    missing = f"not run: no shared samples at {folder}; set {SHARED_VARIABLE} to their folder"
    if os.environ.get(REQUIRE_VARIABLE) == "1":
        pytest.fail(missing)
    pytest.skip(missing)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse a test that uses the shared folder without its marker, which is how they are counted and chosen."""
    for item in items:
        if "shared" in getattr(item, "fixturenames", ()) and item.get_closest_marker("shared") is None:
            message = f"{item.nodeid} uses the fixture 'shared' without @pytest.mark.shared; add the marker"
            raise pytest.UsageError(message)


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """Say how many tests saw the shared samples, so that a green run without them is not mistaken for one with."""
    reports = [
        (outcome, report)
        for outcome in ("passed", "failed", "error", "skipped")
        for report in terminalreporter.getreports(outcome)
        if "shared" in getattr(report, "keywords", ())
    ]
    not_run = {report.nodeid for outcome, report in reports if outcome == "skipped"}
    ran = {report.nodeid for _, report in reports} - not_run
    terminalreporter.write_line(f"tests on shared samples: {len(ran)} ran, {len(not_run)} not run")
