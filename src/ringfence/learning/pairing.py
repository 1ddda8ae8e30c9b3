"""Bring both reporters' words about an edge together, hour by hour.

Promises: judged before anything is left out, and per hour, because policies change: a destination that allowed teaches
both sides; one that only denied teaches neither; a source that denied teaches neither, unless other connections of that
hour were allowed at both. Where only one reporter spoke, its word is learnt. Hubble rows without a direction count as
the source's. Does not look at who allowed; `admission` does.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

import msgspec
from msgspec import Struct

from ringfence.flows.evidence import AddressSighting, Counters, Evidence, Outcome, Sample
from ringfence.flows.sample import sample_of
from ringfence.flows.table import evidence_key
from ringfence.learning.baseline import EdgeSummary
from ringfence.model.edge import Edge
from ringfence.model.endpoint import Workload
from ringfence.model.policy import Direction
from ringfence.model.trace import Trace
from ringfence.model.window import HOUR


class Pairing(Struct, frozen=True):
    """What both reporters together say of an edge.

    ``learnt`` are the hours that teach it, rising, and ``taught`` the rows that allowed it in one of them;
    ``partly_denied`` says that some connections in such hours were denied; ``denied_last`` that the newest hour in
    which anybody decided teaches nothing.
    """

    edge: Edge
    rows: tuple[Evidence, ...]
    learnt: tuple[int, ...]
    taught: tuple[Evidence, ...]
    partly_denied: bool
    denied_last: bool

    def own_rows(self, direction: Direction) -> tuple[Evidence, ...]:
        """Return the rows of the reporter that enforces a direction: source for egress, destination for ingress."""
        return tuple(row for row in self.rows if is_destination(row) == (direction == "Ingress"))

    def trace(self, direction: Direction) -> Trace | None:
        """Return the newest trace with which that side allowed the edge, None where it never said."""
        row = newest(row for row in self.own_rows(direction) if row.outcome == "Allowed" and row.trace)
        return None if row is None else row.trace

    def verified(self, direction: Direction) -> bool:
        """Say whether that side itself allowed the edge in an hour that teaches it."""
        return any(is_destination(row) == (direction == "Ingress") for row in self.taught)


def is_destination(row: Evidence) -> bool:
    """Say whether a row is the destination's word."""
    return row.reporter == "Destination"


def newest(rows: Iterable[Evidence]) -> Evidence | None:
    """Return the row seen last, of several the last in the table's order; None of none."""
    known = tuple(rows)
    if len(known) > 1:
        last = max(row.last for row in known)
        known = tuple(row for row in known if row.last == last)
    return max(known, key=evidence_key) if len(known) > 1 else next(iter(known), None)


def pair(edge: Edge, rows: Iterable[Evidence]) -> Pairing:
    """Return what the rows of one edge (none of them left out) teach."""
    decisive = tuple(row for row in rows if row.outcome != "Unknown")
    source_allowed, source_denied = _hours(decisive, destination=False)
    destination_allowed, destination_denied = _hours(decisive, destination=True)
    hours = sorted(source_allowed | source_denied | destination_allowed | destination_denied)
    learnt: set[int] = set()
    partly = False
    for hour in hours:
        allowed_there, denied_there = hour in destination_allowed, hour in destination_denied
        allowed_here, denied_here = hour in source_allowed, hour in source_denied
        if allowed_there:
            teaches = allowed_here or not denied_here
        elif denied_there:
            teaches = False
        else:
            # A peer that is no workload has no reporter of its own, so the source's word is all there will be.
            teaches = allowed_here and not (denied_here and isinstance(edge.server, Workload))
        if teaches:
            learnt.add(hour)
            partly = partly or denied_here or denied_there
    return Pairing(
        edge=edge,
        rows=decisive,
        learnt=tuple(sorted(learnt)),
        taught=tuple(row for row in decisive if row.outcome == "Allowed" and not learnt.isdisjoint(row.hours)),
        partly_denied=partly,
        denied_last=bool(hours) and hours[-1] not in learnt,
    )


def summary(edge: Edge, rows: Sequence[Evidence], *, hours: Iterable[int] | None = None) -> EdgeSummary:
    """Sum up rows of one edge. ``hours`` replaces the rows' own hours where only some of them count."""
    own = sorted({hour for row in rows for hour in row.hours} if hours is None else set(hours))
    services = sorted({row.service for row in rows if row.service is not None})
    return EdgeSummary(
        edge=edge,
        first=max(min(row.first for row in rows), own[0] * HOUR),
        last=max(row.last for row in rows),
        hours=tuple(own),
        records=sum(row.records for row in rows),
        connections=_connections(rows),
        reporters=tuple(sorted({row.reporter for row in rows})),
        services=tuple(services),
        services_complete=bool(services) and all(row.service is not None for row in rows if not is_destination(row)),
        client_addresses=_union([row.client_addresses for row in rows]),
        server_addresses=_union([row.server_addresses for row in rows]),
        domains=_union([row.domains for row in rows]),
        counters=counters_of(rows),
        server_sightings=_sightings(rows),
    )


def without_addresses(whole: EdgeSummary, addresses: Sequence[str]) -> EdgeSummary:
    """Return the summary without some addresses of either side; the times are those of the whole edge."""
    if not addresses:
        return whole
    return msgspec.structs.replace(
        whole,
        client_addresses=_without(whole.client_addresses, addresses),
        server_addresses=_without(whole.server_addresses, addresses),
        server_sightings=tuple(each for each in whole.server_sightings if each.address not in addresses),
    )


def _without(sample: Sample, addresses: Sequence[str]) -> Sample:
    return msgspec.structs.replace(sample, texts=tuple(text for text in sample.texts if text not in addresses))


def _hours(rows: Sequence[Evidence], *, destination: bool) -> tuple[set[int], set[int]]:
    """Return the hours in which a side allowed, and in which it denied."""
    found: dict[Outcome, set[int]] = {"Allowed": set(), "Denied": set()}
    for row in rows:
        if is_destination(row) == destination:
            found[row.outcome].update(row.hours)
    return found["Allowed"], found["Denied"]


def _connections(rows: Sequence[Evidence]) -> int | None:
    """Return the connections that one reporter counted: the destination where it spoke, never both added."""
    for destination in (True, False):
        known = [row.counters.connections for row in rows if is_destination(row) == destination]
        counted = [connections for connections in known if connections is not None]
        if counted:
            return sum(counted)
    return None


def counters_of(rows: Sequence[Evidence]) -> Counters:
    """Return the sums of one reporter as the source sees them: its own rows, else the destination's turned round."""
    own = [row for row in rows if not is_destination(row)]
    return _added([row.counters for row in own or rows], turned=not own)


def _sightings(rows: Sequence[Evidence]) -> tuple[AddressSighting, ...]:
    """Return what one reporter says of each address of a server outside the cluster: the source where it tells any,
    else the destination, whose counters are turned round.

    Each row keeps the smallest addresses by one order, so whatever is among the smallest of all stands in its rows.
    """
    told = [row for row in rows if row.server_sightings]
    own = [row for row in told if not is_destination(row)]
    seen: defaultdict[str, list[AddressSighting]] = defaultdict(list)
    for each in (each for row in own or told for each in row.server_sightings):
        seen[each.address].append(each)
    return tuple(
        AddressSighting(
            address=address,
            first=min(each.first for each in seen[address]),
            last=max(each.last for each in seen[address]),
            hours=tuple(sorted({hour for each in seen[address] for hour in each.hours})),
            records=sum(each.records for each in seen[address]),
            counters=_added([each.counters for each in seen[address]], turned=not own),
        )
        for address in sample_of(seen, complete=True).texts
    )


def _added(counters: Sequence[Counters], *, turned: bool) -> Counters:
    """Return the sums of counters; ``turned`` gives those of the other side: its *in* is *out* here."""
    return Counters(
        connections=_sum(each.connections for each in counters),
        packets_in=_sum(each.packets_out if turned else each.packets_in for each in counters),
        packets_out=_sum(each.packets_in if turned else each.packets_out for each in counters),
        bytes_in=_sum(each.bytes_out if turned else each.bytes_in for each in counters),
        bytes_out=_sum(each.bytes_in if turned else each.bytes_out for each in counters),
    )


def _sum(counts: Iterable[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None


def _union(samples: Sequence[Sample]) -> Sample:
    """Return the sample of everything that any of the samples stands for."""
    if all(sample == samples[0] for sample in samples):
        return samples[0]
    whole = sample_of(
        (text for sample in samples for text in sample.texts), complete=all(sample.complete for sample in samples)
    )
    return Sample(whole.texts, whole.overflow or any(sample.overflow for sample in samples), whole.complete)
