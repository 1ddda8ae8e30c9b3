"""What was not seen yet, from what was seen once and twice."""

from collections.abc import Sequence
from math import exp, inf
from random import Random
from statistics import fmean, stdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.recommend.estimator import Estimate, estimate

UNITS = 14
COUNTS = st.lists(st.integers(0, UNITS), min_size=1, max_size=30)
WITH_SIGHTINGS = COUNTS.filter(any)


def estimate_of(counts: Sequence[int], *, units: int = UNITS, horizon: float = 7) -> Estimate:
    """Return an estimate that there is."""
    made = estimate(counts, units=units, unit="Day", horizon=horizon)
    assert made is not None
    return made


def test_the_estimate_of_a_small_sample_by_hand() -> None:
    """Ten days, three things seen once, one twice, two always: 25 incidences."""
    made = estimate_of([1, 1, 1, 2, 10, 10], units=10, horizon=1)

    assert (made.units, made.incidences, made.once, made.twice) == (10, 25, 3, 1)
    assert made.coverage == pytest.approx(1 - 3 / 25 * 27 / 29)
    assert made.unseen == pytest.approx(0.9 * 9 / 2)
    assert made.expected == pytest.approx(4.05 * 3 / 43.5)
    assert made.risk == pytest.approx(1 - exp(-4.05 * 3 / 43.5))


def test_without_anything_seen_twice_the_unseen_is_bias_corrected() -> None:
    """Three once, none twice: 0.9 * 3 * 2 / 2."""
    made = estimate_of([1, 1, 1, 10], units=10)

    assert made.unseen == pytest.approx(2.7)
    assert made.coverage == pytest.approx(1 - 3 / 13)


@pytest.mark.parametrize("counts", [[], [0, 0]])
def test_where_nothing_was_seen_there_is_no_estimate(counts: Sequence[int]) -> None:
    """Unknown, never zero."""
    assert estimate(counts, units=UNITS, unit="Day", horizon=7) is None


def test_a_single_look_is_no_sample() -> None:
    """Everything was seen once."""
    assert estimate([1, 1], units=1, unit="Day", horizon=7) is None


@given(WITH_SIGHTINGS, st.floats(0, 1000))
def test_shares_are_shares_and_the_future_holds_no_more_than_the_unseen(counts: list[int], horizon: float) -> None:
    """A law."""
    made = estimate_of(counts, horizon=horizon)

    assert 0 <= made.coverage <= 1
    assert 0 <= made.expected <= made.unseen
    assert 0 <= made.risk <= 1


@given(WITH_SIGHTINGS, st.floats(0, 100), st.floats(0, 100))
def test_a_longer_horizon_never_expects_less(counts: list[int], one: float, other: float) -> None:
    """A law."""
    near, far = sorted((one, other))

    assert estimate_of(counts, horizon=near).expected <= estimate_of(counts, horizon=far).expected


@given(WITH_SIGHTINGS)
def test_for_ever_finds_all_that_is_unseen(counts: list[int]) -> None:
    """A law: nothing that is counted as unseen is out of reach."""
    made = estimate_of(counts, horizon=inf)

    assert made.expected == pytest.approx(made.unseen)


@given(WITH_SIGHTINGS)
def test_one_more_thing_seen_once_never_expects_less(counts: list[int]) -> None:
    """A law: what was seen once is what speaks for the unseen."""
    assert estimate_of([*counts, 1]).expected >= estimate_of(counts).expected - 1e-9


@given(WITH_SIGHTINGS)
def test_seeing_again_what_was_seen_once_never_expects_more(counts: list[int]) -> None:
    """A law."""
    again = estimate_of([*counts, 2])

    assert again.expected <= estimate_of([*counts, 1]).expected
    assert again.coverage >= estimate_of([*counts, 1]).coverage


@given(WITH_SIGHTINGS, st.integers(3, UNITS - 1))
def test_what_is_common_says_nothing_of_the_unseen(counts: list[int], often: int) -> None:
    """A law: only coverage rises with it."""
    less, more = estimate_of([*counts, often]), estimate_of([*counts, often + 1])

    assert (less.unseen, less.expected) == (more.unseen, more.expected)
    assert less.coverage <= more.coverage


@given(WITH_SIGHTINGS, st.integers(0, 9))
def test_what_was_never_seen_counts_for_nothing(counts: list[int], never: int) -> None:
    """A law: it may have been seen outside of healthy units."""
    assert estimate_of([*counts, *[0] * never]) == estimate_of(counts)


def worlds(rates: Sequence[float], *, units: int, horizon: int, runs: int) -> tuple[list[Estimate], list[int]]:
    """Play worlds of independent Poisson processes: what was estimated after some units, and what came new then."""
    random = Random(20261125)
    estimates: list[Estimate] = []
    new: list[int] = []
    for _ in range(runs):
        before = [sum(random.random() < 1 - exp(-rate) for _ in range(units)) for rate in rates]
        after = [sum(random.random() < 1 - exp(-rate) for _ in range(horizon)) for rate in rates]
        estimates.append(estimate_of(before, units=units, horizon=horizon))
        new.append(sum(first == 0 and then > 0 for first, then in zip(before, after, strict=True)))
    return estimates, new


def test_in_a_world_of_equal_rates_what_is_expected_is_what_comes() -> None:
    """Within four standard errors of the difference, over 150 worlds of 100 things."""
    estimates, new = worlds([0.05] * 100, units=30, horizon=15, runs=150)

    differences = [made.expected - came for made, came in zip(estimates, new, strict=True)]

    assert abs(fmean(differences)) < 4 * stdev(differences) / len(differences) ** 0.5
    assert fmean(new) > 5


def test_in_a_world_of_unequal_rates_the_estimate_is_too_hopeful_but_not_by_half() -> None:
    """It is a lower bound, which is why no gate opens by it alone."""
    rates = [0.3 * 0.94**rank for rank in range(100)]

    estimates, new = worlds(rates, units=30, horizon=15, runs=150)

    assert 0.5 * fmean(new) < fmean(made.expected for made in estimates) < 1.02 * fmean(new)


def test_coverage_is_the_share_of_sightings_to_come_that_known_things_make() -> None:
    """On average over worlds of unequal rates, within two percent."""
    rates = [0.3 * 0.94**rank for rank in range(100)]
    chances = [1 - exp(-rate) for rate in rates]
    known = [1 - (1 - chance) ** 30 for chance in chances]

    estimates, _ = worlds(rates, units=30, horizon=1, runs=150)

    true = sum(chance * seen for chance, seen in zip(chances, known, strict=True)) / sum(chances)
    assert fmean(made.coverage for made in estimates) == pytest.approx(true, abs=0.02)
