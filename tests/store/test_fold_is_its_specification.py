"""The SQL scan and fold mean exactly what the Python fold says."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from drawn_inventory import INVENTORY
from folding import folded_by_sql
from records import START, records
from ringfence.flows.batch import Record
from ringfence.flows.directory import Directory
from ringfence.flows.fold import fold
from ringfence.model.window import Window

batches = st.lists(records, max_size=40)
DIRECTORY = Directory(INVENTORY)


@given(batches)
def test_sql_and_specification_agree(batch: Sequence[Record]) -> None:
    """One unit, every reason and every repeat."""
    expected = fold(batch)

    actual = folded_by_sql([batch])

    assert actual == expected


@given(batches)
def test_sql_and_specification_agree_on_a_cluster(batch: Sequence[Record]) -> None:
    """Owners, addresses and the times from which on they count."""
    expected = fold(batch, directory=DIRECTORY)

    actual = folded_by_sql([batch], directory=DIRECTORY)

    assert actual == expected


@given(batches, st.integers(0, 40), st.randoms(use_true_random=False), st.sampled_from([None, DIRECTORY]))
def test_cutting_and_shuffling_change_nothing(
    batch: list[Record], cut: int, random: object, directory: Directory | None
) -> None:
    """Units may be cut anywhere and records may come in any order, also where names change their meaning in time."""
    expected = fold(batch, directory=directory)
    shuffled = list(batch)
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    actual = folded_by_sql([shuffled[:cut], shuffled[cut:]], directory=directory)

    assert actual == expected


@given(batches)
def test_doubled_input_counts_once(batch: list[Record]) -> None:
    """A second copy adds repeats and nothing else, apart from records that cannot be told apart."""
    kept = [record for record in batch if not record.stated_left_out and record.start_time]
    once = fold(kept, directory=DIRECTORY)

    twice = folded_by_sql([kept, kept], directory=DIRECTORY)

    assert twice.evidence == once.evidence
    assert twice.hours == once.hours
    assert twice.records.read == 2 * once.records.read


@given(batches, st.sampled_from([None, START, START + 300]), st.sampled_from([None, START + 3600, START + 3601]))
def test_time_bounds_mean_the_same(batch: Sequence[Record], since: int | None, until: int | None) -> None:
    """Both folds leave out what starts outside the window, by name."""
    window = Window(-1 if since is None else since, 10**12 if until is None else until)
    expected = fold(batch, window=window)

    actual = folded_by_sql([batch], since=since, until=until)

    assert actual == expected
