"""Selectors of many workloads in few words."""

from hypothesis import given
from hypothesis import strategies as st

from ringfence.dialects.selector import written_selector
from ringfence.model.selector import And, Equals, In, Not, NotEquals, NotIn, Or, Selector, matches
from ringfence.rules.whom import joined, negated, terms
from tests.rules.clusters import equal

label_sets = st.dictionaries(st.sampled_from("abc"), st.sampled_from("xyz"))
pairs = st.builds(Equals, st.sampled_from("abc"), st.sampled_from("xyz"))
selectors: st.SearchStrategy[Selector] = st.one_of(
    pairs,
    st.builds(And, st.tuples(pairs, pairs)),
    st.builds(And, st.tuples(pairs, pairs, pairs)),
    st.builds(NotEquals, st.sampled_from("abc"), st.sampled_from("xyz")),
    st.builds(Or, st.tuples(pairs, pairs)),
)


@given(st.lists(selectors), label_sets)
def test_joined_selectors_mean_the_same_together(made: list[Selector], labels: dict[str, str]) -> None:
    """The law: one of them holds exactly where one of the given ones does."""
    assert any(matches(each, labels) for each in joined(made)) == any(matches(each, labels) for each in made)
    assert len(joined(made)) <= len(made)


@given(st.one_of(selectors, st.builds(In, pairs.map(lambda each: each.label), st.just(("x", "y")))), label_sets)
def test_a_negated_selector_holds_where_the_other_does_not(selector: Selector, labels: dict[str, str]) -> None:
    """Also where a label is absent."""
    assert matches(negated(selector), labels) != matches(selector, labels)


def test_workloads_of_one_chart_share_what_they_share() -> None:
    """The label that tells most becomes a list."""
    made = [And(equal(instance="shop", name=name)) for name in ("web", "db", "cart")] + [
        And(equal(instance="x", name="web"))
    ]

    assert [written_selector(each) for each in joined(made)] == [
        "instance == 'shop' && name in {'cart', 'db', 'web'}",
        "instance == 'x' && name == 'web'",
    ]


def test_negations_are_written_as_people_do() -> None:
    """Not equal, not in; what has no such word is put in parentheses."""
    written = [
        written_selector(negated(each)) for each in (*equal(app="a"), In("app", ("a", "b")), And(equal(app="a", b="c")))
    ]

    assert written == ["app != 'a'", "app not in {'a', 'b'}", "!(app == 'a' && b == 'c')"]
    assert negated(In("app", ("a",))) == NotIn("app", ("a",))
    assert terms(Not(Equals("a", "b"))) == (Not(Equals("a", "b")),)
