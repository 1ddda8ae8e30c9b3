"""The command line: its verbs, its exit codes, its last word on errors.

Promises: 0 done, 1 findings that were asked for, 2 any error, 130 interrupted, 141 when the reader of our output went
away (as a shell reports it of any program). An error is one clear message on standard error. Verbs return their own
exit code and raise for the rest.
"""

import os
import sys
import traceback
from collections.abc import Sequence
from io import TextIOWrapper

import click

from ringfence import __version__
from ringfence.cli.completion import asked_to_complete, completion_command
from ringfence.cli.connectivity import connectivity_command
from ringfence.cli.describe import describe_command
from ringfence.cli.diff import diff_command
from ringfence.cli.exit_code import ExitCode
from ringfence.cli.explain import explain_command
from ringfence.cli.get import get_group
from ringfence.cli.recommend import recommend_command
from ringfence.cli.replay import replay_command
from ringfence.cli.terminal import safe_text
from ringfence.delivery.files import DeliveryRefusedError
from ringfence.engine.reading import NothingToReadError


@click.group("ringfence", context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="ringfence", message="%(prog)s %(version)s")
def cli() -> None:
    """Learn from flow logs what workloads say to each other, and recommend the least policy that keeps it working.

    Exit codes: 0 done; 1 findings (with --fail-on; replay: a cut); 2 error.

    \b
    Example:
      ringfence recommend flows/ --output-dir policies
    """


cli.add_command(recommend_command)
cli.add_command(describe_command)
cli.add_command(explain_command)
cli.add_command(connectivity_command)
cli.add_command(diff_command)
cli.add_command(replay_command)
cli.add_command(get_group)
cli.add_command(completion_command)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line (that of the process by default) and return its exit code."""
    try:
        code = _run(sys.argv[1:] if arguments is None else arguments)
        sys.stdout.flush()
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.ClickException as problem:
        problem.show()
        return ExitCode.ERROR
    except (click.Abort, KeyboardInterrupt):
        sys.stderr.write("interrupted\n")
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        _silence_output()
        return ExitCode.READER_GONE
    except (NothingToReadError, DeliveryRefusedError, OSError) as problem:
        return _failed(_problem_text(problem))
    except Exception as problem:  # noqa: BLE001 - the last word on any error belongs here
        if os.environ.get("RINGFENCE_DEBUG"):
            traceback.print_exc()
        return _failed(
            f"unexpected {type(problem).__name__}: {problem}. This is a defect of Ringfence; set RINGFENCE_DEBUG=1 to "
            "see where it happened."
        )
    return code


def _run(arguments: Sequence[str]) -> int:
    """Run a verb and return its exit code. Not `cli.main`, which exits with 1, our code for findings, on its own."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    completed = asked_to_complete(cli)
    if completed is not None:
        return completed
    with cli.make_context("ringfence", list(arguments)) as context:
        result: object = cli.invoke(context)
    return result if isinstance(result, int) else ExitCode.DONE


def _problem_text(problem: Exception) -> str:
    if isinstance(problem, OSError) and problem.filename is not None:
        return f"{problem.filename}: {problem.strerror}"
    return str(problem)


def _failed(text: str) -> ExitCode:
    lines = [safe_text(line) for line in text.split("\n")]
    sys.stderr.write("\n".join([f"Error: {lines[0]}", *lines[1:]]) + "\n")
    return ExitCode.ERROR


def _silence_output() -> None:
    """Point standard output at nothing, so that flushing it at exit does not fail again."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, sys.stdout.fileno())
