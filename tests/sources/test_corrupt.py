"""Why a record is corrupt, in words that name the fault."""

import json

import pytest

from ringfence.sources.corrupt import why_corrupt
from ringfence.sources.layout import Layout

CALICO = {
    "start_time": 1_772_409_600,
    "end_time": 1_772_409_900,
    "reporter": "src",
    "proto": "tcp",
    "source_type": "wep",
    "dest_type": "wep",
}
HUBBLE = {"time": "2026-03-02T00:00:00.5Z", "verdict": "FORWARDED"}


def why(layout: Layout, record: object) -> str:
    """Return the reason for a record of a layout."""
    return why_corrupt(json.dumps(record).encode(), layout.required)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"start_time": "soon"}, 'start_time is "soon", not Unix seconds'),
        ({"end_time": "2026-03-02T00:00:00Z"}, 'end_time is "2026-03-02T00:00:00Z", not Unix seconds'),
        ({"end_time": ""}, 'end_time is "", not Unix seconds'),
        ({"end_time": [1, 2]}, "end_time is [1,2], not Unix seconds"),
        ({"start_time": {"s": 1}}, 'start_time is {"s":1}, not Unix seconds'),
        ({"start_time": -5}, "start_time is -5, not Unix seconds"),
        ({"start_time": 10**20}, "start_time is 100000000000000000000, not Unix seconds"),
        ({"start_time": 1e300}, "start_time is 1e300, not Unix seconds"),
        ({"end_time": 1_772_409_900_000}, "end_time is 1772409900000, not Unix seconds"),
        (
            {"start_time": "a", "end_time": "b"},
            'start_time is "a", not Unix seconds; end_time is "b", not Unix seconds',
        ),
        ({"start_time": "x" * 100}, f'start_time is "{"x" * 39}…, not Unix seconds'),
        ({"start_time": "a\x1b[31m"}, r'start_time is "a\u001b[31m", not Unix seconds'),
    ],
)
@pytest.mark.parametrize("layout", [Layout.CALICO, Layout.CALICO_WRAPPED])
def test_a_field_of_a_wrong_type_is_named_with_what_it_holds(
    layout: Layout, fields: dict[str, object], reason: str
) -> None:
    """Only the field at fault, not all that are required."""
    record = CALICO | fields

    assert why(layout, record if layout is Layout.CALICO else {"_source": record}) == reason


@pytest.mark.parametrize("read", ["1772409600", 1_772_409_600.4, "1772409601.6", 0, True])
def test_a_number_that_is_read_is_no_fault(read: object) -> None:
    """What the scan takes for a number is not blamed for the field beside it."""
    assert why(Layout.CALICO, CALICO | {"start_time": read, "end_time": "x"}) == 'end_time is "x", not Unix seconds'


@pytest.mark.parametrize("layout", [Layout.HUBBLE, Layout.HUBBLE_BARE])
def test_a_hubble_time_that_is_no_time_is_named(layout: Layout) -> None:
    """In its envelope or without."""
    record = HUBBLE | {"time": "yesterday"}

    assert why(layout, record if layout is Layout.HUBBLE_BARE else {"flow": record}).startswith(
        'time is "yesterday", not a time'
    )


@pytest.mark.parametrize(
    ("layout", "record", "reason"),
    [
        (Layout.CALICO, CALICO | {"proto": None}, "no proto"),
        (Layout.CALICO, CALICO | {"proto": None, "start_time": None}, "no start_time, proto"),
        (Layout.CALICO, CALICO | {"proto": "", "end_time": "x"}, 'end_time is "x", not Unix seconds'),
        (Layout.HUBBLE_BARE, {"time": HUBBLE["time"]}, "no verdict"),
    ],
)
def test_fields_that_are_absent_are_named(layout: Layout, record: object, reason: str) -> None:
    """All of them, in the order of the format; an empty text is a text."""
    assert why(layout, record) == reason
