"""The benchmark of the compiled evaluator measures what it says, and its bars can be missed."""

import sys
from datetime import date
from pathlib import Path

import pytest
from msgspec.structs import replace

sys.path.insert(0, str(Path(__file__).parents[2] / "tools"))
import judge_bench

SMALL = judge_bench.Case("small", 3, 5, 2, 20, 6)
GOOD = judge_bench.Turn(
    ends=1.0,
    compile=2.0,
    judge=1.0,
    edges=1_000_000,
    doubtful=0,
    walked=30.0,
    reference_per_second=100.0,
    differences=0,
    peak_bytes=900_000_000,
)


def missed(case: judge_bench.Case, *turns: judge_bench.Turn) -> int:
    """Return how many bars are missed."""
    return sum(not holds for _, holds in judge_bench.verdicts([(case, turns)]))


def test_a_turn_asks_as_many_distinct_edges_as_it_says() -> None:
    """And the specification agrees on every one of the sample, none of which is in doubt."""
    found = judge_bench.turn(SMALL, edges=250)

    assert (found.edges, found.differences, found.doubtful) == (250, 0, 0)
    assert found.walked > 1


def test_the_whole_case_is_as_large_as_it_must_be() -> None:
    """About fifty thousand pods, three thousand policies, a hundred tiers and namespaces."""
    full = judge_bench.FULL

    assert full.all_pods == 49_920
    assert full.all_policies == 3_000
    assert full.namespaces + len(judge_bench._TIERS) + 1 == 100


@pytest.mark.parametrize(
    "change",
    [
        {"compile": 4.1},
        {"edges": 499_999},
        {"walked": 29.0},
        {"differences": 1},
        {"peak_bytes": 1_000_000_000},
    ],
)
def test_each_bar_can_be_missed(change: dict[str, float]) -> None:
    """One of them alone makes the run fail."""
    assert missed(judge_bench.FULL, GOOD) == 0
    assert missed(judge_bench.FULL, replace(GOOD, **change)) == 1


def test_a_small_case_is_judged_by_its_answers_alone() -> None:
    """Its speed says how cost grows; a difference is one in any case."""
    assert missed(SMALL, replace(GOOD, edges=1)) == 0
    assert missed(SMALL, replace(GOOD, differences=1)) == 1


def test_the_report_names_what_was_measured() -> None:
    """Date, machine, the case with its sizes and rates, and each bar."""
    text = judge_bench.report([(judge_bench.FULL, [GOOD])], day=date(2026, 11, 25), on="a machine")

    assert "2026-11-25: a machine" in text
    assert "| the whole | 49,920 | 4,992 | 3,000 | 1,000,000 | 30 |" in text
    assert text.count("- pass: ") == 5
