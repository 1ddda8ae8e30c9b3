"""``docs/cli.md`` knows every command, option, exit code, reason and variable. ``make docs`` writes its references."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click
import pytest

from ringfence.cli.exit_code import ExitCode
from ringfence.cli.main import cli
from ringfence.flows.left_out import LeftOut
from tests.architecture.repository import ROOT, modules
from tests.docs.command_reference import Command, command_reference, commands, meanings, reason_reference
from tests.docs.pages import generated_parts, with_generated_part

PAGE: Final = ROOT / "docs/cli.md"
PARTS: Final = {"cli": command_reference(cli, words="ringfence"), "left-out": reason_reference()}
COMMANDS: Final = tuple(commands(cli, words="ringfence"))


def page() -> str:
    """Return the page as it is."""
    return PAGE.read_text(encoding="utf-8")


def section(words: str) -> str:
    """Return what the page says below the heading of a command."""
    return page().partition(f"### `{words}`\n")[2].partition("\n### ")[0]


@pytest.fixture(scope="module", autouse=True)
def _written(*, regenerate: bool) -> None:
    if regenerate:
        text = page()
        for name, part in PARTS.items():
            text = with_generated_part(text, name=name, part=part)
        PAGE.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("name", PARTS)
def test_a_generated_part_is_current(name: str) -> None:
    """The page shows what the program says now."""
    assert generated_parts(page()).get(name) == PARTS[name], "write it anew with `make docs`"


@pytest.mark.parametrize("each", COMMANDS, ids=[each.words for each in COMMANDS])
def test_a_command_is_documented_with_an_example(each: Command) -> None:
    """In its help, and so on the page."""
    assert each.command.help
    assert "Example" in each.command.help
    assert "\\b" not in each.command.help, "click reads a backspace, which a raw docstring does not hold"
    assert f"### `{each.words}`\n" in page()


@pytest.mark.parametrize("each", COMMANDS, ids=[each.words for each in COMMANDS])
def test_every_option_is_documented(each: Command) -> None:
    """By every name it has, below its command, with what it does."""
    options = [
        option
        for option in each.command.get_params(each.context)
        if isinstance(option, click.Option) and not option.hidden
    ]
    names = [name for option in options for name in [*option.opts, *option.secondary_opts]]

    missing = [name for name in names if not re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", section(each.words))]

    assert [option.name for option in options if not option.help] == []
    assert missing == []


def test_every_reason_for_leaving_out_is_documented() -> None:
    """With its meaning, which is the text below it in the source."""
    assert set(meanings()) == set(LeftOut)
    assert [reason for reason in LeftOut if f"| `{reason}` |" not in page()] == []


def loose_exit_codes(path: Path) -> Iterator[int]:
    """Yield the numbers that the verbs of a module return, which belong among the exit codes."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef) and any("command" in ast.unparse(each) for each in node.decorator_list):
            for each in ast.walk(node):
                match each:
                    case ast.Return(value=ast.Constant(value=int(code))):
                        yield code
                    case _:
                        pass


def test_every_exit_code_is_documented() -> None:
    """In the table of exit codes, and none is a number on its own."""
    documented = {int(code) for code in re.findall(r"^\| (\d+) \|", page(), re.MULTILINE)}

    assert documented == set(ExitCode)
    assert [code for path in modules("cli") for code in loose_exit_codes(path)] == []


def test_every_variable_that_is_read_is_documented() -> None:
    """An environment variable is an option by another way."""
    read = {
        name
        for path in modules()
        for name in re.findall(r"environ(?:\.get\(|\[)\"(\w+)\"", path.read_text(encoding="utf-8"))
    }

    assert {name for name in read if f"`{name}" not in page()} == set()
