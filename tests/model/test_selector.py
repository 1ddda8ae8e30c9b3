"""What selectors say of label sets, and when two of them are the same value."""

import pytest

from ringfence.model.selector import (
    All,
    And,
    Contains,
    EndsWith,
    Equals,
    Global,
    Has,
    In,
    Not,
    NotEquals,
    NotIn,
    Or,
    Selector,
    StartsWith,
    matches,
)

ABSENT: dict[str, str] = {}
WEB = {"app": "web-1"}


@pytest.mark.parametrize(
    ("selector", "of_absent", "of_web"),
    [
        (All(), True, True),
        (Global(), True, True),
        (Has("app"), False, True),
        (Equals("app", "web-1"), False, True),
        (Equals("app", "web"), False, False),
        (NotEquals("app", "web-1"), True, False),
        (NotEquals("app", "web"), True, True),
        (In("app", ("web-1", "db")), False, True),
        (In("app", ()), False, False),
        (NotIn("app", ("web-1", "db")), True, False),
        (NotIn("app", ()), True, True),
        (Contains("app", "b-"), False, True),
        (Contains("app", ""), False, True),
        (StartsWith("app", "web"), False, True),
        (StartsWith("app", "eb"), False, False),
        (EndsWith("app", "-1"), False, True),
        (EndsWith("app", "-"), False, False),
        (Not(Has("app")), True, False),
        (And((All(), Has("app"))), False, True),
        (Or((Not(All()), Has("app"))), False, True),
    ],
    ids=repr,
)
def test_each_test_has_its_own_word_for_an_absent_label(selector: Selector, of_absent: bool, of_web: bool) -> None:  # noqa: FBT001
    """Calico's truth table: absence makes only the negative tests true."""
    verdicts = matches(selector, ABSENT), matches(selector, WEB)

    assert verdicts == (of_absent, of_web)


@pytest.mark.parametrize("kind", [In, NotIn])
def test_a_set_is_the_same_however_it_was_given(kind: type[In | NotIn]) -> None:
    """Values are sorted and unique, so equal sets compare and hash equal."""
    messy, tidy = kind("app", ("db", "web", "db")), kind("app", ("web", "db"))

    assert messy == tidy
    assert hash(messy) == hash(tidy)
    assert messy.values == ("db", "web")


@pytest.mark.parametrize("kind", [And, Or])
@pytest.mark.parametrize("operands", [(), (Has("app"),)])
def test_joining_fewer_than_two_selectors_is_refused(kind: type[And | Or], operands: tuple[Selector, ...]) -> None:
    """A conjunction of one would be a second spelling of its operand."""
    with pytest.raises(ValueError, match="use the operand itself"):
        kind(operands)
