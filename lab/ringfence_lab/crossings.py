"""Traffic between application namespaces.

Promises: each namespace calls a few services of others and, where there is a message bus, publishes to the nearest one;
jobs reach the databases of others. The edges are legitimate and follow the same rhythms as those inside.
"""

from collections.abc import Sequence
from random import Random
from typing import Final

from ringfence_lab.edge import Edge
from ringfence_lab.endpoint import Workload
from ringfence_lab.part import Part, busy, call
from ringfence_lab.rhythm import Rhythm, Scheduled, Sporadic

_BROKER_PORT: Final = 9092
_DATABASE_PORT: Final = 5432


def crossings(parts: Sequence[Part], *, random: Random) -> tuple[Edge, ...]:
    """Draw the edges between the namespaces, given in the order in which they were founded."""
    buses = [position for position, part in enumerate(parts) if _named(part, "kafka") is not None]
    edges = []
    for position, part in enumerate(parts):
        callers = [client for client in part.workloads if client.kind == "Deployment"]
        others = [other for other in parts if other is not part]
        for other in random.sample(others, min(len(others), random.choice((1, 2, 3)))):
            ports = {edge.server: edge.port for edge in other.edges if _serves_http(edge)}
            if ports:
                server = random.choice(list(ports))
                edges.append(call(random.choice(callers), server, ports[server], rhythm=_rhythm(random)))
        if buses and position not in buses:
            bus = parts[min(buses, key=lambda place: (abs(place - position), place))]
            producers = random.sample(callers, min(len(callers), 2))
            broker = bus.named("kafka")
            edges += [call(each, broker, _BROKER_PORT, rhythm=busy(random), traffic="bulk") for each in producers]
        edges += _visiting_jobs(part, others, random)
    return tuple(edges)


def _visiting_jobs(part: Part, others: Sequence[Part], random: Random) -> list[Edge]:
    """Return the visits of a namespace's jobs to the database of another, at the job's own time."""
    times = {edge.client: edge.rhythm for edge in part.edges if isinstance(edge.client, Workload)}
    databases = [database for other in others if (database := _named(other, "db")) is not None]
    visitors = [job for job in part.workloads if job.kind == "CronJob" and databases and random.getrandbits(1)]
    return [call(job, random.choice(databases), _DATABASE_PORT, rhythm=times[job], traffic="bulk") for job in visitors]


def _named(part: Part, name: str) -> Workload | None:
    return next((workload for workload in part.workloads if workload.name == name), None)


def _serves_http(edge: Edge) -> bool:
    return isinstance(edge.server, Workload) and edge.port in {8080, 8443, 50051}


def _rhythm(random: Random) -> Rhythm:
    match random.randrange(8):
        case 0:
            return Sporadic(0.5)
        case 1:
            return Scheduled("nightly", 5 * random.randrange(72), 2)
        case _:
            return busy(random)
