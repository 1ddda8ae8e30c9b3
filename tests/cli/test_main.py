"""The command line as a whole: exit codes, streams, and the last word on errors."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from ringfence.cli.main import cli, main

SOURCES = Path(__file__).parents[2] / "src"


@pytest.fixture
def failing_verb() -> Iterator[list[BaseException]]:
    """Add a verb ``fail`` for one test; it raises what is put into the list."""
    raised: list[BaseException] = []

    @click.command("fail")
    def fail() -> int:
        raise raised[0]

    cli.add_command(fail)
    yield raised
    del cli.commands["fail"]


def run(*arguments: str, **streams: int) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(SOURCES), "LC_ALL": "C.UTF-8"}
    command = [sys.executable, "-m", "ringfence", *arguments]
    return subprocess.run(command, stderr=subprocess.PIPE, text=True, env=environment, check=False, **streams)


@pytest.mark.parametrize("arguments", [["--version"], ["-h"], ["recommend", "--help"], ["completion", "zsh"]])
def test_what_was_asked_for_goes_to_standard_output_with_exit_code_0(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Help is no error."""
    code = main(arguments)

    printed = capsys.readouterr()
    assert code == 0
    assert printed.out
    assert printed.err == ""


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["recomend"],
        ["recommend"],
        ["recommend", "--no-such-option", "x"],
        ["recommend", "x", "-o", "xml"],
        ["recommend", "x", "--fail-on", "everything"],
        ["get", "flows", "x", "--since", "2h"],
        ["get", "edges", "x", "--port", "http"],
        ["completion", "powershell"],
        ["recommend", "/no/such/flows.jsonl"],
        ["get", "edges", "/no/such/flows.jsonl"],
    ],
)
def test_every_usage_and_input_error_exits_with_2_and_says_so_on_standard_error(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """1 is kept for findings."""
    code = main(arguments)

    printed = capsys.readouterr()
    assert code == 2
    assert printed.out == ""
    assert printed.err


def test_without_flow_logs_the_error_shows_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    """The first try of a new user ends in a line to paste."""
    main(["recommend"])

    assert "zcat flows.jsonl.gz | ringfence recommend -" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("problem", "code", "said"),
    [
        (KeyboardInterrupt(), 130, "interrupted\n"),
        (PermissionError(13, "Permission denied", "out/a.yaml"), 2, "Error: out/a.yaml: Permission denied\n"),
        (OSError("disk\x1b[2J"), 2, "Error: disk\\x1b[2J\n"),
    ],
)
def test_an_error_is_one_clear_message(
    failing_verb: list[BaseException],
    capsys: pytest.CaptureFixture[str],
    problem: BaseException,
    code: int,
    said: str,
) -> None:
    """What, where; no traceback, no escape sequence."""
    failing_verb.append(problem)

    assert main(["fail"]) == code
    assert capsys.readouterr().err == said


@pytest.mark.parametrize(("debug", "traced"), [("", False), ("1", True)])
def test_an_unexpected_error_tells_how_to_see_where_it_happened(
    failing_verb: list[BaseException],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    debug: str,
    *,
    traced: bool,
) -> None:
    """The traceback is for whoever asks."""
    monkeypatch.setenv("RINGFENCE_DEBUG", debug)
    failing_verb.append(RuntimeError("impossible"))

    code = main(["fail"])

    said = capsys.readouterr().err
    assert code == 2
    assert ("Traceback" in said) is traced
    assert said.splitlines()[-1].startswith("Error: unexpected RuntimeError: impossible. ")
    assert "RINGFENCE_DEBUG=1" in said


def test_a_reader_that_goes_away_is_no_error() -> None:
    """``ringfence … | head`` ends quietly, as any program that a shell pipes."""
    reading, writing = os.pipe()
    os.close(reading)

    done = run("--help", stdout=writing)

    os.close(writing)
    assert done.returncode == 141
    assert done.stderr == ""


def test_a_shell_is_answered_while_a_person_types(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The completion script asks through the environment."""
    monkeypatch.setenv("_RINGFENCE_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", "ringfence get ")
    monkeypatch.setenv("COMP_CWORD", "2")

    code = main([])

    assert code == 0
    assert capsys.readouterr().out.split() == ["plain,edges", "plain,flows", "plain,unused-rules"]
