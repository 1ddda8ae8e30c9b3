"""Files that nobody can trust: what is in them is read, told or counted, and nothing ends the process."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ringfence.cluster.documents import MOST_TOLD, Found, documents
from ringfence.cluster.nesting import DEEPEST, is_too_deep
from ringfence.cluster.snapshot import Snapshot

Read = Callable[[dict[str, str | bytes]], Snapshot]

GOOD = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: good\n"
READ_ONE = (
    "import sys, pathlib; from ringfence.cluster.snapshot import read_snapshot as r; r(pathlib.Path(sys.argv[1]))"
)


def names(snapshot: Snapshot) -> list[str]:
    """Return the namespaces of a snapshot."""
    return [each.name for each in snapshot.inventory.namespaces]


def namespace(name: str) -> str:
    """Return a Namespace as YAML."""
    return GOOD.replace("good", name)


def policy(group: str, spec: str, *, name: str = "p") -> str:
    """Return a NetworkPolicy in namespace shop as YAML."""
    return f"apiVersion: {group}\nkind: NetworkPolicy\nmetadata: {{name: {name}, namespace: shop}}\nspec: {spec}\n"


@pytest.mark.parametrize("step", ["- ", "- ? ", "? ", ": ", "-  "])
def test_a_text_that_ends_the_parsers_stack_does_not_end_the_process(step: str, tmp_path: Path) -> None:
    """In a process of its own, because this is a fault that no exception shows."""
    (tmp_path / "deep.yaml").write_text(step * 100_000 + "a\n")
    (tmp_path / "good.yaml").write_text(GOOD)

    done = subprocess.run([sys.executable, "-c", READ_ONE, str(tmp_path)], check=False, capture_output=True, text=True)

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("depth", [500, 950, 3_000, 100_000])
@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda n: ("a.json", "[" * n + "]" * n), id="JSON lists"),
        pytest.param(lambda n: ("a.json", '{"a":' * n + "1" + "}" * n), id="JSON objects"),
        pytest.param(lambda n: ("a.json", '{"kind":"List","items":[' * n + "]}" * n), id="lists in lists"),
        pytest.param(lambda n: ("a.yaml", "[" * n + "]" * n), id="YAML flow"),
        pytest.param(
            lambda n: ("a.yaml", policy("projectcalico.org/v3", "{x: " + "[" * n + "]" * n + "}")), id="policy"
        ),
    ],
)
def test_deep_nesting_is_told(depth: int, make: Callable[[int], tuple[str, str]], read: Read) -> None:
    """However deep, whichever format: one problem, and the file beside it is read."""
    name, text = make(depth)
    snapshot = read({name: text, "good.yaml": GOOD})

    assert names(snapshot) == ["good"]
    assert [each.place.file for each in snapshot.problems] == [name]


@st.composite
def nested(draw: st.DrawFn) -> tuple[int, str]:
    """Return a depth, and a YAML text that nests as deeply, in steps of every form."""
    lines, column, depth = [], 0, 0
    for step in draw(st.lists(st.sampled_from(["key", "item", "items"]), min_size=1, max_size=700)):
        opened = {"key": "k:", "item": "-", "items": "- - -"}[step]
        lines.append(" " * column + opened)
        column += len(opened)
        depth += {"key": 1, "item": 1, "items": 3}[step]
    return depth, "\n".join([*lines, " " * column + "x"])


@given(nested())
def test_depth_is_never_taken_for_less(case: tuple[int, str]) -> None:
    """Law: nesting within the limit passes, and past twice the limit it is told; between, either is safe."""
    depth, text = case
    too_deep = is_too_deep(text.encode())

    assert not too_deep or depth > DEEPEST - 1
    assert too_deep or depth <= 2 * DEEPEST


@pytest.mark.parametrize("text", ["a: |\n  " + "- " * 60 + "\n", "a: |\n  x\n" + " " * 900 + "y\n"])
def test_a_text_scalar_may_look_deep(text: str) -> None:
    """A rule of dashes or a wide table in an annotation is no nesting."""
    assert not is_too_deep(text.encode())


@pytest.mark.parametrize(
    "key", ["null: x", "1.5: x", "[a]: x", "? {a: b}\n      : x", "1: x", "true: x"], ids=lambda key: key[:5]
)
@pytest.mark.parametrize("group", ["networking.k8s.io/v1", "projectcalico.org/v3"])
def test_a_key_that_is_no_text_stops_nothing(key: str, group: str, read: Read) -> None:
    """YAML has keys that JSON has not: kubectl turns numbers and booleans into text and refuses the rest."""
    spec = f"\n  podSelector:\n    matchLabels:\n      {key}\n      z: y"
    snapshot = read({"a.yaml": policy(group, spec), "good.yaml": GOOD})

    assert names(snapshot) == ["good"]
    assert len(snapshot.policies.policies) + len(snapshot.policies.rejected) >= 1


def test_a_boolean_key_is_the_text_that_kubectl_makes_of_it(read: Read) -> None:
    """``true: x`` among labels selects the label ``true``."""
    spec = "{podSelector: {matchLabels: {true: x, a: b}}}"
    found = read({"a.yaml": policy("networking.k8s.io/v1", spec)}).policies.policies[0]

    assert getattr(found, "pod_selector").match_labels == (("a", "b"), ("true", "x"))  # noqa: B009 - a union's member


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("--- {apiVersion: v1, kind: Namespace, metadata: {name: a}}\n", ["a"], id="on the line of a mark"),
        pytest.param("{apiVersion: v1, kind: Namespace, metadata: {name: a}}\n", ["a"], id="flow"),
        pytest.param(
            '{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"a"}}\n---\n' + namespace("b"),
            ["a", "b"],
            id="JSON, then YAML",
        ),
        pytest.param("%YAML 1.2\n---\n" + namespace("a"), ["a"], id="directive"),
        pytest.param("\ufeff" + namespace("a"), ["a"], id="byte order mark"),
        pytest.param((namespace("a") + "---\n" + namespace("b")).replace("\n", "\r\n"), ["a", "b"], id="CR LF"),
        pytest.param(
            "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: a\n  annotations:\n    x: |\n      ---\n      - y\n",
            ["a"],
            id="a mark in a text",
        ),
    ],
)
def test_every_form_of_document_is_read(text: str, expected: list[str], read: Read) -> None:
    """No object is lost without a word."""
    snapshot = read({"a.yaml": text})

    assert (names(snapshot), snapshot.problems) == (expected, ())


@given(st.lists(st.sampled_from(["a", "b", "c: 1", "x\n    - y", "---x", "'- q'"]), max_size=6), st.booleans())
def test_a_list_as_kubectl_writes_it_is_cut_where_a_parser_cuts_it(
    tmp_path_factory: pytest.TempPathFactory,
    texts: list[str],
    indent: bool,  # noqa: FBT001 - hypothesis gives it by place
) -> None:
    """Law: items one by one are what another parser reads as a whole."""
    items = [
        {"apiVersion": "v1", "kind": "ConfigMap", "data": {"t": text, "l": [text, {"k": text}]}, "n": number}
        for number, text in enumerate(texts)
    ]
    whole = yaml.safe_dump({"apiVersion": "v1", "items": items, "kind": "List"}, default_flow_style=False)
    file = tmp_path_factory.mktemp("list") / "a.yaml"
    file.write_text(f"---\n{whole}" if indent else whole)

    found = [each.obj for each in documents(file, "a.yaml") if isinstance(each, Found)]

    assert found == yaml.safe_load(whole)["items"]


def test_documents_are_numbered_as_people_count_them(read: Read) -> None:
    """A licence before the first mark is no document."""
    snapshot = read({"a.yaml": f"# licence\n\n---\n{GOOD}---\nkind: [\n"})

    assert [str(each.place) for each in snapshot.problems] == ["a.yaml, document 2"]


def test_a_list_that_ends_early_says_so(read: Read) -> None:
    """The command was stopped: the objects so far are taken, and nobody may take them for all."""
    item = "- apiVersion: v1\n  kind: Namespace\n  metadata:\n    name: a\n"
    snapshot = read({"namespaces.yaml": f"apiVersion: v1\nitems:\n{item}"})

    assert names(snapshot) == ["a"]
    assert [each.reason for each in snapshot.problems] == [
        "is a list that ends early, so objects are missing; take it anew"
    ]


def test_items_twice_in_a_list_are_refused(read: Read) -> None:
    """Cutting at items must not hide that a key stands twice."""
    item = "- apiVersion: v1\n  kind: Namespace\n  metadata:\n    name: a\n"
    snapshot = read({"a.yaml": f"apiVersion: v1\nitems:\n{item}kind: List\nitems:\n{item}", "good.yaml": GOOD})

    assert names(snapshot) == ["good"]
    assert "duplicate mapping key" in snapshot.problems[0].reason


def test_items_of_what_is_no_list_are_its_own(read: Read) -> None:
    """A custom resource may have items, which are no objects of the cluster."""
    text = "apiVersion: x.io/v1\nitems:\n- apiVersion: v1\n  kind: Namespace\n  metadata: {name: a}\nkind: Basket\n"
    snapshot = read({"a.yaml": text, "good.yaml": GOOD})

    assert (names(snapshot), snapshot.unknown_kinds) == (["good"], (("x.io/v1 Basket", 1),))


def test_endless_problems_are_told_by_number(read: Read) -> None:
    """A list of half a million words is one file's fault and does not fill memory or screen."""
    snapshot = read({"a.yaml": "- x\n" * (MOST_TOLD + 500), "good.yaml": GOOD})

    assert len(snapshot.problems) == MOST_TOLD + 1
    assert snapshot.problems[0].reason.startswith("has 500 problems more")


@pytest.mark.parametrize(("first", "last", "absent"), [("all()", "(((", True), ("(((", "all()", False)])
def test_of_two_policies_of_one_name_only_the_last_counts(
    first: str,
    last: str,
    absent: bool,  # noqa: FBT001 - a column of the table
    read: Read,
) -> None:
    """A policy is never both in force and rejected."""
    texts = [policy("projectcalico.org/v3", f"{{selector: '{each}'}}") for each in (first, last)]
    policies = read({"a.yaml": texts[0], "b.yaml": texts[1]}).policies

    assert (len(policies.policies), len(policies.rejected)) == ((0, 1) if absent else (1, 0))


def test_rejected_policies_are_named_in_full_and_in_their_namespace(read: Read) -> None:
    """Names may have 253 characters; one without a namespace is in ``default``, as for kubectl."""
    long = [f"{'p' * 200}-{each}" for each in "ab"]
    text = "---\n".join(policy("networking.k8s.io/v1", "{podSelector: {}, x: 1}", name=each) for each in long)
    snapshot = read({"a.yaml": text.replace(", namespace: shop", "")})

    assert [(each.namespace, each.name) for each in snapshot.policies.rejected] == [("default", each) for each in long]


def test_an_address_that_is_none_is_told_and_the_service_kept(read: Read) -> None:
    """Manifests of resolvers hold placeholders where their address goes."""
    text = (
        "apiVersion: v1\nkind: Service\nmetadata: {name: dns}\nspec: {clusterIP: CLUSTER_DNS_IP, ports: [{port: 53}]}\n"
    )
    snapshot = read({"a.yaml": text})

    service = snapshot.inventory.services[0]
    assert (service.name, service.cluster_ips) == ("dns", ())
    assert [each.reason for each in snapshot.problems] == [
        "spec.clusterIPs: 'CLUSTER_DNS_IP' is no address, so it is left out"
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {ports: [{port: 99999}]}\n", "<= 65535"),
        (
            "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{ports: [{containerPort: 0}]}]}\n",
            ">= 1",
        ),
        (namespace("a") + "  creationTimestamp: '2026-03-01T00:00:00'\n", "no RFC 3339"),
        (namespace("a").encode("utf-16").decode("latin-1"), "not UTF-8"),
    ],
    ids=["port", "container port", "time without a zone", "UTF-16"],
)
def test_what_an_api_server_would_not_store_is_told(text: str, reason: str, read: Read) -> None:
    """It names the place in the object, and the rest is read."""
    snapshot = read({"a.yaml": text.encode("latin-1"), "good.yaml": GOOD})

    assert reason in snapshot.problems[0].reason
    assert "good" in names(snapshot)


def test_a_typed_empty_list_is_supplied_by_its_own_name(read: Read) -> None:
    """Its group tells whose NetworkPolicy there is none of; ``items: null`` is empty too."""
    snapshot = read(
        {
            "a.yaml": "apiVersion: projectcalico.org/v3\nkind: NetworkPolicyList\nitems: []\n",
            "b.json": '{"apiVersion": "v1", "kind": "PodList", "items": null}',
        }
    )

    assert not {"NetworkPolicy", "Pod"} & snapshot.inventory.missing
    assert "KubernetesNetworkPolicy" in snapshot.inventory.missing


def test_new_built_in_tiers_outweigh_old_kinds_of_policy(read: Read) -> None:
    """Calico of 3.32 and later leaves AdminNetworkPolicies alone; their objects may still be in the cluster."""
    old = """apiVersion: policy.networking.k8s.io/v1alpha1
kind: AdminNetworkPolicy
metadata: {name: a}
spec: {priority: 1, subject: {namespaces: {}}}
"""
    tier = "apiVersion: projectcalico.org/v3\nkind: Tier\nmetadata: {name: kube-admin}\nspec: {order: 1000}\n"

    assert read({"a.yaml": old}).policies.regime == "<=3.31"
    assert read({"a.yaml": old, "tier.yaml": tier}).policies.regime == ">=3.32"


def test_a_job_has_no_selector_of_its_own(read: Read) -> None:
    """What the controller writes there names one run."""
    text = (
        "apiVersion: batch/v1\nkind: Job\nmetadata: {name: j}\nspec: {selector: {matchLabels: {a: b}}, template: {}}\n"
    )

    assert read({"a.yaml": text}).inventory.controllers[0].selector is None
