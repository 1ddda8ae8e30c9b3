"""Commands shown in documents, and what they print.

A block fenced as ``console`` holds commands, each a line that starts with ``$ `` (lines that start with ``> `` right
below continue it), and below each what it prints. A block below ``<!-- not run: REASON -->`` is only shown.
Promises: the commands of one page run in one shell, from top to bottom, as a reader would paste them; a command that
fails is refused unless the next one shows its exit code with ``echo $?``.
"""

import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_BLOCK: Final = re.compile(
    r"^(?P<mark><!-- not run: .+ -->\n)?(?P<fence>```console\n)(?P<body>.*?)^```$", re.DOTALL | re.MULTILINE
)
_PROMPT: Final = "$ "
_CONTINUED: Final = "> "
_SECONDS: Final = 300
_END: Final = "\0"
_SHOWS_EXIT_CODE: Final = "echo $?"


@dataclass(frozen=True, slots=True)
class Step:
    """A command of a page and the text below it."""

    command: str
    output: str

    def __str__(self) -> str:
        """Return the step as a page shows it."""
        first, *more = self.command.split("\n")
        lines = [_PROMPT + first, *(_CONTINUED + line for line in more)]
        return "\n".join(lines) + "\n" + self.output


@dataclass(frozen=True, slots=True)
class Block:
    """A console block that is run, with its place in the text of the page."""

    start: int
    end: int
    steps: tuple[Step, ...]


class ShownCommandFailedError(Exception):
    """A command of a page failed although the page does not show that it does."""


def fences(text: str) -> int:
    """Return how many console blocks a page has, run or only shown, however they are indented."""
    return len(re.findall(r"^[ \t>]*(?:```|~~~)\s*console", text, re.MULTILINE))


def only_shown(text: str) -> int:
    """Return how many console blocks of a page are not run."""
    return sum(1 for match in _BLOCK.finditer(text) if match["mark"])


def blocks(text: str) -> tuple[Block, ...]:
    """Return the blocks of a page that are run. Raises ValueError for a block that does not begin with a command."""
    return tuple(
        Block(match.start("body"), match.end("body"), _steps(match["body"]))
        for match in _BLOCK.finditer(text)
        if not match["mark"]
    )


def _steps(body: str) -> tuple[Step, ...]:
    steps: list[Step] = []
    command: list[str] = []
    output: list[str] = []

    def finished() -> None:
        if command:
            steps.append(Step("\n".join(command), "".join(f"{line}\n" for line in output)))

    for line in body.removesuffix("\n").split("\n"):
        if line.startswith(_PROMPT):
            finished()
            command, output = [line.removeprefix(_PROMPT)], []
        elif line.startswith(_CONTINUED) and not output:
            command.append(line.removeprefix(_CONTINUED))
        elif command:
            output.append(line)
        else:
            message = f"a console block begins with '{line}'; begin it with '$ ' and a command"
            raise ValueError(message)
    finished()
    return tuple(steps)


def run(commands: Sequence[str], *, folder: Path, environment: Mapping[str, str]) -> tuple[Step, ...]:
    """Run commands in one shell and return them with what they print, both streams as a terminal mixes them.

    Raises ShownCommandFailedError for a failure that is not shown, and subprocess.TimeoutExpired after five minutes.
    """
    lines = [f"{command}\nstatus=$?\nprintf '\\0%s\\0' $status\n(exit $status)" for command in commands]
    ran = subprocess.run(
        ["/usr/bin/env", "bash", "-c", "\n".join(lines)],
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=_SECONDS,
        check=False,
    )
    pieces = ran.stdout.decode().split(_END)
    outputs, codes = pieces[0::2], pieces[1::2]
    following = [*commands[1:], ""]
    for command, output, code, after in zip(commands, outputs, codes, following, strict=False):
        if code != "0" and after != _SHOWS_EXIT_CODE:
            message = f"'{command}' exits with {code}; show it with '$ {_SHOWS_EXIT_CODE}' or mend it:\n{output}"
            raise ShownCommandFailedError(message)
    if len(codes) != len(commands):
        message = f"the shell stopped in '{commands[len(codes)]}':\n{outputs[-1]}"
        raise ShownCommandFailedError(message)
    return tuple(Step(command, _whole_lines(output)) for command, output in zip(commands, outputs, strict=False))


def _whole_lines(output: str) -> str:
    return output if not output or output.endswith("\n") else output + "\n"


def with_outputs(text: str, *, folder: Path, environment: Mapping[str, str]) -> str:
    """Return a page with what its commands print now below each."""
    found = blocks(text)
    ran = list(
        run(
            [step.command for block in found for step in block.steps],
            folder=folder,
            environment=environment,
        )
    )
    pieces: list[str] = []
    position = 0
    for block in found:
        steps, ran = ran[: len(block.steps)], ran[len(block.steps) :]
        pieces += [text[position : block.start], *map(str, steps)]
        position = block.end
    return "".join([*pieces, text[position:]])
