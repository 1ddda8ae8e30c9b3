"""Which five-minute slots a record says something of."""

import pytest

from ringfence.flows.batch import Record, SightingText
from ringfence.flows.fold import fold
from ringfence.flows.slots import slots_by_node, slots_of

HOUR = 1_772_409_600
"""A full hour, in Unix seconds."""


@pytest.mark.parametrize(
    ("start", "end", "mask"),
    [
        (0, 300, 0b1),
        (0, 301, 0b11),
        (299, 300, 0b1),
        (150, 450, 0b11),
        (300, 300, 0b10),
        (600, 0, 0b100),
        (3599, 3600, 1 << 11),
        (3000, 9000, 0b11 << 10),
        (0, 86400, 0xFFF),
    ],
)
def test_a_record_counts_for_the_slots_it_covers(start: int, end: int, mask: int) -> None:
    """From its start to its end, half open, within the hour it starts in; never for none."""
    assert slots_of(HOUR + start, HOUR + end) == mask


def test_slots_of_a_node_are_the_union_over_its_records() -> None:
    """A node goes by its own name, also where Hubble writes the cluster's before it."""
    found = [("east/a", 2, 0b1), ("a", 2, 0b100), ("b", 3, 0b10), ("a", 1, 0b1)]

    assert slots_by_node(found) == {"a": {1: 0b1, 2: 0b101}, "b": {3: 0b10}}


def test_records_left_out_before_they_are_understood_fill_no_slot() -> None:
    """A reply proves nothing of a node's health that a request would not."""
    side = SightingText("wep", "shop", "-", "web")
    record = Record(side, side, "tcp", 80, "src", "a", HOUR, HOUR + 300)
    reply = Record(side, side, "tcp", 80, "src", "b", HOUR, HOUR + 300, stated_left_out="reply")

    assert fold([record, reply]).slots == {"a": {HOUR // 3600: 1}}
