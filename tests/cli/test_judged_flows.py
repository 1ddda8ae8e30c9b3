"""Each row of evidence with the reason for which its records were left out."""

from collections import Counter
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from ringfence.cli.judged_flows import judged_flows
from ringfence.flows.batch import Record
from ringfence.flows.fold import fold
from ringfence.flows.left_out import LeftOut
from ringfence.recommend.recommend import recommend
from ringfence.recommend.settings import Settings
from tests.store.records import records


@given(st.lists(records, max_size=40))
def test_the_records_of_the_rows_add_up_to_the_account(batch: Sequence[Record]) -> None:
    """A law over generated records: admitted, and each reason, row by row."""
    table = fold(batch)
    _, baseline = recommend(table, settings=Settings(), namespaces=None)

    listed = Counter[LeftOut | None](table.records.repeats)
    for each in judged_flows(table, baseline=baseline):
        listed[each.reason] += each.flow.records
    for unplaced in table.unplaced:
        listed[unplaced.left_out] += unplaced.records

    assert listed[None] == baseline.admitted_records
    assert {reason: count for reason, count in listed.items() if reason and count} == baseline.left_out_records
