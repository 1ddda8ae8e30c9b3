"""The things that a policy lets through, each with the hours in which it was seen.

Promises: what would be cut if a rule lacked it is one thing: a permit, or of a permit with ports each port (a range
that holds ports nobody used is one), or of a permit with addresses each net that was seen apart. Permits that were
split count as one; what is declared and was never seen is no sighting.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from ipaddress import ip_address, ip_network

from ringfence.learning.baseline import AdmittedEdge, EdgeSummary
from ringfence.model.port import PortRange
from ringfence.rules.permit import DomainsPeer, NetsPeer, Permit


def hours_seen(permits: Iterable[Permit], edges: Sequence[AdmittedEdge]) -> tuple[frozenset[int], ...]:
    """Return, for each thing that the permits let through, the hours since the epoch in which it was seen."""
    summaries = {each.summary.edge.id: each.summary for each in edges}
    seen: defaultdict[Hashable, set[int]] = defaultdict(set)
    for permit in permits:
        for thing, hours in _sightings(permit, summaries):
            seen[thing].update(hours)
    return tuple(frozenset(hours) for hours in seen.values())


def _sightings(permit: Permit, summaries: Mapping[str, EdgeSummary]) -> Iterator[tuple[Hashable, tuple[int, ...]]]:
    behind = [summaries[id_] for id_ in permit.edges if id_ in summaries]
    ports = _ports(permit, {each.edge.port for each in behind if each.edge.port is not None})
    for summary in behind:
        if permit.ports is not None and summary.edge.port not in ports:
            continue
        rule = (permit.direction, permit.protocol, permit.icmp, ports.get(summary.edge.port))
        match permit.peer:
            case NetsPeer(nets) | DomainsPeer(_, nets):
                if permit.direction == "Egress" and summary.server_sightings:
                    yield from (((rule, net), hours) for net, hours in _by_net(summary, nets))
                else:
                    yield (rule, permit.edges), summary.hours
            case peer:
                yield (rule, peer), summary.hours


def _ports(permit: Permit, used: set[int]) -> Mapping[int | None, PortRange]:
    """Return, for each used port that the permit holds, itself, or its range where that holds unused ones."""
    found: dict[int | None, PortRange] = {}
    for span in permit.ports or ():
        within = [port for port in used if span.first <= port <= span.last]
        is_used = len(within) == span.last - span.first + 1
        found.update((port, PortRange(port, port) if is_used else span) for port in within)
    return found


def _by_net(summary: EdgeSummary, nets: Sequence[str]) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Yield the first net that holds each address of an edge's server, with the address's hours."""
    blocks = [(net, ip_network(net)) for net in nets]
    for sighting in summary.server_sightings:
        address = ip_address(sighting.address)
        net = next((net for net, block in blocks if address in block), None)
        if net is not None:
            yield net, sighting.hours
