"""Who abuses the cluster while it is being learnt.

Promises: three intruders, each in one workload that is otherwise honest: one scans ports, asks the metadata service and
copies data out; one calls home every few minutes; one never scans and only moves to neighbours, by a way that its host
uses anyway and by new ones. All of it happens on learning days; what policies deny stays denied.
"""

from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Final

from ringfence_lab.edge import Attack, Edge, Traffic
from ringfence_lab.endpoint import Endpoint, Workload
from ringfence_lab.outside import metadata_service, stranger
from ringfence_lab.part import Part, call
from ringfence_lab.rhythm import Burst

_DAY_MINUTES: Final = 24 * 60
_SCANNED_PORTS: Final = (
    22,
    23,
    80,
    111,
    135,
    139,
    443,
    445,
    1433,
    2375,
    3306,
    3389,
    5000,
    5985,
    6443,
    8000,
    8888,
    9200,
)
_SCANNED_HOSTS: Final = 12
_SWEEP_PORT: Final = 6379
_MINUTES_BETWEEN_BEACONS: Final = 15
_MOVES: Final = 3


def attacks(part: Part, *, learn_days: int, random: Random) -> tuple[Edge, ...]:
    """Draw the intruders' edges; none where nothing is learnt."""
    if learn_days < 1:
        return ()
    hosts = [known for known in part.workloads if known.kind == "Deployment" and known.namespace in _shops(part)]
    busy = {edge.client for edge in part.edges if edge.kind == "legitimate" and _moves_by(edge)}
    mover = random.choice([known for known in hosts if known in busy])
    scanner, caller = random.sample([known for known in hosts if known != mover], 2)
    span = learn_days * _DAY_MINUTES
    return (
        *_scans(scanner, part, span, random),
        *_leaks(scanner, span, random),
        *_beacons(caller, span),
        *_moves(mover, part, span, random),
    )


def _scans(scanner: Workload, part: Part, span: int, random: Random) -> list[Edge]:
    victims = [known for known in part.workloads if known.kind == "StatefulSet" and known != scanner]
    victim = random.choice(victims)
    sweep = random.sample([known for known in victims if known != victim], min(_SCANNED_HOSTS, len(victims) - 1))
    at = random.randrange(span // 2)
    used = {(edge.client, edge.server, edge.port) for edge in part.edges}
    probes = [_attack("scan", scanner, victim, port, Burst(at), "probe") for port in _SCANNED_PORTS]
    probes += [_attack("scan", scanner, host, _SWEEP_PORT, Burst(at + 30), "probe") for host in sweep]
    return [probe for probe in probes if (probe.client, probe.server, probe.port) not in used]


def _leaks(thief: Workload, span: int, random: Random) -> list[Edge]:
    at = random.randrange(span // 2)
    return [
        _attack("metadata", thief, metadata_service(), 80, Burst(at, 60, 2)),
        _attack("exfiltration", thief, stranger("drop-zone", 10), 443, Burst(at + 120, 240, 3), "upload"),
    ]


def _beacons(caller: Workload, span: int) -> list[Edge]:
    times = max(1, (span - 60) // _MINUTES_BETWEEN_BEACONS)
    beat = Burst(60, _MINUTES_BETWEEN_BEACONS, times)
    return [_attack("beacon", caller, stranger("command", 20), 8443, beat)]


def _moves(mover: Workload, part: Part, span: int, random: Random) -> list[Edge]:
    """Return moves of one who never scans: the ways its host uses already, and quiet calls to servers that are used."""
    honest = [edge for edge in part.edges if edge.kind == "legitimate" and edge.client == mover and _moves_by(edge)]
    known = {(edge.client, edge.server, edge.port) for edge in part.edges}
    served = [edge for edge in part.edges if edge.kind == "legitimate" and _moves_by(edge)]
    chosen = random.sample(served, len(served))
    fresh = [edge for edge in chosen if (mover, edge.server, edge.port) not in known and edge.server != mover][:_MOVES]
    at = random.randrange(span // 2)
    moves = [replace(edge, client=mover, service=edge.service) for edge in (*honest[:1], *fresh)]
    return [
        replace(move, kind="attack", attack="lateral", rhythm=Burst(at + 60 * turn, 180, 3), family=4)
        for turn, move in enumerate(moves)
    ]


def _moves_by(edge: Edge) -> bool:
    return isinstance(edge.server, Workload) and edge.protocol == "TCP" and edge.port is not None


def _attack(
    kind: Attack, client: Workload, server: Endpoint, port: int, rhythm: Burst, traffic: Traffic = "request"
) -> Edge:
    return replace(call(client, server, port, rhythm=rhythm, traffic=traffic, direct=True), kind="attack", attack=kind)


def _shops(part: Part) -> Sequence[str]:
    """Return the namespaces that are reached from the ingress: applications."""
    around = {"kube-system", "monitoring", "ingress-nginx", "archive", "sandbox", "platform-system", "telephony"}
    return [name for name in dict.fromkeys(known.namespace for known in part.workloads) if name not in around]
