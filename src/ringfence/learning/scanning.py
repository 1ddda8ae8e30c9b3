"""Find clients that scan, what they probed, and what they found.

A scan is known by three things together: many servers or ports in few hours, hardly anything sent, and no answer. What
is denied counts as unanswered, so a scan that policies stopped is recognised too. Promises: *answered* means packets
both ways, told by the source where it speaks; completed connections prove nothing, and silence of a server outside the
cluster proves nothing either (address translation loses its packets). Where no source counts packets, many low ports
of one server, each tried once, are a scan; a sweep over servers is then not recognised.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from msgspec import Struct

from ringfence.flows.evidence import Evidence, EvidenceTable
from ringfence.flows.left_out import LeftOut
from ringfence.learning.baseline import EdgeSummary
from ringfence.learning.contacts import contacts_of
from ringfence.learning.ephemeral import EPHEMERAL_FLOOR
from ringfence.learning.guard_settings import GuardSettings
from ringfence.learning.habits import Habits
from ringfence.learning.pairing import counters_of, is_destination
from ringfence.learning.suspicion import Suspicion, suspect
from ringfence.model.edge import Edge
from ringfence.model.endpoint import Endpoint, Network, NetworkSet, Workload, endpoint_text
from ringfence.model.window import HOUR, rfc3339

_TELLING: Final = frozenset({None, LeftOut.ZERO_COUNTER_DENIAL})
"""What rows say of themselves when they still tell an attempt: nothing, or that an old denial was repeated."""


class Probe(Struct, frozen=True):
    """An attempt that came to nothing. ``counted`` says that packets or a denial prove it."""

    edge: Edge
    hour: int
    denied: bool
    counted: bool


class Scan(Struct, frozen=True):
    """The scanning of one client. ``first`` and ``last`` are hours since the epoch, ``since`` its first hour at all."""

    client: Endpoint
    first: int
    last: int
    since: int
    probes: tuple[Probe, ...]

    @property
    def words(self) -> str:
        """Return the scan in one sentence."""
        servers = len({probe.edge.server for probe in self.probes})
        ports = len({(probe.edge.protocol, probe.edge.port) for probe in self.probes})
        denied = sum(probe.denied for probe in self.probes)
        return (
            f"{len(self.probes)} unanswered probes of {servers} server{'s'[: servers > 1]} and {ports} "
            f"port{'s'[: ports > 1]} between {rfc3339(self.first * HOUR)} and {rfc3339((self.last + 1) * HOUR)}, "
            f"{denied} of them denied"
        )


def scans(table: EvidenceTable, settings: GuardSettings) -> Mapping[Endpoint, Scan]:
    """Return the scan of each client that scans."""
    rows_of: defaultdict[Edge, list[Evidence]] = defaultdict(list)
    since: dict[Endpoint, int] = {}
    for row in table.evidence:
        client = row.edge.client
        if isinstance(client, Network | NetworkSet) or row.left_out not in _TELLING:
            continue
        rows_of[row.edge].append(row)
        since[client] = min(since.get(client, row.hours[0]), row.hours[0])
    probes: defaultdict[Endpoint, list[Probe]] = defaultdict(list)
    for edge, rows in rows_of.items():
        probe = _probe(edge, rows, settings)
        if probe is not None:
            probes[edge.client].append(probe)
    found: dict[Endpoint, Scan] = {}
    for client, tried in probes.items():
        scanned = _together(tried, settings)
        if scanned:
            hours = [probe.hour for probe in scanned]
            found[client] = Scan(client, min(hours), max(hours), since[client], tuple(scanned))
    return found


def _probe(edge: Edge, rows: Sequence[Evidence], settings: GuardSettings) -> Probe | None:
    """Return an edge as a probe; None for one that came back, was answered, or carried something."""
    if edge.port is not None and edge.port >= EPHEMERAL_FLOOR:
        return None
    if any(len(row.hours) > settings.probe_hours for row in rows):
        return None
    hours = {hour for row in rows for hour in row.hours}
    if len(hours) > settings.probe_hours:
        return None
    # The destination has the last word: a source may let pass what the other side denies.
    last_word = [row for row in rows if is_destination(row)] or rows
    if all(row.outcome == "Denied" for row in last_word):
        return Probe(edge, min(hours), denied=True, counted=True)
    counters = counters_of([row for row in rows if row.outcome != "Denied"])
    if counters.packets_in is None or counters.packets_out is None:
        declared = any(row.service is not None for row in rows)
        return None if declared or edge.port is None else Probe(edge, min(hours), denied=False, counted=False)
    silent = counters.packets_in == 0 and counters.packets_out > 0 and isinstance(edge.server, Workload)
    small = (counters.bytes_out or 0) <= settings.probe_bytes
    return Probe(edge, min(hours), denied=False, counted=True) if silent and small else None


def _together(probes: Sequence[Probe], settings: GuardSettings) -> list[Probe]:
    """Return the probes that are part of a scan: with enough others of their kind within its hours."""
    found: set[Edge] = set()
    counted = [probe for probe in probes if probe.counted]
    found |= _crowded(counted, settings)
    by_server: defaultdict[Endpoint, list[Probe]] = defaultdict(list)
    for probe in probes:
        if isinstance(probe.edge.server, Workload):
            by_server[probe.edge.server].append(probe)
    for tried in by_server.values():
        found |= _crowded(tried, settings)
    return [probe for probe in probes if probe.edge in found]


def _crowded(probes: Iterable[Probe], settings: GuardSettings) -> set[Edge]:
    """Return the edges of probes of which ``scan_targets`` or more lie within ``scan_hours``."""
    tried = sorted(probes, key=lambda probe: probe.hour)
    found: set[Edge] = set()
    start = 0
    for end, probe in enumerate(tried):
        while probe.hour - tried[start].hour >= settings.scan_hours:
            start += 1
        if end - start + 1 >= settings.scan_targets:
            found.update(each.edge for each in tried[start : end + 1])
    return found


def scanned(edges: Iterable[EdgeSummary], found: Mapping[Endpoint, Scan], habits: Habits) -> Iterator[Suspicion]:
    """Yield the probes of scanners, and each peer that a scanner had not met before it scanned."""
    settings = habits.settings
    probes = {probe.edge for scan in found.values() for probe in scan.probes}
    for each in edges:
        scan = found.get(each.edge.client)
        if scan is None:
            continue
        if each.edge in probes:
            yield suspect(each.edge, "scan", f"{endpoint_text(scan.client)} scans: {scan.words}")
        elif _new(each.edge, each.hours, scan, habits):
            yield suspect(each.edge, "new-peer-while-scanning", _found(scan, each.hours))
        elif len(each.server_sightings) < settings.rotating_addresses:
            for contact in contacts_of(each):
                fresh = contact.address is not None and not contact.named
                if fresh and _new(None, contact.hours, scan, habits):
                    words = _found(scan, contact.hours)
                    yield suspect(each.edge, "new-peer-while-scanning", words, address=contact.address)


def _new(edge: Edge | None, hours: Sequence[int], scan: Scan, habits: Habits) -> bool:
    """Say whether a peer was first seen while the client scanned, or soon after."""
    settings = habits.settings
    if not scan.first <= hours[0] <= scan.last + settings.scan_aftermath_hours:
        return False
    return scan.first - scan.since >= settings.newborn_hours or edge not in habits.recurring


def _found(scan: Scan, hours: Sequence[int]) -> str:
    return f"first seen at {rfc3339(hours[0] * HOUR)}, while {endpoint_text(scan.client)} scanned ({scan.words})"
