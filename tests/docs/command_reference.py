"""The reference parts of ``docs/cli.md``, written from the commands and the reasons themselves."""

import ast
import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import click

from ringfence.flows import left_out

_WIDTH: Final = 100


@dataclass(frozen=True, slots=True)
class Command:
    """A command with the words that call it."""

    words: str
    command: click.Command
    context: click.Context

    @property
    def section(self) -> str:
        """Return the reference of the command: a heading and its help, as it prints it."""
        return f"### `{self.words}`\n\n```text\n{self.command.get_help(self.context).rstrip()}\n```\n"


def commands(command: click.Command, *, words: str, parent: click.Context | None = None) -> Iterator[Command]:
    """Yield a command and all below it, in the order of their help."""
    context = click.Context(
        command, info_name=words.rpartition(" ")[2], parent=parent, terminal_width=_WIDTH, **command.context_settings
    )
    yield Command(words, command, context)
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            if below is not None and not below.hidden:
                yield from commands(below, words=f"{words} {name}", parent=context)


def command_reference(command: click.Command, *, words: str) -> str:
    """Return the sections of a command and all below it."""
    return "\n" + "\n".join(each.section for each in commands(command, words=words)) + "\n"


def meanings() -> dict[str, str]:
    """Return each reason for leaving out, with the text below it in the source."""
    (reasons,) = (
        node
        for node in ast.parse(inspect.getsource(left_out)).body
        if isinstance(node, ast.ClassDef) and node.name == left_out.LeftOut.__name__
    )
    found: dict[str, str] = {}
    for member, below in zip(reasons.body, reasons.body[1:], strict=False):
        match member, below:
            case ast.Assign(value=ast.Constant(value=str(reason))), ast.Expr(value=ast.Constant(value=str(text))):
                found[reason] = " ".join(text.replace("``", "`").split())
            case _:
                pass
    return found


def reason_reference() -> str:
    """Return the table of reasons for leaving out."""
    rows = [f"| `{reason}` | {text} |\n" for reason, text in meanings().items()]
    return "".join(["| reason | meaning |\n", "|---|---|\n", *rows])
