"""The harness that runs the documents' commands, on pages of its own."""

import os
from pathlib import Path
from typing import Final

import pytest

from tests.docs.console import ShownCommandFailedError, blocks, fences, only_shown, with_outputs

ENVIRONMENT: Final = {"PATH": os.environ["PATH"]}


def page(body: str) -> str:
    """Return a page with one console block."""
    return f"# Title\n\n```console\n{body}```\n\nText.\n"


def test_what_a_command_prints_stands_below_it(tmp_path: Path) -> None:
    """A stale output is replaced; the rest of the page stays."""
    stale = page("$ echo one; echo two >&2\nwrong\n$ true\n$ printf three\n")

    written = with_outputs(stale, folder=tmp_path, environment=ENVIRONMENT)

    assert written == page("$ echo one; echo two >&2\none\ntwo\n$ true\n$ printf three\nthree\n")


def test_a_page_is_one_session(tmp_path: Path) -> None:
    """A reader who pastes line by line keeps directory, variables and files."""
    text = page("$ mkdir a && cd a && word=kept\n") + page("$ echo $word in ${PWD##*/}\n")

    written = with_outputs(text, folder=tmp_path, environment=ENVIRONMENT)

    assert "\nkept in a\n" in written


def test_a_command_may_take_several_lines(tmp_path: Path) -> None:
    """As a shell shows them."""
    text = page("$ cat <<EOF\n> one\n> EOF\none\n$ echo a \\\n> b\na b\n")

    assert with_outputs(text, folder=tmp_path, environment=ENVIRONMENT) == text


def test_an_empty_line_of_output_is_kept(tmp_path: Path) -> None:
    """Output is compared exactly."""
    text = page("$ printf 'a\\n\\nb\\n\\n'\na\n\nb\n\n")

    assert with_outputs(text, folder=tmp_path, environment=ENVIRONMENT) == text


def test_a_failure_that_is_shown_is_allowed(tmp_path: Path) -> None:
    """Exit codes are part of what a page explains."""
    text = page("$ (exit 3)\n$ echo $?\n3\n")

    assert with_outputs(text, folder=tmp_path, environment=ENVIRONMENT) == text


@pytest.mark.parametrize("command", ["false", "no-such-command", "exit 0", "kill $$"])
def test_a_failure_that_is_not_shown_is_refused(tmp_path: Path, command: str) -> None:
    """Writing outputs anew can not turn an error into documentation."""
    with pytest.raises(ShownCommandFailedError, match=r"exits with|stopped in"):
        with_outputs(page(f"$ {command}\n"), folder=tmp_path, environment=ENVIRONMENT)


def test_a_block_marked_as_not_run_is_only_shown() -> None:
    """It is counted, so that a page cannot lose its blocks unseen."""
    text = "<!-- not run: needs a cluster -->\n" + page("$ kubectl get pods\n").removeprefix("# Title\n\n")

    assert blocks(text) == ()
    assert (fences(text), only_shown(text)) == (1, 1)


def test_a_block_without_a_command_is_an_error() -> None:
    """Text in a console block that nothing printed."""
    with pytest.raises(ValueError, match="begin it with"):
        blocks(page("only text\n"))
