"""Selector text against 1,500 answers of Calico's own parser, and the laws of reading and writing."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.dialects.selector import (
    DEEPEST,
    LONGEST_LABEL,
    SelectorError,
    parse_selector,
    selector_text,
    written_selector,
)
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

VECTORS = Path(__file__).parents[1] / "conformance" / "selectors.jsonl"

LABELS = st.sampled_from(["app", "in", "not", "has", "a/b", "-x", "1"])
VALUES = st.text(max_size=4).filter(lambda text: not ("'" in text and '"' in text)) | st.sampled_from(["web", "it's"])
SETS = st.lists(VALUES, max_size=3).map(tuple)
TESTS: st.SearchStrategy[Selector] = st.one_of(
    st.just(All()),
    st.just(Global()),
    st.builds(Has, LABELS),
    *(st.builds(kind, LABELS, VALUES) for kind in (Equals, NotEquals, Contains, StartsWith, EndsWith)),
    *(st.builds(kind, LABELS, SETS) for kind in (In, NotIn)),
)
SELECTORS: st.SearchStrategy[Selector] = st.recursive(
    TESTS,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        *(st.builds(kind, st.lists(inner, min_size=2, max_size=3).map(tuple)) for kind in (And, Or)),
    ),
    max_leaves=8,
)
LABEL_SETS = st.dictionaries(LABELS, VALUES, max_size=4)


def vectors() -> Iterator[dict[str, Any]]:
    """Yield the cases, one JSON object a line; values may hold line breaks of their own."""
    for line in VECTORS.read_bytes().split(b"\n"):
        if line:
            yield json.loads(line)


def parsed(text: str) -> Selector | None:
    """Read a selector, None for one that is refused."""
    try:
        return parse_selector(text)
    except SelectorError:
        return None


def test_there_are_as_many_vectors_as_calico_computed() -> None:
    """A short file would make the other tests pass without a word."""
    assert sum(1 for _ in vectors()) == 1500


def test_every_vector_is_accepted_or_refused_as_by_calico() -> None:
    """Validity."""
    differing = [each["id"] for each in vectors() if (parsed(each["selector"]) is not None) != each["valid"]]

    assert differing == []


def test_every_valid_vector_has_calicos_canonical_text() -> None:
    """Canonical text is how Calico tells selectors apart."""
    valid = [each for each in vectors() if each["valid"]]

    differing = [each["id"] for each in valid if selector_text(parse_selector(each["selector"])) != each["canonical"]]

    assert differing == []


def test_every_valid_vector_matches_the_labels_that_calico_matches() -> None:
    """Meaning, directly and by way of both texts that we write."""
    differing = []
    for each in vectors():
        selector = parsed(each["selector"])
        if selector is None:
            continue
        readings = selector, parse_selector(selector_text(selector)), parse_selector(written_selector(selector))
        differing += [
            (each["id"], case["labels"])
            for case in each["cases"]
            if any(matches(reading, case["labels"]) != case["match"] for reading in readings)
        ]

    assert differing == []


@given(SELECTORS)
def test_what_is_written_for_people_is_read_back_as_the_same_selector(selector: Selector) -> None:
    """Law: parse ∘ written = identity."""
    assert parse_selector(written_selector(selector)) == selector


@given(SELECTORS, LABEL_SETS)
def test_canonical_text_keeps_the_meaning(selector: Selector, labels: dict[str, str]) -> None:
    """Law: reading the canonical text gives a selector that matches the same labels."""
    again = parse_selector(selector_text(selector))

    assert matches(again, labels) == matches(selector, labels)


@given(st.text("ahs()!&|='in{},\t \n", max_size=20))
def test_any_text_is_read_or_refused_with_its_place(text: str) -> None:
    """Law: nothing but a selector or a SelectorError comes out, and the place lies within the text."""
    try:
        parse_selector(text)
    except SelectorError as error:
        place = error.position
    else:
        place = 0

    assert 0 <= place <= len(text)


@pytest.mark.parametrize(
    ("text", "position", "reason"),
    [
        ("app = 'web'", 4, "expected an operator"),
        ("app == web", 7, "expected a value in quotes"),
        ("app == 'web", 7, "expected a value in quotes that close"),
        ("app in 'web'", 7, "expected a set"),
        ("app in {'a' 'b'}", 12, "expected , or }"),
        ("has(a) && (has(b) || has(c)", 10, "never closed"),
        ("has(a))", 6, "expected && or ||"),
        ("has (a)", 4, "expected an operator"),
        ("any(a)", 3, "only has, all and global"),
        ("has(a) && ", 10, "expected a label"),
        ("has(a)\n", 6, "expected && or ||"),
        (f"has({'x' * (LONGEST_LABEL + 1)})", 4, "a label of 513 characters"),
    ],
)
def test_a_refusal_names_the_place_and_what_to_write(text: str, position: int, reason: str) -> None:
    """An operator who made a typing error sees where."""
    with pytest.raises(SelectorError, match="selector, character") as refusal:
        parse_selector(text)

    assert refusal.value.position == position
    assert reason in refusal.value.reason
    assert len(str(refusal.value)) < 250


@pytest.mark.parametrize(
    ("opening", "closing", "levels"), [("!(", ")", 1), ("(all() && ", ")", 1), ("(all() && !(all() || ", "))", 3)]
)
def test_the_deepest_selector_can_be_written_compared_and_judged(opening: str, closing: str, levels: int) -> None:
    """Whoever receives a selector need not fear its depth."""
    times = (DEEPEST - 1) // levels

    selector = parse_selector(opening * times + "all()" + closing * times)

    assert parse_selector(written_selector(selector)) == selector
    assert matches(selector, {}) == matches(parse_selector(selector_text(selector)), {})


def test_deeper_selectors_are_refused_without_exhausting_the_stack() -> None:
    """Hostile nesting is an error like any other."""
    for levels in (DEEPEST, 50_000):
        with pytest.raises(SelectorError, match="levels deep"):
            parse_selector("!(" * levels + "all()" + ")" * levels)


def test_no_selector_that_the_api_takes_is_too_deep() -> None:
    """The API takes 1,024 characters, and a level costs three of them."""
    levels = (1024 - len("a in{}")) // len("!()")

    assert levels < DEEPEST
    assert matches(parse_selector("!(" * levels + "a in{}" + ")" * levels), {}) == bool(levels % 2)


def test_parentheses_and_double_negation_leave_no_level() -> None:
    """They add no meaning, so there is no limit on them."""
    assert parse_selector("(" * 50_000 + "!!has(a)" + ")" * 50_000) == Has("a")


@pytest.mark.parametrize("selector", [Equals("app", '"it\'s"'), Has("a b"), Has(""), Has("x" * 513), In("é", ("a",))])
@pytest.mark.parametrize("write", [selector_text, written_selector])
def test_what_no_text_can_express_is_refused_when_written(write: Callable[[Selector], str], selector: Selector) -> None:
    """Otherwise the text would mean something else."""
    with pytest.raises(SelectorError, match=r"no label|both kinds of quotes"):
        write(selector)


def test_people_meet_single_quotes_and_few_parentheses() -> None:
    """The form that Calico's own documents use."""
    conjunction = And((Equals("app", "web"), Not(In("tier", ("db", "cache")))))
    selector = Or((conjunction, Not(Has("a/b")), Equals("say", "it's")))

    text = written_selector(selector)

    assert text == "(app == 'web' && !(tier in {'cache', 'db'})) || !has(a/b) || say == \"it's\""
