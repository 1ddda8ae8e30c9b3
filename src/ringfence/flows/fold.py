"""Fold records into evidence: the specification of the SQL fold.

Promises: slow, short and obvious; `store` executes the same meaning in SQL and is held equal to this by test on
generated batches. The result does not depend on the order of the records; a record read twice counts once.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec

from ringfence.flows.batch import COUNTERS, Record, SightingText
from ringfence.flows.directory import Directory
from ringfence.flows.evidence import (
    AddressSighting,
    Counters,
    Evidence,
    EvidenceTable,
    Outcome,
    Records,
    Reporter,
    Unplaced,
)
from ringfence.flows.identity import Identity, identify
from ringfence.flows.left_out import LeftOut
from ringfence.flows.record_facts import (
    domain_names,
    port_and_icmp,
    reported_port,
    reporter_named,
    service_named,
    service_port,
)
from ringfence.flows.sample import sample_of
from ringfence.flows.slots import slots_by_node, slots_of
from ringfence.flows.table import evidence_key, labels_of, owners_unknown, written
from ringfence.flows.traces import read_trace
from ringfence.model.edge import Edge
from ringfence.model.endpoint import Network
from ringfence.model.policy import ServiceRef
from ringfence.model.protocol import protocol_named, reports_ports
from ringfence.model.trace import Trace
from ringfence.model.window import HOUR, LONGEST_WINDOW, Window

_OUTCOMES: Final[dict[str, Outcome]] = {"Allowed": "Allowed", "Denied": "Denied", "Unknown": "Unknown"}


@dataclass(frozen=True, slots=True)
class _Placed:
    """A record with what its texts mean."""

    record: Record
    client: Identity
    server: Identity
    protocol: str | None
    reason: LeftOut | None
    outcome: Outcome
    trace: Trace | None


@dataclass(frozen=True, slots=True)
class _Key:
    edge: Edge
    reporter: Reporter
    outcome: Outcome
    trace: Trace | None
    service: ServiceRef | None
    service_port: str | None
    left_out: LeftOut | None


@dataclass(slots=True)
class _Distinct:
    """Distinct records in the order met, and how many copies each had."""

    records: list[Record] = field(default_factory=list)
    repeats: dict[LeftOut, int] = field(default_factory=dict)


def fold(
    records: Iterable[Record], *, window: Window | None = None, directory: Directory | None = None
) -> EvidenceTable:
    """Return the evidence of records whose start lies in ``window`` (all, if None). No record is corrupt here."""
    read = list(records)
    distinct = _distinct(read, window)
    placed = [_place(record, window, directory) for record in distinct.records]
    grouped: defaultdict[_Key, list[_Placed]] = defaultdict(list)
    unplaced: defaultdict[tuple[LeftOut, str, str, str], int] = defaultdict(int)
    for each in placed:
        key = _key(each)
        if key is None:
            texts = (written(each.record.source), written(each.record.dest), each.record.protocol)
            unplaced[(_reason(each), *texts)] += 1
        else:
            grouped[key].append(each)
    evidence = [_evidence(key, each) for key, each in grouped.items()]
    hours: defaultdict[int, list[Record]] = defaultdict(list)
    for each in placed:
        if _stated_reason(each.record, window) is None:
            hours[each.record.start_time // HOUR].append(each.record)
    identities = [side for each in placed for side in (each.client, each.server)]
    return EvidenceTable(
        evidence=tuple(sorted(evidence, key=evidence_key)),
        unplaced=tuple(sorted(Unplaced(*texts, records=count) for texts, count in unplaced.items())),
        labels=labels_of(identities, directory),
        owner_unknown=owners_unknown(identities),
        records=Records(read=len(read), corrupt=0, repeats=distinct.repeats),
        hours={hour: len(held) for hour, held in sorted(hours.items())},
        window_ends={hour: max(_end(record) for record in held) for hour, held in sorted(hours.items())},
        slots=slots_by_node(
            (record.node, hour, slots_of(record.start_time, record.end_time))
            for hour, held in hours.items()
            for record in held
        ),
    )


def _end(record: Record) -> int:
    """Return when a record ends, never before the hour it starts in and at most LONGEST_WINDOW later."""
    begin = record.start_time // HOUR * HOUR
    return begin + max(0, min(record.end_time - begin, LONGEST_WINDOW))


def _reason(placed: _Placed) -> LeftOut:
    if placed.reason is None:
        raise ValueError("a record without a reason always stands on an edge")
    return placed.reason


def _stated_reason(record: Record, window: Window | None) -> LeftOut | None:
    """Return the reason a record gives before its texts are understood."""
    if record.stated_left_out:
        return LeftOut(record.stated_left_out)
    if record.start_time == 0:
        return LeftOut.GHOST
    if window is not None and record.start_time not in window:
        return LeftOut.OUTSIDE_TIME_RANGE
    return None


def _distinct(records: Sequence[Record], window: Window | None) -> _Distinct:
    """Keep each record once; of differing counters the largest. Records with a reason are not told apart."""
    copies: defaultdict[tuple[object, ...], list[Record]] = defaultdict(list)
    result = _Distinct()
    for record in records:
        if _stated_reason(record, window) is not None:
            result.records.append(record)
        else:
            copies[_identity(record)].append(record)
    repeats: defaultdict[LeftOut, int] = defaultdict(int)
    for same in copies.values():
        result.records.append(_largest(same))
        if len(same) > 1:
            differ = len({tuple(getattr(record, name) for name in COUNTERS) for record in same}) > 1
            repeats[LeftOut.REPEATED_OTHER_COUNTERS if differ else LeftOut.REPEATED] += len(same) - 1
    result.repeats = dict(sorted(repeats.items()))
    return result


def _identity(record: Record) -> tuple[object, ...]:
    """Return everything of a record but its counters, and whether it counts packets at all."""
    return (
        record.source,
        record.dest,
        record.protocol,
        record.dest_port,
        record.service_namespace,
        record.service_name,
        record.service_port,
        record.domains,
        record.reporter,
        record.action,
        record.policies,
        record.stated_outcome,
        _silent(record),
        record.node,
        record.start_time,
        record.end_time,
        record.distinction,
    )


def _silent(record: Record) -> bool:
    return record.packets_in == 0 and record.packets_out == 0


def _largest(same: Sequence[Record]) -> Record:
    largest: dict[str, int | None] = {}
    for name in COUNTERS:
        known = [value for value in (getattr(record, name) for record in same) if value is not None]
        largest[name] = max(known) if known else None
    return msgspec.structs.replace(same[0], **largest)


def _place(record: Record, window: Window | None, directory: Directory | None) -> _Placed:
    protocol = protocol_named(record.protocol)
    client, server = (_identified(side, record, directory) for side in (record.source, record.dest))
    word = read_trace(record.policies)
    outcome = _OUTCOMES[record.stated_outcome] if record.stated_outcome else word.outcome
    reason = _stated_reason(record, window)
    if reason is None:
        reason = _understood_reason(record, protocol, client, server, outcome)
    return _Placed(record, client, server, protocol, reason, outcome, word.trace)


def _identified(sighting: SightingText, record: Record, directory: Directory | None) -> Identity:
    early = directory is not None and directory.early(sighting, start=record.start_time, end=record.end_time)
    return identify(sighting, directory, early=early)


def _understood_reason(
    record: Record, protocol: str | None, client: Identity, server: Identity, outcome: Outcome
) -> LeftOut | None:
    """Return the first reason that the meaning of a record's texts gives."""
    if protocol is None:
        return LeftOut.UNKNOWN_PROTOCOL
    if client.left_out or server.left_out:
        return client.left_out or server.left_out
    if _is_pod(record.source) and _is_pod(record.dest) and client.address == server.address != "":
        return LeftOut.SELF_LOOP
    if reports_ports(protocol) and reported_port(protocol, record.dest_port) is None:
        return LeftOut.PORT_NOT_REPORTED
    if outcome == "Denied" and _silent(record):
        return LeftOut.ZERO_COUNTER_DENIAL
    return LeftOut.OUTCOME_UNKNOWN if outcome == "Unknown" else None


def _is_pod(sighting: SightingText) -> bool:
    return sighting.type == "wep"


def _key(placed: _Placed) -> _Key | None:
    client, server, protocol = placed.client.endpoint, placed.server.endpoint, placed.protocol
    if client is None or server is None or protocol is None:
        return None
    record = placed.record
    port, icmp = port_and_icmp(protocol, reported_port(protocol, record.dest_port))
    service = service_named(record.service_namespace, record.service_name)
    return _Key(
        edge=Edge(client, server, protocol, port, icmp),
        reporter=reporter_named(record.reporter),
        outcome=placed.outcome,
        trace=placed.trace,
        service=service,
        service_port=None if service is None else service_port(record.service_port),
        left_out=placed.reason,
    )


def _evidence(key: _Key, placed: Sequence[_Placed]) -> Evidence:
    records = [each.record for each in placed]
    client_addresses = [each.client.address for each in placed]
    server_addresses = [each.server.address for each in placed]
    names = [domain_names(record.domains) for record in records]
    return Evidence(
        edge=key.edge,
        reporter=key.reporter,
        outcome=key.outcome,
        trace=key.trace,
        service=key.service,
        service_port=key.service_port,
        left_out=key.left_out,
        first=min(record.start_time for record in records),
        last=max(record.end_time for record in records),
        hours=tuple(sorted({record.start_time // HOUR for record in records})),
        records=len(records),
        counters=Counters(**_sums(records)),
        client_addresses=sample_of(filter(None, client_addresses), complete=all(client_addresses)),
        server_addresses=sample_of(filter(None, server_addresses), complete=all(server_addresses)),
        domains=sample_of((name for each in names for name in each), complete=all(names)),
        server_sightings=_sightings(placed) if isinstance(key.edge.server, Network) else (),
    )


def _sightings(placed: Sequence[_Placed]) -> tuple[AddressSighting, ...]:
    """Return what each address of the sample of servers carried."""
    records: defaultdict[str, list[Record]] = defaultdict(list)
    for each in placed:
        records[each.server.address].append(each.record)
    kept = sample_of(filter(None, records), complete=True).texts
    return tuple(
        AddressSighting(
            address=address,
            first=min(record.start_time for record in records[address]),
            last=max(record.end_time for record in records[address]),
            hours=tuple(sorted({record.start_time // HOUR for record in records[address]})),
            records=len(records[address]),
            counters=Counters(**_sums(records[address])),
        )
        for address in kept
    )


def _sums(records: Sequence[Record]) -> Mapping[str, int | None]:
    """Return the sum of each counter over the records that report it, None where none does."""
    sums: dict[str, int | None] = {}
    for name in COUNTERS:
        known = [value for value in (getattr(record, name) for record in records) if value is not None]
        sums[name] = sum(known) if known else None
    return sums
