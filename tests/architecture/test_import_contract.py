"""The import contract grows with the packages: what exists is under it, and it names nothing that does not exist."""

import tomllib
from typing import Final

import pytest

from tests.architecture.repository import CORE, ROOT

SETTINGS: Final = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CONTRACTS: Final = {contract["name"]: contract for contract in SETTINGS["tool"]["importlinter"]["contracts"]}
PACKAGES: Final = frozenset(path.parent.name for path in (ROOT / "src/ringfence").glob("*/__init__.py"))
LAYERS: Final = [layer.strip() for line in CONTRACTS["Imports go one way"]["layers"] for layer in line.split("|")]


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_stands_in_parentheses_only_until_it_exists(layer: str) -> None:
    """A layer that stays optional after its first file could be deleted unseen."""
    is_optional = layer.startswith("(")

    assert is_optional is (layer.strip("()") not in PACKAGES)


def test_every_core_package_is_under_the_contract_of_the_core() -> None:
    """A new core package is pure from its first file."""
    contract = CONTRACTS["The core does no I/O, reads no clock, logs nothing"]

    assert contract["source_modules"] == sorted(f"ringfence.{package}" for package in PACKAGES.intersection(CORE))
