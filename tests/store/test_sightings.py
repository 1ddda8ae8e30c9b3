"""What the store says of single addresses and of nodes, beyond what generated batches are likely to hold."""

import pytest

from folding import folded_by_sql
from records import START
from ringfence.flows.batch import Record, SightingText
from ringfence.flows.evidence import SAMPLE_SIZE, Counters
from ringfence.flows.fold import fold
from ringfence.flows.sample import rank

POD = SightingText("wep", "shop", "-", "web")
OUTSIDE = SightingText("net", "-", "-", "pub")


def call(number: int, *, server: str, client: str = "", at: int = START, node: str = "a", sent: int = 1) -> Record:
    """Return a record of a pod that calls an address; ``client`` makes it a call from outside."""
    source = SightingText("net", "-", "-", "pub", address=client) if client else POD
    dest = POD if client else SightingText("net", "-", "-", "pub", address=server)
    return Record(
        source,
        dest,
        "tcp",
        443,
        "dst" if client else "src",
        node,
        at,
        at + 300,
        stated_outcome="Allowed",
        distinction=number,
        bytes_out=sent,
    )


def test_each_address_of_a_server_outside_has_its_own_times_and_counters() -> None:
    """Records without an address belong to none of them."""
    records = [
        call(1, server="198.51.100.1", sent=5),
        call(2, server="198.51.100.1", at=START + 7200, sent=6),
        call(3, server="198.51.100.2", at=START + 3600, sent=7),
        call(4, server=""),
    ]

    (row,) = folded_by_sql([records[:2], records[2:]]).evidence

    assert [each.address for each in row.server_sightings] == ["198.51.100.1", "198.51.100.2"]
    first, second = row.server_sightings
    assert (first.first, first.last, first.records) == (START, START + 7500, 2)
    assert first.hours == (START // 3600, START // 3600 + 2)
    assert first.counters == Counters(bytes_out=11)
    assert (second.records, second.counters.bytes_out) == (1, 7)
    assert row.records == 4


def test_only_the_sample_of_addresses_is_told_one_by_one() -> None:
    """The same addresses as in the sample, the smallest by the fixed rank."""
    addresses = [f"198.51.100.{number}" for number in range(SAMPLE_SIZE + 20)]
    records = [call(number, server=address) for number, address in enumerate(addresses)]

    (row,) = folded_by_sql([records[::2], records[1::2]]).evidence

    assert tuple(each.address for each in row.server_sightings) == row.server_addresses.texts
    assert set(row.server_addresses.texts) == set(sorted(addresses, key=rank)[:SAMPLE_SIZE])
    assert row == fold(records).evidence[0]


def test_clients_outside_are_not_told_one_by_one() -> None:
    """There may be a million of them."""
    (row,) = folded_by_sql([[call(1, server="", client="203.0.113.9")]]).evidence

    assert row.server_sightings == ()
    assert row.client_addresses.texts == ("203.0.113.9",)


def test_a_repeated_record_counts_once_for_its_address() -> None:
    """What repeats counted too much is taken back there too."""
    record = call(1, server="198.51.100.1", sent=5)

    (row,) = folded_by_sql([[record], [record]]).evidence

    assert (row.server_sightings[0].records, row.server_sightings[0].counters.bytes_out) == (1, 5)


@pytest.mark.parametrize("units", [1, 2])
def test_every_node_of_a_group_of_equal_texts_is_told(units: int) -> None:
    """The scan keeps one node's text a group; the others are asked for."""
    records = [call(number, server="198.51.100.1", node=f"node-{number}") for number in range(5)]
    parts = [records[number::units] for number in range(units)]

    table = folded_by_sql(parts)

    assert table.slots == {f"node-{number}": {START // 3600: 1} for number in range(5)}
