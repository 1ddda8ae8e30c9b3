"""Estimate what was not seen yet from what was seen once and twice.

Promises: numbers from numbers; None where they say nothing, never 0. A *unit* is one look (a day, an hour), an
*incidence* one thing seen in one unit. With t units, U incidences, and Q1 and Q2 things seen in exactly one and two:

- coverage ``C = 1 - (Q1/U) * ((t-1)*Q1 / ((t-1)*Q1 + 2*Q2))``, the share of incidences to come that known things make;
- unseen things ``Q0 = ((t-1)/t) * Q1**2 / (2*Q2)``, bias-corrected ``((t-1)/t) * Q1*(Q1-1) / 2`` where Q2 is 0;
- new things in the next h units ``E = Q0 * (1 - (1 - Q1/(t*Q0 + Q1))**h)``;
- the risk of at least one ``P = 1 - exp(-E)``.

Sources: A. Chao and L. Jost, *Coverage-based rarefaction and extrapolation*, Ecology 93 (2012), for C; R. K. Colwell et
al., *Models and estimators linking individual-based and sample-based rarefaction, extrapolation and comparison of
assemblages*, Journal of Plant Ecology 5 (2012), for Q0 and E. Q0 is a lower bound, so E and P lean to the hopeful side.
"""

from collections.abc import Sequence
from math import exp, expm1, log1p
from typing import Final, Literal

from msgspec import Struct

LEAST_UNITS: Final = 2
"""Of a single unit everything was seen once."""

Unit = Literal["Day", "Hour"]


class Estimate(Struct, frozen=True):
    """What is expected in the next ``horizon`` units, and all it was computed from.

    ``units`` is t, ``incidences`` U, ``once`` Q1, ``twice`` Q2; ``coverage`` is C, ``unseen`` Q0, ``expected`` E.
    """

    unit: Unit
    units: int
    horizon: float
    incidences: int
    once: int
    twice: int
    coverage: float
    unseen: float
    expected: float

    @property
    def risk(self) -> float:
        """Return the probability that anything new comes within the horizon."""
        return 1 - exp(-self.expected)


def estimate(counts: Sequence[int], *, units: int, unit: Unit, horizon: float) -> Estimate | None:
    """Return the estimate from the number of units in which each thing was seen (0: in none, which counts for nothing).

    None with fewer than LEAST_UNITS units, and where nothing was seen in any.
    """
    incidences = sum(counts)
    if units < LEAST_UNITS or not incidences:
        return None
    once, twice = counts.count(1), counts.count(2)
    unseen = (units - 1) / units * (once**2 / (2 * twice) if twice else once * (once - 1) / 2)
    return Estimate(
        unit=unit,
        units=units,
        horizon=horizon,
        incidences=incidences,
        once=once,
        twice=twice,
        coverage=_coverage(units, incidences, once, twice),
        unseen=unseen,
        expected=_expected(units, once, unseen, horizon),
    )


def _coverage(units: int, incidences: int, once: int, twice: int) -> float:
    if not once:
        return 1.0
    ones = (units - 1) * once
    return 1 - once / incidences * (ones / (ones + 2 * twice))


def _expected(units: int, once: int, unseen: float, horizon: float) -> float:
    """Return E: `expm1` and `log1p`, because the chance of one unit is small and its complement's power close to 1."""
    if not unseen:
        return 0.0
    chance = once / (units * unseen + once)
    return -unseen * expm1(horizon * log1p(-chance))
