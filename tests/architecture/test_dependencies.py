"""What is installed with Ringfence is what Ringfence imports."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from typing import Final

from tests.architecture.repository import ROOT, modules

OWN: Final = "ringfence"
NEWER_STANDARD_LIBRARY: Final = {"compression"}  # from 3.14 on; older Pythons take the declared backport


def normal(name: str) -> str:
    """Return the name of a distribution as the registry compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def declared() -> set[str]:
    """Return the runtime dependencies that pyproject.toml names."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return {normal(re.split(r"[<>=!~;\[ ]", dependency)[0]) for dependency in project["dependencies"]}


def imported() -> set[str]:
    """Return the distributions that modules of the package import, wherever in the module they do."""
    names: set[str] = set()
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Import(names=aliases):
                    names.update(alias.name.partition(".")[0] for alias in aliases)
                case ast.ImportFrom(module=str(module)):
                    names.add(module.partition(".")[0])
                case _:
                    pass
    distributions = packages_distributions()
    outside = names - sys.stdlib_module_names - NEWER_STANDARD_LIBRARY - {OWN}
    return {normal(distribution) for name in outside for distribution in distributions.get(name, [name])}


def test_what_is_imported_is_declared_and_what_is_declared_is_imported() -> None:
    """Nothing works by the luck of a development dependency, and nobody installs what is not used."""
    assert imported() == declared()


def test_locked_requirements_name_no_index_and_hash_everything() -> None:
    """A lock that names a registry does not travel; one without hashes does not lock."""
    for lock in ("run.txt", "dev.txt", "peers.txt"):
        text = (ROOT / "requirements" / lock).read_text(encoding="utf-8")
        requirements = [block for block in re.split(r"\n(?=[a-z])", text) if "==" in block]

        assert "://" not in text
        assert not re.search(r"^--?(index|extra|find|i\b|f\b)", text, re.MULTILINE)
        assert [block.splitlines()[0] for block in requirements if "--hash=sha256:" not in block] == []


def test_tests_run_on_the_locked_versions_that_users_run() -> None:
    """The two locks agree, so that what was tested is what is installed."""
    pins = {
        lock: set(re.findall(r"^(\S+==\S+)", (ROOT / "requirements" / lock).read_text(encoding="utf-8"), re.MULTILINE))
        for lock in ("run.txt", "dev.txt")
    }

    assert pins["run.txt"] <= pins["dev.txt"]


def test_the_lock_holds_what_the_package_declares() -> None:
    """A dependency that was declared without `make lock` is missing on a clean machine."""
    text = (ROOT / "requirements/run.txt").read_text(encoding="utf-8")
    locked = {normal(name) for name in re.findall(r"^([A-Za-z0-9._-]+)==", text, re.MULTILINE)}

    assert declared() <= locked
