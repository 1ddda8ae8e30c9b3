"""Policies that simpler recommenders would write for a world, to measure against.

*naive*: whoever spoke to a namespace may speak to it, on every port, by Allow. *vendor*: the documented rule of the
paid engine: learn a side of what no policy decides there, per namespace and port, by Allow; one rule for the own
namespace; private and public as whole classes; always both directions.

Promises: learnt from what the learning days really show, attacks included and nothing misread; what was denied then is
not learnt. Written by hand from public documentation; nothing here is how any engine does it. Where the documents are
silent, the reading that helps the other is taken: a Pass in an earlier tier decides nothing, and a namespace without
anything learnt gets no policy.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, Literal

import yaml

from ringfence_lab.case import Case, JudgedEdge
from ringfence_lab.enforcement import Enforcement
from ringfence_lab.evaluator.policies import Direction

Json = dict[str, Any]
_End = Literal["client", "server"]
_Learns = Callable[[JudgedEdge], frozenset[Direction]]
_WriteRule = Callable[[JudgedEdge, Direction, _End], Json]

TIER: Final = "namespace-isolation"
_API: Final = "projectcalico.org/v3"
_PRIVATE: Final = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
_EVERYBODY: Final[Mapping[int, Json]] = {
    4: {"nets": ["0.0.0.0/0"], "notNets": list(_PRIVATE)},
    6: {"nets": ["2000::/3"]},
}
_SIDES: Final[tuple[tuple[Direction, _End, _End], ...]] = (
    ("Egress", "client", "server"),
    ("Ingress", "server", "client"),
)
_BOTH: Final[frozenset[Direction]] = frozenset({"Egress", "Ingress"})
_UNSELECTED: Final = ("tigera-", "calico-", "kube-")
_WITH_PORTS: Final = frozenset({"TCP", "UDP"})


def naive(case: Case, before: Enforcement) -> list[Json]:
    """Return an Allow for each pair of namespaces that was seen, whatever the port."""

    def learns(edge: JudgedEdge) -> frozenset[Direction]:
        return frozenset() if before.denied_before(edge, edge.learn) else _BOTH

    return _policies(case, learns, _whoever)


def vendor(case: Case, before: Enforcement) -> list[Json]:
    """Return the rules of the documented engine."""

    def learns(edge: JudgedEdge) -> frozenset[Direction]:
        if before.denied_before(edge, edge.learn):
            return frozenset()
        return _BOTH - before.decided_before(edge, edge.learn)

    return _policies(case, learns, _by_port)


def write(documents: list[Json], out: Path) -> None:
    """Write policies and their tier, one a file."""
    spec = {"order": 999_999, "defaultAction": "Deny"}
    tier = {"apiVersion": _API, "kind": "Tier", "metadata": {"name": TIER}, "spec": spec}
    out.mkdir(parents=True, exist_ok=True)
    for number, document in enumerate([tier, *documents]):
        (out / f"{number:03d}.yaml").write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")


def _policies(case: Case, learns: _Learns, write_rule: _WriteRule) -> list[Json]:
    rules: defaultdict[str, dict[Direction, dict[str, Json]]] = defaultdict(lambda: {"Ingress": {}, "Egress": {}})
    for edge in (*case.legitimate, *(case.attack or ())):
        sides = learns(edge) if edge.observed else frozenset()
        for direction, own, other in _SIDES:
            end = edge.written[own]
            if direction in sides and end["kind"] == "Workload" and not end["namespace"].startswith(_UNSELECTED):
                rule = write_rule(edge, direction, other)
                rules[end["namespace"]][direction][yaml.safe_dump(rule)] = rule
    return [_policy(namespace, found) for namespace, found in sorted(rules.items())]


def _policy(namespace: str, rules: Mapping[Direction, Mapping[str, Json]]) -> Json:
    return {
        "apiVersion": _API,
        "kind": "StagedNetworkPolicy",
        "metadata": {"name": f"{TIER}.{namespace}", "namespace": namespace},
        "spec": {
            "tier": TIER,
            "order": 1000,
            "selector": f"projectcalico.org/namespace == '{namespace}'",
            "types": ["Ingress", "Egress"],
            "ingress": [rules["Ingress"][key] for key in sorted(rules["Ingress"])],
            "egress": [rules["Egress"][key] for key in sorted(rules["Egress"])],
            "stagedAction": "Set",
        },
    }


def _whoever(edge: JudgedEdge, direction: Direction, other: _End) -> Json:
    """Return the naive rule of an edge: its peer and nothing else; public is all that is not private."""
    peer = edge.written[other]
    if peer["kind"] == "Public":
        return _rule(direction, _EVERYBODY[edge.version or 4], {})
    return _rule(direction, _match(peer), {})


def _by_port(edge: JudgedEdge, direction: Direction, other: _End) -> Json:
    """Return the documented rule of an edge: its peer by protocol and port, the own namespace by neither."""
    peer = edge.written[other]
    own = edge.written["client" if other == "server" else "server"]["namespace"]
    if peer["kind"] == "Workload" and peer["namespace"] == own:
        return _rule(direction, _match(peer), {})
    ports = {"ports": [edge.port]} if edge.port is not None and edge.protocol in _WITH_PORTS else {}
    return {**_rule(direction, _match(peer), ports), "protocol": edge.protocol}


def _rule(direction: Direction, peer: Json, ports: Json) -> Json:
    source = peer if direction == "Ingress" else {}
    destination = ports if direction == "Ingress" else {**peer, **ports}
    sides = {"source": source, "destination": destination}
    return {"action": "Allow", **{side: match for side, match in sides.items() if match}}


def _match(peer: Mapping[str, Any]) -> Json:
    match peer["kind"]:
        case "Workload":
            return {"namespaceSelector": f"projectcalico.org/name == '{peer['namespace']}'"}
        case "NetworkSet":
            labels = " && ".join(f"{key} == '{value}'" for key, value in sorted(peer["labels"].items()))
            namespace = peer.get("namespace")
            place = f"projectcalico.org/name == '{namespace}'" if namespace else "global()"
            return {"selector": labels, "namespaceSelector": place}
        case "Private":
            return {"nets": list(_PRIVATE)}
        case _:
            return {}
