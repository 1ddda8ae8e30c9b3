"""How far healthy input reaches."""

from collections.abc import Mapping

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from ringfence.flows.evidence import EvidenceTable
from ringfence.recommend.watermark import watermark
from tests.learning.evidence_rows import HOUR, table_of


def table(hours: Mapping[int, int], *, ends: Mapping[int, int] | None = None) -> EvidenceTable:
    """Return a table with so many records in each hour, counted from HOUR; each hour's records end as it does."""
    counts = {HOUR + hour: count for hour, count in hours.items()}
    window_ends = {hour: (hour + 1) * 3600 for hour in counts} | {
        HOUR + hour: end for hour, end in (ends or {}).items()
    }
    return msgspec.structs.replace(table_of([]), hours=counts, window_ends=window_ends)


def test_nothing_read_has_no_watermark() -> None:
    """Zero, which is before everything."""
    assert watermark(table({})) == 0


def test_the_watermark_is_the_newest_end_of_a_steady_capture() -> None:
    """As read from the records, not from the hour's own end."""
    assert watermark(table(dict.fromkeys(range(24), 1000), ends={23: 1234})) == 1234


def test_a_few_records_with_a_clock_ahead_do_not_move_it() -> None:
    """One node, three hours in the future, would make everything look stable."""
    steady = dict.fromkeys(range(24), 1000)

    assert watermark(table(steady | {27: 49})) == watermark(table(steady)) == (HOUR + 24) * 3600


def test_many_hours_of_single_records_do_not_make_such_hours_usual() -> None:
    """A short capture of one busy day, with a clock that strays over a week."""
    strays = dict.fromkeys(range(30, 200), 1)

    assert watermark(table(dict.fromkeys(range(24), 1000) | strays)) == (HOUR + 24) * 3600


def test_a_quiet_night_is_still_healthy() -> None:
    """A twentieth of the usual traffic is enough."""
    assert watermark(table(dict.fromkeys(range(20), 1000) | {20: 50})) == (HOUR + 21) * 3600


def test_a_short_capture_of_one_hour_counts() -> None:
    """The only hour is its own median."""
    assert watermark(table({0: 1})) == (HOUR + 1) * 3600


@given(st.dictionaries(st.integers(0, 200), st.integers(1, 10_000), min_size=1))
def test_an_hour_more_of_usual_traffic_never_moves_it_back(hours: dict[int, int]) -> None:
    """A law: the watermark rises with healthy input."""
    before = watermark(table(hours))

    after = watermark(table(hours | {max(hours) + 1: max(hours.values())}))

    assert after > before
