"""The parts of the compiled form, each by what it promises."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.model.address_set import AddressSet, Family
from ringfence.model.selector import Selector
from ringfence.semantics.compiled.address_intervals import AddressIntervals, Places
from ringfence.semantics.compiled.distinct import distinct
from ringfence.semantics.compiled.label_classes import NOBODY, LabelClasses
from ringfence.semantics.compiled.ternary import Ternary
from ringfence.semantics.connection import Holder
from ringfence.semantics.matching import Answer, both, disjunction, family_space, holds, negated
from tests.semantics.compiled.worlds import FOUR, NETS, SIX, any_selectors

ANSWERS: tuple[Answer, ...] = (True, False, "who knows")


def ternary(*answers: Answer) -> Ternary:
    """Return answers of the specification as compiled ones."""
    return Ternary(np.array([each is True for each in answers]), np.array([each is not False for each in answers]))


def words(found: Ternary) -> list[Answer]:
    """Return compiled answers as the specification's."""
    pairs = zip(found.surely.tolist(), found.may.tolist(), strict=True)
    return ["who knows" if may and not surely else surely for surely, may in pairs]


@pytest.mark.parametrize("one", ANSWERS)
@pytest.mark.parametrize("other", ANSWERS)
def test_answers_combine_as_in_the_specification(one: Answer, other: Answer) -> None:
    """Conjunction, disjunction and negation of what may not be known."""
    assert words(ternary(one) & ternary(other)) == [both(one, other)]
    assert words(ternary(one) | ternary(other)) == [disjunction([one, other])]
    assert words(~ternary(one)) == [negated(one)]


def test_an_answer_survives_as_a_flag() -> None:
    """A byte tells no, not known and yes apart, and rises in this order."""
    assert ternary(False, "who knows", True).flags().tolist() == [0, 1, 3]


@given(st.lists(st.integers(-(2**62), 2**62) | st.integers(0, 3), max_size=300))
def test_numbers_that_share_a_place_are_equal(numbers: list[int]) -> None:
    """Each number is represented by an equal one."""
    array = np.array(numbers, np.int64)

    first, each = distinct(array)

    assert array[first][each].tolist() == numbers


def test_equal_numbers_share_a_place() -> None:
    """A million repeats of three numbers are answered a few times, not a million times."""
    first, _ = distinct(np.tile(np.array([7, -1, 1 << 40]), 300_000))

    assert first.size == 3


known_labels = st.dictionaries(st.sampled_from("abc"), st.sampled_from(["x", "y", "", "xyz", "w"]))
holders = st.builds(Holder, known_labels, st.sampled_from([(), ("a",), ("b", "c")]))


@given(st.lists(holders, max_size=6), st.lists(any_selectors, min_size=1, max_size=4))
def test_a_class_is_selected_as_its_holders_are(all_holders: list[Holder], selectors: list[Selector]) -> None:
    """Whatever labels do not matter, and whatever is not known; and nobody is never selected."""
    classes = LabelClasses(selectors, ())
    numbers = [classes.add(holder) for holder in all_holders]

    for selector in selectors:
        found = classes.selected(selector)
        wanted = [holds(selector, holder, "it") for holder in all_holders]
        assert words(found.take(np.array(numbers, np.intp))) == [
            "who knows" if isinstance(w, str) else w for w in wanted
        ]
        assert not found.may[NOBODY]


def test_labels_that_no_selector_names_make_no_classes() -> None:
    """Pods of a thousand template hashes are one class."""
    classes = LabelClasses([], ["http"])

    assert len({classes.add(Holder({"pod-template-hash": str(number)})) for number in range(1000)}) == 1


sets = st.lists(st.sampled_from(NETS + FOUR + SIX), max_size=3).map(AddressSet.of)


@given(st.lists(sets, max_size=3), sets.filter(bool), st.sampled_from([4, 6]))
def test_addresses_are_within_a_set_as_sets_are(
    given_sets: list[AddressSet], place: AddressSet, family: Family
) -> None:
    """Wholly, partly or not at all, for one address as for many."""
    intervals = AddressIntervals(given_sets)
    mine = place & family_space(family)
    touched = intervals.touched(place, family)

    assert bool(touched) == bool(mine)
    for each in given_sets if touched else ():
        wanted: Answer = True if mine <= each else "who knows" if mine & each else False
        assert words(Places([touched]).within(intervals.covered(each))) == [wanted]
