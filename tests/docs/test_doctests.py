"""Examples in docstrings run."""

import doctest
import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType
from typing import Final

import ringfence

FEWEST_EXAMPLES: Final = 5
"""Of all modules; raised with them, so that examples cannot get lost."""


def modules() -> Iterator[ModuleType]:
    """Yield every module of the package."""
    for found in pkgutil.walk_packages(ringfence.__path__, f"{ringfence.__name__}."):
        if not found.name.endswith(".__main__"):
            yield importlib.import_module(found.name)


def test_examples_in_docstrings_print_what_they_say() -> None:
    """A reader may paste them."""
    results = [doctest.testmod(module) for module in modules()]

    assert sum(result.failed for result in results) == 0
    assert sum(result.attempted for result in results) >= FEWEST_EXAMPLES
