"""Turn rows of the SQL fold into evidence.

Promises: nothing is judged or lost here; numbers of dictionaries become the values they stand for.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from typing import Final

import msgspec
from msgspec import Struct

from ringfence.flows.evidence import SAMPLE_SIZE, AddressSighting, Counters, Evidence, Outcome, Reporter, Sample
from ringfence.flows.left_out import LeftOut
from ringfence.flows.record_facts import port_and_icmp
from ringfence.model.edge import Edge
from ringfence.store.dictionary import Dictionaries


class _Ranked(Struct, frozen=True, order=True):
    rank: str
    text: str


class _Row(Struct, frozen=True):
    """One row of ``fold.sql``, column for column."""

    client: int
    server: int
    protocol: str
    reported: int | None
    service: int
    reporter: Reporter
    outcome: Outcome
    trace: int | None
    left_out: LeftOut | None
    first: int
    last: int
    hours: tuple[int, ...]
    records: int
    connections: int | None
    packets_in: int | None
    packets_out: int | None
    bytes_in: int | None
    bytes_out: int | None
    client_addresses: tuple[_Ranked, ...] | None
    client_addresses_complete: bool
    server_addresses: tuple[_Ranked, ...] | None
    server_addresses_complete: bool
    domains: tuple[_Ranked, ...] | None
    domains_complete: bool


class _Sighting(Struct, frozen=True):
    """What follows the key in a row of ``sightings.sql``, column for column."""

    address: str
    first: int
    last: int
    hours: tuple[int, ...]
    records: int
    connections: int | None
    packets_in: int | None
    packets_out: int | None
    bytes_in: int | None
    bytes_out: int | None


_FIELDS: Final = _Row.__struct_fields__
_KEYS: Final = _FIELDS.index("first")
"""How many columns of both queries name the row of evidence."""

Sightings = Mapping[tuple[object, ...], Sequence[AddressSighting]]
"""What single addresses carried, by the key of a row of evidence."""


def read_sightings(rows: Iterable[Sequence[object]]) -> Sightings:
    """Return the sightings of addresses by the row of evidence they belong to. ``rows`` come in its order."""
    found: defaultdict[tuple[object, ...], list[AddressSighting]] = defaultdict(list)
    for values in rows:
        row = msgspec.convert(dict(zip(_Sighting.__struct_fields__, values[_KEYS:], strict=True)), _Sighting)
        counters = Counters(row.connections, row.packets_in, row.packets_out, row.bytes_in, row.bytes_out)
        found[tuple(values[:_KEYS])].append(
            AddressSighting(row.address, row.first, row.last, row.hours, row.records, counters)
        )
    return found


def read_evidence(
    values: Sequence[object],
    dictionaries: Dictionaries,
    *,
    hours: MutableMapping[int, int],
    sightings: Sightings,
) -> Evidence:
    """Return the evidence that one row of the fold stands for. ``hours`` keeps one object per hour over many rows."""
    row = msgspec.convert(dict(zip(_FIELDS, values, strict=True)), _Row)
    port, icmp = port_and_icmp(row.protocol, row.reported)
    client, server = dictionaries.endpoints.values[row.client], dictionaries.endpoints.values[row.server]
    service, service_port = dictionaries.services.values[row.service]
    return Evidence(
        edge=Edge(client, server, row.protocol, port, icmp),
        reporter=row.reporter,
        outcome=row.outcome,
        trace=None if row.trace is None else dictionaries.traces.values[row.trace],
        service=service,
        service_port=service_port,
        left_out=row.left_out,
        first=row.first,
        last=row.last,
        hours=tuple(hours.setdefault(hour, hour) for hour in row.hours),
        records=row.records,
        counters=Counters(row.connections, row.packets_in, row.packets_out, row.bytes_in, row.bytes_out),
        client_addresses=_sample(row.client_addresses, complete=row.client_addresses_complete),
        server_addresses=_sample(row.server_addresses, complete=row.server_addresses_complete),
        domains=_sample(row.domains, complete=row.domains_complete),
        server_sightings=tuple(sightings.get(tuple(values[:_KEYS]), ())),
    )


def _sample(ranked: Sequence[_Ranked] | None, *, complete: bool) -> Sample:
    """Return a sample from the smallest texts by rank, of which one more than SAMPLE_SIZE may stand here."""
    kept = ranked or ()
    texts = sorted(each.text for each in kept[:SAMPLE_SIZE])
    return Sample(tuple(texts), overflow=len(kept) > SAMPLE_SIZE, complete=complete)
