"""What is true of a world, written down for the judge.

``truth.json`` is one object::

    {"apiVersion": "ringfence.io/v1alpha1", "kind": "Truth", "seed", "size", "days", "learnDays", "format", "start",
     "networks": {"pods": CIDR, "nodes": CIDR},
     "workloads": [{"namespace", "workloadKind", "name", "labels"}],     all of them, also those that never speak
     "legitimate": [EDGE], "denied": [EDGE], "ephemeral": [EDGE]}

    EDGE = {"id", "client": END, "server": END, "protocol": "TCP|UDP|SCTP|ICMP", "port": "8080" | absent,
            "icmp": {"type", "code"} | absent, "service": {"namespace", "name", "port"} | absent,
            "deniedBy": "shop/knp.default.db-clients" | absent,
            "rhythm": "constant|sporadic|hourly|nightly|weekly", "daysSeen": [day], "daysSeenLearn": [day]}
    END = {"kind": "Workload", "namespace", "workloadKind", "name", "labels": {key: value}}
        | {"kind": "NetworkSet", "namespace" | absent, "name", "labels", "addresses", "addressesLearn"}
        | {"kind": "Public|Private", "name", "domains" | absent, "addresses", "addressesLearn"}

Promises: ``labels`` hold no hash, ordinal or version; ``daysSeen`` are the days on which a line of the edge is really
in the evidence, ``daysSeenLearn`` those before ``learnDays``; ``addresses`` are those that lines of the edge spoke of
(all that the endpoint has, for an edge that no line shows), ``addressesLearn`` those of the learning days. An ephemeral
edge's ``port`` is the range its server draws from. The same truth is written for every format.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ringfence_lab.blueprint import Blueprint
from ringfence_lab.edge import Edge
from ringfence_lab.endpoint import NODE_NETWORK, POD_NETWORK, Endpoint, NetworkSet, Outside, Workload
from ringfence_lab.lane import Seen
from ringfence_lab.moment import rfc3339
from ringfence_lab.rhythm import rhythm_name

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


def truth_document(blueprint: Blueprint, seen: Sequence[Seen], *, story: Story) -> Json:
    """Return the truth of a world that has run; ``seen`` belongs to the blueprint's edges in order."""
    kinds: dict[str, list[Json]] = {"legitimate": [], "denied": [], "ephemeral": []}
    for position, (edge, evidence) in enumerate(zip(blueprint.edges, seen, strict=True)):
        kinds[edge.kind].append(_edge(edge, evidence, identity=f"e{position:05d}", learn_days=story.learn_days))
    return {
        "apiVersion": "ringfence.io/v1alpha1",
        "kind": "Truth",
        "seed": story.seed,
        "size": story.size,
        "days": story.days,
        "learnDays": story.learn_days,
        "format": story.log_format,
        "start": rfc3339(story.start),
        "networks": {"pods": POD_NETWORK, "nodes": NODE_NETWORK},
        "workloads": [_workload(workload) for workload in blueprint.workloads],
        **kinds,
    }


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
            return {"kind": kind, "name": name, **told, **_addresses(addresses, evidence, learn_days)}


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
