"""Hold the lone calls of one who moves quietly from an established workload.

Who has taken over a workload and does not scan still has to call something its host never calls. A program's new
dependency stays and a rare job returns; an intruder's visit lasts some hours of one day and is over, or touches several
servers within one. Promises: that alone holds nothing. It counts only for a client with steady habits, towards a server
that others use by habit, and beside one more signal, each of which an incident responder would ask about: a foreign
namespace, a database or broker, a port of administration, a port that only the monitoring uses, a pod called past its
Service, other lone calls of the same client, or a scan by it.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence

from ringfence.learning.baseline import EdgeSummary
from ringfence.learning.contacts import contacts_of
from ringfence.learning.habits import Habits, Listener
from ringfence.learning.suspicion import Suspicion, suspect
from ringfence.model.edge import Edge
from ringfence.model.endpoint import Endpoint, Workload, endpoint_text
from ringfence.model.window import HOUR, rfc3339


def lone_calls(edges: Sequence[EdgeSummary], habits: Habits, scanners: Container[Endpoint]) -> Iterator[Suspicion]:
    """Yield lone calls of established clients that another signal makes suspicious."""
    settings = habits.settings
    by_service = _reached_by_service(edges)
    lone = [each for each in edges if _is_lone(each, habits)]
    begun: defaultdict[Endpoint, list[int]] = defaultdict(list)
    for each in sorted(lone, key=lambda each: each.hours[0]):
        begun[each.edge.client].append(each.hours[0])
    for each in lone:
        edge = each.edge
        near = _near(begun[edge.client], each.hours[0], settings.companion_hours) - 1
        if len(each.hours) < settings.lone_call_hours and near + 1 < settings.lone_calls:
            continue
        signals = [*_signals(edge, habits)]
        if not each.services and (edge.server, edge.protocol, edge.port) in by_service:
            signals.append("a pod called past the Service that others use")
        if edge.client in scanners:
            signals.append("a client that scans")
        if near:
            signals.append(f"{near} more lone call{'s'[: near > 1]} of the same client near it")
        if signals:
            yield suspect(edge, "lone-call", _words(each.hours, edge, habits, signals))


def lone_contacts(edges: Iterable[EdgeSummary], habits: Habits, scanners: Container[Endpoint]) -> Iterator[Suspicion]:
    """Yield what a scanner called outside the cluster in one episode, without a name, at whatever time.

    Addresses of a server that rotates through many are each seen in an episode only, so they say nothing.
    """
    for each in edges:
        rotates = len(each.server_sightings) >= habits.settings.rotating_addresses
        if each.edge.client not in scanners or each.services or rotates:
            continue
        for contact in contacts_of(each):
            if not contact.named and habits.lone_episode(contact.hours):
                words = _words(contact.hours, each.edge, habits, ("a client that scans", "a server without a name"))
                yield suspect(each.edge, "lone-call", words, address=contact.address)


def _is_lone(summary: EdgeSummary, habits: Habits) -> bool:
    edge = summary.edge
    if not isinstance(edge.client, Workload) or not isinstance(edge.server, Workload) or edge.client == edge.server:
        return False
    used = (edge.server, edge.protocol, edge.port) in habits.regulars
    return used and habits.established(edge.client) and habits.lone_episode(summary.hours)


def _signals(edge: Edge, habits: Habits) -> Iterator[str]:
    """Yield what the edge alone says beside being lone."""
    client, server, settings = edge.client, edge.server, habits.settings
    if isinstance(client, Workload) and isinstance(server, Workload):
        if client.namespace != server.namespace:
            yield "a foreign namespace"
        if server.kind == "StatefulSet" or edge.port in settings.sensitive_ports:
            yield "a server that keeps data"
    if edge.port in settings.admin_ports:
        yield "a port of administration"
    regulars = habits.regulars.get((server, edge.protocol, edge.port), frozenset())
    monitors = [
        each
        for each in regulars
        if habits.servers_of[each, edge.protocol, edge.port] >= settings.monitored_servers and len(regulars) == 1
    ]
    for monitor in monitors:
        yield f"a port that only {endpoint_text(monitor)} uses everywhere"


def _reached_by_service(edges: Iterable[EdgeSummary]) -> frozenset[Listener]:
    """Return the listeners that some client reaches through a Service only."""
    return frozenset((each.edge.server, each.edge.protocol, each.edge.port) for each in edges if each.services_complete)


def _near(begun: Sequence[int], hour: int, within: int) -> int:
    """Return how many of the rising hours are at most ``within`` away from one."""
    return bisect_right(begun, hour + within) - bisect_left(begun, hour - within)


def _words(hours: Sequence[int], edge: Edge, habits: Habits, signals: Iterable[str]) -> str:
    return (
        f"{endpoint_text(edge.client)} called in {len(hours)} hours between {rfc3339(hours[0] * HOUR)} and "
        f"{rfc3339((hours[-1] + 1) * HOUR)} and at no other time of {len(habits.days)} days; {', '.join(signals)}"
    )
