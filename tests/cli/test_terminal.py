"""What a terminal can show, and what may reach it."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.cli.terminal import Terminal, heading, safe_text, sentence, terminal_of


class FakeTerminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Say yes."""
        return True


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"COLUMNS": "60"}, Terminal(60, colour=True)),
        ({"COLUMNS": "60", "NO_COLOR": "1"}, Terminal(60)),
        ({"COLUMNS": "60", "TERM": "dumb"}, Terminal(60)),
        ({"COLUMNS": "3"}, Terminal(20, colour=True)),
    ],
)
def test_colour_needs_a_terminal_that_wants_it(environment: dict[str, str], expected: Terminal) -> None:
    """NO_COLOR and a dumb terminal are honoured; COLUMNS is the width."""
    assert terminal_of(FakeTerminal(), environment=environment) == expected


def test_without_a_terminal_nothing_limits_the_width() -> None:
    """A file gets whole lines, so that they can be searched."""
    assert terminal_of(io.StringIO(), environment={}) == Terminal()


@given(st.text())
def test_no_text_reaches_a_terminal_with_a_control_character(text: str) -> None:
    """Whatever a flow log holds, what is printed is printable, on one line."""
    assert safe_text(text).isprintable()


@pytest.mark.parametrize("text", ["web", "größe", "", "a b"])
def test_ordinary_text_is_shown_as_it_is(text: str) -> None:
    """Only what cannot be printed is escaped."""
    assert safe_text(text) == text


@given(st.text(), st.integers(20, 200))
def test_breaking_a_sentence_loses_no_word(text: str, width: int) -> None:
    """The words of all lines are the words of the sentence."""
    lines = sentence(text, terminal=Terminal(width), indent=2, mark="- ")

    assert " ".join(lines).replace("- ", "", 1).split() == safe_text(text).split()


def test_headings_are_bold_only_in_colour() -> None:
    """Without colour there is no escape sequence."""
    assert list(heading("shop", terminal=Terminal(80, colour=True))) == ["\x1b[1mshop\x1b[0m"]
    assert list(heading("shop", terminal=Terminal(80))) == ["shop"]
