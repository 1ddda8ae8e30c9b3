"""What a user installs: the package whole, and nothing of the laboratory."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from ringfence import __version__
from tests.architecture.repository import ROOT


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a wheel built from this tree, without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


def test_a_wheel_holds_every_file_of_the_package_and_no_other(wheel: Path) -> None:
    """Types, SQL and modules go with it; tests and the laboratory do not."""
    package = ROOT / "src/ringfence"
    expected = {
        f"ringfence/{path.relative_to(package).as_posix()}"
        for path in package.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }

    names = set(zipfile.ZipFile(wheel).namelist())

    assert {name for name in names if ".dist-info/" not in name} == expected
    assert "ringfence/py.typed" in names
    assert any(name.startswith("ringfence/flows/") and name.endswith(".sql") for name in names)


def test_a_wheel_says_its_version_licence_and_command(wheel: Path) -> None:
    """The version stands in one place, and the metadata follows it."""
    content = zipfile.ZipFile(wheel)
    folder = f"ringfence-{__version__}.dist-info"
    metadata = content.read(f"{folder}/METADATA").decode()

    assert f"\nVersion: {__version__}\n" in metadata
    assert "\nLicense-Expression: Apache-2.0\n" in metadata
    assert f"{folder}/licenses/LICENSE" in content.namelist()
    assert "ringfence = ringfence.cli.main:main" in content.read(f"{folder}/entry_points.txt").decode()
