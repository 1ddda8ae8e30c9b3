"""Compare our selectors and policy evaluators with vectors that Calico's own code computed.

    python tools/conformance.py FILE… [-o text|json]

Promises: every unit of every file is asked and compared, none is skipped; evaluators never see what is expected. A unit
is a selector (validity, canonical text and all its cases), or one evaluator's answer to one query on one side in one
scope (action and trace). Exit code 0: all agree, and there was something to agree on; 1: a difference; 2: a file that
cannot be read or has an unknown format, or no evaluator ran.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import product
from pathlib import Path
from typing import Any, Final, Protocol

from ringfence.dialects.calico.read import read_policy, read_tier
from ringfence.dialects.kubernetes.read import read_network_policy
from ringfence.dialects.selector import SelectorError, parse_selector, selector_text
from ringfence.model.inventory import Inventory
from ringfence.model.labels import Labels
from ringfence.model.namespace import Namespace
from ringfence.model.network_set_object import NetworkSetObject
from ringfence.model.pod import ContainerPort, Pod, PodSpec, ServiceAccount
from ringfence.model.policy_set import AnyPolicy, PolicySet
from ringfence.model.protocol import protocol_named
from ringfence.model.selector import matches
from ringfence.model.trace import Hit
from ringfence.model.verdict import Judgement, Side
from ringfence.semantics import reference
from ringfence.semantics.compiled.compiled import judge_all
from ringfence.semantics.connection import Connection, End
from ringfence.semantics.endpoints import Endpoints
from ringfence.semantics.resolve import resolve
from ringfence.semantics.scopes import Scope

Record = dict[str, Any]
"""A JSON object of the vectors, whose form conformance/README.md gives."""

POLICY_FORMAT: Final = "calico-policy-vectors/1"
SOURCE_PORT: Final = 45678
_SCOPES: Final[tuple[Scope, Scope]] = ("enforced", "pending")
_SIDES: Final = ("egress", "ingress")


class UnusableError(Exception):
    """A file cannot be compared with."""


class Evaluator(Protocol):
    """Answers questions about one world."""

    def __init__(self, policies: PolicySet, inventory: Inventory) -> None:
        """Take a world."""
        ...

    def judge(self, connections: Sequence[Connection], scope: Scope) -> Sequence[Judgement]:
        """Judge both sides of connections."""
        ...


class ReferenceEvaluator:
    """The specification."""

    def __init__(self, policies: PolicySet, inventory: Inventory) -> None:
        """Resolve both scopes of a world."""
        self._tiers = {scope: resolve(policies, inventory, scope) for scope in _SCOPES}

    def judge(self, connections: Sequence[Connection], scope: Scope) -> Sequence[Judgement]:
        """Judge both sides of connections, one by one."""
        return [reference.judge(self._tiers[scope], connection) for connection in connections]


class CompiledEvaluator:
    """What judges a history: all connections at once."""

    def __init__(self, policies: PolicySet, inventory: Inventory) -> None:
        """Resolve both scopes of a world."""
        self._tiers = {scope: resolve(policies, inventory, scope) for scope in _SCOPES}

    def judge(self, connections: Sequence[Connection], scope: Scope) -> Sequence[Judgement]:
        """Judge both sides of connections."""
        return list(judge_all(self._tiers[scope], connections))


EVALUATORS: Final[Mapping[str, type[Evaluator]]] = {
    "compiled": CompiledEvaluator,
    "reference": ReferenceEvaluator,
}


@dataclass(frozen=True)
class Difference:
    """A unit on which we and Calico differ. Parts that do not apply are empty."""

    file: str
    evaluator: str
    world: str
    query: str
    side: str
    scope: str
    want: Any
    got: Any


@dataclass
class Result:
    """How many units there were, how many agree, and which do not."""

    agree: int = 0
    total: int = 0
    avoided: int = 0
    evaluators: set[str] = field(default_factory=set)
    differences: list[Difference] = field(default_factory=list)

    def unit(self, difference: Difference) -> None:
        """Count a unit; it agrees where what was wanted is what was got."""
        self.total += 1
        if difference.want == difference.got:
            self.agree += 1
        else:
            self.differences.append(difference)


def compare(files: Sequence[Path]) -> Result:
    """Compare every unit of the files. Raises UnusableError."""
    result = Result()
    for file in files:
        try:
            text = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            message = f"{file}: cannot be read: {error}"
            raise UnusableError(message) from error
        if file.suffix == ".jsonl":
            _compare_selectors(str(file), _lines(file, text), result)
        else:
            _compare_worlds(str(file), _document(file, text), result)
    return result


def _lines(file: Path, text: str) -> Iterator[Record]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            record = _decoded(line, f"{file}:{number}")
            if not {"id", "selector", "valid"} <= record.keys():
                message = f"{file}:{number}: unknown format; a line of selector vectors has id, selector and valid"
                raise UnusableError(message)
            yield record


def _document(file: Path, text: str) -> Record:
    document = _decoded(text, str(file))
    if document.get("format") != POLICY_FORMAT:
        message = f"{file}: unknown format {document.get('format')!r}; known is {POLICY_FORMAT}"
        raise UnusableError(message)
    return document


def _decoded(text: str, place: str) -> Record:
    try:
        record = json.loads(text)
    except json.JSONDecodeError as error:
        message = f"{place}: not JSON: {error}"
        raise UnusableError(message) from error
    if not isinstance(record, dict):
        message = f"{place}: unknown format; expected an object"
        raise UnusableError(message)
    return record


# Selectors


def _compare_selectors(file: str, records: Iterator[Record], result: Result) -> None:
    result.evaluators.add("selectors")
    for record in records:
        want: Record = {"valid": record["valid"]}
        if record["valid"]:
            want |= {"canonical": record["canonical"], "cases": [case["match"] for case in record["cases"]]}
        got = _selector(record["selector"], [case["labels"] for case in record.get("cases", [])])
        result.unit(Difference(file, "selectors", "", record["id"], "", "", want, got))


def _selector(text: str, label_sets: Sequence[Mapping[str, str]]) -> Record:
    try:
        selector = parse_selector(text)
    except SelectorError:
        return {"valid": False}
    return {
        "valid": True,
        "canonical": selector_text(selector),
        "cases": [matches(selector, labels) for labels in label_sets],
    }


# Policies


def _compare_worlds(file: str, document: Record, result: Result) -> None:
    for world in document["worlds"]:
        result.avoided += bool(world["avoid"])
        inventory, policies = _inventory(world), _policies(world)
        endpoints = Endpoints(inventory)
        pods = {f"{pod.namespace}/{pod.name}": endpoints.pod(pod) for pod in inventory.pods}
        for name, kind in EVALUATORS.items():
            result.evaluators.add(name)
            evaluator = kind(policies, inventory)
            connections = [_connection(query, pods, endpoints) for query in world["queries"]]
            judged = {scope: evaluator.judge(connections, scope) for scope in _SCOPES}
            for number, query in enumerate(world["queries"]):
                for side, scope in product(_SIDES, _SCOPES):
                    if side in query["expect"]:
                        judgement = judged[scope][number]
                        got = _answer(judgement.egress if side == "egress" else judgement.ingress)
                        want = query["expect"][side][scope]
                        result.unit(Difference(file, name, world["id"], query["id"], side, scope, want, got))


def _answer(side: Side | None) -> Record:
    if side is None:
        return {"action": None, "trace": []}
    return {"action": side.verdict, "trace": [_hit(hit) for hit in side.trace]}


def _hit(hit: Hit) -> Record:
    written: Record = {
        "tier": hit.tier,
        "kind": hit.kind,
        "namespace": hit.namespace,
        "name": hit.name,
        "action": hit.action,
        "ruleIndex": hit.rule_index,
    }
    trigger = hit.dataplane_trigger
    if trigger is not None:
        written["dataplaneTrigger"] = {"kind": trigger.kind, "namespace": trigger.namespace, "name": trigger.name}
    return written


def _connection(query: Record, pods: Mapping[str, End], endpoints: Endpoints) -> Connection:
    ends = [pods[end["pod"]] if "pod" in end else endpoints.address(end["ip"]) for end in (query["src"], query["dst"])]
    protocol = protocol_named(query["proto"])
    if protocol is None:
        message = f"{query['id']}: unknown protocol {query['proto']}"
        raise UnusableError(message)
    return Connection(ends[0], ends[1], protocol, query.get("port"), SOURCE_PORT)


def _inventory(world: Record) -> Inventory:
    return Inventory(
        namespaces=tuple(Namespace(each["name"], Labels.of(each["labels"])) for each in world["namespaces"]),
        service_accounts=tuple(
            ServiceAccount(each["namespace"], each["name"], Labels.of(each["labels"]))
            for each in world["serviceAccounts"]
        ),
        pods=tuple(_pod(each) for each in world["pods"]),
        network_sets=tuple(
            NetworkSetObject(each.get("namespace"), each["name"], Labels.of(each["labels"]), tuple(each["nets"]))
            for each in (*world["networkSets"], *world["globalNetworkSets"])
        ),
    )


def _pod(pod: Record) -> Pod:
    ports = tuple(
        ContainerPort(each["name"], protocol_named(each["protocol"]) or each["protocol"], each["port"])
        for each in pod.get("ports", [])
    )
    spec = PodSpec(Labels.of(pod["labels"]), pod.get("serviceAccount", ""), ports=ports)
    return Pod(pod["namespace"], pod["name"], spec, (pod["ip"],))


def _policies(world: Record) -> PolicySet:
    tiers = [
        read_tier(
            {"kind": "Tier", "apiVersion": "projectcalico.org/v3", "metadata": {"name": each["name"]}, "spec": spec}
        )
        for each in world["tiers"]
        for spec in [{key: each[key] for key in ("order", "defaultAction") if each[key] is not None}]
    ]
    return PolicySet(
        tiers=tuple(tier.value for tier in tiers if tier.value is not None),
        policies=tuple(_policy(each) for each in world["policies"]),
    )


def _policy(obj: Record) -> AnyPolicy:
    kubernetes = str(obj["apiVersion"]).startswith("networking.k8s.io/")
    policy: AnyPolicy | None = read_network_policy(obj).value if kubernetes else read_policy(obj).value
    if policy is None:
        message = f"{obj['kind']} {obj['metadata']['name']}: refused, and vectors hold no such policy"
        raise UnusableError(message)
    return policy


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(prog="tools/conformance.py", description="Compare with Calico's own answers.")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="vectors: selectors (.jsonl) or policies")
    parser.add_argument("-o", "--output", choices=("text", "json"), default="text", help="how to print")
    given = parser.parse_args(arguments)
    try:
        result = compare(given.files)
    except UnusableError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    sys.stdout.write(_json(result) if given.output == "json" else _text(result))
    if not result.evaluators:
        return 2
    return 0 if result.agree == result.total > 0 else 1


def _text(result: Result) -> str:
    differences = "".join(
        f"{' '.join(filter(None, [each.file, each.evaluator, each.world, each.query, each.side, each.scope]))}\n"
        f"  want {json.dumps(each.want)}\n  got  {json.dumps(each.got)}\n"
        for each in result.differences
    )
    return f"{differences}avoided {result.avoided}\nagree {result.agree} of {result.total}\n"


def _json(result: Result) -> str:
    document = {
        "apiVersion": "ringfence.io/v1alpha1",
        "kind": "Conformance",
        "agree": result.agree,
        "total": result.total,
        "avoided": result.avoided,
        "evaluators": sorted(result.evaluators),
        "differences": [asdict(each) for each in result.differences],
    }
    return json.dumps(document, indent=2) + "\n"


if __name__ == "__main__":
    sys.exit(main())
