"""What is true of a world, written down for the judge.

``truth.json`` is one object::

    {"apiVersion": "ringfence.io/v1alpha1", "kind": "Truth", "seed", "size", "days", "learnDays", "format", "start",
     "networks": {"pods": CIDR, "nodes": CIDR, "services": CIDR}, "dnsPort",
     "workloads": [{"namespace", "workloadKind", "name", "labels"}],     all of them, also those that never speak
     "hostWorkloads": [the same],                                        on their nodes' network, which no line names
     "legitimate": [EDGE], "denied": [EDGE], "ephemeral": [EDGE],
     "attack": [EDGE with "attack": "scan|metadata|exfiltration|beacon|lateral", "indistinguishable": bool],
     "guarded": [EDGE without rhythm and days],                          nobody tried them and a policy denies them
     "defects": {NAME: count}, "skewedNode": {"name", "seconds", "since"} | absent}

    EDGE = {"id", "client": END, "server": END, "protocol": "TCP|UDP|SCTP|ICMP", "port": "8080" | absent,
            "icmp": {"type", "code"} | absent, "service": {"namespace", "name", "port"} | absent,
            "deniedBy": "shop/knp.default.db-clients" | absent,
            "rhythm": "constant|sporadic|hourly|nightly|weekly|monthly|burst",
            "ipFamily": 6 | absent, "daysSeen": [day], "daysSeenLearn": [day]}
    END = {"kind": "Workload", "namespace", "workloadKind", "name", "labels": {key: value}}
        | {"kind": "NetworkSet", "namespace" | absent, "name", "labels", "addresses", "addressesLearn"}
        | {"kind": "Public|Private", "name", "domains" | absent, "role": "Nodes|ControlPlane|Metadata" | absent,
           "addresses", "addressesLearn"}

Promises: ``labels`` hold no hash, ordinal or version; ``daysSeen`` are the days on which a line of the edge is really
in the evidence, ``daysSeenLearn`` those before ``learnDays``; ``addresses`` are those that lines of the edge spoke of
(all that the endpoint has, for an edge that no line shows), ``addressesLearn`` those of the learning days. An ephemeral
edge's ``port`` is the range its server draws from. ``indistinguishable``: nothing denies the attack, and a legitimate
edge looks the same in this format. ``defects`` counts what `defects` made, absent what the format cannot have. All else
is the same for every format.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ringfence_lab.defects import Skew
from ringfence_lab.edge import Edge
from ringfence_lab.endpoint import NODE_NETWORK, POD_NETWORK, Endpoint, NetworkSet, Outside, Workload
from ringfence_lab.landscape import Landscape
from ringfence_lab.lane import Seen
from ringfence_lab.moment import rfc3339
from ringfence_lab.rhythm import rhythm_name
from ringfence_lab.service_objects import SERVICE_NETWORK

Json = dict[str, object]


@dataclass(frozen=True, slots=True)
class Story:
    """The arguments a world was made with, repeated in its truth. ``start`` is in Unix seconds."""

    seed: int
    size: int
    days: int
    learn_days: int
    log_format: str
    start: int


@dataclass(frozen=True, slots=True)
class Capture:
    """What became of a world in one format: the defects by name, the node with a bad clock, and what it shows."""

    defects: Mapping[str, int]
    skew: Skew | None
    shows_addresses: bool


def truth_document(landscape: Landscape, seen: Sequence[Seen], *, story: Story, capture: Capture) -> Json:
    """Return the truth of a world that has run; ``seen`` belongs to the blueprint's edges in order."""
    blueprint = landscape.blueprint
    kinds: dict[str, list[Json]] = {"legitimate": [], "denied": [], "ephemeral": [], "attack": []}
    honest = {
        _resolution(edge, capture.shows_addresses)
        for edge in blueprint.edges
        if edge.kind in {"legitimate", "ephemeral"}
    }
    for position, (edge, evidence) in enumerate(zip(blueprint.edges, seen, strict=True)):
        written = _edge(edge, evidence, identity=f"e{position:05d}", learn_days=story.learn_days)
        if edge.attack is not None:
            alike = edge.denied_by is None and _resolution(edge, capture.shows_addresses) in honest
            written |= {"attack": edge.attack, "indistinguishable": alike}
        kinds[edge.kind].append(written)
    skew = capture.skew
    told: Json = (
        {}
        if skew is None
        else {"skewedNode": {"name": skew.node, "seconds": skew.seconds, "since": rfc3339(skew.since)}}
    )
    return {
        "apiVersion": "ringfence.io/v1alpha1",
        "kind": "Truth",
        "seed": story.seed,
        "size": story.size,
        "days": story.days,
        "learnDays": story.learn_days,
        "format": story.log_format,
        "start": rfc3339(story.start),
        "networks": {"pods": POD_NETWORK, "nodes": NODE_NETWORK, "services": SERVICE_NETWORK},
        "dnsPort": landscape.dns_port,
        "workloads": [_workload(workload) for workload in blueprint.workloads],
        "hostWorkloads": [_workload(workload) for workload in landscape.agents],
        **kinds,
        "guarded": [_guarded(edge, f"g{position:05d}") for position, edge in enumerate(landscape.guarded)],
        "defects": dict(capture.defects),
        **told,
    }


def _guarded(edge: Edge, identity: str) -> Json:
    written = _edge(edge, Seen(), identity=identity, learn_days=0)
    return {key: value for key, value in written.items() if key not in {"rhythm", "daysSeen", "daysSeenLearn"}}


def _resolution(edge: Edge, shows_addresses: bool) -> tuple[object, ...]:  # noqa: FBT001 - one format's answer
    """Return what a format shows of an edge: equal for edges that it cannot tell apart."""
    ends: list[object] = []
    for end in (edge.client, edge.server):
        match end:
            case Outside(scope=scope) if not shows_addresses:
                ends.append(scope)
            case _:
                ends.append(end)
    return *ends, edge.protocol, edge.port


def _edge(edge: Edge, evidence: Seen, *, identity: str, learn_days: int) -> Json:
    written: Json = {
        "id": identity,
        "client": _end(edge.client, evidence, learn_days),
        "server": _end(edge.server, evidence, learn_days),
        "protocol": edge.protocol,
    }
    if edge.passive is not None:
        written["port"] = f"{edge.passive[0]}:{edge.passive[1]}"
    elif edge.port is not None:
        written["port"] = f"{edge.port}"
    if edge.protocol == "ICMP":
        written["icmp"] = {"type": 8, "code": 0}
    if edge.service is not None:
        written["service"] = {"namespace": edge.service.namespace, "name": edge.service.name, "port": edge.service.port}
    if edge.denied_by is not None:
        written["deniedBy"] = edge.denied_by.text
    if edge.family != 4:  # noqa: PLR2004 - the version that needs no mention
        written["ipFamily"] = edge.family
    learnt = [day for day in evidence.days if day < learn_days]
    return written | {"rhythm": rhythm_name(edge.rhythm), "daysSeen": list(evidence.days), "daysSeenLearn": learnt}


def _end(endpoint: Endpoint, evidence: Seen, learn_days: int) -> Json:
    match endpoint:
        case Workload():
            return {"kind": "Workload", **_workload(endpoint)}
        case NetworkSet(namespace, name, labels, addresses):
            place: Json = {} if namespace is None else {"namespace": namespace}
            known = _addresses(addresses, evidence, learn_days)
            return {"kind": "NetworkSet", **place, "name": name, "labels": dict(labels), **known}
        case Outside(scope, name, addresses, _, domains):
            told: Json = {"domains": list(domains)} if domains else {}
            kind = "Public" if scope == "public" else "Private"
            real: Json = {"role": endpoint.role} if endpoint.role else {}
            return {"kind": kind, "name": name, **told, **real, **_addresses(addresses, evidence, learn_days)}


def _workload(workload: Workload) -> Json:
    return {
        "namespace": workload.namespace,
        "workloadKind": workload.kind,
        "name": workload.name,
        "labels": dict(workload.labels),
    }


def _addresses(declared: tuple[str, ...], evidence: Seen, learn_days: int) -> Json:
    return {
        "addresses": sorted(evidence.addresses) or sorted(declared),
        "addressesLearn": sorted(address for address, day in evidence.addresses.items() if day < learn_days),
    }
