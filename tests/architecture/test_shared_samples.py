"""A run without the shared samples says so, and where they are required it fails."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.repository import ROOT

TEST = """
import pytest

@pytest.mark.shared
def test_sees_samples(shared):
    assert shared.is_dir()
"""


def outcome(folder: Path, *, test: str = TEST, **variables: str) -> str:
    """Run a test of its own under the conftest of this repository and return what pytest prints."""
    shutil.copy(ROOT / "tests/conftest.py", folder)
    (folder / "test_sample.py").write_text(test, encoding="utf-8")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RINGFENCE_")}
    ran = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-c",
            str(ROOT / "pyproject.toml"),
            "--rootdir",
            str(folder),
            "-p",
            "no:cacheprovider",
            str(folder),
        ],
        cwd=folder,
        env=kept | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    return ran.stdout + ran.stderr


@pytest.mark.parametrize(
    ("folder", "required", "said", "result"),
    [
        ("there", "1", "tests on shared samples: 1 ran, 0 not run", "1 passed"),
        ("missing", "0", "tests on shared samples: 0 ran, 1 not run", "1 skipped"),
        ("missing", "1", "not run: no shared samples at", "1 error"),
    ],
)
def test_a_run_says_how_many_tests_saw_the_samples(
    tmp_path: Path, folder: str, required: str, said: str, result: str
) -> None:
    """A green run without the samples is not mistaken for one with them."""
    (tmp_path / "there").mkdir()

    printed = outcome(tmp_path, RINGFENCE_SHARED=str(tmp_path / folder), RINGFENCE_REQUIRE_SHARED=required)

    assert said in printed
    assert result in printed.splitlines()[-1]


def test_a_test_on_samples_needs_its_marker(tmp_path: Path) -> None:
    """Without the marker it would not be counted."""
    printed = outcome(tmp_path, test=TEST.replace("@pytest.mark.shared\n", ""), RINGFENCE_SHARED=str(tmp_path))

    assert "without @pytest.mark.shared; add the marker" in printed
