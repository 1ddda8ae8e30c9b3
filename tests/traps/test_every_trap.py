"""Thirty traps were collected from tools of this kind; each is a test named after it, or listed with the reason."""

import ast
import re
from collections import Counter
from pathlib import Path
from typing import Final

COUNT: Final = 30
LISTED: Final = {
    25: "web application firewall rules that do not compile: this version emits none",
}
"""Traps that do not apply, and why."""

_NAME: Final = re.compile(r"test_trap_(\d\d)_\w+")


def named_after_traps() -> Counter[int]:
    """Return how many tests are named after each trap."""
    names = (
        node.name
        for file in sorted(Path(__file__).parent.glob("test_*.py"))
        for node in ast.parse(file.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef)
    )
    return Counter(int(match[1]) for name in names if (match := _NAME.fullmatch(name)))


def test_every_trap_is_tested_or_listed() -> None:
    """Once, and not both."""
    found = named_after_traps()

    assert sorted([*found, *LISTED]) == list(range(1, COUNT + 1))
    assert set(found.values()) == {1}
