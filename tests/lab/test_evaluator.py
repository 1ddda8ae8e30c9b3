"""The laboratory's own evaluator against every vector that Calico's own code computed."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ringfence_lab.evaluator.cluster import Cluster, unsupported
from ringfence_lab.evaluator.evaluate import Hit, Scope, connect, evaluate, side_trace
from ringfence_lab.evaluator.fields import KubernetesObject, ObjectError
from ringfence_lab.evaluator.policies import DIRECTIONS
from ringfence_lab.evaluator.selectors import SelectorError, parse_selector

VECTORS = Path(__file__).parents[1] / "conformance"
SELECTORS = [json.loads(line) for line in (VECTORS / "selectors.jsonl").read_text(encoding="utf-8").splitlines()]
FILES = sorted((VECTORS / "policy").glob("*.json"))
NOT_SUPPORTED = {"scenario/unknown-tier-sorts-last": ("unknown tier ghost",)}
CALICO = "projectcalico.org/v3"

Object = dict[str, Any]
World = Mapping[str, Any]


def objects(world: World) -> Iterator[Object]:
    """Yield a world's objects as a cluster holds them."""
    for each in world["namespaces"]:
        yield {"apiVersion": "v1", "kind": "Namespace", "metadata": each}
    for each in world["serviceAccounts"]:
        yield {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": each}
    for each in world["pods"]:
        ports = [
            {"name": port["name"], "protocol": port["protocol"], "containerPort": port["port"]}
            for port in each.get("ports", ())
        ]
        spec = {"serviceAccountName": each.get("serviceAccount"), "containers": [{"ports": ports}]}
        yield {"apiVersion": "v1", "kind": "Pod", "metadata": each, "spec": spec, "status": {"podIP": each["ip"]}}
    for kind, key in (("NetworkSet", "networkSets"), ("GlobalNetworkSet", "globalNetworkSets")):
        for each in world[key]:
            yield {"apiVersion": CALICO, "kind": kind, "metadata": each, "spec": {"nets": each["nets"]}}
    for each in world["tiers"]:
        spec = {"order": each["order"], "defaultAction": each["defaultAction"]}
        yield {"apiVersion": CALICO, "kind": "Tier", "metadata": {"name": each["name"]}, "spec": spec}
    yield from world["policies"]


def written(hit: Hit) -> Object:
    """Return a hit as the vectors write it."""
    trigger = dict(zip(("kind", "namespace", "name"), hit.trigger or (), strict=False))
    return {
        "tier": hit.tier,
        "kind": hit.kind,
        "namespace": hit.namespace,
        "name": hit.name,
        "action": hit.action,
        "ruleIndex": hit.rule_index,
    } | ({"dataplaneTrigger": trigger} if trigger else {})


def answers(world: World) -> Iterator[tuple[tuple[str, str, str], Object, Object]]:
    """Yield query, side and scope, with what Calico says and what the evaluator says."""
    cluster = Cluster.from_objects(objects(world))
    for query in world["queries"]:
        source, destination = (query[end].get("pod") or query[end]["ip"] for end in ("src", "dst"))
        connection = connect(cluster, source, destination, query["proto"], query.get("port"))
        for direction in DIRECTIONS:
            scopes: tuple[Scope, ...] = ("Enforced", "Pending")
            for scope in scopes if direction.lower() in query["expect"] else ():
                side = side_trace(cluster, connection, direction, scope=scope)
                got = {"action": side.verdict, "trace": [written(hit) for hit in side.hits]}
                yield (query["id"], direction, scope), query["expect"][direction.lower()][scope.lower()], got


def test_every_selector_agrees() -> None:
    """Validity, canonical text and every label set of 1,500 selectors, as Calico's parser has them."""
    wrong = []
    for case in SELECTORS:
        try:
            selector = parse_selector(case["selector"])
        except SelectorError:
            wrong += [case["id"]] if case["valid"] else []
            continue
        matches = [selector.holds(each["labels"]) == each["match"] for each in case.get("cases", ())]
        if not case["valid"] or str(selector) != case["canonical"] or not all(matches):
            wrong.append(case["id"])

    assert (len(SELECTORS), wrong) == (1500, [])


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_every_verdict_and_trace_agrees(file: Path) -> None:
    """Action and trace of each query, side and scope; worlds with what is not supported are named, not passed."""
    left_out, compared, wrong = {}, 0, []
    for world in json.loads(file.read_text(encoding="utf-8"))["worlds"]:
        if missing := unsupported(Cluster.from_objects(objects(world))):
            left_out[world["id"]] = missing
            continue
        for place, expected, got in answers(world):
            compared += 1
            wrong += [] if expected == got else [(world["id"], *place, expected, got)]
    print(f"{file.name}: {compared} compared, not supported: {left_out or 'none'}")  # noqa: T201 - pytest -s shows it

    assert wrong == []
    assert left_out == (NOT_SUPPORTED if file.stem == "scenarios" else {})
    assert compared > 3000


WORLD: World = next(
    world
    for world in json.loads((VECTORS / "policy" / "scenarios.json").read_text(encoding="utf-8"))["worlds"]
    if world["id"] == "scenario/no-policy"
)
WORDS = some.sampled_from(["app", "in", "has", "not", "all", "a/b.c-d", "1st"])
VALUES = some.text(some.characters(exclude_characters="\"'"), max_size=3)
TERMS = some.one_of(
    some.builds("has({})".format, WORDS),
    some.just("all()"),
    some.builds("{} {} '{}'".format, WORDS, some.sampled_from(["==", "!=", "contains", "starts with"]), VALUES),
    some.builds("{} {} {{'{}', '{}'}}".format, WORDS, some.sampled_from(["in", "not in", "notin"]), VALUES, VALUES),
)
TEXTS = some.recursive(
    TERMS,
    lambda inner: some.one_of(
        some.builds("({}) && ({})".format, inner, inner),
        some.builds("({}) || {}".format, inner, inner),
        some.builds("!({} && all())".format, inner),
    ),
    max_leaves=6,
)


@given(text=TEXTS, labels=some.dictionaries(WORDS, VALUES, max_size=3))
def test_the_canonical_text_is_the_same_selector(text: str, labels: dict[str, str]) -> None:
    """Reading what was printed changes neither the text nor what it selects."""
    selector = parse_selector(text)

    again = parse_selector(str(selector))

    assert str(again) == str(selector)
    assert again.holds(labels) == selector.holds(labels)


def policy(name: str, rule: Mapping[str, Any], *, direction: str = "ingress", **changed: Any) -> Object:
    """Return a policy of namespace shop with one rule."""
    spec = {"types": [direction.title()], direction: [rule], **changed}
    metadata = {"name": name, "namespace": "shop"}
    return {"apiVersion": CALICO, "kind": "NetworkPolicy", "metadata": metadata, "spec": spec}


def verdict(extra: list[KubernetesObject], *connection: Any, **how: Any) -> str:
    """Return the verdict on a connection in the world without policies, with more objects in it."""
    return evaluate(Cluster.from_objects([*objects(WORLD), *extra]), *connection, scope="Enforced", **how)[0]


@pytest.mark.parametrize(
    ("icmp", "rule", "expected"),
    [
        ((8, 0), {"icmp": {"type": 8}}, "Allow"),
        ((8, 0), {"icmp": {"type": 8, "code": 1}}, "Deny"),
        ((3, 4), {"icmp": {"type": 8}}, "Deny"),
        ((3, 4), {"notICMP": {"type": 8}}, "Allow"),
        ((8, 0), {"notICMP": {"type": 8}}, "Deny"),
    ],
)
def test_icmp_rules_match_type_and_code(icmp: tuple[int, int], rule: Object, expected: str) -> None:
    """Exactly; a type alone means any code."""
    one = policy("ping", {"action": "Allow", "protocol": "ICMP", **rule})

    assert verdict([one], "shop/web", "shop/db", "ICMP", None, icmp=icmp) == expected


@pytest.mark.parametrize(
    ("version", "nets", "expected"),
    [(4, [], "Allow"), (6, [], "Deny"), (None, ["fd00::/8"], "Deny"), (None, ["10.99.0.0/16"], "Allow")],
)
def test_a_rule_of_the_other_address_family_does_not_exist(version: int | None, nets: list[str], expected: str) -> None:
    """Not even where its nets are only holes."""
    rule = {"action": "Allow", "ipVersion": version, "source": {"notNets": nets}}

    assert verdict([policy("family", rule)], "shop/web", "shop/db", "TCP", 80) == expected


@pytest.mark.parametrize(
    ("destination", "port", "service", "expected"),
    [
        ("pay/api", 8443, {"name": "api", "namespace": "pay"}, "Allow"),
        ("pay/api", 8444, {"name": "api", "namespace": "pay"}, "Deny"),
        ("pay/web", 8443, {"name": "api", "namespace": "pay"}, "Deny"),
        ("pay/api", 8443, {"name": "api", "namespace": "shop"}, "Deny"),
        ("pay/api", 8443, {"name": "api"}, "Deny"),
    ],
)
def test_a_service_means_the_addresses_and_ports_of_its_slices(
    destination: str, port: int, service: Object, expected: str
) -> None:
    """And nothing where it has none, or where its namespace is not said."""
    endpoints: Object = {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {"namespace": "pay", "name": "api-1", "labels": {"kubernetes.io/service-name": "api"}},
        "endpoints": [{"addresses": ["10.65.0.5"], "conditions": {"ready": False}}],
        "ports": [{"port": 8443, "protocol": "TCP"}],
    }
    leaving = policy("out", {"action": "Allow", "destination": {"services": service}}, direction="egress")

    assert verdict([endpoints, leaving], "shop/web", destination, "TCP", port) == expected


def test_a_service_as_source_means_its_addresses_on_every_port() -> None:
    """In ingress the slices' ports say nothing."""
    endpoints: Object = {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {"namespace": "pay", "name": "api-1", "labels": {"kubernetes.io/service-name": "api"}},
        "endpoints": [{"addresses": ["10.65.0.5"]}],
        "ports": [{"port": 8443}],
    }
    entering = policy("in", {"action": "Allow", "source": {"services": {"name": "api", "namespace": "pay"}}})

    assert verdict([endpoints, entering], "pay/api", "shop/db", "TCP", 5432) == "Allow"
    assert verdict([endpoints, entering], "pay/web", "shop/db", "TCP", 5432) == "Deny"


def test_a_pod_that_is_no_endpoint_is_not_here() -> None:
    """On the host's network, finished, or without an address."""
    pods: list[KubernetesObject] = [
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"namespace": "shop", "name": name},
            "spec": spec,
            "status": status,
        }
        for name, spec, status in (
            ("host", {"hostNetwork": True}, {"podIP": "172.20.0.1"}),
            ("done", {}, {"podIP": "10.65.9.9", "phase": "Succeeded"}),
            ("waiting", {}, {}),
            ("there", {}, {"podIPs": [{"ip": "10.65.9.8"}, {"ip": "fd00::8"}]}),
        )
    ]

    cluster = Cluster.from_objects([{"apiVersion": "v1", "kind": "List", "items": pods}])

    assert set(cluster.pods) == {"shop/there"}
    assert str(cluster.party("shop/there", 6).address) == "fd00::8"


def test_what_is_not_supported_is_named() -> None:
    """Host endpoints, cluster policies, HTTP rules and tiers that do not exist."""
    extra: list[KubernetesObject] = [
        {"apiVersion": CALICO, "kind": "HostEndpoint", "metadata": {"name": "node"}},
        {"apiVersion": "policy.networking.k8s.io/v1alpha2", "kind": "ClusterNetworkPolicy", "metadata": {"name": "a"}},
        policy("get", {"action": "Allow", "http": {"methods": ["GET"]}}),
        policy("far", {"action": "Deny"}, tier="nowhere"),
    ]

    assert unsupported(Cluster.from_objects([*objects(WORLD), *extra])) == (
        "ClusterNetworkPolicy",
        "HostEndpoint",
        "http",
        "unknown tier nowhere",
    )


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"domains": ["a"]}, "spec.ingress[0].source: key 'domains'"),
        ({"selector": "a = 'b'"}, "spec.ingress[0].source.selector"),
        ({"nets": ["10.0.0.0/33"]}, "spec.ingress[0].source.nets[0]"),
        ({"ports": ["9:1"]}, "spec.ingress[0].source.ports[0]"),
        ({"serviceAccounts": {"name": "a"}}, "spec.ingress[0].source.serviceAccounts: key 'name'"),
    ],
)
def test_what_is_not_known_is_an_error_with_its_path(change: Object, path: str) -> None:
    """A field passed over would be a policy that nobody wrote."""
    with pytest.raises(ObjectError) as error:
        Cluster.from_objects([policy("p", {"action": "Allow", "source": change})])

    assert f"NetworkPolicy shop/p: {path}" in str(error.value)
