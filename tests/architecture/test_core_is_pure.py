"""What pure code may not do, where neither the import contract nor ruff can say it by name."""

import ast
from collections.abc import Iterator

from tests.architecture.repository import CORE, modules, shown

BANNED_CALLS = frozenset({"open", "print", "input", "breakpoint", "exec", "eval", "__import__"})


def impure(source: str) -> Iterator[tuple[int, str]]:
    """Yield line and name of each banned call, and of each ``global`` statement, which is state outside of values."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=ast.Name(id=name)) if name in BANNED_CALLS:
                yield node.lineno, f"{name}()"
            case ast.Global():
                yield node.lineno, "global"
            case _:
                pass


def test_the_core_opens_no_file_and_prints_nothing() -> None:
    """Values in, values out: what is read or shown comes and goes through the shell."""
    found = [
        f"{shown(path)}:{line}: {name}"
        for path in modules(*CORE)
        for line, name in impure(path.read_text(encoding="utf-8"))
    ]

    assert found == []


def test_a_core_module_that_opens_a_file_would_be_found() -> None:
    """The check itself can fail."""
    source = "def read(path):\n    global seen\n    return open(path)\n"

    found = list(impure(source))

    assert sorted(found) == [(2, "global"), (3, "open()")]
