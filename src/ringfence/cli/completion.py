"""``ringfence completion``: the script that lets a shell complete our commands.

Promises: prints the script and changes nothing; what the script asks for while a person types is answered without
reading any input.
"""

import os
import sys
from typing import Final, Literal, get_args

import click
from click.shell_completion import get_completion_class, shell_complete

from ringfence.cli.exit_code import ExitCode

Shell = Literal["bash", "zsh", "fish"]
_PROGRAM: Final = "ringfence"
_VARIABLE: Final = "_RINGFENCE_COMPLETE"


@click.command("completion")
@click.argument("shell", type=click.Choice(get_args(Shell)))
@click.pass_context
def completion_command(ctx: click.Context, *, shell: Shell) -> ExitCode:
    """Print the completion script of a shell.

    \b
    Example:
      source <(ringfence completion bash)
    """
    found = get_completion_class(shell)
    if found is None:
        raise click.UsageError(f"no completion is known for {shell}")
    script = found(ctx.find_root().command, {}, _PROGRAM, _VARIABLE).source()
    sys.stdout.write(f"{script}\n")
    return ExitCode.DONE


def asked_to_complete(command: click.Command) -> int | None:
    """Answer the shell that completes a line, and return the exit code; None where no shell asks."""
    instruction = os.environ.get(_VARIABLE)
    return shell_complete(command, {}, _PROGRAM, _VARIABLE, instruction) if instruction else None
